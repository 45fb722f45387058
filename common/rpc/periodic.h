// A small job on a thread of its own, again and again. What it does must be safe to do twice, here
// or on another replica.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/log/log.h"

namespace chanyan::rpc {

class Periodic {
 public:
  Periodic(std::string name, absl::Duration period, log::Logger logger,
           std::function<absl::Status()> work);
  ~Periodic();

  // The first run is at once.
  void Start();
  // Idempotent; waits for a run under way.
  void Stop();

 private:
  void Run();

  const std::string name_;
  const absl::Duration period_;
  const log::Logger logger_;
  const std::function<absl::Status()> work_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chanyan::rpc
