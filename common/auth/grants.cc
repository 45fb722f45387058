#include "common/auth/grants.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace chanyan::auth {
namespace {

using google::protobuf::Descriptor;

std::vector<Grant> ReadGrants(const Descriptor* resource) {
  std::vector<Grant> grants;
  for (const auto& grant : resource->options().GetExtension(options::v1::resource).grants()) {
    Grant read{{}, grant.access(), grant.owner(), grant.where(), std::nullopt};
    for (const int role : grant.roles()) read.roles.push_back(static_cast<Role>(role));
    if (!grant.where().empty()) {
      auto condition = Condition::Parse(resource, grant.where());
      // chanyan-check-protos refuses to build it; at run time it stays closed.
      if (!condition.ok()) continue;
      read.where = *std::move(condition);
    }
    grants.push_back(std::move(read));
  }
  return grants;
}

}  // namespace

const std::vector<Grant>& GrantsOf(const Descriptor* resource) {
  struct Cache {
    absl::Mutex mutex;
    absl::flat_hash_map<const Descriptor*, std::unique_ptr<const std::vector<Grant>>> grants
        ABSL_GUARDED_BY(mutex);
  };
  static Cache* const cache = new Cache;
  {
    absl::ReaderMutexLock lock(&cache->mutex);
    const auto found = cache->grants.find(resource);
    if (found != cache->grants.end()) return *found->second;
  }
  auto read = std::make_unique<const std::vector<Grant>>(ReadGrants(resource));
  absl::MutexLock lock(&cache->mutex);
  return *cache->grants.emplace(resource, std::move(read)).first->second;
}

bool Covers(const Grant& grant, const Principal& principal, options::v1::Access access) {
  if (grant.access == options::v1::ACCESS_UNSPECIFIED) return false;
  // Who may change a row may see it.
  if (access == options::v1::ACCESS_WRITE && grant.access != access) return false;
  // Without an organization nothing can be one's own; an empty owner field is nobody's row.
  if (!grant.owner.empty() && principal.organization.empty()) return false;
  return std::any_of(grant.roles.begin(), grant.roles.end(),
                     [&principal](Role role) { return principal.Has(role); });
}

std::vector<std::string> OwnersFor(const Principal& principal, options::v1::Access access) {
  std::vector<std::string> owners = {principal.organization};
  if (access == options::v1::ACCESS_READ) {
    owners.insert(owners.end(), principal.predecessors.begin(), principal.predecessors.end());
  }
  return owners;
}

}  // namespace chanyan::auth
