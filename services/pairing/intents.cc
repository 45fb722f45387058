// Handlers of intents (REG-3). They live beside projects because an intent ends in one, in the same
// transaction.
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "services/pairing/due_rows.h"
#include "services/pairing/intent_life.h"
#include "services/pairing/intent_rules.h"
#include "services/pairing/intent_scope.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/registry_reading.h"
#include "services/pairing/reminder_rules.h"

namespace chanyan::pairing {
namespace {

constexpr char kExpired[] = "state = 'OPEN' AND expire_time <= ?";
constexpr char kByIntentExpiry[] = "expire_time, name";

std::vector<status::Violation> InsideIntent(std::vector<status::Violation> violations) {
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat("intent.", violation.field);
  }
  return violations;
}

}  // namespace

absl::Status PairingService::RefuseMerged(db::Session& session, const std::string& organization) {
  CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor successor, rpc::SuccessorOf(session, organization));
  return successor.organization.empty() ? absl::OkStatus() : PublishesNoMore(successor.title);
}

absl::Status PairingService::PublishesNoMore(absl::string_view successor_title) {
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("本单位已并入“", successor_title, "”，请以该单位的账号发布意向"));
}

v1::Intent PairingService::PresentIntent(const rpc::Call& call, v1::Intent intent) const {
  intent.set_state(StateAt(intent, deps_.store.clock.Now()));
  if (intent.project().empty() &&
      auth::Reaches(call.principal, intent, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, IntentLife(), intent.state(), "Intent")) {
      intent.add_actions(std::move(verb));
    }
  }
  return intent;
}

absl::StatusOr<v1::Intent> PairingService::GetIntent(const rpc::Call& call,
                                                     const v1::GetIntentRequest& request) {
  absl::StatusOr<v1::Intent> intent = status::NotFound(request.name());
  const db::Predicate scope = VisibleIntents(call.principal, deps_.store.clock.Now());
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        intent = intents_.Get(session, request.name(), scope);
        return intent.status();
      }));
  return PresentIntent(call, *std::move(intent));
}

