// Whatever of a review is dated asks whether the clock is still where it took the time from: panels
// and meetings of past filings are entered under it, too (CON-4, CON-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "tests/service/consortium/review_world.h"

namespace chanyan::consortium {
namespace {

class ReviewClockTest : public ::testing::Test, protected ReviewWorld {
 protected:
  ReviewClockTest() {
    book.SetTimekeeper([this](rpc::Change&) {
      ++asked_;
      return moved_ ? status::Conflict("补录时钟刚刚拨动，请重试") : absl::OkStatus();
    });
    AddPool();
  }
  // How often since the last time.
  int Asked() {
    const int asked = asked_;
    asked_ = 0;
    return asked;
  }
  absl::StatusOr<v1::ReviewMeeting> Plan() {
    v1::CreateReviewMeetingRequest request;
    request.set_parent(kReviewed);
    request.mutable_review_meeting()->set_kind(policy::v1::MEETING_KIND_SITE_VISIT);
    request.mutable_review_meeting()->mutable_start_time()->set_seconds(1'743'600'000);
    request.mutable_review_meeting()->set_place("演示厂区");
    request.set_request_id(api::NewUuid());
    return meetings.CreateReviewMeeting(Office("ReviewMeetingService.CreateReviewMeeting"),
                                        request);
  }

  int asked_ = 0;
  bool moved_ = false;
};

TEST_F(ReviewClockTest, NothingIsDatedByAClockThatWasMoved) {
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  const auto meeting = Plan();
  ASSERT_TRUE(meeting.ok()) << meeting.status();
  const v1::ReviewAssignment one = AssignmentsOf(panel->name()).front();
  moved_ = true;
  EXPECT_EQ(Draw("document", "fedcba9876543210").status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Accept(one).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Close(panel->name()).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Plan().status().code(), absl::StatusCode::kAborted);
  auto move = Named<v1::MoveReviewMeetingRequest>(meeting->name());
  *move.mutable_start_time() = meeting->start_time();
  move.set_reason("改期");
  EXPECT_EQ(meetings.MoveReviewMeeting(Office("ReviewMeetingService.MoveReviewMeeting"), move)
                .status()
                .code(),
            absl::StatusCode::kAborted);
  auto cancel = Named<v1::CancelReviewMeetingRequest>(meeting->name());
  cancel.set_reason("取消");
  EXPECT_EQ(meetings.CancelReviewMeeting(Office("ReviewMeetingService.CancelReviewMeeting"), cancel)
                .status()
                .code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(Count("review_meeting WHERE state = 'PLANNED'"), 1);
  EXPECT_EQ(Count("review_panel WHERE state = 'OPEN'"), 1);
}

TEST_F(ReviewClockTest, EachDatedActAsks) {
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  EXPECT_GE(Asked(), 1);
  for (const v1::ReviewAssignment& one : AssignmentsOf(panel->name())) {
    ASSERT_TRUE(Accept(one).ok());
    EXPECT_GE(Asked(), 1);
    ASSERT_TRUE(Fill(one, 0).ok());
    EXPECT_GE(Asked(), 1);
    ASSERT_TRUE(Submit(one).ok());
    EXPECT_GE(Asked(), 1);
  }
  ASSERT_TRUE(Close(panel->name()).ok());
  EXPECT_GE(Asked(), 1);
  ASSERT_TRUE(Recheck(panel->name()).ok());
  EXPECT_GE(Asked(), 1);
  const auto meeting = Plan();
  ASSERT_TRUE(meeting.ok()) << meeting.status();
  EXPECT_GE(Asked(), 1);
  SetState(v1::CONSORTIUM_STATE_SITE_VISIT);
  auto record = Named<v1::RecordReviewMeetingRequest>(meeting->name());
  record.set_conclusion(v1::MEETING_CONCLUSION_PASSED);
  for (const char* item : {"registration", "team", "equipment", "cooperation"}) {
    v1::ChecklistAnswer* answer = record.add_answers();
    answer->set_item(item);
    answer->set_satisfied(true);
    answer->set_finding("属实");
  }
  const auto recorded =
      meetings.RecordReviewMeeting(Office("ReviewMeetingService.RecordReviewMeeting"), record);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_GE(Asked(), 1);
}

}  // namespace
}  // namespace chanyan::consortium
