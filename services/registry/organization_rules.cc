#include "services/registry/organization_rules.h"

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"

namespace chanyan::registry {
bool MayBeResponsibleUnit(v1::OrganizationKind kind) {
  return kind == v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE || kind == v1::ORGANIZATION_KIND_TOWN ||
         kind == v1::ORGANIZATION_KIND_DISTRICT || kind == v1::ORGANIZATION_KIND_DEPARTMENT;
}

bool MayOwnPlatforms(v1::OrganizationKind kind) {
  return kind == v1::ORGANIZATION_KIND_UNIVERSITY ||
         kind == v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE ||
         kind == v1::ORGANIZATION_KIND_ENTERPRISE;
}

std::vector<status::Violation> OrganizationViolations(const v1::Organization& organization) {
  std::vector<status::Violation> violations;
  const bool enterprise = organization.kind() == v1::ORGANIZATION_KIND_ENTERPRISE;
  if (enterprise && organization.unified_social_credit_code().empty()) {
    violations.push_back({"unified_social_credit_code", "企业必须填写“统一社会信用代码”"});
  }
  if (!enterprise && !organization.unit().empty()) {
    violations.push_back({"unit", absl::StrCat("只有企业有责任单位，单位类型“",
                                               policy::LabelOf(organization.kind()), "”应留空")});
  }
  if (!enterprise && organization.qualifications_size() > 0) {
    violations.push_back({"qualifications", "只有企业可以填写“企业资质”"});
  }
  if (!organization.parent().empty() && organization.parent() == organization.name()) {
    violations.push_back({"parent", "上级单位不能是本单位自己"});
  }
  return violations;
}

void Rename(absl::string_view display_name, absl::CivilDay day, v1::Organization* organization) {
  if (organization->display_name() == display_name) return;
  v1::FormerName* former = organization->add_former_names();
  former->set_display_name(organization->display_name());
  *former->mutable_until() = time::ToProto(day - 1);
  organization->set_display_name(std::string(display_name));
}

}  // namespace chanyan::registry
