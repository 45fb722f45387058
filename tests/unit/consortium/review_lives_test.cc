// Every state and verb of review and notice (CON-4, CON-5).
#include <gtest/gtest.h>

#include "services/consortium/notice_life.h"
#include "services/consortium/review_life.h"
#include "tests/support/expect_life.h"

namespace chanyan::consortium {
namespace {

using testing::ExpectLife;

TEST(ReviewLifeTest, EveryStateAndVerbOfAnExpert) {
  using S = v1::ExpertState;
  ExpectLife<S>(ExpertLife(), v1::ExpertState_MAX,
                {{{v1::EXPERT_STATE_ACTIVE, "suspend"}, v1::EXPERT_STATE_SUSPENDED},
                 {{v1::EXPERT_STATE_SUSPENDED, "restore"}, v1::EXPERT_STATE_ACTIVE}});
}

TEST(ReviewLifeTest, EveryStateAndVerbOfAPanel) {
  using S = v1::ReviewPanelState;
  ExpectLife<S>(ReviewPanelLife(), v1::ReviewPanelState_MAX,
                {{{v1::REVIEW_PANEL_STATE_OPEN, "close"}, v1::REVIEW_PANEL_STATE_CLOSED},
                 {{v1::REVIEW_PANEL_STATE_OPEN, "cancel"}, v1::REVIEW_PANEL_STATE_CANCELLED}});
}

TEST(ReviewLifeTest, EveryStateAndVerbOfAnAssignment) {
  using S = v1::ReviewAssignmentState;
  const S invited = v1::REVIEW_ASSIGNMENT_STATE_INVITED,
          accepted = v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED,
          submitted = v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED,
          declined = v1::REVIEW_ASSIGNMENT_STATE_DECLINED,
          removed = v1::REVIEW_ASSIGNMENT_STATE_REMOVED, ended = v1::REVIEW_ASSIGNMENT_STATE_ENDED;
  ExpectLife<S>(ReviewAssignmentLife(), v1::ReviewAssignmentState_MAX,
                {{{invited, "accept"}, accepted},
                 {{invited, "decline"}, declined},
                 {{accepted, "decline"}, declined},
                 {{accepted, "submit"}, submitted},
                 {{submitted, "reopen"}, accepted},
                 {{invited, "remove"}, removed},
                 {{accepted, "remove"}, removed},
                 {{submitted, "remove"}, removed},
                 {{invited, "end"}, ended},
                 {{accepted, "end"}, ended}});
}

TEST(ReviewLifeTest, EveryStateAndVerbOfASheet) {
  using S = v1::ScoreSheetState;
  const S draft = v1::SCORE_SHEET_STATE_DRAFT, submitted = v1::SCORE_SHEET_STATE_SUBMITTED,
          out = v1::SCORE_SHEET_STATE_STRUCK_OUT;
  ExpectLife<S>(ScoreSheetLife(), v1::ScoreSheetState_MAX,
                {{{draft, "submit"}, submitted},
                 {{submitted, "reopen"}, draft},
                 {{draft, "strike out"}, out},
                 {{submitted, "strike out"}, out}});
}

TEST(ReviewLifeTest, EveryStateAndVerbOfAMeeting) {
  using S = v1::ReviewMeetingState;
  const S planned = v1::REVIEW_MEETING_STATE_PLANNED;
  ExpectLife<S>(ReviewMeetingLife(), v1::ReviewMeetingState_MAX,
                {{{planned, "move"}, planned},
                 {{planned, "record"}, v1::REVIEW_MEETING_STATE_RECORDED},
                 {{planned, "cancel"}, v1::REVIEW_MEETING_STATE_CANCELLED}});
}

TEST(NoticeLifeTest, EveryStateAndVerbOfANotice) {
  using S = v1::PublicNoticeState;
  const S open = v1::PUBLIC_NOTICE_STATE_OPEN;
  ExpectLife<S>(PublicNoticeLife(), v1::PublicNoticeState_MAX,
                {{{open, "clear"}, v1::PUBLIC_NOTICE_STATE_CLEARED},
                 {{open, "uphold"}, v1::PUBLIC_NOTICE_STATE_UPHELD},
                 {{open, "end"}, v1::PUBLIC_NOTICE_STATE_ENDED}});
}

TEST(NoticeLifeTest, EveryStateAndVerbOfAnObjection) {
  using S = v1::NoticeObjectionState;
  const S open = v1::NOTICE_OBJECTION_STATE_OPEN;
  ExpectLife<S>(NoticeObjectionLife(), v1::NoticeObjectionState_MAX,
                {{{open, "withdraw"}, v1::NOTICE_OBJECTION_STATE_WITHDRAWN},
                 {{open, "uphold"}, v1::NOTICE_OBJECTION_STATE_UPHELD},
                 {{open, "reject"}, v1::NOTICE_OBJECTION_STATE_REJECTED}});
}

}  // namespace
}  // namespace chanyan::consortium
