// Life cycles of review: panels, assignments, sheets, meetings, experts (CON-4).
#pragma once

#include "absl/types/span.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/consortium/v1/review_meeting.pb.h"
#include "common/policy/life.h"

namespace chanyan::consortium {

inline absl::Span<const policy::Transition<v1::ExpertState>> ExpertLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ExpertState> kLife[] = {
      {"suspend", "暂停", Bits(v1::EXPERT_STATE_ACTIVE), v1::EXPERT_STATE_SUSPENDED},
      {"restore", "恢复", Bits(v1::EXPERT_STATE_SUSPENDED), v1::EXPERT_STATE_ACTIVE},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::ReviewPanelState>> ReviewPanelLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ReviewPanelState> kLife[] = {
      {"close", "结束评分", Bits(v1::REVIEW_PANEL_STATE_OPEN), v1::REVIEW_PANEL_STATE_CLOSED},
      {"cancel", "取消评审组", Bits(v1::REVIEW_PANEL_STATE_OPEN), v1::REVIEW_PANEL_STATE_CANCELLED},
  };
  return kLife;
}

// "submit" and "reopen" follow the sheet, "end" the panel.
inline absl::Span<const policy::Transition<v1::ReviewAssignmentState>> ReviewAssignmentLife() {
  using policy::Bits;
  static constexpr uint32_t kInvited = Bits(v1::REVIEW_ASSIGNMENT_STATE_INVITED);
  static constexpr uint32_t kAccepted = Bits(v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED);
  static constexpr uint32_t kSubmitted = Bits(v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED);
  static constexpr policy::Transition<v1::ReviewAssignmentState> kLife[] = {
      {"accept", "接受评审", kInvited, v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED},
      {"decline", "回避或推辞", kInvited | kAccepted, v1::REVIEW_ASSIGNMENT_STATE_DECLINED},
      {"submit", "提交评分", kAccepted, v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED},
      {"reopen", "撤回评分", kSubmitted, v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED},
      {"remove", "查实回避", kInvited | kAccepted | kSubmitted,
       v1::REVIEW_ASSIGNMENT_STATE_REMOVED},
      {"end", "终止", kInvited | kAccepted, v1::REVIEW_ASSIGNMENT_STATE_ENDED},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::ScoreSheetState>> ScoreSheetLife() {
  using policy::Bits;
  static constexpr uint32_t kDraft = Bits(v1::SCORE_SHEET_STATE_DRAFT);
  static constexpr uint32_t kSubmitted = Bits(v1::SCORE_SHEET_STATE_SUBMITTED);
  static constexpr policy::Transition<v1::ScoreSheetState> kLife[] = {
      {"submit", "提交评分", kDraft, v1::SCORE_SHEET_STATE_SUBMITTED},
      {"reopen", "撤回评分", kSubmitted, v1::SCORE_SHEET_STATE_DRAFT},
      {"strike out", "剔除", kDraft | kSubmitted, v1::SCORE_SHEET_STATE_STRUCK_OUT},
  };
  return kLife;
}

inline absl::Span<const policy::Transition<v1::ReviewMeetingState>> ReviewMeetingLife() {
  using policy::Bits;
  static constexpr uint32_t kPlanned = Bits(v1::REVIEW_MEETING_STATE_PLANNED);
  static constexpr policy::Transition<v1::ReviewMeetingState> kLife[] = {
      {"move", "改期", kPlanned, v1::REVIEW_MEETING_STATE_PLANNED},
      {"record", "登记记录", kPlanned, v1::REVIEW_MEETING_STATE_RECORDED},
      {"cancel", "取消", kPlanned, v1::REVIEW_MEETING_STATE_CANCELLED},
  };
  return kLife;
}

}  // namespace chanyan::consortium
