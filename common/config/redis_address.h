// Where Redis is and who asks there, as --redis says it:
//
//   unix:/run/redis.sock
//   redis.example:6379?password-file=/etc/chanyan/redis.password
//   redis.example:6379?user=chanyan&password-file=/etc/chanyan/redis.password
//
// Values are percent-encoded.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::config {

struct RedisAddress {
  // unix:/path or host:port.
  std::string address;
  // Empty = the default user of Redis.
  std::string user;
  // Empty = nobody asks for a password.
  std::string password_file;
};

// INVALID_ARGUMENT with all that is wrong; the address itself is not looked at.
absl::StatusOr<RedisAddress> ParseRedisAddress(absl::string_view text);

}  // namespace chanyan::config
