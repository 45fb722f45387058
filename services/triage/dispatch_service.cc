#include "services/triage/dispatch_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/triage/clock_rules.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/export_rows.h"
#include "services/triage/guide_fit.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/push_end.h"
#include "services/triage/push_life.h"
#include "services/triage/push_name.h"
#include "services/triage/push_parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kOpenGuides[] = "state = 'PUBLISHED' AND apply_end_date >= ?";
constexpr char kPushesUnderWay[] = "result = ? AND state IN ('SENT', 'RECEIVED', 'ACCEPTED')";

// A recipient that has become part of another organization is that one, nobody twice as one class.
absl::Status FollowSuccessors(db::Session& session, v1::DispatchPlan* plan) {
  std::vector<std::string> names;
  for (const v1::RoutedRecipient& routed : plan->recipients()) names.push_back(routed.recipient());
  CHANYAN_ASSIGN_OR_RETURN(const auto successors, rpc::SuccessorsOf(session, std::move(names)));
  if (successors.empty()) return absl::OkStatus();
  std::set<std::pair<int, std::string>> seen;
  google::protobuf::RepeatedPtrField<v1::RoutedRecipient> kept;
  for (v1::RoutedRecipient& routed : *plan->mutable_recipients()) {
    const auto successor = successors.find(routed.recipient());
    if (successor != successors.end()) {
      routed.set_recipient(successor->second.organization);
      routed.set_recipient_title(successor->second.title);
    }
    if (seen.emplace(routed.triage_class(), routed.recipient()).second) {
      *kept.Add() = std::move(routed);
    }
  }
  plan->mutable_recipients()->Swap(&kept);
  return absl::OkStatus();
}

// 成果已重新分类（第2次：横向合作），不再归入“转让和实施许可”
std::string WhyUndecided(const v1::Result& result, policy::v1::TriageClass triage_class) {
  const std::string decided = absl::StrJoin(result.classes(), "、", [](std::string* out, int one) {
    absl::StrAppend(out, policy::LabelOf(static_cast<policy::v1::TriageClass>(one)));
  });
  return absl::StrCat("成果已重新分类（第", api::IdOfName(result.disposition()), "次：", decided,
                      "），不再归入“", policy::LabelOf(triage_class), "”");
}

}  // namespace

std::vector<rpc::UnaryMethod> DispatchService::Methods() {
  using S = DispatchService;
  return {
      rpc::Unary("PreviewDispatch", this, &S::PreviewDispatch),
      rpc::Unary("DispatchResult", this, &S::DispatchResult),
      rpc::Unary("GetPush", this, &S::GetPush),
      rpc::Unary("ListPushes", this, &S::ListPushes),
      rpc::Unary("ListOverduePushes", this, &S::ListOverduePushes),
      rpc::Unary("ReceivePush", this, &S::ReceivePush),
      rpc::Unary("AcceptPush", this, &S::AcceptPush),
      rpc::Unary("DeclinePush", this, &S::DeclinePush),
      rpc::Unary("AnswerPush", this, &S::AnswerPush),
      rpc::Unary("PausePush", this, &S::PausePush),
      rpc::Unary("ResumePush", this, &S::ResumePush),
      rpc::Unary("ExtendPush", this, &S::ExtendPush),
      rpc::Unary("ReadPushClock", this, &S::ReadPushClock),
      rpc::Unary("ReroutePush", this, &S::ReroutePush),
      rpc::Unary("SettlePush", this, &S::SettlePush),
      rpc::Unary("TiePush", this, &S::TiePush),
      rpc::Unary("ExportPushes", this, &S::ExportPushes),
      rpc::Unary("GetListing", this, &S::GetListing),
      rpc::Unary("ListListings", this, &S::ListListings),
      rpc::Unary("WithdrawListing", this, &S::WithdrawListing),
  };
}

v1::Push DispatchService::Present(const rpc::Call& call, v1::Push row) const {
  row.set_overdue(IsUnderWay(row.state()) && row.has_due_time() &&
                  time::IsPastDeadline(deps_.store.clock.Now(), TimeIn(row.due_time())));
  if (IsRecipient(call, row)) {
    for (std::string& verb : rpc::ActionsOf(call, PushLife(), row.state(), "Push")) {
      row.add_actions(std::move(verb));
    }
    if (IsUnderWay(row.state())) row.add_actions(row.has_resume_time() ? "resume" : "pause");
    if (call.principal.Has(options::v1::ROLE_DEPARTMENT) &&
        (IsUnderWay(row.state()) || row.state() == v1::PUSH_STATE_ANSWERED)) {
      row.add_actions("tie");
    }
  }
  if (IsOwner(call, row)) {
    if (IsUnderWay(row.state())) row.add_actions("extend");
    if (row.state() == v1::PUSH_STATE_DECLINED && !row.settled()) {
      row.add_actions("reroute");
      row.add_actions("settle");
    }
  }
  return row;
}

