#include "services/registry/platform_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::registry {

namespace {

absl::CivilDay ConfirmedDay(const v1::Platform& platform) {
  return time::DayOf(time::ToTime(platform.confirm_time()));
}

policy::Facts FreshnessFacts(const v1::Platform& platform, absl::Time now) {
  policy::Facts facts;
  facts.SetDate("confirmed_date", ConfirmedDay(platform));
  facts.SetDate("as_of_date", time::DayOf(now));
  return facts;
}

// Characters (code points) of a text, blanks at both ends left out, the ideographic one too.
int64_t LengthOf(absl::string_view text) {
  const std::string blanks = absl::StrReplaceAll(text, {{"　", " "}});
  const absl::string_view said = absl::StripAsciiWhitespace(blanks);
  return std::count_if(said.begin(), said.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// What there is none of is no fact.
void SetCount(absl::string_view name, int64_t count, policy::Facts* facts) {
  if (count > 0) facts->SetNumber(name, count);
}

// What one may be let off for, in days after the one on which it is; nothing = no bound.
std::optional<int64_t> MostDaysOfException(const policy::Pack& pack) {
  std::optional<int64_t> most;
  for (const policy::v1::Rule* rule : pack.RulesFor(policy::v1::DECISION_PLATFORM_FRESHNESS)) {
    const int64_t days = rule->maximum_age().max_exception_days();
    if (days > 0) most = std::min(most.value_or(days), days);
  }
  return most;
}

}  // namespace

policy::v1::Verdicts PublishVerdicts(const policy::Pack& pack, const v1::Platform& platform,
                                     absl::Time now) {
  policy::Facts facts;
  facts.Set("platform", platform.name());
  facts.SetDate(
      "created_date",
      time::DayOf(platform.has_create_time() ? time::ToTime(platform.create_time()) : now));
  facts.SetDate(
      "published_date",
      time::DayOf(platform.has_publish_time() ? time::ToTime(platform.publish_time()) : now));
  SetCount("introduction", LengthOf(platform.introduction()), &facts);
  SetCount("services",
           platform.services_size() +
               std::count_if(platform.capabilities().begin(), platform.capabilities().end(),
                             [](const std::string& one) { return LengthOf(one) > 0; }),
           &facts);
  SetCount("booking",
           std::count_if(platform.services().begin(), platform.services().end(),
                         [](const v1::Service& one) { return LengthOf(one.booking()) > 0; }),
           &facts);
  SetCount("contacts",
           std::count_if(
               platform.contacts().begin(), platform.contacts().end(),
               [](const v1::Contact& one) { return !one.phone().empty() || !one.email().empty(); }),
           &facts);
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

absl::StatusOr<absl::CivilDay> ExceptionEnd(const policy::Pack& pack,
                                            const google::type::Date& until, absl::CivilDay today) {
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(until);
  if (!day.ok()) return status::InvalidField("until", "例外截止日不是有效的日期");
  const std::optional<int64_t> most = MostDaysOfException(pack);
  if (*day > today && (!most.has_value() || *day <= today + *most)) return *day;
  const std::string last =
      most.has_value() ? absl::StrCat("、不晚于", time::FormatDateZh(today + *most)) : "";
  return status::InvalidField(
      "until", absl::StrCat("例外截止日应在今天（", time::FormatDateZh(today), "）以后", last));
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
