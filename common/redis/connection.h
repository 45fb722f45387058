// One connection to Redis through hiredis 0.14.1, with its traps closed (hiredis is included in
// connection.cc alone):
//
// - a context that had an error answers later commands with the replies of earlier ones: after any
//   error the connection is dead and says so, and a new one is made;
// - redisReconnect forgets the time limits: it is never used;
// - arguments go by number and length, never as a format.
//
// Redis here holds nothing that cannot be lost. Callers ignore SIGPIPE (RunService does).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace chanyan::redis {

struct Options {
  // As config::ParseRedisAddress takes it.
  std::string address;
  absl::Duration connect_timeout = absl::Milliseconds(200);
  absl::Duration command_timeout = absl::Milliseconds(200);
  // After a failure nothing is tried for this long, and twice as long after each further one.
  absl::Duration first_pause = absl::Milliseconds(100);
  absl::Duration longest_pause = absl::Seconds(5);
};

struct Reply {
  enum class Kind : uint8_t { kNil, kInteger, kText, kList };
  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text;
  std::vector<Reply> elements;
};

// Not thread-safe.
class Connection {
 public:
  // UNAVAILABLE if nobody answers in time or the password is refused. Its file is read each time.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Options& options);

  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One command and its reply. An error reply of Redis is FAILED_PRECONDITION and leaves the
  // connection usable; UNAVAILABLE ends it.
  virtual absl::StatusOr<Reply> Run(absl::Span<const absl::string_view> arguments) = 0;

  // For subscriptions: a command whose reply is received later.
  virtual absl::Status Send(absl::Span<const absl::string_view> arguments) = 0;
  // The next reply; nothing after `timeout` or as soon as `wake_fd` can be read.
  virtual absl::StatusOr<std::optional<Reply>> Receive(absl::Duration timeout, int wake_fd) = 0;

  // False after UNAVAILABLE.
  virtual bool usable() const = 0;

 protected:
  Connection() = default;
};

// How long not to try. Monotonic time; not thread-safe.
class Pause {
 public:
  explicit Pause(const Options& options)
      : first_(options.first_pause), most_(options.longest_pause) {}

  void Failed();
  void Succeeded() { next_ = absl::ZeroDuration(); }
  // Zero if it is over.
  absl::Duration Left() const;

 private:
  const absl::Duration first_;
  const absl::Duration most_;
  // Zero: nothing has failed since the last success.
  absl::Duration next_;
  int64_t until_nanos_ = 0;
};

}  // namespace chanyan::redis
