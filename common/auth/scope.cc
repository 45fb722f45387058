#include "common/auth/scope.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/condition.h"
#include "common/auth/grants.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using options::v1::Access;

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
