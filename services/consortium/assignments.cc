// Handlers of assignments and sheets: what an expert does, alone and unseen.
#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/consortium/conflict_rules.h"
#include "services/consortium/expert_service.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_life.h"
#include "services/consortium/review_service.h"
#include "services/consortium/score_rules.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

std::string AssignmentOfSheet(absl::string_view name) {
  return std::string(api::ParentOfName(name));
}

}  // namespace

v1::ReviewAssignment ReviewService::Present(const rpc::Call& call, v1::ReviewAssignment row) const {
  if (call.principal.account == row.account()) {
    if (row.state() == v1::REVIEW_ASSIGNMENT_STATE_INVITED) row.add_actions("accept");
    if (row.state() == v1::REVIEW_ASSIGNMENT_STATE_INVITED ||
        row.state() == v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED) {
      row.add_actions("decline");
    }
  }
  if (auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE) &&
      call.principal.Has(options::v1::ROLE_DEPARTMENT) &&
      policy::Next(ReviewAssignmentLife(), row.state(), "remove").ok()) {
    row.add_actions("remove");
  }
  // The draw tells who else was in it.
  if (!call.principal.Has(options::v1::ROLE_DEPARTMENT) &&
      !call.principal.Has(options::v1::ROLE_LEADER)) {
    row.clear_draw();
  }
  return row;
}

v1::ScoreSheet ReviewService::Present(const rpc::Call& call, v1::ScoreSheet row) const {
  if (call.principal.account != row.account()) return row;
  if (row.state() == v1::SCORE_SHEET_STATE_DRAFT) {
    row.add_actions("save");
    row.add_actions("submit");
  }
  if (row.state() == v1::SCORE_SHEET_STATE_SUBMITTED && !row.revealed()) row.add_actions("reopen");
  return row;
}

absl::StatusOr<v1::ReviewAssignment> ReviewService::GetReviewAssignment(
    const rpc::Call& call, const v1::GetReviewAssignmentRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ReviewAssignment row,
                           FetchOwn(deps_.store.db, call, book_.assignments(), request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListReviewAssignmentsResponse> ReviewService::ListReviewAssignments(
    const rpc::Call& call, const v1::ListReviewAssignmentsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, book_.assignments(), request,
                                absl::StrCat(request.parent(), "/assignments"), request.filter(),
                                request.order_by(), OwnRows(call)));
  v1::ListReviewAssignmentsResponse response;
  for (v1::ReviewAssignment& row : page.rows) {
    *response.add_review_assignments() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ReviewAssignment> ReviewService::ActOnOwn(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, AssignmentEdit edit) const {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewAssignment changed,
      rpc::Mutate<v1::ReviewAssignment>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ReviewAssignment> {
            // Whether it is one's own comes first: whatever else is wrong is nobody else's to know.
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::ReviewAssignment own,
                book_.assignments().Get(
                    change.session(), name,
                    db::And(auth::Writable<v1::ReviewAssignment>(call.principal),
                            {"account = ?", {call.principal.account}})));
            CHANYAN_ASSIGN_OR_RETURN(LockedPanel locked,
                                     book_.LockAny(change, PanelOfName(own.name())));
            v1::ReviewAssignment* row = nullptr;
            for (v1::ReviewAssignment& one : locked.assignments) {
              if (one.name() == name) row = &one;
            }
            if (row == nullptr) return status::NotFound(name);
            CHANYAN_RETURN_IF_ERROR(api::CheckEtag(etag, row->etag(), name));
            const v1::ReviewAssignment before = *row;
            CHANYAN_ASSIGN_OR_RETURN(const v1::ReviewAssignmentState next,
                                     policy::Next(ReviewAssignmentLife(), row->state(), verb));
            CHANYAN_RETURN_IF_ERROR(book_.RequireOpen(locked.panel));
            row->set_state(next);
            CHANYAN_RETURN_IF_ERROR(edit(change, locked, *row));
            CHANYAN_RETURN_IF_ERROR(book_.Save(change, verb, before, row));
            CHANYAN_RETURN_IF_ERROR(
                book_.Settle(change, absl::StrCat("assignment ", verb), &locked));
            return *row;
          }));
  return Present(call, std::move(changed));
}

