// What the steps of a dossier ask of its review (CON-3, CON-4). Panels and meetings are read with
// locks: what others wrote while a step waited for the dossier is not in the transaction's
// snapshot.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "services/consortium/conflict_rules.h"
#include "services/consortium/expert_standing.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_book.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using policy::v1::REVIEW_STAGE_DEFENCE;
using policy::v1::REVIEW_STAGE_EXPERT_REVIEW;
using policy::v1::ReviewStage;

// Stages that a dossier has behind it.
std::vector<ReviewStage> StagesBehind(v1::ConsortiumState state) {
  switch (state) {
    case v1::CONSORTIUM_STATE_SITE_VISIT:
    case v1::CONSORTIUM_STATE_DEFENCE:
      return {REVIEW_STAGE_EXPERT_REVIEW};
    case v1::CONSORTIUM_STATE_SELECTED:
    case v1::CONSORTIUM_STATE_PUBLIC_NOTICE:
      return {REVIEW_STAGE_EXPERT_REVIEW, REVIEW_STAGE_DEFENCE};
    default:
      return {};
  }
}

std::string ResultOf(const v1::ReviewPanel& panel) {
  return absl::StrCat("得分", panel.score_thousandths() / 1000.0, "，有效评分",
                      panel.counted_sheets(), "份");
}

// Of one stage, oldest first.
std::vector<const v1::ReviewPanel*> OfStage(const ReviewBook::Reviews& reviews, ReviewStage stage) {
  std::vector<const v1::ReviewPanel*> panels;
  for (const auto& [of, panel] : reviews.panels) {
    if (of == stage) panels.push_back(&panel);
  }
  return panels;
}

// Whose result counts; null if none is closed.
const v1::ReviewPanel* LatestClosed(const ReviewBook::Reviews& reviews, ReviewStage stage) {
  const std::vector<const v1::ReviewPanel*> panels = OfStage(reviews, stage);
  const auto latest = std::find_if(panels.rbegin(), panels.rend(), [](const auto* panel) {
    return panel->state() == v1::REVIEW_PANEL_STATE_CLOSED;
  });
  return latest == panels.rend() ? nullptr : *latest;
}

// Why a review behind the dossier does not pass any more; empty if all do.
std::string Fallen(const v1::Consortium& consortium, const ReviewBook::Reviews& reviews) {
  const bool on_notice = consortium.state() == v1::CONSORTIUM_STATE_PUBLIC_NOTICE;
  for (const ReviewStage stage : StagesBehind(consortium.state())) {
    const v1::ReviewPanel* latest = LatestClosed(reviews, stage);
    if (latest != nullptr && latest->passed()) continue;
    const std::string what = policy::LabelOf(stage);
    const std::string why =
        latest == nullptr
            ? absl::StrCat(what, "没有有效的评审结果")
            : absl::StrCat(what, "（评审批次", latest->round(), "）的结果已不能作为通过依据：",
                           latest->result_note(), "（", ResultOf(*latest), "）");
    return absl::StrCat(why, "。请退回重新评审，重新组织", what, on_notice ? "" : "，或者不予通过");
  }
  return std::string();
}

absl::Status RequireStands(const v1::Consortium& consortium, const ReviewBook::Reviews& reviews) {
  const std::string fallen = Fallen(consortium, reviews);
  return fallen.empty() ? absl::OkStatus() : status::WrongState(fallen);
}

absl::Status RequirePanel(const ReviewBook::Reviews& reviews, ReviewStage stage) {
  const std::vector<const v1::ReviewPanel*> panels = OfStage(reviews, stage);
  const std::string what = policy::LabelOf(stage);
  if (panels.empty()) return status::WrongState(absl::StrCat(what, "尚未抽取专家，请先组成评审组"));
  const v1::ReviewPanel& latest = *panels.back();
  if (latest.state() == v1::REVIEW_PANEL_STATE_OPEN) {
    return status::WrongState(absl::StrCat(what, "尚未结束评分"));
  }
  if (latest.passed()) return absl::OkStatus();
  return status::WrongState(
      absl::StrCat(what, "未通过（", ResultOf(latest), "），请不予通过或重新组织评审"));
}

}  // namespace

absl::StatusOr<ReviewBook::Reviews> ReviewBook::ReviewsOf(rpc::Change& change,
                                                          const v1::Consortium& consortium) const {
  Reviews reviews;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Transition> accepted,
      transitions_.Select(change.session(),
                          {"consortium = ? AND verb = 'accept'", {consortium.name()}},
                          "number DESC LIMIT 1 FOR UPDATE"));
  reviews.since = accepted.empty() ? absl::InfinitePast() : TimeIn(accepted[0].create_time());
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::ReviewPanel> all,
      panels_.Select(change.session(),
                     {"consortium = ? AND state <> 'CANCELLED'", {consortium.name()}},
                     "create_time, name FOR UPDATE"));
  for (v1::ReviewPanel& panel : all) {
    if (TimeIn(panel.create_time()) < reviews.since) continue;
    CHANYAN_ASSIGN_OR_RETURN(const policy::v1::ReviewSheet sheet,
                             SheetOfPanel(change.session(), panel));
    reviews.panels.emplace_back(sheet.stage(), std::move(panel));
  }
  return reviews;
}

