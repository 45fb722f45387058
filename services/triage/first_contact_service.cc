#include "services/triage/first_contact_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/triage/broker_rules.h"
#include "services/triage/handover_life.h"
#include "services/triage/ladder_query.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

std::string NameIn(const db::Values& row) {
  const auto* text = std::get_if<std::string>(&row[0]);
  return text == nullptr ? "" : *text;
}

// Whoever may act on one side of a hand-over.
bool MayAct(const rpc::Call& call, const v1::Handover& row, absl::string_view verb) {
  const std::string& caller = call.principal.organization;
  if (verb == "cancel") return caller == row.from_holder() || IsOffice(call, row.office());
  return caller == row.to_holder();
}

absl::Status RefuseOthers(absl::string_view verb) {
  return status::PermissionDenied(verb == "cancel" ? "移交由移交单位或成果处取消"
                                                   : "移交由接收单位接收或拒绝");
}

}  // namespace

std::vector<rpc::UnaryMethod> FirstContactService::Methods() {
  using S = FirstContactService;
  return {
      rpc::Unary("OfferHandover", this, &S::OfferHandover),
      rpc::Unary("AcceptHandover", this, &S::AcceptHandover),
      rpc::Unary("DeclineHandover", this, &S::DeclineHandover),
      rpc::Unary("CancelHandover", this, &S::CancelHandover),
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
                                                     const v1::OfferHandoverRequest& request,
                                                     const std::string& title) const {
  using policy::v1::TriageUnit;
  const TriageUnit* unit = deps_.pack.FindOrganization(request.to_holder());
  bool may = unit != nullptr && (unit->kind() == policy::v1::TRIAGE_UNIT_KIND_DEPARTMENT ||
                                 unit->kind() == policy::v1::TRIAGE_UNIT_KIND_AGENCY ||
                                 unit->kind() == policy::v1::TRIAGE_UNIT_KIND_INVESTOR);
  if (!may) {
    const db::Table<v1::ServiceTeam> teams;
    CHANYAN_ASSIGN_OR_RETURN(
        const int64_t found,
        teams.Count(change.session(),
                    {"state = 'ACTIVE' AND (department = ? OR agency = ? OR investor = ?)",
                     {request.to_holder(), request.to_holder(), request.to_holder()}}));
    may = found > 0;
  }
  if (!may) {
    return status::InvalidField("to_holder", "只能移交给局内处室、服务专班的服务机构或参与国企");
  }
  Holder holder = {request.to_holder(), title, request.to_broker()};
  if (holder.broker.empty()) return holder;
  const db::Table<v1::Broker> brokers;
  const absl::StatusOr<v1::Broker> broker = brokers.GetForUpdate(change.session(), holder.broker);
  if (absl::IsNotFound(broker.status()) ||
      (broker.ok() && broker->organization() != holder.organization)) {
    return status::InvalidField("to_broker", "接收单位没有这一技术经纪人");
  }
  CHANYAN_RETURN_IF_ERROR(broker.status());
  CHANYAN_RETURN_IF_ERROR(RequireQualified(deps_.pack, *broker, time::DayOf(change.now())));
  return holder;
}

absl::StatusOr<v1::Handover> FirstContactService::OfferHandover(
    const rpc::Call& call, const v1::OfferHandoverRequest& request) {
  const std::string title = TitleOf(deps_, call, request.to_holder());
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Handover handover,
      rpc::Mutate<v1::Handover>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Handover> {
            CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, request.name()));
            if (!request.etag().empty() && request.etag() != row.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), row);
            }
            if (!IsOpen(row.state())) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                                "已撤回或已合并的成果不再移交");
            }
            if (call.principal.organization != row.holder() && !IsOffice(call, row.office())) {
              return status::PermissionDenied(
                  absl::StrCat("首问责任单位为“", row.holder_title(), "”，由其移交"));
            }
            if (!row.open_handover().empty()) {
              return status::FailedPrecondition(
                  ERROR_REASON_WRONG_STATE,
                  absl::StrCat("已有移交待接收（", row.open_handover(), "），请先取消"));
            }
            CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {request.to_holder()}));
            CHANYAN_ASSIGN_OR_RETURN(const Holder to, TargetOf(change, request, title));
            if (to.organization == row.holder() && to.broker == row.broker()) {
              return status::InvalidField("to_holder", "已由该单位负责，不需要移交");
            }
            const v1::Result before = row;
            v1::Handover next;
            next.set_name(absl::StrCat(row.name(), "/handovers/", api::NewShortId()));
            next.set_to_holder(to.organization);
            next.set_to_holder_title(to.title);
            next.set_to_broker(to.broker);
            next.set_from_holder(row.holder());
            next.set_from_holder_title(row.holder_title());
            next.set_reason(request.reason());
            next.set_state(v1::HANDOVER_STATE_OFFERED);
            CHANYAN_ASSIGN_OR_RETURN(
                const policy::Term term,
                deps_.pack.pack().calendar().TermAfter(
                    time::DayOf(change.now()),
                    static_cast<int>(deps_.pack.proto().first_contact().accept_workdays())));
            api::SetTime(term.deadline, next.mutable_due_time());
            CopyParties(row, &next);
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