absl::StatusOr<v1::ReviewAssignment> ReviewService::AcceptReviewAssignment(
    const rpc::Call& call, const v1::AcceptReviewAssignmentRequest& request) {
  if (!request.no_conflict()) {
    return status::InvalidField("no_conflict",
                                "接受评审须承诺与申报方没有利益关系；有利益关系的请回避");
  }
  return ActOnOwn(call, request, request.name(), request.etag(), "accept",
                  [&](rpc::Change& change, const LockedPanel& locked, v1::ReviewAssignment& row) {
                    api::SetTime(change.now(), row.mutable_accept_time());
                    return book_.RequireInTime(locked.panel, change.now());
                  });
}

absl::StatusOr<v1::ReviewAssignment> ReviewService::DeclineReviewAssignment(
    const rpc::Call& call, const v1::DeclineReviewAssignmentRequest& request) {
  return ActOnOwn(
      call, request, request.name(), request.etag(), "decline",
      [&](rpc::Change& change, const LockedPanel&, v1::ReviewAssignment& row) -> absl::Status {
        row.set_reason(request.reason());
        if (request.conflict()) {
          v1::Conflict* conflict = row.add_conflicts();
          conflict->set_kind(policy::v1::CONFLICT_KIND_REPORTED);
          conflict->set_ground(absl::StrCat("专家本人报告：", request.reason()));
        }
        CHANYAN_ASSIGN_OR_RETURN(v1::ScoreSheet sheet, book_.SheetOf(change.session(), row, true));
        const v1::ScoreSheet before = sheet;
        CHANYAN_ASSIGN_OR_RETURN(const v1::ScoreSheetState out,
                                 policy::Next(ScoreSheetLife(), sheet.state(), "strike out"));
        sheet.set_state(out);
        sheet.set_strike_out_reason("专家已推辞或回避");
        return book_.SaveSheet(change, "strike out", before, &sheet);
      });
}

absl::StatusOr<v1::ReviewAssignment> ReviewService::RemoveReviewAssignment(
    const rpc::Call& call, const v1::RemoveReviewAssignmentRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewAssignment removed,
      rpc::Mutate<v1::ReviewAssignment>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ReviewAssignment> {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::ReviewAssignment found,
                book_.assignments().Get(change.session(), request.name(),
                                        auth::Writable<v1::ReviewAssignment>(call.principal)));
            CHANYAN_ASSIGN_OR_RETURN(LockedPanel locked,
                                     book_.Lock(change, call, PanelOfName(found.name())));
            for (v1::ReviewAssignment& row : locked.assignments) {
              if (row.name() != request.name()) continue;
              CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), row.etag(), row.name()));
              v1::Conflict conflict;
              conflict.set_kind(policy::v1::CONFLICT_KIND_REPORTED);
              conflict.set_party(request.party());
              conflict.set_ground(request.reason());
              CHANYAN_RETURN_IF_ERROR(book_.Remove(change, {conflict}, request.reason(), &row));
              CHANYAN_RETURN_IF_ERROR(book_.Settle(change, "assignment remove", &locked));
              return row;
            }
            return status::NotFound(request.name());
          }));
  return Present(call, std::move(removed));
}

