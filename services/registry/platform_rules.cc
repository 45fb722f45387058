#include "services/registry/platform_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::registry {

namespace {

// Longest exception from the rule of freshness.
constexpr int kMostDaysOfException = 366;

absl::CivilDay ConfirmedDay(const v1::Platform& platform) {
  return time::DayOf(time::ToTime(platform.confirm_time()));
}

policy::Facts FreshnessFacts(const v1::Platform& platform, absl::Time now) {
  policy::Facts facts;
  facts.SetDate("confirmed_date", ConfirmedDay(platform));
  facts.SetDate("as_of_date", time::DayOf(now));
  return facts;
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

policy::v1::Verdicts FreshnessVerdicts(const policy::Pack& pack, const v1::Platform& platform,
                                       absl::Time now) {
  return policy::Evaluate(pack, policy::v1::DECISION_PLATFORM_FRESHNESS,
                          FreshnessFacts(platform, now));
}

bool IsFreshnessSetAside(const v1::Platform& platform, absl::Time now) {
  if (!platform.has_freshness_override_until()) return false;
  const auto until = time::ToCivilDay(platform.freshness_override_until());
  return until.ok() && time::DayOf(now) <= *until;
}

bool IsStale(const policy::Pack& pack, const v1::Platform& platform, absl::Time now) {
  if (platform.state() != v1::PLATFORM_STATE_PUBLISHED || IsFreshnessSetAside(platform, now)) {
    return false;
  }
  return !policy::IsSatisfied(pack, policy::v1::DECISION_PLATFORM_FRESHNESS,
                              FreshnessFacts(platform, now));
}

void JudgeFreshness(const policy::Pack& pack, absl::Time now, v1::Platform* platform) {
  platform->set_stale(IsStale(pack, *platform, now));
  if (IsFreshnessSetAside(*platform, now)) return;
  platform->clear_freshness_override_until();
  policy::v1::Verdicts verdicts = FreshnessVerdicts(pack, *platform, now);
  if (verdicts.verdicts().empty()) {
    platform->clear_freshness_verdicts();
  } else {
    *platform->mutable_freshness_verdicts() = std::move(verdicts);
  }
}

absl::StatusOr<absl::CivilDay> ExceptionEnd(const google::type::Date& until, absl::CivilDay today) {
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(until);
  if (!day.ok()) return status::InvalidField("until", "例外截止日不是有效的日期");
  if (*day <= today || *day > today + kMostDaysOfException) {
    return status::InvalidField(
        "until", absl::StrCat("例外截止日应在今天（", time::FormatDateZh(today), "）以后、",
                              time::FormatDateZh(today + kMostDaysOfException), "以前"));
  }
  return *day;
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