absl::StatusOr<v1::Handover> FirstContactService::AcceptHandover(
    const rpc::Call& call, const v1::AcceptHandoverRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "accept",
      [&](rpc::Change& change, v1::Result& result, v1::Handover& row) -> absl::Status {
        if (time::IsPastDeadline(change.now(), TimeIn(row.due_time()))) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "接收期限已过，请重新移交");
        }
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {row.to_holder()}));
        if (!row.to_broker().empty()) {
          const db::Table<v1::Broker> brokers;
          CHANYAN_ASSIGN_OR_RETURN(const v1::Broker broker,
                                   brokers.GetForUpdate(change.session(), row.to_broker()));
          CHANYAN_RETURN_IF_ERROR(RequireQualified(deps_.pack, broker, time::DayOf(change.now())));
        }
        return book_.Pass(change, {row.to_holder(), row.to_holder_title(), row.to_broker()},
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

absl::Status FirstContactService::LapseOne(db::Session& session, absl::Time now,
                                           const std::string& name) const {
  const journal::Origin origin{.method = "chanyan.triage.Jobs/lapse", .actor = "services/triage"};
  rpc::Change change(session, now, origin);
  CHANYAN_ASSIGN_OR_RETURN(v1::Result result, book_.LockAny(change, ResultOfName(name)));
  CHANYAN_ASSIGN_OR_RETURN(v1::Handover row, handovers_.GetForUpdate(session, name));
  // Answered since it was looked for.
  if (row.state() != v1::HANDOVER_STATE_OFFERED) return absl::OkStatus();
  const v1::Handover before = row;
  const v1::Result was = result;
  row.set_state(v1::HANDOVER_STATE_LAPSED);
  CHANYAN_RETURN_IF_ERROR(handovers_.Update(session, now, &row));
  CHANYAN_RETURN_IF_ERROR(change.Record("lapse", &before, &row));
  result.clear_open_handover();
  return book_.Save(change, "handover lapse", was, &result);
}

absl::StatusOr<int> FirstContactService::Lapse(const db::Lease& lease) {
  std::vector<std::string> due;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows rows,
        session.Query("SELECT name FROM handover WHERE state = 'OFFERED' AND due_time <= ? "
                      "ORDER BY due_time LIMIT 200",
                      {deps_.store.clock.Now() - absl::Seconds(1)}));
    due.clear();
    for (const db::Values& row : rows.rows) due.push_back(NameIn(row));
    return absl::OkStatus();
  }));
  for (const std::string& name : due) {
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      return LapseOne(session, deps_.store.clock.Now(), name);
    }));
  }
  if (!due.empty() && deps_.store.changed) deps_.store.changed();
  return static_cast<int>(due.size());
}

absl::StatusOr<int> FirstContactService::ClimbOne(db::Session& session, absl::Time now,
                                                  const std::string& name) const {
  const journal::Origin origin{.method = "chanyan.triage.Jobs/climb", .actor = "services/triage"};
  rpc::Change change(session, now, origin);
  CHANYAN_ASSIGN_OR_RETURN(v1::Result result, book_.LockAny(change, name));
  if (!IsOpen(result.state())) return 0;
  const absl::CivilDay since = time::DayOf(TimeIn(result.act_time()));
  CHANYAN_ASSIGN_OR_RETURN(
      const int idle, deps_.pack.pack().calendar().WorkdaysBetween(since + 1, time::DayOf(now)));
  const v1::Result before = result;
  int alerts = 0;
  for (const policy::v1::EscalationRung& rung : deps_.pack.proto().first_contact().rungs()) {
    const auto& taken = result.rungs();
    if (idle < static_cast<int>(rung.idle_workdays()) ||
        std::find(taken.begin(), taken.end(), rung.id()) != taken.end()) {
      continue;
    }
    result.add_rungs(rung.id());
    v1::IdleAlert alert;
    alert.set_name(absl::StrCat(result.name(), "/idleAlerts/", api::NewShortId()));
    alert.set_rung(rung.id());
    alert.set_rung_title(rung.display_name());
    alert.set_told_role(rung.role());
    *alert.mutable_idle_since() = result.act_time();
    alert.set_idle_workdays(idle);
    alert.set_holder_title(result.holder_title());
    CopyParties(result, &alert);
    CHANYAN_RETURN_IF_ERROR(alerts_.Insert(session, now, &alert));
    CHANYAN_RETURN_IF_ERROR(change.Record("raised", nullptr, &alert));
    CHANYAN_RETURN_IF_ERROR(escalations_.RaiseIdle(change, result, alert));
    ++alerts;
  }
  CHANYAN_RETURN_IF_ERROR(book_.Save(change, "escalated", before, &result));
  return alerts;
}

absl::StatusOr<int> FirstContactService::Climb(const db::Lease& lease) {
  const absl::Time now = deps_.store.clock.Now();
  int raised = 0;
  // One rung after the other: those that have taken the ones below it and were idle for as long.
  const auto& rungs = deps_.pack.proto().first_contact().rungs();
  for (int i = 0; i < rungs.size(); ++i) {
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last,
                             deps_.pack.pack().calendar().AddWorkdays(
                                 time::DayOf(now), -static_cast<int>(rungs[i].idle_workdays())));
    std::vector<std::string> due;
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                               session.Query(kLadderSql, {int64_t{i}, time::StartOfDay(last + 1)}));
      due.clear();
      for (const db::Values& row : rows.rows) due.push_back(NameIn(row));
      return absl::OkStatus();
    }));
    for (const std::string& name : due) {
      int alerts = 0;
      CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
        CHANYAN_ASSIGN_OR_RETURN(alerts, ClimbOne(session, now, name));
        return absl::OkStatus();
      }));
      raised += alerts;
    }
  }
  if (raised > 0 && deps_.store.changed) deps_.store.changed();
  return raised;
}

}  // namespace chanyan::triage
