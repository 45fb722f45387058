#include "services/triage/dispatch_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "services/triage/clock_rules.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/export_rows.h"
#include "services/triage/listing_content.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/push_life.h"
#include "services/triage/push_name.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

bool IsRecipient(const rpc::Call& call, const v1::Push& push) {
  return call.principal.organization == push.recipient();
}

// Whoever serves the result, as opposed to whom it was pushed to.
bool IsOwner(const rpc::Call& call, const v1::Push& push) {
  const std::string& caller = call.principal.organization;
  return !caller.empty() && (caller == push.holder() || caller == push.department() ||
                             caller == push.agency() || caller == push.office());
}

absl::Status RequireRecipient(const rpc::Call& call, const v1::Push& push) {
  if (IsRecipient(call, push)) return absl::OkStatus();
  return status::PermissionDenied(absl::StrCat("由收件单位（", push.recipient_title(), "）办理"));
}

absl::Status RequireOwner(const rpc::Call& call, const v1::Push& push) {
  if (IsOwner(call, push)) return absl::OkStatus();
  return status::PermissionDenied("由成果的责任单位、服务专班或成果处办理");
}

absl::Status RequireReturned(const v1::Push& push) {
  if (push.state() == v1::PUSH_STATE_DECLINED && !push.settled()) return absl::OkStatus();
  return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, push.settled()
                                                                  ? "退回的推送已处理"
                                                                  : "只有退回的推送需要改送或办结");
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

absl::StatusOr<v1::DispatchPlan> DispatchService::PreviewDispatch(
    const rpc::Call& call, const v1::PreviewDispatchRequest& request) {
  v1::DispatchPlan plan;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Result row,
            book_.table().Get(session, request.name(), auth::Readable<v1::Result>(call.principal)));
        plan = RouteResult(deps_.pack, row);
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

absl::Status DispatchService::Clock(rpc::Change& change, const rpc::Call& call,
                                    v1::ClockEventKind kind, absl::string_view phase, int workdays,
                                    absl::string_view reason, v1::Push* push) const {
  CHANYAN_RETURN_IF_ERROR(AddClockEvent(deps_.pack.pack().calendar(), change.now(), kind, phase,
                                        workdays, reason, call.principal.organization,
                                        push->mutable_clock()));
  return SetDue(deps_.pack.pack().calendar(), change.now(), push);
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

absl::Status DispatchService::List(rpc::Change& change, v1::Result* result) const {
  const std::string name = absl::StrCat("listings/", api::IdOfName(result->name()));
  absl::StatusOr<v1::Listing> stored = listings_.GetForUpdate(change.session(), name);
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  v1::Listing listing = stored.ok() ? *stored : v1::Listing();
  listing.set_name(name);
  FillListing(*result, &listing);
  listing.set_listed(true);
  if (!listing.has_list_time()) api::SetTime(change.now(), listing.mutable_list_time());
  result->set_listing(name);
  if (!stored.ok()) {
    CHANYAN_RETURN_IF_ERROR(listings_.Insert(change.session(), change.now(), &listing));
    return change.Record("listed", nullptr, &listing);
  }
  if (google::protobuf::util::MessageDifferencer::Equals(*stored, listing)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(listings_.Update(change.session(), change.now(), &listing));
  return change.Record("listed", &*stored, &listing);
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
        const v1::Result before = row;
        for (v1::RoutedRecipient& routed : *plan.mutable_recipients()) {
          CHANYAN_ASSIGN_OR_RETURN(
              const std::string known,
              PushTo(change.session(), row.name(), routed.recipient(), routed.triage_class()));
          routed.set_pushed(true);
          if (!known.empty()) continue;
          v1::Push push;
          push.set_triage_class(routed.triage_class());
          push.set_route(routed.route());
          push.set_recipient(routed.recipient());
          push.set_recipient_title(routed.recipient_title());
          push.set_request(routed.request());
          CHANYAN_RETURN_IF_ERROR(Send(change, call, row, &push));
          const auto& recipients = row.recipients();
          if (std::find(recipients.begin(), recipients.end(), push.recipient()) ==
              recipients.end()) {
            row.add_recipients(push.recipient());
          }
        }
        // What is not for everybody is pushed and not listed.
        plan.set_on_market(plan.on_market() && row.disclosure() == v1::DISCLOSURE_OPEN);
        if (plan.on_market()) CHANYAN_RETURN_IF_ERROR(List(change, &row));
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

absl::Status DispatchService::NoteLate(absl::Time now, v1::Push* push) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::ClockReading reading,
                           ReadClock(deps_.pack.pack().calendar(), push->clock(), now));
  if (reading.overdue()) push->set_late(true);
  return absl::OkStatus();
}

absl::StatusOr<v1::Push> DispatchService::ByRecipient(const rpc::Call& call,
                                                      const google::protobuf::Message& request,
                                                      const std::string& name,
                                                      const std::string& etag,
                                                      absl::string_view verb, RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Edit<v1::Push>(deps_.store, call, request, pushes_, name, etag, verb,
                          [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                            CHANYAN_RETURN_IF_ERROR(RequireRecipient(call, row));
                            CHANYAN_ASSIGN_OR_RETURN(const v1::PushState next,
                                                     policy::Next(PushLife(), row.state(), verb));
                            CHANYAN_RETURN_IF_ERROR(NoteLate(change.now(), &row));
                            const bool fresh = row.state() == v1::PUSH_STATE_SENT;
                            row.set_state(next);
                            if (fresh && IsUnderWay(next)) {
                              CHANYAN_RETURN_IF_ERROR(Clock(
                                  change, call, v1::CLOCK_EVENT_KIND_START, kAnswerPhase,
                                  static_cast<int>(deps_.pack.proto().clock().answer_workdays()),
                                  "", &row));
                            }
                            return edit(change, row);
                          }));
  return Present(call, std::move(push));
}

