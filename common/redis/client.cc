#include "common/redis/client.h"

#include <utility>

#include "common/status/status.h"

namespace chanyan::redis {

absl::StatusOr<Reply> Client::Run(absl::Span<const absl::string_view> arguments) {
  absl::MutexLock lock(&mutex_);
  const bool fresh = connection_ == nullptr;
  if (fresh) {
    if (pause_.Left() > absl::ZeroDuration()) return status::Unavailable("Redis 暂不可用");
    absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options_);
    if (!opened.ok()) {
      Lost(opened.status());
      return opened.status();
    }
    connection_ = *std::move(opened);
  }
  absl::StatusOr<Reply> reply = connection_->Run(arguments);
  if (!connection_->usable()) {
    connection_.reset();
    // A connection that had been idle may have died of a restart long ago: that says nothing of
    // now, so the next command may try at once.
    if (fresh) Lost(reply.status());
    return reply;
  }
  pause_.Succeeded();
  if (std::exchange(away_, false)) logger_.Info("redis is back");
  return reply;
}

void Client::Publish(absl::string_view channel) {
  const absl::string_view arguments[] = {"PUBLISH", channel, ""};
  // The second time on a fresh connection; being heard twice does no harm.
  if (!Run(arguments).ok()) Run(arguments).status().IgnoreError();
}

void Client::Lost(const absl::Status& why) {
  pause_.Failed();
  if (!std::exchange(away_, true)) logger_.Warning("redis is away", {{"error", why.message()}});
}

}  // namespace chanyan::redis
