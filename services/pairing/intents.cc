// Handlers of intents (REG-3). They live beside projects because an intent ends in one, in the same
// transaction.
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "google/protobuf/util/time_util.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

// Overdue intents of one run, locked.
constexpr char kDueOrder[] = "expire_time LIMIT 200 FOR UPDATE";

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(time));
}

absl::Status CheckExpiry(const google::protobuf::Timestamp& expire_time, absl::Time now,
                         absl::string_view field) {
  const absl::Time expires = ToTime(expire_time);
  if (expires <= now) return status::InvalidField(field, "到期时间必须晚于当前时间");
  if (expires > now + kMaxIntentLife) {
    return status::InvalidField(field, "到期时间不得超过一年，到期前可以续期");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Intent> PairingService::GetIntent(const rpc::Call& call,
                                                     const v1::GetIntentRequest& request) {
  absl::StatusOr<v1::Intent> intent = status::NotFound(request.name());
  const db::Predicate scope = VisibleIntents(call, deps_.store.clock.Now());
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        intent = intents_.Get(session, request.name(), scope);
        return intent.status();
      }));
  return intent;
}

db::Predicate PairingService::VisibleIntents(const rpc::Call& call, absl::Time now) const {
  return db::Or(auth::Writable<v1::Intent>(call.principal),
                db::And(auth::Readable<v1::Intent>(call.principal),
                        {"state <> 'OPEN' OR expire_time > ?", {now}}));
}

absl::StatusOr<v1::ListIntentsResponse> PairingService::ListIntents(
    const rpc::Call& call, const v1::ListIntentsRequest& request) {
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = VisibleIntents(call, deps_.store.clock.Now());
  v1::ListIntentsResponse response;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        response.Clear();
        CHANYAN_ASSIGN_OR_RETURN(const auto page, intents_.List(session, query));
        response.mutable_intents()->Assign(page.rows.begin(), page.rows.end());
        response.set_next_page_token(page.next_page_token);
        return absl::OkStatus();
      }));
  return response;
}

absl::StatusOr<std::vector<status::Violation>> PairingService::IntentViolations(
    const rpc::Call& call, const v1::Intent& intent) {
  std::vector<status::Violation> violations = KindViolations(deps_.pack, intent.kinds());
  for (int i = 0; i < intent.industries_size(); ++i) {
    if (deps_.pack.FindIndustriesByName(intent.industries(i)).empty()) {
      violations.push_back({absl::StrCat("industries[", i, "]"),
                            absl::StrCat("“", intent.industries(i), "”不在产业目录中")});
    }
  }
  if (intent.side() != v1::INTENT_SIDE_OFFER) {
    if (!call.principal.Has(options::v1::ROLE_ENTERPRISE)) {
      violations.push_back({"side", "“企业需求”由企业发布；高校、科研机构请选择“平台提供”"});
    }
    if (!intent.platform().empty()) {
      violations.push_back({"platform", "企业需求面向全部平台，不填科创平台"});
    }
    return violations;
  }
  if (intent.platform().empty()) {
    violations.push_back({"platform", "平台提供的意向必须选择科创平台"});
    return violations;
  }
  const bool by_name = api::ParentOfName(intent.platform()) == call.principal.organization;
  const auto platform = PlatformOf(call, intent.platform());
  // One that was taken over is not known by its name; of a stranger's nothing is said.
  const bool own = platform.ok() ? platform->organization() == call.principal.organization : by_name;
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
  }
  return violations;
}

absl::StatusOr<v1::Intent> PairingService::CreateIntent(const rpc::Call& call,
                                                        const v1::CreateIntentRequest& request) {
  v1::Intent wanted = request.intent();
  wanted.set_organization(call.principal.organization);
  wanted.set_state(v1::INTENT_STATE_OPEN);
  CHANYAN_ASSIGN_OR_RETURN(std::vector<status::Violation> violations,
                           IntentViolations(call, wanted));
  if (!violations.empty()) {
    for (status::Violation& violation : violations) {
      violation.field = absl::StrCat("intent.", violation.field);
    }
    return status::InvalidFields(std::move(violations));
  }
  return rpc::Mutate<v1::Intent>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Intent> {
        v1::Intent row = wanted;
        CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor successor,
                                 rpc::SuccessorOf(change.session(), row.organization()));
        if (!successor.organization.empty()) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("本单位已并入“", successor.title, "”，请以该单位的账号发布意向"));
        }
        CHANYAN_RETURN_IF_ERROR(CheckExpiry(row.expire_time(), change.now(), "intent.expire_time"));
        row.set_name(absl::StrCat("intents/", api::NewShortId()));
        if (request.validate_only()) return row;
        CHANYAN_RETURN_IF_ERROR(intents_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<v1::Intent> PairingService::RenewIntent(const rpc::Call& call,
                                                       const v1::RenewIntentRequest& request) {
  return rpc::Edit<v1::Intent>(
      deps_.store, call, request, intents_, request.name(), request.etag(), "renewed",
      [&](rpc::Change& change, v1::Intent& row) -> absl::Status {
        if (row.state() == v1::INTENT_STATE_WITHDRAWN) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "意向已撤回，不能续期；如仍有意向请重新发布");
        }
        CHANYAN_RETURN_IF_ERROR(CheckExpiry(request.expire_time(), change.now(), "expire_time"));
        *row.mutable_expire_time() = request.expire_time();
        row.set_state(v1::INTENT_STATE_OPEN);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Intent> PairingService::WithdrawIntent(
    const rpc::Call& call, const v1::WithdrawIntentRequest& request) {
  return rpc::Edit<v1::Intent>(deps_.store, call, request, intents_, request.name(), request.etag(),
                               "withdrawn", [](rpc::Change&, v1::Intent& row) -> absl::Status {
                                 row.set_state(v1::INTENT_STATE_WITHDRAWN);
                                 return absl::OkStatus();
                               });
}

absl::Status PairingService::LinkIntent(const rpc::Call& call, rpc::Change& change,
                                        const std::string& name, const v1::Project& project,
                                        bool validate_only) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Intent intent,
      intents_.GetForUpdate(change.session(), name, VisibleIntents(call, change.now())));
  if (intent.state() != v1::INTENT_STATE_OPEN || ToTime(intent.expire_time()) <= change.now()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      "该意向已到期或已撤回，不能据此新增项目");
  }
  if (!intent.project().empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("该意向已形成项目（", intent.project(), "），不能再新增"));
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
  CHANYAN_RETURN_IF_ERROR(intents_.Update(change.session(), change.now(), &intent));
  return change.Record("paired", &before, &intent);
}

absl::StatusOr<int> PairingService::ExpireIntents() {
  int expired = 0;
  const journal::Origin origin{.method = "chanyan.pairing.ExpireIntents",
                               .actor = "services/pairing"};
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    const absl::Time now = deps_.store.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Intent> due,
        intents_.Select(session, {"state = 'OPEN' AND expire_time <= ?", {now}}, kDueOrder));
    for (v1::Intent& row : due) {
      const v1::Intent before = row;
      row.set_state(v1::INTENT_STATE_EXPIRED);
      CHANYAN_RETURN_IF_ERROR(intents_.Update(session, now, &row));
      CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "expired", &before, &row));
    }
    expired = static_cast<int>(due.size());
    return absl::OkStatus();
  }));
  return expired;
}

}  // namespace chanyan::pairing
