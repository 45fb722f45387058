// Conflicts of interest that no name shows by itself (CON-4): one that was reported, and one with
// an organization that has become part of a party since.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/consortium/review_world.h"

namespace chanyan::consortium {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReviewConflictTest : public ::testing::Test, protected ReviewWorld {
 protected:
  std::set<std::string> ExpertsOf(const std::string& panel) {
    std::set<std::string> names;
    for (const auto& row : AssignmentsOf(panel)) names.insert(row.expert());
    return names;
  }
};

TEST_F(ReviewConflictTest, WhoseConflictWasReportedIsDrawnForNoOtherPanelOfTheDossier) {
  AddPool();
  const auto first = Draw();
  ASSERT_TRUE(first.ok()) << first.status();
  const auto rows = AssignmentsOf(first->name());
  auto remove = Named<v1::RemoveReviewAssignmentRequest>(rows[0].name());
  remove.set_reason("查实近亲属任职");
  ASSERT_TRUE(
      reviews.RemoveReviewAssignment(Office("ReviewService.RemoveReviewAssignment"), remove).ok());
  auto busy = Named<v1::DeclineReviewAssignmentRequest>(rows[1].name());
  busy.set_reason("另有任务");
  ASSERT_TRUE(
      reviews
          .DeclineReviewAssignment(Expert(rows[1], "ReviewService.DeclineReviewAssignment"), busy)
          .ok());
  auto cancel = Named<v1::CancelReviewPanelRequest>(first->name());
  cancel.set_reason("重新组织");
  ASSERT_TRUE(reviews.CancelReviewPanel(Office("ReviewService.CancelReviewPanel"), cancel).ok());
  const auto second = Draw();
  ASSERT_TRUE(second.ok()) << second.status();
  // By the same seed all others come again.
  const auto again = ExpertsOf(second->name());
  EXPECT_FALSE(again.contains(rows[0].expert()));
  for (size_t i = 1; i < rows.size(); ++i) EXPECT_TRUE(again.contains(rows[i].expert())) << i;
  v1::ListPanelDrawsRequest list;
  list.set_parent(second->name());
  const auto draws = reviews.ListPanelDraws(Office("ReviewService.ListPanelDraws"), list);
  ASSERT_TRUE(draws.ok()) << draws.status();
  v1::VerifyPanelDrawRequest verify;
  verify.set_name(draws->panel_draws(0).name());
  const auto same = reviews.VerifyPanelDraw(Office("ReviewService.VerifyPanelDraw"), verify);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(same->same()) << same->difference();
  // Another dossier's panel is another matter.
  SetState(v1::CONSORTIUM_STATE_EXPERT_REVIEW, "consortia/c2");
  bool drawn = false;
  for (int i = 10; i < 90 && !drawn; ++i) {
    const auto other = Draw("document", absl::StrCat("0123456789abcd", i), "consortia/c2");
    ASSERT_TRUE(other.ok()) << other.status();
    drawn = ExpertsOf(other->name()).contains(rows[0].expert());
    auto off = Named<v1::CancelReviewPanelRequest>(other->name());
    off.set_reason("重新组织");
    ASSERT_TRUE(reviews.CancelReviewPanel(Office("ReviewService.CancelReviewPanel"), off).ok());
  }
  EXPECT_TRUE(drawn);
}

TEST_F(ReviewConflictTest, WhoIsReviewedAgainIsRankedOnceByTheLastResult) {
  AddPool();
  std::string last;
  for (const int off : {0, 100}) {
    const auto panel = Draw("document", absl::StrCat("0123456789abcdef", off));
    ASSERT_TRUE(panel.ok()) << panel.status();
    for (const auto& row : AssignmentsOf(panel->name())) ASSERT_TRUE(Score(row, off).ok());
    const auto closed = Close(panel->name());
    ASSERT_TRUE(closed.ok()) << closed.status();
    last = panel->name();
    clock.now += absl::Minutes(1);
  }
  v1::RankConsortiaRequest request;
  request.set_sheet("document");
  request.set_round("2025-1");
  const auto ranking = reviews.RankConsortia(Office("ReviewService.RankConsortia"), request);
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  ASSERT_THAT(ranking->ranking(), SizeIs(1));
  EXPECT_EQ(ranking->ranking(0).panel(), last);
  EXPECT_EQ(ranking->ranking(0).score_thousandths(), 90'000);
}

TEST_F(ReviewConflictTest, AnOrganizationOfThePastThatHasBecomePartOfAPartyIsThatParty) {
  AddPool();
  Add("organizations/absorbed", registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  Add("organizations/absorbed-too", registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  const auto rows = AssignmentsOf(panel->name());
  // One worked there, one has money of it; both were nobody's business when they were drawn.
  auto update = v1::UpdateExpertRequest();
  *update.mutable_expert() = Stored<v1::Expert>(rows[0].expert());
  v1::PastEmployment* past = update.mutable_expert()->add_past_employers();
  past->set_organization("organizations/absorbed");
  *past->mutable_until_date() = time::ToProto(time::DayOf(clock.now) - 30);
  update.mutable_update_mask()->add_paths("past_employers");
  update.set_request_id(api::NewUuid());
  const auto updated = experts.UpdateExpert(Office("ExpertService.UpdateExpert"), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  ASSERT_TRUE(Declare(Stored<v1::Expert>(rows[1].expert()), "organizations/absorbed-too",
                      v1::INTEREST_KIND_FUNDING)
                  .ok());
  ASSERT_TRUE(Recheck(panel->name()).ok());
  EXPECT_EQ(Stored<v1::ReviewPanel>(panel->name()).assignment_count(), 5);

  const absl::Status noted = database.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(
        rpc::NoteSuccession(session, clock.now, "organizations/absorbed", {kLead, "牵头企业", ""})
            .status());
    return rpc::NoteSuccession(session, clock.now, "organizations/absorbed-too",
                               {kMember, "成员大学", ""})
        .status();
  });
  ASSERT_TRUE(noted.ok()) << noted;
  const auto rechecked = Recheck(panel->name());
  ASSERT_TRUE(rechecked.ok()) << rechecked.status();
  EXPECT_EQ(rechecked->assignment_count(), 3);
  const auto worked = Stored<v1::ReviewAssignment>(rows[0].name());
  EXPECT_EQ(worked.state(), v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  EXPECT_THAT(worked.reason(), HasSubstr("牵头企业（曾任职至"));
  EXPECT_THAT(worked.reason(), HasSubstr("任职单位已并入该单位"));
  EXPECT_EQ(worked.conflicts(0).evidence(), "organizations/absorbed");
  const auto funded = Stored<v1::ReviewAssignment>(rows[1].name());
  EXPECT_EQ(funded.state(), v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  EXPECT_THAT(funded.reason(), HasSubstr("所申报单位已并入该单位"));

  // Nor are they drawn in their own stead, and the draw is drawn again to the same.
  const auto replaced = reviews.ReplaceReviewer(Office("ReviewService.ReplaceReviewer"),
                                                Named<v1::ReplaceReviewerRequest>(panel->name()));
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  v1::ListPanelDrawsRequest list;
  list.set_parent(panel->name());
  list.set_order_by("create_time desc");
  const auto draws = reviews.ListPanelDraws(Office("ReviewService.ListPanelDraws"), list);
  ASSERT_TRUE(draws.ok()) << draws.status();
  ASSERT_THAT(draws->panel_draws(), SizeIs(2));
  for (const v1::PanelDraw& draw : draws->panel_draws()) {
    v1::VerifyPanelDrawRequest verify;
    verify.set_name(draw.name());
    const auto same = reviews.VerifyPanelDraw(Office("ReviewService.VerifyPanelDraw"), verify);
    ASSERT_TRUE(same.ok()) << same.status();
    EXPECT_TRUE(same->same()) << same->difference();
  }
  // The declaration stays as it was made.
  EXPECT_EQ(Stored<v1::Expert>(rows[1].expert()).interests(0).organization(),
            "organizations/absorbed-too");
}

}  // namespace
}  // namespace chanyan::consortium
