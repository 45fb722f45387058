#include "common/redis/connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/config/config.h"
#include "common/config/redis_address.h"
#include "common/status/status.h"

namespace chanyan::redis {
namespace {

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
using ContextPtr = std::unique_ptr<redisContext, FreeContext>;

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using ReplyPtr = std::unique_ptr<redisReply, FreeReply>;

int64_t MonotonicNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Reply ToReply(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      reply.kind = Reply::Kind::kText;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kList;
      for (size_t i = 0; i < from.elements; ++i) {
        reply.elements.push_back(ToReply(*from.element[i]));
      }
      break;
    default:
      break;
  }
  return reply;
}

absl::StatusOr<Reply> Checked(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_ERROR) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_INTERNAL,
        absl::StrCat("Redis 拒绝了命令：", absl::string_view(reply.str, reply.len)));
  }
  return ToReply(reply);
}

class HiredisConnection final : public Connection {
 public:
  explicit HiredisConnection(ContextPtr context) : context_(std::move(context)) {}

  absl::StatusOr<Reply> Run(absl::Span<const absl::string_view> arguments) override {
    if (!usable_) return Dead("连接已失效");
    Words words(arguments);
    const ReplyPtr reply(static_cast<redisReply*>(
        redisCommandArgv(context_.get(), words.count(), words.texts.data(), words.lengths.data())));
    if (reply == nullptr) return Dead(context_->errstr);
    return Checked(*reply);
  }

  absl::Status Send(absl::Span<const absl::string_view> arguments) override {
    if (!usable_) return Dead("连接已失效");
    Words words(arguments);
    if (redisAppendCommandArgv(context_.get(), words.count(), words.texts.data(),
                               words.lengths.data()) != REDIS_OK) {
      return Dead(context_->errstr);
    }
    int done = 0;
    while (done == 0) {
      if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return Dead(context_->errstr);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Reply>> Receive(absl::Duration timeout, int wake_fd) override {
    if (!usable_) return Dead("连接已失效");
    const int64_t until = MonotonicNanos() + absl::ToInt64Nanoseconds(timeout);
    while (true) {
      void* raw = nullptr;
      if (redisReaderGetReply(context_->reader, &raw) != REDIS_OK) {
        return Dead(context_->reader->errstr);
      }
      if (raw != nullptr) {
        const ReplyPtr reply(static_cast<redisReply*>(raw));
        CHANYAN_ASSIGN_OR_RETURN(Reply checked, Checked(*reply));
        return std::optional<Reply>(std::move(checked));
      }
      const int64_t left = until - MonotonicNanos();
      if (left <= 0) return std::optional<Reply>();
      pollfd fds[] = {{context_->fd, POLLIN, 0}, {wake_fd, POLLIN, 0}};
      const int ready = poll(fds, 2, static_cast<int>(left / 1000000) + 1);
      if (ready < 0 && errno != EINTR) return Dead("poll");
      if (ready <= 0) continue;
      if (fds[1].revents != 0) return std::optional<Reply>();
      if (redisBufferRead(context_.get()) != REDIS_OK) return Dead(context_->errstr);
    }
  }

  bool usable() const override { return usable_; }

 private:
  // Arguments as hiredis wants them; they point into those of the caller.
  struct Words {
    explicit Words(absl::Span<const absl::string_view> arguments) {
      for (const absl::string_view argument : arguments) {
        texts.push_back(argument.data());
        lengths.push_back(argument.size());
      }
    }
    int count() const { return static_cast<int>(texts.size()); }
    std::vector<const char*> texts;
    std::vector<size_t> lengths;
  };

  absl::Status Dead(absl::string_view why) {
    usable_ = false;
    return status::Unavailable(absl::StrCat("Redis 没有应答：", why));
  }

  ContextPtr context_;
  bool usable_ = true;
};

// Whoever is refused is as good as away: Redis may be told the new password later.
absl::Status SignIn(const config::RedisAddress& target, Connection& connection) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string password,
                           config::ReadSecret("redis", target.password_file));
  std::vector<absl::string_view> words = {"AUTH"};
  if (!target.user.empty()) words.push_back(target.user);
  words.push_back(password);
  const absl::Status answer = connection.Run(words).status();
  if (answer.ok()) return answer;
  return status::Unavailable(absl::StrCat("Redis ", target.address, " 不接受口令文件 ",
                                          target.password_file, " 中的口令：", answer.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options) {
  CHANYAN_ASSIGN_OR_RETURN(const config::RedisAddress target,
                           config::ParseRedisAddress(options.address));
  const timeval connect_limit = absl::ToTimeval(options.connect_timeout);
  absl::string_view address = target.address;
  ContextPtr context;
  if (absl::ConsumePrefix(&address, "unix:")) {
    context.reset(redisConnectUnixWithTimeout(std::string(address).c_str(), connect_limit));
  } else {
    const size_t colon = address.rfind(':');
    int port = 0;
    if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port)) {
      return status::InvalidField("redis", "地址的写法是 unix:/路径 或 主机:端口");
    }
    absl::string_view host = address.substr(0, colon);
    if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
    context.reset(redisConnectWithTimeout(std::string(host).c_str(), port, connect_limit));
  }
  const timeval command_limit = absl::ToTimeval(options.command_timeout);
  if (context == nullptr || context->err != 0 ||
      redisSetTimeout(context.get(), command_limit) != REDIS_OK) {
    return status::Unavailable(absl::StrCat("无法连接 Redis ", target.address, "：",
                                            context == nullptr ? "内存不足" : context->errstr));
  }
  auto connection = std::make_unique<HiredisConnection>(std::move(context));
  if (!target.password_file.empty()) CHANYAN_RETURN_IF_ERROR(SignIn(target, *connection));
  return connection;
}

void Pause::Failed() {
  next_ = next_ == absl::ZeroDuration() ? first_ : std::min(most_, next_ * 2);
  until_nanos_ = MonotonicNanos() + absl::ToInt64Nanoseconds(next_);
}

absl::Duration Pause::Left() const {
  return std::max(absl::ZeroDuration(), absl::Nanoseconds(until_nanos_ - MonotonicNanos()));
}

}  // namespace chanyan::redis
