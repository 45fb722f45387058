#include "services/registry/platform_rules.h"

#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::registry {

namespace {

absl::CivilDay ConfirmedDay(const v1::Platform& platform) {
  return time::DayOf(time::ToTime(platform.confirm_time()));
}

}  // namespace

policy::v1::Verdicts PublishVerdicts(const policy::Pack& pack, const v1::Platform& platform,
                                     absl::CivilDay day) {
  policy::Facts facts;
  facts.Set("platform", platform.name());
  facts.SetDate("published_date", day);
  facts.Set("introduction", platform.introduction());
  return policy::Evaluate(pack, policy::v1::DECISION_PLATFORM_PUBLISH, facts);
}

bool IsStale(const policy::Pack& pack, const v1::Platform& platform, absl::Time now) {
  if (platform.state() != v1::PLATFORM_STATE_PUBLISHED) return false;
  policy::Facts facts;
  facts.SetDate("confirmed_date", ConfirmedDay(platform));
  facts.SetDate("as_of_date", time::DayOf(now));
  return !policy::IsSatisfied(pack, policy::v1::DECISION_PLATFORM_FRESHNESS, facts);
}

std::vector<status::Violation> IndustryViolations(
    const policy::Pack& pack, const google::protobuf::RepeatedPtrField<std::string>& industries) {
  std::vector<status::Violation> violations;
  for (int i = 0; i < industries.size(); ++i) {
    if (pack.HasIndustryNamed(industries[i])) continue;
    violations.push_back(
        {absl::StrCat("industries[", i, "]"), absl::StrCat("“", industries[i], "”不在产业目录中")});
  }
  return violations;
}

}  // namespace chanyan::registry
