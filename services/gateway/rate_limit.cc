#include "services/gateway/rate_limit.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "common/api/client_address.h"

namespace chanyan::gateway {

absl::Duration RateLimiter::TakeFrom(uint64_t key, double per_second, double burst,
                                     absl::Time now) {
  auto [it, made] = buckets_.try_emplace(key, Bucket{burst, now});
  Bucket& bucket = it->second;
  const double elapsed = std::max(0.0, absl::ToDoubleSeconds(now - bucket.at));
  bucket.tokens = std::min(burst, bucket.tokens + elapsed * per_second);
  bucket.at = now;
  if (bucket.tokens < 1) return absl::Seconds((1 - bucket.tokens) / per_second);
  bucket.tokens -= 1;
  return absl::ZeroDuration();
}

absl::Duration RateLimiter::Take(absl::string_view address, absl::string_view credential,
                                 absl::Time now) {
  // absl::Hash is seeded for each process, so nobody can choose to share a bucket.
  const uint64_t by_address = absl::HashOf('a', api::PlaceOf(address).address);
  const uint64_t by_credential = absl::HashOf('c', credential);
  absl::MutexLock lock(&mutex_);
  if (buckets_.size() >= kMaxBuckets) {
    const absl::Time quiet = now - absl::Seconds(10);
    absl::erase_if(buckets_, [quiet](const auto& entry) { return entry.second.at < quiet; });
    if (buckets_.size() >= kMaxBuckets) buckets_.clear();
  }
  const absl::Duration wait =
      TakeFrom(by_address, limits_.address_per_second, limits_.address_burst, now);
  if (wait > absl::ZeroDuration() || credential.empty()) return wait;
  return TakeFrom(by_credential, limits_.credential_per_second, limits_.credential_burst, now);
}

}  // namespace chanyan::gateway
