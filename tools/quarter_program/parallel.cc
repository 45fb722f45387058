#include "tools/quarter_program/parallel.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace chanyan::quarter {

absl::Status ParallelFor(size_t count, const std::function<absl::Status(size_t)>& work) {
  absl::Mutex mutex;
  size_t next = 0;
  size_t failed = count;
  absl::Status error;
  const auto run = [&] {
    for (;;) {
      size_t mine;
      {
        absl::MutexLock lock(&mutex);
        if (next >= count || failed < count) return;
        mine = next++;
      }
      const absl::Status done = work(mine);
      absl::MutexLock lock(&mutex);
      if (!done.ok() && mine < failed) {
        failed = mine;
        error = done;
      }
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min(count, kConnections); ++i) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();
  return error;
}

}  // namespace chanyan::quarter
