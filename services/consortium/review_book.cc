#include "services/consortium/review_book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/conflict_rules.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_life.h"
#include "services/consortium/score_rules.h"

namespace chanyan::consortium {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;

bool IsOnPanel(v1::ReviewAssignmentState state) {
  return state == v1::REVIEW_ASSIGNMENT_STATE_INVITED ||
         state == v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED ||
         state == v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED;
}

}  // namespace

std::string PanelOfName(absl::string_view name) {
  while (!name.empty() && api::CollectionOfName(name) != "panels") name = api::ParentOfName(name);
  return std::string(name);
}

const policy::v1::ReviewSheet* ReviewBook::FindSheet(absl::string_view id) const {
  for (const policy::v1::ReviewSheet& sheet : pack_.proto().consortium().review().sheets()) {
    if (sheet.id() == id) return &sheet;
  }
  return nullptr;
}

absl::StatusOr<policy::v1::ReviewSheet> ReviewBook::SheetOfPanel(
    db::Session& session, const v1::ReviewPanel& panel) const {
  const policy::v1::ReviewSheet* sheet = FindSheet(panel.sheet());
  if (sheet != nullptr) return *sheet;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::PanelDraw> draws,
      draws_.Select(session, Below(panel.name()), "create_time, name LIMIT 1"));
  if (!draws.empty()) return draws[0].input().sheet();
  return status::Internal(absl::StrCat(panel.name(), " was never drawn"));
}

absl::StatusOr<LockedPanel> ReviewBook::Rest(rpc::Change& change, LockedPanel locked) const {
  CHANYAN_RETURN_IF_ERROR(RequireStill(change));
  locked.before = locked.panel;
  // Locking reads here and below: what others wrote while this waited for the dossier is not in the
  // transaction's snapshot.
  CHANYAN_ASSIGN_OR_RETURN(
      locked.assignments,
      assignments_.Select(change.session(), Below(locked.panel.name()), db::kByNameLocked));
  return locked;
}

absl::StatusOr<LockedPanel> ReviewBook::Lock(rpc::Change& change, const rpc::Call& call,
                                             const std::string& panel) const {
  LockedPanel locked;
  absl::StatusOr<v1::Consortium> consortium = consortia_.GetForUpdate(
      change.session(), ConsortiumOfName(panel), auth::Readable<v1::Consortium>(call.principal));
  if (absl::IsNotFound(consortium.status())) return status::NotFound(panel);
  CHANYAN_RETURN_IF_ERROR(consortium.status());
  locked.consortium = *std::move(consortium);
  CHANYAN_ASSIGN_OR_RETURN(locked.panel,
                           panels_.GetForUpdate(change.session(), panel,
                                                auth::Writable<v1::ReviewPanel>(call.principal)));
  return Rest(change, std::move(locked));
}

absl::StatusOr<LockedPanel> ReviewBook::LockAny(rpc::Change& change,
                                                const std::string& panel) const {
  LockedPanel locked;
  CHANYAN_ASSIGN_OR_RETURN(locked.consortium,
                           consortia_.GetForUpdate(change.session(), ConsortiumOfName(panel)));
  CHANYAN_ASSIGN_OR_RETURN(locked.panel, panels_.GetForUpdate(change.session(), panel));
  return Rest(change, std::move(locked));
}

absl::Status ReviewBook::RequireStage(const v1::Consortium& consortium,
                                      const policy::v1::ReviewSheet& sheet) const {
  const v1::ConsortiumState stage = sheet.stage() == policy::v1::REVIEW_STAGE_DEFENCE
                                        ? v1::CONSORTIUM_STATE_DEFENCE
                                        : v1::CONSORTIUM_STATE_EXPERT_REVIEW;
  if (consortium.state() == stage) return absl::OkStatus();
  return status::FailedPrecondition(
      ERROR_REASON_WRONG_STATE,
      absl::StrCat("“", sheet.display_name(), "”在状态为“", policy::LabelOf(stage),
                   "”时使用，该创新联合体当前为“", policy::LabelOf(consortium.state()), "”"));
}

absl::Status ReviewBook::RequireOpen(const v1::ReviewPanel& panel) const {
  if (panel.state() == v1::REVIEW_PANEL_STATE_OPEN) return absl::OkStatus();
  return status::FailedPrecondition(
      ERROR_REASON_WRONG_STATE,
      absl::StrCat("评审组", policy::LabelOf(panel.state()), "，不能再办理"));
}

absl::Status ReviewBook::RequireInTime(const v1::ReviewPanel& panel, absl::Time now) const {
  const absl::Time due = TimeIn(panel.due_time());
  if (!time::IsPastDeadline(now, due)) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WINDOW_CLOSED,
      absl::StrCat("评分已于", time::FormatDateZh(time::DayOf(due)),
                   absl::FormatTime("%H:%M:%S", due, time::Shanghai()), "截止（",
                   panel.due_derivation(), "）"));
}

absl::Status ReviewBook::Save(rpc::Change& change, absl::string_view kind,
                              const v1::ReviewAssignment& before, v1::ReviewAssignment* row) const {
  CHANYAN_RETURN_IF_ERROR(assignments_.Update(change.session(), change.now(), row));
  return change.Record(kind, &before, row);
}