absl::StatusOr<v1::ScoreSheet> ReviewService::GetScoreSheet(
    const rpc::Call& call, const v1::GetScoreSheetRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ScoreSheet row,
                           FetchOwn(deps_.store.db, call, book_.sheets(), request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListScoreSheetsResponse> ReviewService::ListScoreSheets(
    const rpc::Call& call, const v1::ListScoreSheetsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, book_.sheets(), request,
                                absl::StrCat(request.parent(), "/sheets"), request.filter(),
                                request.order_by(), OwnRows(call)));
  v1::ListScoreSheetsResponse response;
  for (v1::ScoreSheet& row : page.rows)
    *response.add_score_sheets() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ScoreSheet> ReviewService::ActOnSheet(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, SheetEdit edit) const {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ScoreSheet changed,
      rpc::Mutate<v1::ScoreSheet>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ScoreSheet> {
            CHANYAN_RETURN_IF_ERROR(book_.sheets()
                                        .Get(change.session(), name,
                                             db::And(auth::Writable<v1::ScoreSheet>(call.principal),
                                                     {"account = ?", {call.principal.account}}))
                                        .status());
            CHANYAN_ASSIGN_OR_RETURN(LockedPanel locked, book_.LockAny(change, PanelOfName(name)));
            CHANYAN_RETURN_IF_ERROR(book_.RequireOpen(locked.panel));
            CHANYAN_RETURN_IF_ERROR(book_.RequireInTime(locked.panel, change.now()));
            CHANYAN_ASSIGN_OR_RETURN(const policy::v1::ReviewSheet plan,
                                     book_.SheetOfPanel(change.session(), locked.panel));
            CHANYAN_RETURN_IF_ERROR(book_.RequireStage(locked.consortium, plan));
            v1::ReviewAssignment* assignment = nullptr;
            for (v1::ReviewAssignment& one : locked.assignments) {
              if (one.name() == AssignmentOfSheet(name)) assignment = &one;
            }
            if (assignment == nullptr) return status::NotFound(name);
            if (assignment->state() == v1::REVIEW_ASSIGNMENT_STATE_INVITED) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "请先接受评审任务");
            }
            CHANYAN_ASSIGN_OR_RETURN(v1::ScoreSheet row,
                                     book_.SheetOf(change.session(), *assignment, true));
            CHANYAN_RETURN_IF_ERROR(api::CheckEtag(etag, row.etag(), name));
            const v1::ScoreSheet before = row;
            if (verb == "save") {
              if (row.state() != v1::SCORE_SHEET_STATE_DRAFT) {
                return status::FailedPrecondition(
                    ERROR_REASON_WRONG_STATE,
                    absl::StrCat("评分表", policy::LabelOf(row.state()), "，不能再修改；可先撤回"));
              }
            } else {
              CHANYAN_ASSIGN_OR_RETURN(const v1::ScoreSheetState next,
                                       policy::Next(ScoreSheetLife(), row.state(), verb));
              row.set_state(next);
              if (verb == "submit" && IsUnchecked(*assignment)) {
                return status::WrongState(
                    "您与参评单位的利益关系尚未核查完毕，暂不能提交评分；已填内容可先保存，"
                    "系统将自动再次核查，请稍后再提交");
              }
              const v1::ReviewAssignment was = *assignment;
              CHANYAN_ASSIGN_OR_RETURN(
                  const v1::ReviewAssignmentState follows,
                  policy::Next(ReviewAssignmentLife(), assignment->state(), verb));
              assignment->set_state(follows);
              CHANYAN_RETURN_IF_ERROR(book_.Save(change, verb, was, assignment));
            }
            CHANYAN_RETURN_IF_ERROR(edit(change, plan, row));
            CHANYAN_RETURN_IF_ERROR(book_.SaveSheet(change, verb, before, &row));
            CHANYAN_RETURN_IF_ERROR(book_.Settle(change, absl::StrCat("sheet ", verb), &locked));
            return row;
          }));
  return Present(call, std::move(changed));
}

absl::StatusOr<v1::ScoreSheet> ReviewService::SaveScoreSheet(
    const rpc::Call& call, const v1::SaveScoreSheetRequest& request) {
  const v1::ScoreSheet& wanted = request.score_sheet();
  return ActOnSheet(
      call, request, wanted.name(), wanted.etag(), "save",
      [&](rpc::Change&, const policy::v1::ReviewSheet& plan, v1::ScoreSheet& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(
            Refuse(SheetViolations(plan, wanted, /*whole=*/false), "score_sheet"));
        *row.mutable_scores() = wanted.scores();
        row.set_opinion(wanted.opinion());
        row.set_internal_opinion(wanted.internal_opinion());
        row.set_total_tenths(TotalTenths(row));
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::ScoreSheet> ReviewService::SubmitScoreSheet(
    const rpc::Call& call, const v1::SubmitScoreSheetRequest& request) {
  return ActOnSheet(
      call, request, request.name(), request.etag(), "submit",
      [&](rpc::Change& change, const policy::v1::ReviewSheet& plan,
          v1::ScoreSheet& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(Refuse(SheetViolations(plan, row, /*whole=*/true), "score_sheet"));
        row.set_total_tenths(TotalTenths(row));
        api::SetTime(change.now(), row.mutable_submit_time());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::ScoreSheet> ReviewService::ReopenScoreSheet(
    const rpc::Call& call, const v1::ReopenScoreSheetRequest& request) {
  return ActOnSheet(
      call, request, request.name(), request.etag(), "reopen",
      [](rpc::Change&, const policy::v1::ReviewSheet&, v1::ScoreSheet& row) -> absl::Status {
        row.clear_submit_time();
        return absl::OkStatus();
      });
}

}  // namespace chanyan::consortium
