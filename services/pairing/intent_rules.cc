#include "services/pairing/intent_rules.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/pairing/intent_life.h"

namespace chanyan::pairing {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

}  // namespace

v1::IntentState StateAt(const v1::Intent& intent, absl::Time now) {
  const bool overdue =
      intent.state() == v1::INTENT_STATE_OPEN && time::ToTime(intent.expire_time()) <= now;
  return overdue ? v1::INTENT_STATE_EXPIRED : intent.state();
}

absl::StatusOr<v1::IntentState> NextOf(const v1::Intent& intent, absl::string_view verb,
                                       absl::Time now) {
  if (!intent.project().empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("该意向已形成项目（", intent.project(), "），不能再改动；请在项目上继续"));
  }
  return policy::Next(IntentLife(), StateAt(intent, now), verb);
}

absl::Status RequireMayPublish(const registry::v1::Organization& organization) {
  if (organization.state() != registry::v1::ORGANIZATION_STATE_SUSPENDED) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("“", organization.display_name(), "”已停用，不能发布意向"));
}

void WithdrawWithPlatform(absl::string_view platform_title, absl::Time now, v1::Intent* intent) {
  const absl::StatusOr<v1::IntentState> next = NextOf(*intent, "withdraw", now);
  if (!next.ok()) return;
  intent->set_state(*next);
  intent->clear_hold_reason();
  intent->set_withdraw_reason(absl::StrCat("所属科创平台“", platform_title, "”已撤回"));
  *intent->mutable_withdraw_time() = time::ToTimestamp(now);
}

void FollowPlatform(const registry::v1::Platform& platform, absl::Time now, v1::Intent* intent) {
  intent->set_platform_title(platform.display_name());
  SetContacts(platform, intent);
  if (platform.state() == registry::v1::PLATFORM_STATE_WITHDRAWN) {
    WithdrawWithPlatform(platform.display_name(), now, intent);
  }
}

void FollowOrganization(const registry::v1::Organization& organization, absl::Time now,
                        v1::Intent* intent) {
  intent->set_organization_title(organization.display_name());
  const bool suspended = organization.state() == registry::v1::ORGANIZATION_STATE_SUSPENDED;
  if (!suspended && organization.state() != registry::v1::ORGANIZATION_STATE_ACTIVE) return;
  const absl::StatusOr<v1::IntentState> next = NextOf(*intent, suspended ? "hold" : "resume", now);
  if (!next.ok()) return;
  intent->set_state(*next);
  // What was told of its expiry was settled while it was held.
  if (!suspended) intent->set_reminded_days(0);
  intent->set_hold_reason(
      suspended ? absl::StrCat("发布单位“", organization.display_name(), "”已停用") : "");
}

void SetContacts(const registry::v1::Platform& platform, v1::Intent* intent) {
  intent->clear_contacts();
  for (const registry::v1::Contact& contact : platform.contacts()) {
    if (!contact.person().empty()) intent->add_contacts(contact.person());
  }
}

policy::v1::Verdicts ExpiryVerdicts(const policy::Pack& pack, const v1::Intent& intent,
                                    absl::Time now) {
  absl::Duration rest;
  int64_t days = absl::IDivDuration(time::ToTime(intent.expire_time()) - now, kDay, &rest);
  if (rest > absl::ZeroDuration()) ++days;
  policy::Facts facts;
  facts.Set("organization", intent.organization());
  facts.Set("platform", intent.platform());
  facts.SetNumber("life_days", days);
  return policy::Evaluate(pack, policy::v1::DECISION_INTENT_EXPIRY, facts);
}

absl::Status JudgeExpiry(const policy::Pack& pack, absl::Time now, absl::string_view field,
                         v1::Intent* intent) {
  if (time::ToTime(intent->expire_time()) <= now) {
    return status::InvalidField(field, "到期时间必须晚于当前时间");
  }
  policy::v1::Verdicts verdicts = ExpiryVerdicts(pack, *intent, now);
  CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
  *intent->mutable_expiry_verdicts() = std::move(verdicts);
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
