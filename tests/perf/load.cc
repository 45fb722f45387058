#include "tests/perf/load.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "tests/perf/perf.h"

namespace chanyan::perf {
namespace {

// Of /proc/{pid}/stat, counted from the first one behind the program's name.
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  if (!file) Die(absl::StrCat("cannot read ", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int64_t TicksOf(absl::string_view pid) {
  const std::string stat = ReadAll(absl::StrCat("/proc/", pid, "/stat"));
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(stat.rfind(')') + 1), ' ', absl::SkipEmpty());
  int64_t user = 0;
  int64_t system = 0;
  if (fields.size() <= kSystemTicks || !absl::SimpleAtoi(fields[kUserTicks], &user) ||
      !absl::SimpleAtoi(fields[kSystemTicks], &system)) {
    Die(absl::StrCat("/proc/", pid, "/stat has another form"));
  }
  return user + system;
}

}  // namespace

Stopwatch::Stopwatch() : start_ns_(NowNs()) {}

double Stopwatch::Seconds() const { return static_cast<double>(NowNs() - start_ns_) * 1e-9; }

Load RunFor(absl::Duration time, const std::vector<Work>& workers) {
  std::atomic<bool> stop{false};
  std::atomic<int64_t> done{0};
  const Stopwatch watch;
  std::vector<std::thread> threads;
  for (const Work& work : workers) {
    threads.emplace_back([&stop, &done, &work] {
      int64_t mine = 0;
      for (; !stop.load(std::memory_order_relaxed); ++mine) work();
      done += mine;
    });
  }
  absl::SleepFor(time);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  return {done, watch.Seconds()};
}

Load RunOutstanding(absl::Duration time, int outstanding, const Begin& begin) {
  std::atomic<bool> stop{false};
  std::atomic<int64_t> done{0};
  absl::BlockingCounter ended(outstanding);
  std::function<void()> answered = [&] {
    ++done;
    if (stop.load(std::memory_order_relaxed)) {
      ended.DecrementCount();
    } else {
      begin(answered);
    }
  };
  const Stopwatch watch;
  for (int i = 0; i < outstanding; ++i) begin(answered);
  absl::SleepFor(time);
  stop = true;
  ended.Wait();
  return {done, watch.Seconds()};
}

double CpuSeconds(const std::string& run_dir, const std::vector<std::string>& programs) {
  int64_t ticks = 0;
  for (const std::string& program : programs) {
    const std::string record = ReadAll(absl::StrCat(run_dir, "/", program, ".pid"));
    ticks += TicksOf(record.substr(0, record.find(' ')));
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double PeakMib() {
  std::istringstream status(ReadAll("/proc/self/status"));
  std::string key;
  while (status >> key) {
    double kib = 0;
    if (key == "VmHWM:" && status >> kib) return kib / 1024;
  }
  Die("/proc/self/status has no VmHWM");
}

}  // namespace chanyan::perf
