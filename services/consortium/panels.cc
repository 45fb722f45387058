// Handlers of panels: draw, replacement, recheck, close.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/consortium/conflict_rules.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_life.h"
#include "services/consortium/review_service.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

}  // namespace

std::vector<rpc::UnaryMethod> ReviewService::Methods() {
  using S = ReviewService;
  return {
      rpc::Unary("CreateReviewPanel", this, &S::CreateReviewPanel),
      rpc::Unary("GetReviewPanel", this, &S::GetReviewPanel),
      rpc::Unary("ListReviewPanels", this, &S::ListReviewPanels),
      rpc::Unary("ListPanelDraws", this, &S::ListPanelDraws),
      rpc::Unary("VerifyPanelDraw", this, &S::VerifyPanelDraw),
      rpc::Unary("ReplaceReviewer", this, &S::ReplaceReviewer),
      rpc::Unary("RecheckReviewPanel", this, &S::RecheckReviewPanel),
      rpc::Unary("CloseReviewPanel", this, &S::CloseReviewPanel),
      rpc::Unary("CancelReviewPanel", this, &S::CancelReviewPanel),
      rpc::Unary("GetReviewAssignment", this, &S::GetReviewAssignment),
      rpc::Unary("ListReviewAssignments", this, &S::ListReviewAssignments),
      rpc::Unary("GetReviewDossier", this, &S::GetReviewDossier),
      rpc::Unary("DownloadReviewAttachment", this, &S::DownloadReviewAttachment),
      rpc::Unary("AcceptReviewAssignment", this, &S::AcceptReviewAssignment),
      rpc::Unary("DeclineReviewAssignment", this, &S::DeclineReviewAssignment),
      rpc::Unary("RemoveReviewAssignment", this, &S::RemoveReviewAssignment),
      rpc::Unary("GetScoreSheet", this, &S::GetScoreSheet),
      rpc::Unary("ListScoreSheets", this, &S::ListScoreSheets),
      rpc::Unary("SaveScoreSheet", this, &S::SaveScoreSheet),
      rpc::Unary("SubmitScoreSheet", this, &S::SubmitScoreSheet),
      rpc::Unary("ReopenScoreSheet", this, &S::ReopenScoreSheet),
      rpc::Unary("RankConsortia", this, &S::RankConsortia),
      rpc::Unary("GetReviewOutcome", this, &S::GetReviewOutcome),
  };
}

v1::ReviewPanel ReviewService::Present(const rpc::Call& call, v1::ReviewPanel row) const {
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) return row;
  if (row.state() == v1::REVIEW_PANEL_STATE_OPEN) {
    for (const char* verb : {"replaceReviewer", "recheck", "close", "cancel"}) {
      row.add_actions(verb);
    }
  } else if (row.state() == v1::REVIEW_PANEL_STATE_CLOSED) {
    row.add_actions("recheck");
  }
  return row;
}

