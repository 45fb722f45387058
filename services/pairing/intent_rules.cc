#include "services/pairing/intent_rules.h"

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
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
  CHANYAN_ASSIGN_OR_RETURN(const v1::IntentState next,
                           policy::Next(IntentLife(), StateAt(intent, now), verb));
  if (!intent.project().empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("该意向已形成项目（", intent.project(), "），不能再改动；请在项目上继续"));
  }
  return next;
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
  intent->set_withdraw_reason(absl::StrCat("所属科创平台“", platform_title, "”已撤回"));
  *intent->mutable_withdraw_time() = time::ToTimestamp(now);
}

std::string ExpiryProblem(const policy::Pack& pack, absl::Time expire_time, absl::Time now) {
  if (expire_time <= now) return "到期时间必须晚于当前时间";
  const uint32_t days = pack.proto().pairing().intents().max_life_days();
  if (expire_time > now + days * kDay) {
    return absl::StrCat("到期时间最远为 ", days, " 天后，到期前可以续期");
  }
  return "";
}

}  // namespace chanyan::pairing
