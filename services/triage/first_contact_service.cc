#include "services/triage/first_contact_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/triage/broker_rules.h"
#include "services/triage/handover_checks.h"
#include "services/triage/handover_life.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

}  // namespace

std::vector<rpc::UnaryMethod> FirstContactService::Methods() {
  using S = FirstContactService;
  return {
      rpc::Unary("OfferHandover", this, &S::OfferHandover),
      rpc::Unary("AcceptHandover", this, &S::AcceptHandover),
      rpc::Unary("DeclineHandover", this, &S::DeclineHandover),
      rpc::Unary("CancelHandover", this, &S::CancelHandover),
      rpc::Unary("OfferHandovers", this, &S::OfferHandovers),
      rpc::Unary("AcceptHandovers", this, &S::AcceptHandovers),
      rpc::Unary("DeclineHandovers", this, &S::DeclineHandovers),
      rpc::Unary("CancelHandovers", this, &S::CancelHandovers),
      rpc::Unary("GetHandover", this, &S::GetHandover),
      rpc::Unary("ListHandovers", this, &S::ListHandovers),
      rpc::Unary("ListTenures", this, &S::ListTenures),
      rpc::Unary("ListIdleAlerts", this, &S::ListIdleAlerts),
  };
}

v1::Handover FirstContactService::Present(const rpc::Call& call, v1::Handover row) const {
  for (std::string& verb : rpc::ActionsOf(call, HandoverLife(), row.state(), "Handover")) {
    if (MayAct(call, row, verb)) row.add_actions(std::move(verb));
  }
  return row;
}

absl::StatusOr<Holder> FirstContactService::TargetOf(rpc::Change& change,
                                                     const Holder& wanted) const {
  using policy::v1::TriageUnit;
  const TriageUnit* unit = deps_.pack.FindOrganization(wanted.organization);
  bool may = unit != nullptr && (unit->kind() == policy::v1::TRIAGE_UNIT_KIND_DEPARTMENT ||
                                 unit->kind() == policy::v1::TRIAGE_UNIT_KIND_AGENCY ||
                                 unit->kind() == policy::v1::TRIAGE_UNIT_KIND_INVESTOR);
  if (!may) {
    const db::Table<v1::ServiceTeam> teams;
    CHANYAN_ASSIGN_OR_RETURN(
        const int64_t found,
        teams.Count(change.session(),
                    {"state = 'ACTIVE' AND (department = ? OR agency = ? OR investor = ?)",
                     {wanted.organization, wanted.organization, wanted.organization}}));
    may = found > 0;
  }
  if (!may) {
    return status::InvalidField("to_holder", "只能移交给局内处室、服务专班的服务机构或参与国企");
  }
  if (wanted.broker.empty()) return wanted;
  const db::Table<v1::Broker> brokers;
  const absl::StatusOr<v1::Broker> broker = brokers.GetForUpdate(change.session(), wanted.broker);
  if (absl::IsNotFound(broker.status()) ||
      (broker.ok() && broker->organization() != wanted.organization)) {
    return status::InvalidField("to_broker", "接收单位没有这一技术经纪人");
  }
  CHANYAN_RETURN_IF_ERROR(broker.status());
  CHANYAN_RETURN_IF_ERROR(RequireQualified(deps_.pack, *broker, time::DayOf(change.now())));
  return wanted;
}

absl::StatusOr<absl::Time> FirstContactService::AcceptUntil(absl::Time now) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const policy::Term term,
      deps_.pack.pack().calendar().TermAfter(
          time::DayOf(now),
          static_cast<int>(deps_.pack.proto().first_contact().accept_workdays())));
  return term.deadline;
}

absl::StatusOr<v1::Handover> FirstContactService::OfferHandover(
    const rpc::Call& call, const v1::OfferHandoverRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string title, TitleOf(deps_, call, request.to_holder()));
  const Holder wanted = {request.to_holder(), title, request.to_broker()};
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Handover handover,
      rpc::Mutate<v1::Handover>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Handover> {
            CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, request.name()));
            if (!request.etag().empty() && request.etag() != row.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), row);
            }
            CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {wanted.organization}));
            CHANYAN_ASSIGN_OR_RETURN(const Holder to, TargetOf(change, wanted));
            CHANYAN_RETURN_IF_ERROR(CheckOffer(call, row, to));
            const v1::Result before = row;
            v1::Handover next = OfferOf(row, to, request.reason());
            CHANYAN_ASSIGN_OR_RETURN(const absl::Time until, AcceptUntil(change.now()));
            api::SetTime(until, next.mutable_due_time());
            CHANYAN_RETURN_IF_ERROR(handovers_.Insert(change.session(), change.now(), &next));
            CHANYAN_RETURN_IF_ERROR(change.Record("offered", nullptr, &next));
            // Giving it away is no progress: idleness goes on.
            row.set_open_handover(next.name());
            CHANYAN_RETURN_IF_ERROR(book_.Save(change, "offered", before, &row));
            return next;
          }));
  return Present(call, std::move(handover));
}