absl::StatusOr<v1::ReviewPanel> ReviewService::CreateReviewPanel(
    const rpc::Call& call, const v1::CreateReviewPanelRequest& request) {
  const v1::ReviewPanel& wanted = request.review_panel();
  const policy::v1::ReviewSheet* sheet = book_.FindSheet(wanted.sheet());
  if (sheet == nullptr) {
    return status::InvalidField("review_panel.sheet",
                                absl::StrCat("政策包中没有评分表“", wanted.sheet(), "”"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium asked,
                           rpc::Fetch(deps_.store.db, call, book_.consortia(), request.parent()));
  CHANYAN_RETURN_IF_ERROR(book_.RequireStage(asked, *sheet));
  CHANYAN_ASSIGN_OR_RETURN(const Reviewed reviewed, AskFor(call, asked));
  const std::string seed = wanted.seed().empty() ? NewSeed() : wanted.seed();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewPanel made,
      rpc::Mutate<v1::ReviewPanel>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ReviewPanel> {
            LockedPanel locked;
            CHANYAN_ASSIGN_OR_RETURN(
                locked.consortium,
                book_.consortia().GetForUpdate(change.session(), request.parent(),
                                               auth::Readable<v1::Consortium>(call.principal)));
            CHANYAN_RETURN_IF_ERROR(book_.RequireStill(change));
            CHANYAN_RETURN_IF_ERROR(book_.RequireStage(locked.consortium, *sheet));
            // A locking read: another panel may have come while this waited for the dossier.
            CHANYAN_ASSIGN_OR_RETURN(
                const std::vector<v1::ReviewPanel> open,
                book_.panels().Select(change.session(),
                                      {"consortium = ? AND sheet = ? AND state = 'OPEN'",
                                       {request.parent(), wanted.sheet()}},
                                      db::kByNameLocked));
            if (!open.empty()) {
              return status::WrongState("已有评审组正在评分，请先结束或取消");
            }
            v1::ReviewPanel& panel = locked.panel;
            panel.set_name(absl::StrCat(request.parent(), "/panels/", api::NewShortId()));
            panel.set_consortium(request.parent());
            panel.set_consortium_title(locked.consortium.display_name());
            panel.set_sheet(wanted.sheet());
            panel.set_round(wanted.round());
            panel.set_seed(seed);
            panel.set_state(v1::REVIEW_PANEL_STATE_OPEN);
            panel.set_office(OfficeOf(deps_.pack));
            if (!auth::Reaches(call.principal, panel, options::v1::ACCESS_WRITE)) {
              return status::PermissionDenied("专家由备案单位抽取");
            }
            CHANYAN_ASSIGN_OR_RETURN(
                const policy::Term term,
                deps_.pack.calendar().TermAfter(time::DayOf(change.now()),
                                                static_cast<int>(sheet->score_workdays())));
            api::SetTime(term.deadline, panel.mutable_due_time());
            panel.set_due_derivation(term.derivation);
            CHANYAN_RETURN_IF_ERROR(
                DrawInto(change, call, reviewed, *sheet, v1::PANEL_DRAW_KIND_INITIAL, &locked));
            panel.set_assignment_count(static_cast<int>(locked.assignments.size()));
            panel.set_unchecked_count(static_cast<int>(
                std::count_if(locked.assignments.begin(), locked.assignments.end(), IsUnchecked)));
            CHANYAN_RETURN_IF_ERROR(book_.panels().Insert(change.session(), change.now(), &panel));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &panel));
            CHANYAN_RETURN_IF_ERROR(NoteChecked(change, reviewed, panel.name()));
            CHANYAN_RETURN_IF_ERROR(AddRecheckTime(change.session(), &panel));
            return panel;
          }));
  return Present(call, std::move(made));
}

absl::StatusOr<v1::ReviewPanel> ReviewService::GetReviewPanel(
    const rpc::Call& call, const v1::GetReviewPanelRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ReviewPanel row,
                           rpc::Fetch(deps_.store.db, call, book_.panels(), request.name()));
  if (!row.missing_facts().empty()) {
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(
        call.deadline, [&](db::Session& session) { return AddRecheckTime(session, &row); }));
  }
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListReviewPanelsResponse> ReviewService::ListReviewPanels(
    const rpc::Call& call, const v1::ListReviewPanelsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.panels(), request,
                                                     absl::StrCat(request.parent(), "/panels"),
                                                     request.filter(), request.order_by()));
  v1::ListReviewPanelsResponse response;
  for (v1::ReviewPanel& row : page.rows) {
    *response.add_review_panels() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListPanelDrawsResponse> ReviewService::ListPanelDraws(
    const rpc::Call& call, const v1::ListPanelDrawsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, draws_, request,
                                                     absl::StrCat(request.parent(), "/draws"),
                                                     request.filter(), request.order_by()));
  v1::ListPanelDrawsResponse response;
  for (v1::PanelDraw& row : page.rows) *response.add_panel_draws() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::VerifyPanelDrawResponse> ReviewService::VerifyPanelDraw(
    const rpc::Call& call, const v1::VerifyPanelDrawRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::PanelDraw row,
                           rpc::Fetch(deps_.store.db, call, draws_, request.name()));
  v1::VerifyPanelDrawResponse response;
  response.set_difference(DifferenceFromRedraw(row));
  response.set_same(response.difference().empty());
  return response;
}