absl::StatusOr<std::string> DispatchService::PushTo(db::Session& session, const std::string& result,
                                                    const std::string& recipient,
                                                    policy::v1::TriageClass triage_class) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Push> found,
      pushes_.Select(session, {"result = ? AND recipient = ? AND triage_class = ?",
                               {result, recipient, ClassName(triage_class)}}));
  return found.empty() ? std::string() : found.front().name();
}

absl::Status DispatchService::AddGuides(db::Session& session, const v1::Result& result,
                                        v1::DispatchPlan* plan) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ProjectGuide> open,
                           OpenGuides(session, time::DayOf(deps_.store.clock.Now())));
  for (v1::RoutedRecipient& routed : *plan->mutable_recipients()) {
    NameGuides(FittingGuides(deps_.pack, open, routed.recipient(), routed.triage_class(), result),
               &routed);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::ProjectGuide>> DispatchService::OpenGuides(
    db::Session& session, absl::CivilDay today) const {
  return guides_.Select(session, {kOpenGuides, {time::FormatDate(today)}}, "apply_end_date, name");
}

absl::StatusOr<v1::DispatchPlan> DispatchService::PreviewDispatch(
    const rpc::Call& call, const v1::PreviewDispatchRequest& request) {
  v1::DispatchPlan plan;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Result row,
            book_.table().Get(session, request.name(), auth::Readable<v1::Result>(call.principal)));
        plan = RouteResult(deps_.pack, row);
        CHANYAN_RETURN_IF_ERROR(FollowSuccessors(session, &plan));
        CHANYAN_RETURN_IF_ERROR(AddGuides(session, row, &plan));
        for (v1::RoutedRecipient& routed : *plan.mutable_recipients()) {
          CHANYAN_ASSIGN_OR_RETURN(
              const std::string push,
              PushTo(session, row.name(), routed.recipient(), routed.triage_class()));
          routed.set_pushed(!push.empty());
        }
        return absl::OkStatus();
      }));
  return plan;
}

absl::Status DispatchService::Send(rpc::Change& change, const rpc::Call& call,
                                   const v1::Result& result, v1::Push* push) const {
  push->set_name(PushName(result.name(), push->recipient(), push->triage_class()));
  push->set_state(v1::PUSH_STATE_SENT);
  CopyParties(result, push);
  CHANYAN_RETURN_IF_ERROR(Clock(change, call, v1::CLOCK_EVENT_KIND_START, kReceivePhase,
                                static_cast<int>(deps_.pack.proto().clock().receive_workdays()), "",
                                push));
  CHANYAN_RETURN_IF_ERROR(pushes_.Insert(change.session(), change.now(), push));
  return change.Record("sent", nullptr, push);
}

absl::Status DispatchService::Resend(rpc::Change& change, const rpc::Call& call,
                                     const std::string& name,
                                     const v1::RoutedRecipient& routed) const {
  CHANYAN_ASSIGN_OR_RETURN(v1::Push push, pushes_.GetForUpdate(change.session(), name));
  if (push.state() != v1::PUSH_STATE_ENDED) return absl::OkStatus();
  const v1::Push before = push;
  CHANYAN_ASSIGN_OR_RETURN(const v1::PushState next,
                           policy::Next(PushLife(), push.state(), "resend"));
  push.set_state(next);
  push.set_route(routed.route());
  push.set_request(routed.request());
  *push.mutable_guides() = routed.guides();
  *push.mutable_guide_titles() = routed.guide_titles();
  push.clear_guide_note();
  push.clear_settle_note();
  CHANYAN_RETURN_IF_ERROR(Clock(change, call, v1::CLOCK_EVENT_KIND_START, kReceivePhase,
                                static_cast<int>(deps_.pack.proto().clock().receive_workdays()), "",
                                &push));
  CHANYAN_RETURN_IF_ERROR(pushes_.Update(change.session(), change.now(), &push));
  return change.Record("resend", &before, &push);
}

