// How many requests a caller may make: token buckets in memory, one for each address (of IPv6 for
// each /64, within which anyone may choose) and one for each credential.
#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace chanyan::gateway {

// Requests a second that last, and how many may come at once. An address may stand for a whole
// university, a credential for one person's browser or one program.
struct RateLimits {
  double address_per_second = 300;
  double address_burst = 600;
  double credential_per_second = 50;
  double credential_burst = 150;

  RateLimits& operator*=(double factor) {
    address_per_second *= factor;
    address_burst *= factor;
    credential_per_second *= factor;
    credential_burst *= factor;
    return *this;
  }
};

// Buckets that are kept; with more, the full ones (whose owners were quiet) are forgotten.
inline constexpr size_t kMaxBuckets = 50'000;

// Thread-safe.
class RateLimiter {
 public:
  explicit RateLimiter(RateLimits limits) : limits_(limits) {}

  // Zero = go ahead; else how long to wait. `credential` empty = anonymous.
  absl::Duration Take(absl::string_view address, absl::string_view credential, absl::Time now);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Time at;
  };

  absl::Duration TakeFrom(uint64_t key, double per_second, double burst, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RateLimits limits_;
  absl::Mutex mutex_;
  absl::flat_hash_map<uint64_t, Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::gateway