absl::StatusOr<v1::ReviewPanel> ReviewService::ChangePanel(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view kind,
    absl::FunctionRef<absl::Status(rpc::Change&, LockedPanel&)> edit) const {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReviewPanel changed,
      rpc::Mutate<v1::ReviewPanel>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ReviewPanel> {
            CHANYAN_ASSIGN_OR_RETURN(LockedPanel locked, book_.Lock(change, call, name));
            if (!etag.empty() && etag != locked.panel.etag()) {
              return rpc::StaleEdit(change.session(), call, etag, locked.panel);
            }
            CHANYAN_RETURN_IF_ERROR(edit(change, locked));
            CHANYAN_RETURN_IF_ERROR(book_.Settle(change, kind, &locked));
            CHANYAN_RETURN_IF_ERROR(AddRecheckTime(change.session(), &locked.panel));
            return locked.panel;
          }));
  return Present(call, std::move(changed));
}

absl::StatusOr<v1::ReviewPanel> ReviewService::ReplaceReviewer(
    const rpc::Call& call, const v1::ReplaceReviewerRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::ReviewPanel panel,
                           rpc::Fetch(deps_.store.db, call, book_.panels(), request.name()));
  const policy::v1::ReviewSheet* sheet = book_.FindSheet(panel.sheet());
  if (sheet == nullptr) return status::WrongState("现行政策包已没有该评分表");
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium asked,
                           rpc::Fetch(deps_.store.db, call, book_.consortia(), panel.consortium()));
  CHANYAN_ASSIGN_OR_RETURN(const Reviewed reviewed, AskFor(call, asked));
  return ChangePanel(call, request, request.name(), request.etag(), "replaced",
                     [&](rpc::Change& change, LockedPanel& locked) -> absl::Status {
                       CHANYAN_RETURN_IF_ERROR(book_.RequireOpen(locked.panel));
                       CHANYAN_RETURN_IF_ERROR(book_.RequireStage(locked.consortium, *sheet));
                       CHANYAN_RETURN_IF_ERROR(book_.RequireInTime(locked.panel, change.now()));
                       return DrawInto(change, call, reviewed, *sheet,
                                       v1::PANEL_DRAW_KIND_REPLACEMENT, &locked);
                     });
}

absl::StatusOr<v1::ReviewPanel> ReviewService::RecheckReviewPanel(
    const rpc::Call& call, const v1::RecheckReviewPanelRequest& request) {
  CHANYAN_RETURN_IF_ERROR(
      rpc::Fetch(deps_.store.db, call, book_.panels(), request.name()).status());
  CHANYAN_ASSIGN_OR_RETURN(const Reviewed reviewed, AskForPanel(AskerOf(call), request.name()));
  return ChangePanel(call, request, request.name(), request.etag(), "rechecked",
                     [&](rpc::Change& change, LockedPanel& locked) -> absl::Status {
                       if (locked.panel.state() == v1::REVIEW_PANEL_STATE_CANCELLED) {
                         return status::WrongState("评审组已取消，不需要复核");
                       }
                       return Check(change, reviewed, Proofs::kAnew, &locked).status();
                     });
}

