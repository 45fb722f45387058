#include "services/identity/account_rules.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/options.pb.h"

namespace chanyan::identity {
namespace {

using options::v1::Role;
using Roles = google::protobuf::RepeatedField<int>;

std::string LabelOf(int role) {
  const auto* value = options::v1::Role_descriptor()->FindValueByNumber(role);
  return value == nullptr ? absl::StrCat(role)
                          : value->options().GetExtension(options::v1::value).zh();
}

bool CanBeCarried(int role) {
  return options::v1::Role_IsValid(role) && role != options::v1::ROLE_UNSPECIFIED &&
         role != options::v1::ROLE_PUBLIC && role != options::v1::ROLE_SIGNED_IN;
}

std::vector<status::Violation> RoleViolations(const Roles& roles, const std::string& field) {
  std::vector<status::Violation> out;
  if (roles.empty()) out.push_back({field, "请至少选择一个角色"});
  std::set<int> seen;
  for (const int role : roles) {
    if (!CanBeCarried(role)) {
      out.push_back({field, absl::StrCat("“", LabelOf(role), "”不是可以授予的角色，请改选")});
    } else if (!seen.insert(role).second) {
      out.push_back({field, absl::StrCat("角色“", LabelOf(role), "”重复，请删除一个")});
    }
  }
  for (const Role role : {options::v1::ROLE_ADMINISTRATOR, options::v1::ROLE_AUDITOR}) {
    if (seen.count(role) > 0 && seen.size() > 1) {
      out.push_back({field, absl::StrCat("“", LabelOf(role),
                                         "”不得兼任其他角色（管理、审计与业务分离），请另建账号")});
    }
  }
  if (seen.count(options::v1::ROLE_SERVICE) > 0) {
    out.push_back({field, "“系统服务”角色只由系统初始化时授予，请改选业务角色"});
  }
  return out;
}

}  // namespace

std::vector<status::Violation> AccountRoleViolations(const v1::Account& account) {
  return RoleViolations(account.roles(), "account.roles");
}

std::vector<status::Violation> ApiClientViolations(const v1::ApiClient& client) {
  auto out = RoleViolations(client.roles(), "api_client.roles");
  if (client.organization().empty()) {
    out.push_back({"api_client.organization", "请填写接口客户端所属单位"});
  }
  return out;
}

}  // namespace chanyan::identity