absl::Status ReviewBook::SaveSheet(rpc::Change& change, absl::string_view kind,
                                   const v1::ScoreSheet& before, v1::ScoreSheet* row) const {
  CHANYAN_RETURN_IF_ERROR(sheets_.Update(change.session(), change.now(), row));
  return change.Record(kind, &before, row);
}

absl::StatusOr<v1::ScoreSheet> ReviewBook::SheetOf(db::Session& session,
                                                   const v1::ReviewAssignment& assignment,
                                                   bool for_update) const {
  const std::string name = absl::StrCat(assignment.name(), "/sheets/main");
  return for_update ? sheets_.GetForUpdate(session, name) : sheets_.Get(session, name);
}

absl::Status ReviewBook::Remove(rpc::Change& change, const std::vector<v1::Conflict>& conflicts,
                                absl::string_view reason, v1::ReviewAssignment* row) const {
  const v1::ReviewAssignment before = *row;
  CHANYAN_ASSIGN_OR_RETURN(const v1::ReviewAssignmentState next,
                           policy::Next(ReviewAssignmentLife(), row->state(), "remove"));
  row->set_state(next);
  row->set_reason(std::string(reason));
  row->clear_conflicts();
  for (const v1::Conflict& conflict : conflicts) *row->add_conflicts() = conflict;
  CHANYAN_RETURN_IF_ERROR(Save(change, "remove", before, row));
  CHANYAN_ASSIGN_OR_RETURN(v1::ScoreSheet sheet, SheetOf(change.session(), *row, true));
  const v1::ScoreSheet was = sheet;
  CHANYAN_ASSIGN_OR_RETURN(const v1::ScoreSheetState out,
                           policy::Next(ScoreSheetLife(), sheet.state(), "strike out"));
  sheet.set_state(out);
  sheet.set_strike_out_reason(std::string(reason));
  return SaveSheet(change, "strike out", was, &sheet);
}

absl::Status ReviewBook::Score(rpc::Change& change, LockedPanel* locked) const {
  v1::ReviewPanel& panel = locked->panel;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ScoreSheet> sheets,
      sheets_.Select(change.session(), {"panel = ?", {panel.name()}}, db::kByNameLocked));
  std::vector<int64_t> totals;
  int struck_out = 0;
  for (const v1::ScoreSheet& sheet : sheets) {
    if (sheet.state() == v1::SCORE_SHEET_STATE_SUBMITTED) totals.push_back(sheet.total_tenths());
    if (sheet.state() == v1::SCORE_SHEET_STATE_STRUCK_OUT && sheet.has_submit_time()) ++struck_out;
  }
  CHANYAN_ASSIGN_OR_RETURN(const policy::v1::ReviewSheet plan,
                           SheetOfPanel(change.session(), panel));
  const int64_t score = ScoreThousandths(plan.aggregation(), totals);
  const bool enough = totals.size() >= plan.min_sheets();
  const bool anew = panel.result_revision() > 0;
  if (anew && score == panel.score_thousandths() &&
      panel.counted_sheets() == static_cast<int>(totals.size()) &&
      panel.struck_out_sheets() == struck_out) {
    return absl::OkStatus();
  }
  panel.set_score_thousandths(score);
  panel.set_counted_sheets(static_cast<int>(totals.size()));
  panel.set_struck_out_sheets(struck_out);
  panel.set_passed(enough && Passes(plan, score));
  panel.set_result_revision(panel.result_revision() + 1);
  panel.set_result_note("");
  if (anew) {
    panel.set_result_note(absl::StrCat(
        "因查实利益关系，累计剔除评分", struck_out, "份，得分已重新计算",
        enough ? "" : absl::StrCat("；有效评分不足", plan.min_sheets(), "份，结果不作为通过依据")));
  }
  return absl::OkStatus();
}

absl::Status ReviewBook::Settle(rpc::Change& change, absl::string_view kind,
                                LockedPanel* locked) const {
  v1::ReviewPanel& panel = locked->panel;
  int on_panel = 0;
  int submitted = 0;
  int unchecked = 0;
  for (const v1::ReviewAssignment& row : locked->assignments) {
    on_panel += IsOnPanel(row.state()) ? 1 : 0;
    unchecked += IsOnPanel(row.state()) && IsUnchecked(row) ? 1 : 0;
    submitted += row.state() == v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED ? 1 : 0;
  }
  panel.set_assignment_count(on_panel);
  panel.set_submitted_count(submitted);
  panel.set_unchecked_count(unchecked);
  if (unchecked == 0) panel.clear_missing_facts();
  if (panel.state() == v1::REVIEW_PANEL_STATE_CLOSED) {
    CHANYAN_RETURN_IF_ERROR(Score(change, locked));
  }
  if (MessageDifferencer::Equals(panel, locked->before)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(panels_.Update(change.session(), change.now(), &panel));
  return change.Record(kind, &locked->before, &panel);
}

}  // namespace chanyan::consortium