absl::StatusOr<v1::ListIntentsResponse> PairingService::ListIntents(
    const rpc::Call& call, const v1::ListIntentsRequest& request) {
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = VisibleIntents(call.principal, deps_.store.clock.Now());
  db::Page<v1::Intent> page;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, intents_.List(session, query));
        return absl::OkStatus();
      }));
  v1::ListIntentsResponse response;
  for (v1::Intent& intent : page.rows) {
    *response.add_intents() = PresentIntent(call, std::move(intent));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

std::vector<status::Violation> PairingService::ContentViolations(const v1::Intent& intent) const {
  std::vector<status::Violation> violations = KindViolations(deps_.pack, intent.kinds());
  for (int i = 0; i < intent.industries_size(); ++i) {
    if (deps_.pack.FindIndustriesByName(intent.industries(i)).empty()) {
      violations.push_back({absl::StrCat("industries[", i, "]"),
                            absl::StrCat("“", intent.industries(i), "”不在产业目录中")});
    }
  }
  return violations;
}

absl::StatusOr<std::vector<status::Violation>> PairingService::PublisherViolations(
    const rpc::Call& call, v1::Intent* intent_row, RegistryReading* reading) {
  v1::Intent& intent = *intent_row;
  std::vector<status::Violation> violations;
  if (intent.side() != v1::INTENT_SIDE_OFFER) {
    if (!call.principal.Has(options::v1::ROLE_ENTERPRISE)) {
      violations.push_back({"side", "“企业需求”由企业发布；高校、科研机构请选择“平台提供”"});
    }
    if (!intent.platform().empty()) {
      violations.push_back({"platform", "企业需求面向全部平台，不填科创平台"});
    }
    if (violations.empty()) {
      CHANYAN_ASSIGN_OR_RETURN(const auto enterprise,
                               OrganizationOf(call, intent.organization(), reading));
      CHANYAN_RETURN_IF_ERROR(RequireMayPublish(enterprise));
      intent.set_organization_title(enterprise.display_name());
    }
    return violations;
  }
  if (intent.platform().empty()) {
    violations.push_back({"platform", "平台提供的意向必须选择科创平台"});
    return violations;
  }
  const bool by_name = api::ParentOfName(intent.platform()) == call.principal.organization;
  const auto platform = PlatformOf(call, intent.platform(), reading);
  // One that was taken over is not known by its name; of a stranger's nothing is said.
  const bool own =
      platform.ok() ? platform->organization() == call.principal.organization : by_name;
  if (!own && (platform.ok() || absl::IsNotFound(platform.status()))) {
    violations.push_back({"platform", "只能为本单位的科创平台发布意向"});
    return violations;
  }
  if (absl::IsNotFound(platform.status())) {
    violations.push_back({"platform", absl::StrCat("“", intent.platform(), "”不在科创平台目录中")});
  } else if (!platform.ok()) {
    return platform.status();
  } else if (platform->state() != registry::v1::PLATFORM_STATE_PUBLISHED) {
    violations.push_back({"platform", absl::StrCat("“", platform->display_name(),
                                                   "”尚未发布或已撤回，不能发布意向")});
  } else {
    CHANYAN_ASSIGN_OR_RETURN(const auto owner,
                             OrganizationOf(call, intent.organization(), reading));
    CHANYAN_RETURN_IF_ERROR(RequireMayPublish(owner));
    intent.set_platform_title(platform->display_name());
    intent.set_organization_title(platform->organization_title());
    SetContacts(*platform, &intent);
  }
  return violations;
}

absl::StatusOr<v1::Intent> PairingService::CreateIntent(const rpc::Call& call,
                                                        const v1::CreateIntentRequest& request) {
  return WithRegistry<v1::Intent>(deps_.store, call, [&](RegistryReading& reading) {
    return PublishAsRead(call, request, reading);
  });
}

absl::StatusOr<v1::Intent> PairingService::PublishAsRead(const rpc::Call& call,
                                                         const v1::CreateIntentRequest& request,
                                                         RegistryReading& reading) {
  v1::Intent wanted = request.intent();
  wanted.set_organization(call.principal.organization);
  wanted.set_state(v1::INTENT_STATE_OPEN);
  std::vector<status::Violation> violations = ContentViolations(wanted);
  CHANYAN_ASSIGN_OR_RETURN(const auto publisher, PublisherViolations(call, &wanted, &reading));
  violations.insert(violations.end(), publisher.begin(), publisher.end());
  if (!violations.empty()) return status::InvalidFields(InsideIntent(std::move(violations)));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Intent intent,
      rpc::Mutate<v1::Intent>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Intent> {
            v1::Intent row = wanted;
            CHANYAN_RETURN_IF_ERROR(reading.Hold(change.session()));
            CHANYAN_RETURN_IF_ERROR(RefuseMerged(change.session(), row.organization()));
            CHANYAN_RETURN_IF_ERROR(
                JudgeExpiry(deps_.pack, change.now(), "intent.expire_time", &row));
            row.set_name(absl::StrCat("intents/", api::NewShortId()));
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(intents_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return PresentIntent(call, std::move(intent));
}

absl::StatusOr<v1::Intent> PairingService::ChangeIntent(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, absl::string_view kind, IntentEdit edit,
    absl::FunctionRef<absl::Status(rpc::Change&)> first) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Intent intent,
      rpc::Mutate<v1::Intent>(deps_.store, call, request,
                              [&](rpc::Change& change) -> absl::StatusOr<v1::Intent> {
                                CHANYAN_RETURN_IF_ERROR(first(change));
                                return rpc::EditWithin<v1::Intent>(
                                    change, call, intents_, name, etag, kind,
                                    [&](rpc::Change& within, v1::Intent& row) -> absl::Status {
                                      CHANYAN_ASSIGN_OR_RETURN(const v1::IntentState next,
                                                               NextOf(row, verb, within.now()));
                                      row.set_state(next);
                                      return edit(within, row);
                                    });
                              }));
  return PresentIntent(call, std::move(intent));
}

absl::Status PairingService::SetExpiry(const google::protobuf::Timestamp& expire_time,
                                       absl::Time now, absl::string_view field,
                                       v1::Intent* row) const {
  *row->mutable_expire_time() = expire_time;
  CHANYAN_RETURN_IF_ERROR(JudgeExpiry(deps_.pack, now, field, row));
  // The new expiry is reminded of anew.
  row->set_reminded_days(0);
  return absl::OkStatus();
}

absl::StatusOr<v1::Intent> PairingService::UpdateIntent(const rpc::Call& call,
                                                        const v1::UpdateIntentRequest& request) {
  const v1::Intent& update = request.intent();
  return ChangeIntent(
      call, request, update.name(), update.etag(), "update", "updated",
      [&](rpc::Change& change, v1::Intent& row) -> absl::Status {
        v1::Intent wanted = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
        std::vector<status::Violation> violations = ContentViolations(wanted);
        if (!violations.empty()) {
          return status::InvalidFields(InsideIntent(std::move(violations)));
        }
        if (time::ToTime(wanted.expire_time()) != time::ToTime(row.expire_time())) {
          CHANYAN_RETURN_IF_ERROR(
              SetExpiry(wanted.expire_time(), change.now(), "intent.expire_time", &wanted));
        }
        if (!request.validate_only()) row = std::move(wanted);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Intent> PairingService::RenewIntent(const rpc::Call& call,
                                                       const v1::RenewIntentRequest& request) {
  // What is renewed is shown again: not of a suspended organization.
  return WithRegistry<v1::Intent>(
      deps_.store, call, [&](RegistryReading& reading) -> absl::StatusOr<v1::Intent> {
        CHANYAN_ASSIGN_OR_RETURN(const auto own,
                                 OrganizationOf(call, call.principal.organization, &reading));
        CHANYAN_RETURN_IF_ERROR(RequireMayPublish(own));
        return ChangeIntent(
            call, request, request.name(), request.etag(), "renew", "renewed",
            [&](rpc::Change& change, v1::Intent& row) {
              return SetExpiry(request.expire_time(), change.now(), "expire_time", &row);
            },
            [&](rpc::Change& change) { return reading.Hold(change.session()); });
      });
}

absl::StatusOr<v1::Intent> PairingService::WithdrawIntent(
    const rpc::Call& call, const v1::WithdrawIntentRequest& request) {
  return ChangeIntent(call, request, request.name(), request.etag(), "withdraw", "withdrawn",
                      [&](rpc::Change& change, v1::Intent& row) -> absl::Status {
                        row.clear_hold_reason();
                        row.set_withdraw_reason(request.reason());
                        *row.mutable_withdraw_time() = time::ToTimestamp(change.now());
                        return absl::OkStatus();
                      });
}

absl::Status PairingService::LinkIntent(const rpc::Call& call, rpc::Change& change,
                                        const std::string& name, const v1::Project& project,
                                        bool validate_only) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Intent intent,
      intents_.GetForUpdate(change.session(), name, VisibleIntents(call.principal, change.now())));
  if (!intent.project().empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("该意向已形成项目（", intent.project(), "），不能再新增"));
  }
  const absl::StatusOr<v1::IntentState> paired = NextOf(intent, "pair", change.now());
  if (!paired.ok()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("该意向", policy::LabelOf(StateAt(intent, change.now())),
                     "，不能据此新增项目"));
  }
  const bool matches = intent.side() == v1::INTENT_SIDE_OFFER
                           ? intent.platform() == project.platform()
                           : intent.organization() == project.enterprise();
  if (!matches) {
    return status::InvalidField("intent", "该意向的科创平台或企业与项目不符，请核对");
  }
  if (validate_only) return absl::OkStatus();
  const v1::Intent before = intent;
  intent.set_project(project.name());
  intent.set_state(*paired);
  CHANYAN_RETURN_IF_ERROR(intents_.Update(change.session(), change.now(), &intent));
  return change.Record("paired", &before, &intent);
}

absl::StatusOr<int> PairingService::ExpireIntents(const db::Lease& lease) {
  return MarkDue<v1::Intent>(
      deps_.store, lease, intents_, {kExpired, {deps_.store.clock.Now()}}, kByIntentExpiry,
      "expired", [](absl::Time, v1::Intent& row) { row.set_state(v1::INTENT_STATE_EXPIRED); });
}

absl::StatusOr<int> PairingService::RemindIntents(const db::Lease& lease) {
  const auto& days = deps_.pack.proto().pairing().intents().reminder_days();
  const absl::Time now = deps_.store.clock.Now();
  return MarkDue<v1::Intent>(
      deps_.store, lease, intents_,
      db::And({"state = 'OPEN' AND project = ''", {}}, ReminderDue("expire_time", days, now)),
      kByIntentExpiry, "expiring", [&](absl::Time at, v1::Intent& row) {
        const int due = DueReminder(days, time::ToTime(row.expire_time()), row.reminded_days(), at);
        if (due > 0) row.set_reminded_days(due);
      });
}

}  // namespace chanyan::pairing