absl::StatusOr<v1::Handover> FirstContactService::Transit(const rpc::Call& call,
                                                          const google::protobuf::Message& request,
                                                          const std::string& name,
                                                          const std::string& etag,
                                                          absl::string_view verb, RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Handover handover,
      rpc::Mutate<v1::Handover>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Handover> {
            // The result first, as by everybody.
            absl::StatusOr<v1::Result> result = book_.LockAny(change, ResultOfName(name));
            if (absl::IsNotFound(result.status())) return status::NotFound(name);
            CHANYAN_RETURN_IF_ERROR(result.status());
            CHANYAN_ASSIGN_OR_RETURN(
                v1::Handover row,
                handovers_.GetForUpdate(change.session(), name,
                                        auth::Writable<v1::Handover>(call.principal)));
            if (!etag.empty() && etag != row.etag()) {
              return rpc::StaleEdit(change.session(), call, etag, row);
            }
            if (!MayAct(call, row, verb)) return RefuseOthers(verb);
            const v1::Handover before = row;
            CHANYAN_ASSIGN_OR_RETURN(const v1::HandoverState next,
                                     policy::Next(HandoverLife(), row.state(), verb));
            row.set_state(next);
            api::SetTime(change.now(), row.mutable_answer_time());
            const v1::Result was = *result;
            result->clear_open_handover();
            CHANYAN_RETURN_IF_ERROR(edit(change, *result, row));
            CopyParties(*result, &row);
            CHANYAN_RETURN_IF_ERROR(handovers_.Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record(verb, &before, &row));
            CHANYAN_RETURN_IF_ERROR(
                book_.Save(change, absl::StrCat("handover ", verb), was, &*result));
            CHANYAN_ASSIGN_OR_RETURN(row, handovers_.Get(change.session(), name));
            return row;
          }));
  return Present(call, std::move(handover));
}

absl::Status FirstContactService::CheckAccept(rpc::Change& change, const v1::Handover& row) const {
  if (time::IsPastDeadline(change.now(), TimeIn(row.due_time()))) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "接收期限已过，请重新移交");
  }
  CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {row.to_holder()}));
  if (row.to_broker().empty()) return absl::OkStatus();
  const db::Table<v1::Broker> brokers;
  CHANYAN_ASSIGN_OR_RETURN(const v1::Broker broker,
                           brokers.GetForUpdate(change.session(), row.to_broker()));
  return RequireQualified(deps_.pack, broker, time::DayOf(change.now()));
}

absl::StatusOr<v1::Handover> FirstContactService::AcceptHandover(
    const rpc::Call& call, const v1::AcceptHandoverRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "accept",
                 [&](rpc::Change& change, v1::Result& result, v1::Handover& row) -> absl::Status {
                   CHANYAN_RETURN_IF_ERROR(CheckAccept(change, row));
                   return book_.Pass(change,
                                     {row.to_holder(), row.to_holder_title(), row.to_broker()},
                                     v1::TENURE_CAUSE_HANDED_OVER, &result);
                 });
}

absl::StatusOr<v1::Handover> FirstContactService::DeclineHandover(
    const rpc::Call& call, const v1::DeclineHandoverRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "decline",
                 [&](rpc::Change&, v1::Result&, v1::Handover& row) -> absl::Status {
                   row.set_answer_reason(request.reason());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Handover> FirstContactService::CancelHandover(
    const rpc::Call& call, const v1::CancelHandoverRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "cancel",
                 [&](rpc::Change&, v1::Result&, v1::Handover& row) -> absl::Status {
                   row.set_answer_reason(request.reason());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Handover> FirstContactService::GetHandover(
    const rpc::Call& call, const v1::GetHandoverRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Handover row,
                           rpc::Fetch(deps_.store.db, call, handovers_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListHandoversResponse> FirstContactService::ListHandovers(
    const rpc::Call& call, const v1::ListHandoversRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, handovers_, request,
                                                     absl::StrCat(request.parent(), "/handovers"),
                                                     request.filter(), request.order_by()));
  v1::ListHandoversResponse response;
  for (v1::Handover& row : page.rows) *response.add_handovers() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListTenuresResponse> FirstContactService::ListTenures(
    const rpc::Call& call, const v1::ListTenuresRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, tenures_, request,
                                                     absl::StrCat(request.parent(), "/tenures"),
                                                     request.filter(), request.order_by()));
  v1::ListTenuresResponse response;
  for (v1::Tenure& row : page.rows) *response.add_tenures() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListIdleAlertsResponse> FirstContactService::ListIdleAlerts(
    const rpc::Call& call, const v1::ListIdleAlertsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, alerts_, request,
                                                     absl::StrCat(request.parent(), "/idleAlerts"),
                                                     request.filter(), request.order_by()));
  v1::ListIdleAlertsResponse response;
  for (v1::IdleAlert& row : page.rows) *response.add_idle_alerts() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