absl::StatusOr<v1::Push> DispatchService::ReceivePush(const rpc::Call& call,
                                                      const v1::ReceivePushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "receive",
                     [](rpc::Change&, v1::Push&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Push> DispatchService::AcceptPush(const rpc::Call& call,
                                                     const v1::AcceptPushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "accept",
                     [](rpc::Change&, v1::Push&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::Push> DispatchService::DeclinePush(const rpc::Call& call,
                                                      const v1::DeclinePushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "decline",
                     [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                       row.set_decline_reason(request.reason());
                       return Clock(change, call, v1::CLOCK_EVENT_KIND_STOP, "", 0,
                                    request.reason(), &row);
                     });
}

absl::StatusOr<v1::Push> DispatchService::AnswerPush(const rpc::Call& call,
                                                     const v1::AnswerPushRequest& request) {
  return ByRecipient(call, request, request.name(), request.etag(), "answer",
                     [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                       row.set_answer(request.answer());
                       api::SetTime(change.now(), row.mutable_answer_time());
                       return Clock(change, call, v1::CLOCK_EVENT_KIND_STOP, "", 0, "已答复", &row);
                     });
}

absl::StatusOr<v1::Push> DispatchService::OfClock(const rpc::Call& call,
                                                  const google::protobuf::Message& request,
                                                  const std::string& name, const std::string& etag,
                                                  absl::string_view verb, bool by_recipient,
                                                  RowEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Edit<v1::Push>(deps_.store, call, request, pushes_, name, etag, verb,
                          [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                            CHANYAN_RETURN_IF_ERROR(by_recipient ? RequireRecipient(call, row)
                                                                 : RequireOwner(call, row));
                            if (!IsUnderWay(row.state())) {
                              return status::FailedPrecondition(
                                  ERROR_REASON_WRONG_STATE,
                                  absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                                               "”，时限已停止"));
                            }
                            return edit(change, row);
                          }));
  return Present(call, std::move(push));
}

absl::StatusOr<v1::Push> DispatchService::PausePush(const rpc::Call& call,
                                                    const v1::PausePushRequest& request) {
  const policy::v1::PauseReason* reason = deps_.pack.FindPauseReason(request.pause_reason());
  if (reason == nullptr) {
    return status::InvalidField("pause_reason", "政策包中没有这一暂停事由");
  }
  return OfClock(call, request, request.name(), request.etag(), "pause", /*by_recipient=*/true,
                 [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                   return Clock(change, call, v1::CLOCK_EVENT_KIND_PAUSE, "",
                                static_cast<int>(reason->max_workdays()),
                                request.note().empty()
                                    ? reason->display_name()
                                    : absl::StrCat(reason->display_name(), "：", request.note()),
                                &row);
                 });
}

absl::StatusOr<v1::Push> DispatchService::ResumePush(const rpc::Call& call,
                                                     const v1::ResumePushRequest& request) {
  return OfClock(call, request, request.name(), request.etag(), "resume", /*by_recipient=*/true,
                 [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                   return Clock(change, call, v1::CLOCK_EVENT_KIND_RESUME, "", 0, "", &row);
                 });
}

absl::StatusOr<v1::Push> DispatchService::ExtendPush(const rpc::Call& call,
                                                     const v1::ExtendPushRequest& request) {
  const policy::v1::ServiceClock& clock = deps_.pack.proto().clock();
  if (request.workdays() > static_cast<int>(clock.max_extension_workdays())) {
    return status::InvalidField(
        "workdays", absl::StrCat("每次最多延长", clock.max_extension_workdays(), "个工作日"));
  }
  return OfClock(call, request, request.name(), request.etag(), "extend", /*by_recipient=*/false,
                 [&](rpc::Change& change, v1::Push& row) -> absl::Status {
                   if (ExtensionsOf(row.clock()) >= static_cast<int>(clock.max_extensions())) {
                     return status::FailedPrecondition(
                         options::v1::ERROR_REASON_RULE_VIOLATED,
                         absl::StrCat("最多延长", clock.max_extensions(), "次（",
                                      clock.clause().document(), clock.clause().article(), "）"));
                   }
                   return Clock(change, call, v1::CLOCK_EVENT_KIND_EXTEND, "", request.workdays(),
                                request.reason(), &row);
                 });
}

absl::StatusOr<v1::ClockReading> DispatchService::ReadPushClock(
    const rpc::Call& call, const v1::ReadPushClockRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Push row,
                           rpc::Fetch(deps_.store.db, call, pushes_, request.name()));
  const absl::Time as_of = request.has_as_of() ? TimeIn(request.as_of()) : deps_.store.clock.Now();
  return ReadClock(deps_.pack.pack().calendar(), row.clock(), as_of);
}

