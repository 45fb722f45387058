// How a panel of experts closes and what comes of it (CON-4): late and declined sheets, conflicts
// that are found afterwards, ranks and meetings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/policy/pack.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/consortium/review_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReviewCloseTest : public ::testing::Test, protected ReviewWorld {};

TEST_F(ReviewCloseTest, APanelClosesWhenAllAreThereOrItsTimeIsOver) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok());
  const auto rows = AssignmentsOf(panel->name());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Score(rows[i], 0).ok());
  EXPECT_THAT(TextOf(Close(panel->name()).status()), HasSubstr("至少需要3份"));
  ASSERT_TRUE(Score(rows[2], 0).ok());
  EXPECT_THAT(TextOf(Close(panel->name()).status()), HasSubstr("还有2名专家未提交"));
  clock.now = time::StartOfDay(absl::CivilDay(2025, 6, 1));
  const auto closed = Close(panel->name());
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->counted_sheets(), 3);
  EXPECT_EQ(closed->score_thousandths(), 100'000);
  EXPECT_EQ(Stored<v1::ReviewAssignment>(rows[4].name()).state(),
            v1::REVIEW_ASSIGNMENT_STATE_ENDED);
}

TEST_F(ReviewCloseTest, WhoDeclinesIsReplacedByTheSameSeedAndNeverComesBack) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok());
  const auto rows = AssignmentsOf(panel->name());
  const auto full = reviews.ReplaceReviewer(Office("ReviewService.ReplaceReviewer"),
                                            Named<v1::ReplaceReviewerRequest>(panel->name()));
  EXPECT_EQ(status::ReasonOf(full.status()), ERROR_REASON_WRONG_STATE);
  auto decline = Named<v1::DeclineReviewAssignmentRequest>(rows[0].name());
  decline.set_reason("与该单位有合作");
  decline.set_conflict(true);
  ASSERT_TRUE(reviews
                  .DeclineReviewAssignment(Expert(rows[0], "ReviewService.DeclineReviewAssignment"),
                                           decline)
                  .ok());
  const auto replaced = reviews.ReplaceReviewer(Office("ReviewService.ReplaceReviewer"),
                                                Named<v1::ReplaceReviewerRequest>(panel->name()));
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  EXPECT_EQ(replaced->assignment_count(), 5);
  const auto now = AssignmentsOf(panel->name());
  EXPECT_THAT(now, SizeIs(6));
  EXPECT_THAT(ExpertsOf(panel->name()), SizeIs(6));
}

