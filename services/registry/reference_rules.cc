#include "services/registry/reference_rules.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "services/registry/platform_rules.h"

namespace chanyan::registry {
namespace {

template <class T>
void AddDayViolations(const T& entry, std::vector<status::Violation>* violations) {
  if (!entry.has_effective_from() || !entry.has_effective_until()) return;
  const auto from = time::ToCivilDay(entry.effective_from());
  const auto until = time::ToCivilDay(entry.effective_until());
  // A day that does not exist is a matter of shape.
  if (from.ok() && until.ok() && *until < *from) {
    violations->push_back({"effective_until", "“截止日期”早于“生效日期”"});
  }
}

}  // namespace

std::vector<status::Violation> DutyViolations(const policy::Pack& pack,
                                              const v1::IndustryDuty& duty) {
  std::vector<status::Violation> violations;
  if (pack.FindIndustriesByName(duty.industry()).empty()) {
    violations.push_back({"industry", absl::StrCat("“", duty.industry(), "”不在产业目录中")});
  }
  std::set<std::string> seen = {duty.lead_unit()};
  for (int i = 0; i < duty.supporting_units_size(); ++i) {
    if (seen.insert(duty.supporting_units(i)).second) continue;
    violations.push_back(
        {absl::StrCat("supporting_units[", i, "]"),
         absl::StrCat("“", duty.supporting_units(i), "”已是牵头单位，或已列出一次")});
  }
  AddDayViolations(duty, &violations);
  return violations;
}

std::vector<status::Violation> MemberViolations(const policy::Pack& pack,
                                                const v1::TaskForceMember& member) {
  return IndustryViolations(pack, member.industries());
}

std::vector<status::Violation> DividendViolations(const policy::Pack& pack,
                                                  const v1::PolicyDividend& dividend) {
  std::vector<status::Violation> violations = IndustryViolations(pack, dividend.industries());
  std::set<int> seen;
  for (int i = 0; i < dividend.applicant_kinds_size(); ++i) {
    if (seen.insert(dividend.applicant_kinds(i)).second) continue;
    violations.push_back(
        {absl::StrCat("applicant_kinds[", i, "]"),
         absl::StrCat("“", policy::LabelOf(dividend.applicant_kinds(i)), "”已列出一次")});
  }
  AddDayViolations(dividend, &violations);
  return violations;
}

absl::StatusOr<std::string> FilterOfDay(absl::string_view filter, absl::string_view day) {
  if (day.empty()) return std::string(filter);
  if (!time::ParseDate(day).ok()) {
    return status::InvalidField("effective_day", "“有效日期”不是存在的日期，应形如 2025-04-01");
  }
  return absl::StrCat(filter.empty() ? "" : absl::StrCat("(", filter, ") AND "),
                      "(NOT effective_from:* OR effective_from <= ", day,
                      ") AND (NOT effective_until:* OR effective_until >= ", day, ")");
}

}  // namespace chanyan::registry
