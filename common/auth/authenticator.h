// From the token of a call to who is calling.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/principal.h"

namespace chanyan::auth {

// Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // `bearer` is the token without "Bearer ", and not empty (an empty one is the public, which needs
  // nobody's word). UNAUTHENTICATED (NOT_SIGNED_IN) if it does not hold; UNAVAILABLE if the keys to
  // judge it cannot be had now.
  virtual absl::StatusOr<Principal> Authenticate(absl::string_view bearer) = 0;
};

}  // namespace chanyan::auth
