// Commands to Redis that may fail: every caller goes on without it.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/log/log.h"
#include "common/redis/connection.h"

namespace chanyan::redis {

// Thread-safe; one command at a time. Connects when it is first used.
class Client {
 public:
  Client(Options options, log::Logger logger)
      : options_(std::move(options)), logger_(std::move(logger)), pause_(options_) {}

  // The reply, within about connect_timeout + command_timeout. UNAVAILABLE if there is none (the
  // command may have been carried out), and at once while the pause after a failure lasts.
  absl::StatusOr<Reply> Run(absl::Span<const absl::string_view> arguments)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Rings whoever subscribed to `channel`. Nothing depends on it: a failure is not reported.
  void Publish(absl::string_view channel) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Lost(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const log::Logger logger_;
  absl::Mutex mutex_;
  std::unique_ptr<Connection> connection_ ABSL_GUARDED_BY(mutex_);
  Pause pause_ ABSL_GUARDED_BY(mutex_);
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace chanyan::redis
