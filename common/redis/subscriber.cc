#include "common/redis/subscriber.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/status/status.h"

namespace chanyan::redis {

Subscriber::Subscriber(Options options, log::Logger logger,
                       absl::flat_hash_map<std::string, Ring> channels, absl::Duration ask_again)
    : options_(std::move(options)),
      logger_(std::move(logger)),
      channels_(std::move(channels)),
      ask_again_(ask_again),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      pause_(options_) {}

Subscriber::~Subscriber() {
  Stop();
  close(wake_fd_);
}

void Subscriber::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Subscriber::Stop() {
  stopping_ = true;
  eventfd_write(wake_fd_, 1);
  if (thread_.joinable()) thread_.join();
}

void Subscriber::Run() {
  while (!stopping_) {
    const absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(options_);
    const absl::Status ended = connection.ok() ? Listen(**connection) : connection.status();
    if (stopping_) return;
    pause_.Failed();
    if (!std::exchange(away_, true)) {
      logger_.Warning("redis does not ring", {{"error", ended.message()}});
    }
    WaitForStop(pause_.Left());
  }
}

absl::Status Subscriber::Listen(Connection& connection) {
  std::vector<absl::string_view> subscribe = {"SUBSCRIBE"};
  for (const auto& [channel, ring] : channels_) subscribe.push_back(channel);
  CHANYAN_RETURN_IF_ERROR(connection.Send(subscribe));
  bool asked = true;
  while (!stopping_) {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::optional<Reply> reply,
        connection.Receive(asked ? options_.command_timeout : ask_again_, wake_fd_));
    if (reply.has_value()) {
      asked = false;
      Take(*reply);
    } else if (asked) {
      return status::Unavailable("Redis 没有应答");
    } else {
      CHANYAN_RETURN_IF_ERROR(connection.Send({"PING"}));
      asked = true;
    }
  }
  return absl::OkStatus();
}

void Subscriber::Take(const Reply& reply) {
  pause_.Succeeded();
  if (std::exchange(away_, false)) logger_.Info("redis rings again");
  // [message, channel, payload], [subscribe, channel, count] or [pong, ""].
  if (reply.elements.size() < 2) return;
  const auto channel = channels_.find(reply.elements[1].text);
  if (channel != channels_.end()) channel->second();
}

void Subscriber::WaitForStop(absl::Duration longest) const {
  pollfd stop = {wake_fd_, POLLIN, 0};
  poll(&stop, 1, static_cast<int>(absl::ToInt64Milliseconds(longest)) + 1);
}

}  // namespace chanyan::redis
