// Handlers of intents (REG-3). They live beside projects because an intent ends in one, in the same
// transaction.
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/time_util.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

// Overdue intents of one run, locked.
constexpr char kDueOrder[] = "expire_time LIMIT 200 FOR UPDATE";

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixMicros(
      google::protobuf::util::TimeUtil::TimestampToMicroseconds(time));
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
  return rpc::Fetch(deps_.store.db, call, intents_, request.name());
}

absl::StatusOr<v1::ListIntentsResponse> PairingService::ListIntents(
    const rpc::Call& call, const v1::ListIntentsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page,
                           rpc::FetchPage(deps_.store.db, call, intents_, request, "",
                                          request.filter(), request.order_by()));
  v1::ListIntentsResponse response;
  response.mutable_intents()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Intent> PairingService::CreateIntent(const rpc::Call& call,
                                                        const v1::CreateIntentRequest& request) {
  v1::Intent wanted = request.intent();
  wanted.set_organization(call.principal.organization);
  wanted.set_state(v1::INTENT_STATE_OPEN);
  std::vector<status::Violation> violations = KindViolations(deps_.pack, wanted.kinds());
  const bool offer = wanted.side() == v1::INTENT_SIDE_OFFER;
  if (offer && wanted.platform().empty()) {
    violations.push_back({"platform", "平台提供的意向必须选择科创平台"});
  }
  if (offer && !wanted.platform().empty() &&
      api::ParentOfName(wanted.platform()) != call.principal.organization) {
    violations.push_back({"platform", "只能为本单位的科创平台发布意向"});
  }
  if (!offer && !wanted.platform().empty()) {
    violations.push_back({"platform", "企业需求面向全部平台，不填科创平台"});
  }
  if (!violations.empty()) {
    for (status::Violation& violation : violations) {
      violation.field = absl::StrCat("intent.", violation.field);
    }
    return status::InvalidFields(std::move(violations));
  }
  return rpc::Mutate<v1::Intent>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Intent> {
        v1::Intent row = wanted;
        CHANYAN_RETURN_IF_ERROR(
            CheckExpiry(row.expire_time(), change.now(), "intent.expire_time"));
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
  return rpc::Edit<v1::Intent>(deps_.store, call, request, intents_, request.name(),
                               request.etag(), "withdrawn",
                               [](rpc::Change&, v1::Intent& row) -> absl::Status {
                                 row.set_state(v1::INTENT_STATE_WITHDRAWN);
                                 return absl::OkStatus();
                               });
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
