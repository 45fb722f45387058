// Access tokens: JWT (RFC 7519) signed with ES256, after the advice of RFC 8725. One algorithm, one
// issuer, one audience, one key type; anything else is refused without being looked into further.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/key.h"
#include "common/auth/principal.h"

namespace chanyan::auth {

inline constexpr char kTokenIssuer[] = "chanyan";
inline constexpr char kTokenAudience[] = "chanyan";
// How long a token lives.
inline constexpr absl::Duration kTokenLifetime = absl::Minutes(5);
// How far the clocks of two machines may be apart.
inline constexpr absl::Duration kTokenLeeway = absl::Seconds(60);
// Longest token that is looked at.
inline constexpr size_t kMaxTokenBytes = 4096;

// What a token says. A value.
struct Claims {
  Principal principal;
  // Id of the token itself.
  std::string id;
  absl::Time issued;
  absl::Time expires;
};

// A signed token that ends kTokenLifetime after `now`. `key` must be a pair.
absl::StatusOr<std::string> SignToken(const Key& key, const Principal& principal, absl::Time now);

// Id of the key a token claims to be signed with, unverified; UNAUTHENTICATED if the token is not
// of our shape.
absl::StatusOr<std::string> KeyIdOf(absl::string_view token);

// UNAUTHENTICATED unless the token is well-formed, its signature is of a key of `keys`, and it is
// in force at `now`. The text does not say which check failed.
absl::StatusOr<Claims> VerifyToken(const KeySet& keys, absl::string_view token, absl::Time now);

}  // namespace chanyan::auth
