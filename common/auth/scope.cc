#include "common/auth/scope.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/condition.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using options::v1::Access;

// A grant whose text has been read. A grant that cannot be read is no grant: it reaches nothing.
struct Grant {
  std::vector<Role> roles;
  Access access;
  std::string owner;
  std::optional<Condition> where;
};
using Grants = std::vector<Grant>;

Grants ReadGrants(const Descriptor* resource) {
  Grants grants;
  for (const auto& grant : resource->options().GetExtension(options::v1::resource).grants()) {
    Grant read{{}, grant.access(), grant.owner(), std::nullopt};
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

// Grants of a descriptor, read once. Descriptors live as long as the program, and so does this.
const Grants& GrantsOf(const Descriptor* resource) {
  struct Cache {
    absl::Mutex mutex;
    absl::flat_hash_map<const Descriptor*, std::unique_ptr<const Grants>> grants
        ABSL_GUARDED_BY(mutex);
  };
  static Cache* const cache = new Cache;
  {
    absl::ReaderMutexLock lock(&cache->mutex);
    const auto found = cache->grants.find(resource);
    if (found != cache->grants.end()) return *found->second;
  }
  auto read = std::make_unique<const Grants>(ReadGrants(resource));
  absl::MutexLock lock(&cache->mutex);
  return *cache->grants.emplace(resource, std::move(read)).first->second;
}

bool Covers(const Grant& grant, const Principal& principal, Access access) {
  if (grant.access == options::v1::ACCESS_UNSPECIFIED) return false;
  // Who may change a row may see it.
  if (access == options::v1::ACCESS_WRITE && grant.access != access) return false;
  // Without an organization nothing can be one's own; an empty owner field is nobody's row.
  if (!grant.owner.empty() && principal.organization.empty()) return false;
  return std::any_of(grant.roles.begin(), grant.roles.end(),
                     [&principal](Role role) { return principal.Has(role); });
}

// Organizations whose rows are the caller's own for this access.
std::vector<std::string> OwnersFor(const Principal& principal, Access access) {
  std::vector<std::string> owners = {principal.organization};
  if (access == options::v1::ACCESS_READ) {
    owners.insert(owners.end(), principal.predecessors.begin(), principal.predecessors.end());
  }
  return owners;
}

}  // namespace

absl::Status CheckMethod(const Principal& principal,
                         const google::protobuf::MethodDescriptor* method) {
  const auto& policy = method->options().GetExtension(options::v1::method);
  for (const int role : policy.roles()) {
    if (principal.Has(static_cast<Role>(role))) return absl::OkStatus();
  }
  if (!principal.signed_in() && policy.roles_size() > 0) {
    return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN,
                                   "请先登录后再进行此操作");
  }
  const std::string label = policy.label().empty() ? std::string(method->name()) : policy.label();
  return status::PermissionDenied(
      absl::StrCat("您的角色不能进行“", label, "”操作；如确需办理，请联系本单位管理员"));
}

db::Predicate RowScope(const Principal& principal, const Descriptor* resource, Access access) {
  db::Predicate reach = db::Predicate::Nothing();
  for (const Grant& grant : GrantsOf(resource)) {
    if (!Covers(grant, principal, access)) continue;
    db::Predicate rows = db::Predicate::Everything();
    if (!grant.owner.empty()) {
      rows = db::Predicate::Nothing();
      for (const std::string& owner : OwnersFor(principal, access)) {
        const auto owned = Condition::Owned(resource, grant.owner, owner);
        if (owned.ok()) rows = db::Or(std::move(rows), owned->Sql());
      }
    }
    if (grant.where) rows = db::And(std::move(rows), grant.where->Sql());
    if (rows.sql == "1") return rows;
    reach = db::Or(std::move(reach), rows);
  }
  return reach;
}

bool Reaches(const Principal& principal, const Message& row, Access access) {
  const Descriptor* resource = row.GetDescriptor();
  for (const Grant& grant : GrantsOf(resource)) {
    if (!Covers(grant, principal, access)) continue;
    if (!grant.owner.empty()) {
      const std::vector<std::string> owners = OwnersFor(principal, access);
      const bool own = std::any_of(owners.begin(), owners.end(), [&](const std::string& owner) {
        const auto owned = Condition::Owned(resource, grant.owner, owner);
        return owned.ok() && owned->Holds(row);
      });
      if (!own) continue;
    }
    if (!grant.where || grant.where->Holds(row)) return true;
  }
  return false;
}

}  // namespace chanyan::auth
