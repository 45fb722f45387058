// Marks published platforms whose data have become older than the pack allows ("及时更新", S0
// 一(一)), and reminds their contact once each time: an entry "reminded" of the platform in the
// journal, which a notification follows, with count and time on the platform.
#pragma once

#include "absl/status/statusor.h"
#include "common/db/lease.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "services/registry/platform_store.h"

namespace chanyan::registry {

// How often platforms are looked at: staleness begins with a day.
inline constexpr absl::Duration kFreshnessPeriod = absl::Minutes(10);
// Platforms of one transaction.
inline constexpr size_t kFreshnessBatch = 100;

class PlatformFreshness {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit PlatformFreshness(Deps deps) : deps_(std::move(deps)), store_(deps_.pack) {}

  struct Count {
    int reminded = 0;
    // No longer stale, because the pack now allows more.
    int refreshed = 0;
  };
  // One look at every published platform, in transactions that the lease fences. What a
  // confirmation or another replica did meanwhile is seen and left alone. One that cannot be marked
  // keeps no other from it; its error is returned.
  absl::StatusOr<Count> Mark(const db::Lease& lease);

 private:
  absl::StatusOr<std::vector<std::string>> Candidates(absl::Time now);
  absl::Status MarkBatch(const db::Lease& lease, absl::Span<const std::string> names, Count* count);

  const Deps deps_;
  const PlatformStore store_;
};

}  // namespace chanyan::registry