absl::StatusOr<v1::Push> DispatchService::ReroutePush(const rpc::Call& call,
                                                      const v1::ReroutePushRequest& request) {
  const policy::v1::TriageUnit* unit = deps_.pack.FindOrganization(request.recipient());
  if (unit == nullptr) {
    return status::InvalidField("recipient", "只能改送政策包列出的单位");
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Mutate<v1::Push>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Push> {
            CHANYAN_ASSIGN_OR_RETURN(v1::Result result,
                                     book_.LockAny(change, ResultOfName(request.name())));
            CHANYAN_ASSIGN_OR_RETURN(
                v1::Push declined, pushes_.GetForUpdate(change.session(), request.name(),
                                                        auth::Writable<v1::Push>(call.principal)));
            if (!request.etag().empty() && request.etag() != declined.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), declined);
            }
            CHANYAN_RETURN_IF_ERROR(RequireOwner(call, declined));
            CHANYAN_RETURN_IF_ERROR(RequireReturned(declined));
            if (result.state() != v1::RESULT_STATE_PUBLISHED) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "成果已不在库中");
            }
            v1::Push next;
            next.set_triage_class(declined.triage_class());
            next.set_recipient(unit->organization());
            next.set_recipient_title(unit->display_name());
            next.set_request(request.reason());
            next.set_reroute_of(declined.name());
            CHANYAN_ASSIGN_OR_RETURN(
                const std::string known,
                PushTo(change.session(), result.name(), next.recipient(), next.triage_class()));
            if (!known.empty()) {
              return status::AlreadyExists(
                  known, absl::StrCat("已按“", policy::LabelOf(next.triage_class()), "”推送给",
                                      unit->display_name(), "，不再重复推送"));
            }
            const v1::Push was = declined;
            declined.set_settled(true);
            declined.set_settle_note(
                absl::StrCat("改送", unit->display_name(), "：", request.reason()));
            CHANYAN_RETURN_IF_ERROR(pushes_.Update(change.session(), change.now(), &declined));
            CHANYAN_RETURN_IF_ERROR(change.Record("reroute", &was, &declined));
            const v1::Result before = result;
            CHANYAN_RETURN_IF_ERROR(Send(change, call, result, &next));
            result.add_recipients(next.recipient());
            if (call.principal.organization == result.holder()) {
              ResultBook::Act(change.now(), &result);
            }
            CHANYAN_RETURN_IF_ERROR(book_.Save(change, "rerouted", before, &result));
            return next;
          }));
  return Present(call, std::move(push));
}

absl::StatusOr<v1::Push> DispatchService::SettlePush(const rpc::Call& call,
                                                     const v1::SettlePushRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Push push,
      rpc::Edit<v1::Push>(deps_.store, call, request, pushes_, request.name(), request.etag(),
                          "settle", [&](rpc::Change&, v1::Push& row) -> absl::Status {
                            CHANYAN_RETURN_IF_ERROR(RequireOwner(call, row));
                            CHANYAN_RETURN_IF_ERROR(RequireReturned(row));
                            row.set_settled(true);
                            row.set_settle_note(request.reason());
                            return absl::OkStatus();
                          }));
  return Present(call, std::move(push));
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

absl::StatusOr<v1::Listing> DispatchService::GetListing(const rpc::Call& call,
                                                        const v1::GetListingRequest& request) {
  return rpc::Fetch(deps_.store.db, call, listings_, request.name());
}

absl::StatusOr<v1::ListListingsResponse> DispatchService::ListListings(
    const rpc::Call& call, const v1::ListListingsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, listings_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListListingsResponse response;
  for (v1::Listing& row : page.rows) *response.add_listings() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Listing> DispatchService::WithdrawListing(
    const rpc::Call& call, const v1::WithdrawListingRequest& request) {
  return rpc::Edit<v1::Listing>(deps_.store, call, request, listings_, request.name(),
                                request.etag(), "withdrawn",
                                [&](rpc::Change&, v1::Listing& row) -> absl::Status {
                                  row.set_listed(false);
                                  return absl::OkStatus();
                                });
}

}  // namespace chanyan::triage
