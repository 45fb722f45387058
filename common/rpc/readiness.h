// Whether this process should get calls now: checks that are asked again and again by a thread of
// their own, so that whoever wants to know never waits for a database.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/log/log.h"

namespace chanyan::rpc {

inline constexpr absl::Duration kReadinessInterval = absl::Seconds(2);

// Thread-safe.
class Readiness {
 public:
  struct Check {
    // "database"; a constant.
    std::string name;
    std::function<absl::Status()> ask;
  };
  struct Failure {
    std::string name;
    // For operators: may name hosts, holds no secret.
    std::string text;
  };

  // `changed` hears each change between ready and not, from the thread that found it.
  Readiness(const log::Logger& log, std::vector<Check> checks,
            std::function<void(bool ready)> changed);
  ~Readiness();

  // Asks once now, then every kReadinessInterval.
  void Start();
  // Not ready from now on, whatever the checks say.
  void Drain();
  // Empty = ready.
  std::vector<Failure> Failures() const;

 private:
  void Refresh();
  void Watch();

  const log::Logger log_;
  const std::vector<Check> checks_;
  const std::function<void(bool)> changed_;
  mutable absl::Mutex mutex_;
  std::vector<Failure> failures_ ABSL_GUARDED_BY(mutex_) = {{"starting", "正在启动"}};
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chanyan::rpc