absl::Status DispatchService::EndUndecided(rpc::Change& change, const v1::Result& result) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Push> open,
      pushes_.Select(change.session(), {kPushesUnderWay, {result.name()}}, db::kByNameLocked));
  for (v1::Push& push : open) {
    if (absl::c_linear_search(result.classes(), static_cast<int>(push.triage_class()))) continue;
    CHANYAN_RETURN_IF_ERROR(EndPush(change, deps_.pack.pack().calendar(),
                                    WhyUndecided(result, push.triage_class()), &push));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::DispatchPlan> DispatchService::DispatchResult(
    const rpc::Call& call, const v1::DispatchResultRequest& request) {
  return rpc::Mutate<v1::DispatchPlan>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::DispatchPlan> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, request.name()));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (row.state() != v1::RESULT_STATE_PUBLISHED || row.classes().empty()) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "成果入库并分类后才能推送");
        }
        if (row.disposition_stale()) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                            "成果内容有变，请重新分类后再推送");
        }
        v1::DispatchPlan plan = RouteResult(deps_.pack, row);
        if (!plan.missing().empty()) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                            absl::StrJoin(plan.missing(), "；"));
        }
        CHANYAN_RETURN_IF_ERROR(FollowSuccessors(change.session(), &plan));
        CHANYAN_RETURN_IF_ERROR(AddGuides(change.session(), row, &plan));
        CHANYAN_RETURN_IF_ERROR(EndUndecided(change, row));
        const v1::Result before = row;
        for (v1::RoutedRecipient& routed : *plan.mutable_recipients()) {
          CHANYAN_ASSIGN_OR_RETURN(
              const std::string known,
              PushTo(change.session(), row.name(), routed.recipient(), routed.triage_class()));
          routed.set_pushed(true);
          if (!known.empty()) {
            CHANYAN_RETURN_IF_ERROR(Resend(change, call, known, routed));
            continue;
          }
          v1::Push push;
          push.set_triage_class(routed.triage_class());
          push.set_route(routed.route());
          push.set_recipient(routed.recipient());
          push.set_recipient_title(routed.recipient_title());
          push.set_request(routed.request());
          *push.mutable_guides() = routed.guides();
          *push.mutable_guide_titles() = routed.guide_titles();
          CHANYAN_RETURN_IF_ERROR(Send(change, call, row, &push));
          const auto& recipients = row.recipients();
          if (std::find(recipients.begin(), recipients.end(), push.recipient()) ==
              recipients.end()) {
            row.add_recipients(push.recipient());
          }
        }
        CHANYAN_RETURN_IF_ERROR(plan.on_market() ? List(change, &row) : Unlist(change, row));
        if (call.principal.organization == row.holder()) ResultBook::Act(change.now(), &row);
        CHANYAN_RETURN_IF_ERROR(book_.Reach(change, v1::FUNNEL_STAGE_PUSHED, &row));
        CHANYAN_RETURN_IF_ERROR(book_.Save(change, "dispatched", before, &row));
        return plan;
      });
}

absl::StatusOr<v1::Push> DispatchService::GetPush(const rpc::Call& call,
                                                  const v1::GetPushRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Push row, rpc::Fetch(deps_.store.db, call, pushes_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListPushesResponse> DispatchService::ListPushes(
    const rpc::Call& call, const v1::ListPushesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, pushes_, request,
                                                     absl::StrCat(request.parent(), "/pushes"),
                                                     request.filter(), request.order_by()));
  v1::ListPushesResponse response;
  for (v1::Push& row : page.rows) *response.add_pushes() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListOverduePushesResponse> DispatchService::ListOverduePushes(
    const rpc::Call& call, const v1::ListOverduePushesRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = "due_time";
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  // A deadline is its last whole second.
  query.scope = db::And(
      auth::Readable<v1::Push>(call.principal),
      {"state IN ('SENT', 'RECEIVED', 'ACCEPTED') AND due_time <= ?", {now - absl::Seconds(1)}});
  db::Page<v1::Push> page;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, pushes_.List(session, query));
        return absl::OkStatus();
      }));
  v1::ListOverduePushesResponse response;
  for (v1::Push& row : page.rows) *response.add_pushes() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  api::SetTime(now, response.mutable_as_of());
  return response;
}

absl::StatusOr<google::api::HttpBody> DispatchService::ExportPushes(
    const rpc::Call& call, const v1::ExportPushesRequest& request) {
  std::vector<v1::Push> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, pushes_.core().Where(request.filter()));
        wanted = db::And(std::move(wanted), Below(request.parent()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, ExportRows(session, pushes_,
                             db::And(auth::Readable<v1::Push>(call.principal), wanted)));
        return absl::OkStatus();
      }));
  return rpc::ExportSheet<v1::Push>("成果推送", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