absl::StatusOr<v1::ReviewPanel> ReviewService::CloseReviewPanel(
    const rpc::Call& call, const v1::CloseReviewPanelRequest& request) {
  CHANYAN_RETURN_IF_ERROR(
      rpc::Fetch(deps_.store.db, call, book_.panels(), request.name()).status());
  CHANYAN_ASSIGN_OR_RETURN(const Reviewed reviewed, AskForPanel(AskerOf(call), request.name()));
  return ChangePanel(
      call, request, request.name(), request.etag(), "close",
      [&](rpc::Change& change, LockedPanel& locked) -> absl::Status {
        v1::ReviewPanel& panel = locked.panel;
        CHANYAN_ASSIGN_OR_RETURN(const v1::ReviewPanelState next,
                                 policy::Next(ReviewPanelLife(), panel.state(), "close"));
        CHANYAN_ASSIGN_OR_RETURN(const policy::v1::ReviewSheet sheet,
                                 book_.SheetOfPanel(change.session(), panel));
        CHANYAN_ASSIGN_OR_RETURN(const Checked checked,
                                 Check(change, reviewed, Proofs::kAnew, &locked));
        const auto unchecked =
            std::count_if(locked.assignments.begin(), locked.assignments.end(),
                          [](const auto& row) { return !IsGone(row.state()) && IsUnchecked(row); });
        if (unchecked > 0) {
          return status::WrongState(absl::StrCat(
              "有", unchecked, "名专家的回避尚未核查完毕，", "不能结束评分。未能取得的情况：",
              panel.missing_facts(), "。系统将自动再次核查，取得后即可结束评分"));
        }
        uint32_t submitted = 0;
        uint32_t waiting = 0;
        for (const v1::ReviewAssignment& row : locked.assignments) {
          submitted += row.state() == v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED ? 1 : 0;
          waiting += !IsGone(row.state()) ? 1 : 0;
        }
        waiting -= submitted;
        const std::string found = checked.removed == 0 ? ""
                                                       : absl::StrCat("（复核发现", checked.removed,
                                                                      "名专家有利益关系）");
        if (submitted < sheet.min_sheets()) {
          return status::WrongState(absl::StrCat("有效评分", submitted, "份，至少需要",
                                                 sheet.min_sheets(), "份", found,
                                                 "，请先复核回避、递补专家"));
        }
        if (waiting > 0 && !time::IsPastDeadline(change.now(), TimeIn(panel.due_time()))) {
          return status::WrongState(absl::StrCat("还有", waiting, "名专家未提交，评分尚未截止"));
        }
        for (v1::ReviewAssignment& row : locked.assignments) {
          const auto ended = policy::Next(ReviewAssignmentLife(), row.state(), "end");
          if (ended.ok()) {
            const v1::ReviewAssignment before = row;
            row.set_state(*ended);
            row.set_reason("评分截止前未提交");
            CHANYAN_RETURN_IF_ERROR(book_.Save(change, "end", before, &row));
            continue;
          }
          CHANYAN_ASSIGN_OR_RETURN(v1::ScoreSheet one, book_.SheetOf(change.session(), row, true));
          if (!one.has_submit_time()) continue;
          const v1::ScoreSheet before = one;
          one.set_revealed(true);
          CHANYAN_RETURN_IF_ERROR(book_.SaveSheet(change, "revealed", before, &one));
        }
        panel.set_state(next);
        api::SetTime(change.now(), panel.mutable_close_time());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::ReviewPanel> ReviewService::CancelReviewPanel(
    const rpc::Call& call, const v1::CancelReviewPanelRequest& request) {
  return ChangePanel(
      call, request, request.name(), request.etag(), "cancel",
      [&](rpc::Change& change, LockedPanel& locked) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::ReviewPanelState next,
                                 policy::Next(ReviewPanelLife(), locked.panel.state(), "cancel"));
        locked.panel.set_state(next);
        locked.panel.set_close_reason(request.reason());
        for (v1::ReviewAssignment& row : locked.assignments) {
          const auto ended = policy::Next(ReviewAssignmentLife(), row.state(), "end");
          if (!ended.ok()) continue;
          const v1::ReviewAssignment before = row;
          row.set_state(*ended);
          row.set_reason("评审组已取消");
          CHANYAN_RETURN_IF_ERROR(book_.Save(change, "end", before, &row));
        }
        return absl::OkStatus();
      });
}

}  // namespace chanyan::consortium