TEST_F(ReviewCloseTest, AConflictThatIsDeclaredLaterRemovesTheScoreAndTheResultSaysSo) {
  AddPool();
  const v1::ReviewPanel panel = Scored({0, 0, 0, 0, 100});
  const auto closed = Close(panel.name());
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->score_thousandths(), 100'000);
  EXPECT_EQ(closed->result_note(), "");
  ASSERT_TRUE(Gate(&ReviewBook::MayInspect).ok()) << Gate(&ReviewBook::MayInspect);

  const auto rows = AssignmentsOf(panel.name());
  ASSERT_TRUE(
      Declare(Stored<v1::Expert>(rows[0].expert()), kLead, v1::INTEREST_KIND_CONSULTING).ok());
  const auto rechecked = Recheck(panel.name());
  ASSERT_TRUE(rechecked.ok()) << rechecked.status();
  // Four sheets are not trimmed: 100, 100, 100, 90.
  EXPECT_EQ(rechecked->score_thousandths(), 97'500);
  EXPECT_EQ(rechecked->counted_sheets(), 4);
  EXPECT_EQ(rechecked->struck_out_sheets(), 1);
  EXPECT_EQ(rechecked->result_revision(), 2);
  EXPECT_THAT(rechecked->result_note(), HasSubstr("剔除评分1份"));
  const auto removed = Stored<v1::ReviewAssignment>(rows[0].name());
  EXPECT_EQ(removed.state(), v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  EXPECT_THAT(removed.reason(), HasSubstr("已申报利益关系"));
  EXPECT_EQ(SheetOf(rows[0]).state(), v1::SCORE_SHEET_STATE_STRUCK_OUT);
  // Nothing new: nothing changes.
  EXPECT_EQ(Recheck(panel.name())->result_revision(), 2);

  // One by one, until too few are left.
  for (int i = 1; i <= 2; ++i) {
    auto remove = Named<v1::RemoveReviewAssignmentRequest>(rows[i].name());
    remove.set_reason("查实近亲属任职");
    ASSERT_TRUE(
        reviews.RemoveReviewAssignment(Office("ReviewService.RemoveReviewAssignment"), remove)
            .ok());
  }
  const auto last = Stored<v1::ReviewPanel>(panel.name());
  EXPECT_FALSE(last.passed());
  EXPECT_THAT(last.result_note(), HasSubstr("有效评分不足3份"));
  EXPECT_EQ(status::ReasonOf(Gate(&ReviewBook::MayInspect)), ERROR_REASON_WRONG_STATE);
}

TEST_F(ReviewCloseTest, ClosingLooksForConflictsOnceMore) {
  AddPool();
  const v1::ReviewPanel panel = Scored({0, 0, 0, 0, 0});
  const auto rows = AssignmentsOf(panel.name());
  AddProject(rows[0].employer(), kLead);
  const auto closed = Close(panel.name());
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->counted_sheets(), 4);
  EXPECT_EQ(closed->struck_out_sheets(), 1);
  EXPECT_EQ(Stored<v1::ReviewAssignment>(rows[0].name()).state(),
            v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
}

TEST_F(ReviewCloseTest, RankingSharesRanks) {
  AddPool();
  for (const char* name : {"consortia/c2", "consortia/c3"}) {
    SetState(v1::CONSORTIUM_STATE_EXPERT_REVIEW, name);
  }
  int off = 0;
  for (const char* name : {kReviewed, "consortia/c2", "consortia/c3"}) {
    const auto panel = Draw("document", "0123456789abcdef", name);
    ASSERT_TRUE(panel.ok()) << panel.status();
    for (const auto& row : AssignmentsOf(panel->name())) ASSERT_TRUE(Score(row, off / 2 * 10).ok());
    ASSERT_TRUE(Close(panel->name()).ok());
    ++off;
  }
  v1::RankConsortiaRequest request;
  request.set_sheet("document");
  request.set_round("2025-1");
  const auto ranking = reviews.RankConsortia(Office("ReviewService.RankConsortia"), request);
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  std::vector<std::string> order;
  std::vector<int> ranks;
  for (const auto& one : ranking->ranking()) {
    order.push_back(one.consortium());
    ranks.push_back(one.rank());
  }
  EXPECT_THAT(order, ElementsAre("consortia/c1", "consortia/c2", "consortia/c3"));
  EXPECT_THAT(ranks, ElementsAre(1, 1, 3));
  const auto others = reviews.RankConsortia(
      As(ROLE_DEPARTMENT, "organizations/another-office", "ReviewService.RankConsortia"), request);
  EXPECT_THAT(others->ranking(), IsEmpty());
}

TEST_F(ReviewCloseTest, AMeetingIsPlannedMovedAndRecordedByTheChecklist) {
  AddPool();
  ASSERT_TRUE(Close(Scored({0, 0, 0, 0, 0}).name()).ok());
  v1::CreateReviewMeetingRequest plan;
  plan.set_parent(kReviewed);
  plan.mutable_review_meeting()->set_kind(policy::v1::MEETING_KIND_SITE_VISIT);
  plan.mutable_review_meeting()->mutable_start_time()->set_seconds(1'750'000'000);
  plan.mutable_review_meeting()->set_place("牵头企业");
  plan.mutable_review_meeting()->add_visitors("考察专家甲");
  plan.set_request_id(api::NewUuid());
  const auto planned =
      meetings.CreateReviewMeeting(Office("ReviewMeetingService.CreateReviewMeeting"), plan);
  ASSERT_TRUE(planned.ok()) << planned.status();
  auto record = Named<v1::RecordReviewMeetingRequest>(planned->name());
  record.set_conclusion(v1::MEETING_CONCLUSION_PASSED);
  const auto call = Office("ReviewMeetingService.RecordReviewMeeting");
  EXPECT_EQ(status::ReasonOf(meetings.RecordReviewMeeting(call, record).status()),
            ERROR_REASON_WRONG_STATE);
  clock.now += absl::Hours(1);
  SetState(v1::CONSORTIUM_STATE_SITE_VISIT);
  EXPECT_EQ(status::ReasonOf(Gate(&ReviewBook::MayDefend)), ERROR_REASON_WRONG_STATE);
  const auto empty = meetings.RecordReviewMeeting(call, record);
  EXPECT_EQ(status::ViolationsOf(empty.status()).size(), 4u) << empty.status();
  for (const char* item : {"registration", "team", "equipment", "cooperation"}) {
    v1::ChecklistAnswer* answer = record.add_answers();
    answer->set_item(item);
    answer->set_satisfied(true);
    answer->set_finding("属实");
  }
  const auto recorded = meetings.RecordReviewMeeting(call, record);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_TRUE(Gate(&ReviewBook::MayDefend).ok());
  // The applicant and its district see when, where and what was found, and nobody's name.
  v1::GetReviewMeetingRequest get;
  get.set_name(planned->name());
  for (const auto& [role, organization] :
       {std::pair{ROLE_ENTERPRISE, kLead}, std::pair{ROLE_UNIT, kDistrict}}) {
    const auto seen = meetings.GetReviewMeeting(
        As(role, organization, "ReviewMeetingService.GetReviewMeeting"), get);
    ASSERT_TRUE(seen.ok()) << seen.status();
    EXPECT_THAT(seen->visitors(), IsEmpty());
    EXPECT_THAT(seen->answers(), SizeIs(4));
  }
  EXPECT_EQ(meetings
                .GetReviewMeeting(As(ROLE_UNIT, "organizations/qd-st-370212",
                                     "ReviewMeetingService.GetReviewMeeting"),
                                  get)
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace chanyan::consortium