absl::Status ReviewBook::RequireMeeting(rpc::Change& change, const v1::Consortium& consortium,
                                        absl::Time since, policy::v1::MeetingKind kind) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ReviewMeeting> meetings,
      meetings_.Select(change.session(), {"consortium = ?", {consortium.name()}},
                       "record_time, name FOR UPDATE"));
  const v1::ReviewMeeting* latest = nullptr;
  for (const v1::ReviewMeeting& meeting : meetings) {
    if (meeting.kind() != kind || meeting.state() != v1::REVIEW_MEETING_STATE_RECORDED) continue;
    if (TimeIn(meeting.record_time()) < since) continue;
    latest = &meeting;
  }
  const std::string what = policy::LabelOf(kind);
  if (latest == nullptr) return status::WrongState(absl::StrCat(what, "尚无记录，请先登记"));
  if (latest->conclusion() == v1::MEETING_CONCLUSION_PASSED) return absl::OkStatus();
  return status::WrongState(
      absl::StrCat(what, "结论为“", policy::LabelOf(latest->conclusion()), "”，不能转入下一环节"));
}

absl::Status ReviewBook::RequireProven(rpc::Change& change, const Reviews& reviews,
                                       const std::vector<ReviewStage>& stages) const {
  std::vector<std::pair<const v1::ReviewPanel*, std::string>> panels;
  std::vector<v1::ReviewAssignment> counted;
  for (const ReviewStage stage : stages) {
    const v1::ReviewPanel* panel = LatestClosed(reviews, stage);
    if (panel == nullptr) continue;
    panels.emplace_back(panel, policy::LabelOf(stage));
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::ReviewAssignment> rows,
        assignments_.Select(change.session(),
                            db::And(Below(panel->name()), {"state = 'SUBMITTED'", {}}),
                            db::kByNameLocked));
    for (v1::ReviewAssignment& row : rows) counted.push_back(std::move(row));
  }
  std::set<std::string> unchecked;
  for (const v1::ReviewAssignment& row : counted) {
    if (IsUnchecked(row)) unchecked.insert(row.name());
  }
  // "专家审查（评审批次2025-1）1名、…".
  const auto named = [&panels](const std::set<std::string>& rows) {
    std::string which;
    for (const auto& [panel, stage] : panels) {
      const auto count = std::count_if(
          rows.begin(), rows.end(),
          [name = panel->name()](const auto& row) { return PanelOfName(row) == name; });
      if (count == 0) continue;
      absl::StrAppend(&which, which.empty() ? "" : "、", stage, "（评审批次", panel->round(), "）",
                      count, "名");
    }
    return which;
  };
  CHANYAN_ASSIGN_OR_RETURN(const std::set<std::string> changed, NotAsProven(change, counted));
  if (changed.empty() && unchecked.empty()) return absl::OkStatus();
  if (changed.empty()) {
    return status::WrongState(
        absl::StrCat("专家回避尚未核查完毕：评分计入结果的专家中，", named(unchecked),
                     "的部分核查情况未能取得，系统将自动再次核查，也可对该评审组复核"));
  }
  return status::WrongState(absl::StrCat(
      "专家利益关系有变化，请先复核：评分计入结果的专家中，", named(changed),
      "的任职、申报情况与最近一次复核时不一致。请对该评审组逐一复核，没有利益关系的继续办理，",
      "有利益关系的剔除其评分并重新计算得分"));
}

absl::Status ReviewBook::RequireStanding(rpc::Change& change,
                                         const v1::Consortium& consortium) const {
  CHANYAN_ASSIGN_OR_RETURN(const Reviews reviews, ReviewsOf(change, consortium));
  CHANYAN_RETURN_IF_ERROR(RequireStands(consortium, reviews));
  return RequireProven(change, reviews, StagesBehind(consortium.state()));
}

absl::Status ReviewBook::MayInspect(rpc::Change& change, const v1::Consortium& consortium) const {
  CHANYAN_ASSIGN_OR_RETURN(const Reviews reviews, ReviewsOf(change, consortium));
  CHANYAN_RETURN_IF_ERROR(RequirePanel(reviews, REVIEW_STAGE_EXPERT_REVIEW));
  return RequireProven(change, reviews, {REVIEW_STAGE_EXPERT_REVIEW});
}

absl::Status ReviewBook::MayDefend(rpc::Change& change, const v1::Consortium& consortium) const {
  CHANYAN_ASSIGN_OR_RETURN(const Reviews reviews, ReviewsOf(change, consortium));
  CHANYAN_RETURN_IF_ERROR(RequireStands(consortium, reviews));
  CHANYAN_RETURN_IF_ERROR(
      RequireMeeting(change, consortium, reviews.since, policy::v1::MEETING_KIND_SITE_VISIT));
  return RequireProven(change, reviews, {REVIEW_STAGE_EXPERT_REVIEW});
}

absl::Status ReviewBook::MaySelect(rpc::Change& change, const v1::Consortium& consortium) const {
  CHANYAN_ASSIGN_OR_RETURN(const Reviews reviews, ReviewsOf(change, consortium));
  CHANYAN_RETURN_IF_ERROR(RequireStands(consortium, reviews));
  CHANYAN_RETURN_IF_ERROR(
      RequireMeeting(change, consortium, reviews.since, policy::v1::MEETING_KIND_DEFENCE));
  CHANYAN_RETURN_IF_ERROR(RequirePanel(reviews, REVIEW_STAGE_DEFENCE));
  return RequireProven(change, reviews, {REVIEW_STAGE_EXPERT_REVIEW, REVIEW_STAGE_DEFENCE});
}

absl::Status ReviewBook::MayReexamine(rpc::Change& change, const v1::Consortium& consortium) const {
  CHANYAN_ASSIGN_OR_RETURN(const Reviews reviews, ReviewsOf(change, consortium));
  if (!Fallen(consortium, reviews).empty()) return absl::OkStatus();
  return status::WrongState("已完成的各环节评审结果仍然有效，不需要重新评审");
}

}  // namespace chanyan::consortium
