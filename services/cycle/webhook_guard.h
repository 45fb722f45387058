// What may be called, what is signed, and when it is tried again (CYC-9). Pure.
//
// An office system checks a message so: the header X-Chanyan-Timestamp is at most five minutes from
// its own clock; X-Chanyan-Signature is "v1=" and the hex digits of HMAC-SHA-256, under the secret,
// over "{timestamp}.{delivery}.{body}"; and X-Chanyan-Delivery is one that it has not had within
// those five minutes. A delivery that comes again has the same id, so that it is done once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::cycle {

inline constexpr int kMaxDeliveryAttempts = 7;
inline constexpr absl::Duration kSignatureTolerance = absl::Minutes(5);

// Where the operator lets messages go to.
struct AllowedOrigin {
  // "https", or "http" where the operator wrote so.
  std::string scheme;
  // Lower case.
  std::string host;
  int port = 0;
  // The only address that is connected to; empty = whatever public one the name resolves to. A
  // network that is not public is reached by a pinned address alone.
  std::string address;
};

// "https://oa.example.gov.cn,https://oa2.example.gov.cn:8443@10.1.2.3": scheme://host[:port], and
// behind an @ the pinned address. INVALID_ARGUMENT that names what cannot be read.
absl::StatusOr<std::vector<AllowedOrigin>> ParseAllowedOrigins(absl::string_view text);

// The origin that allows `url`; INVALID_ARGUMENT for one that is none of `allowed`, and for a URL
// that two readers could take differently: user names, fragments, backslashes, blanks, other than
// ASCII.
absl::StatusOr<AllowedOrigin> CheckUrl(absl::string_view url,
                                       const std::vector<AllowedOrigin>& allowed);

// Whether an IPv4 or IPv6 address in text is one of the public internet: not this machine, not a
// private, link-local, shared, multicast or documentation network, in whatever notation of IPv6.
bool IsPublicAddress(absl::string_view address);

// Whether a connection to `address` is allowed for `origin`.
bool MayConnect(const AllowedOrigin& origin, absl::string_view address);

// The secret of an address: follows from the operator's key, so that none is stored. 64 hex digits.
std::string SecretOf(absl::string_view key, absl::string_view endpoint, int generation);
// "v1=…".
std::string SignatureOf(absl::string_view secret, absl::Time time, absl::string_view delivery,
                        absl::string_view body);
// What an office system does, but for remembering deliveries: the signature is right and the time
// is near `now`.
bool VerifySignature(absl::string_view secret, absl::string_view signature, absl::Time time,
                     absl::string_view delivery, absl::string_view body, absl::Time now);

// Pause after attempt `attempts` (from 1); nothing after the last one.
std::optional<absl::Duration> PauseAfter(int attempts);

}  // namespace chanyan::cycle
