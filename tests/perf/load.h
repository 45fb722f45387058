// Work done by several threads for a while, and what it cost the processes that served it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::perf {

class Stopwatch {
 public:
  Stopwatch();
  double Seconds() const;

 private:
  int64_t start_ns_;
};

// One request and its answer; each is called by one thread, over and over.
using Work = std::function<void()>;

struct Load {
  int64_t done = 0;
  // From the first start to the last end.
  double seconds = 0;
  double Rate() const { return static_cast<double>(done) / seconds; }
};

Load RunFor(absl::Duration time, const std::vector<Work>& workers);

// Begins one request and calls `done`, from whatever thread, when its answer is there.
using Begin = std::function<void(std::function<void()> done)>;

// Keeps `outstanding` requests under way: each answer is followed by the next request. No thread of
// ours waits for one, as in a client that serves many callers.
Load RunOutstanding(absl::Duration time, int outstanding, const Begin& begin);

// Processor time, user and system, that the programs whose records are in `run_dir` have used so
// far. In ticks of 10 ms, so for windows of a second and more.
double CpuSeconds(const std::string& run_dir, const std::vector<std::string>& programs);

// Most memory this process has had, in MiB.
double PeakMib();

}  // namespace chanyan::perf
