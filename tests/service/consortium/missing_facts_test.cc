// Pairing is there and does not give what a check of a panel asks for (CON-4), as one that is not
// upgraded yet: the facts are named and asked for again, the others go on, and nobody whose check
// could not be made scores, is closed upon or carries a step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/db/lease.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/consortium/conflict_rules.h"
#include "tests/service/consortium/review_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using policy::v1::CONFLICT_KIND_CO_BUILD;
using policy::v1::CONFLICT_KIND_PAST_FUNDING;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const absl::Status& NotAllowed() {
  static const auto& answer = *new absl::Status(status::PermissionDenied("本角色不能查询"));
  return answer;
}

class MissingFactsTest : public ::testing::Test, protected ReviewWorld {
 protected:
  MissingFactsTest() { AddPool(); }

  std::string Drawn() {
    const auto panel = Draw();
    EXPECT_TRUE(panel.ok()) << panel.status();
    return panel.ok() ? panel->name() : "";
  }
  v1::ReviewPanel Seen(const std::string& panel) {
    v1::GetReviewPanelRequest request;
    request.set_name(panel);
    const auto seen = reviews.GetReviewPanel(Office("ReviewService.GetReviewPanel"), request);
    EXPECT_TRUE(seen.ok()) << seen.status();
    return seen.ok() ? *seen : v1::ReviewPanel();
  }
  // What a run of the job changed.
  int Run() {
    db::Lease lease(database.db(), "consortium-notices", "one", absl::Minutes(3));
    EXPECT_TRUE(lease.Acquire().ok());
    const auto done = reviews.RecheckDue(lease);
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(-1);
  }
};

TEST_F(MissingFactsTest, ADrawNamesWhatItLacksAndNobodyScoresBeforeItIsThere) {
  WithholdProjects(NotAllowed());
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  EXPECT_THAT(panel->missing_facts(),
              HasSubstr("结对共建项目及其技术合同情况（产学研结对服务未准予"));
  EXPECT_EQ(panel->unchecked_count(), panel->assignment_count());
  EXPECT_EQ(time::ToTime(panel->recheck_time()), clock.now + kMissingFactsAge);
  EXPECT_EQ(time::ToTime(Seen(panel->name()).recheck_time()), clock.now + kMissingFactsAge);
  const auto rows = AssignmentsOf(panel->name());
  for (const auto& row : rows) {
    EXPECT_THAT(
        row.latest_proof().unchecked(),
        ::testing::UnorderedElementsAre(CONFLICT_KIND_CO_BUILD, CONFLICT_KIND_PAST_FUNDING));
    EXPECT_EQ(row.latest_proof().checks_size() + 2,
              pack->proto().consortium().review().conflict_checks_size())
        << "all others were made";
  }
  // It is accepted and filled in meanwhile.
  ASSERT_TRUE(Accept(rows[0]).ok());
  ASSERT_TRUE(Fill(rows[0], 0).ok());
  const auto refused = Submit(rows[0]);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(TextOf(refused.status()),
              AllOf(HasSubstr("尚未核查完毕"), Not(HasSubstr("结对共建"))));

  WithholdProjects(absl::OkStatus());
  clock.now += kMissingFactsAge - absl::Seconds(1);
  EXPECT_EQ(Run(), 0) << "not yet";
  clock.now += absl::Seconds(1);
  EXPECT_EQ(Run(), 1);
  const v1::ReviewPanel checked = Seen(panel->name());
  EXPECT_EQ(checked.missing_facts(), "");
  EXPECT_EQ(checked.unchecked_count(), 0);
  EXPECT_FALSE(checked.has_recheck_time());
  const auto submitted = Submit(rows[0]);
  EXPECT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(Run(), 0);
}

TEST_F(MissingFactsTest, AConflictThatCouldNotBeSeenIsFoundOnceTheFactsAreThere) {
  WithholdProjects(absl::UnimplementedError("older"));
  const std::string panel = Drawn();
  EXPECT_THAT(Seen(panel).missing_facts(), HasSubstr("产学研结对服务的版本尚不能提供"));
  const auto rows = AssignmentsOf(panel);
  AddProject(rows[0].employer(), kLead);
  // As long as they are missing it is asked again and again, and nothing is written.
  const int64_t entries = Count("journal");
  for (int i = 0; i < 3; ++i) {
    clock.now += kMissingFactsAge;
    EXPECT_EQ(Run(), 0);
  }
  EXPECT_EQ(Count("journal"), entries);
  WithholdProjects(absl::OkStatus());
  clock.now += kMissingFactsAge;
  EXPECT_EQ(Run(), 1);
  const auto found = Stored<v1::ReviewAssignment>(rows[0].name());
  EXPECT_EQ(found.state(), v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  EXPECT_THAT(found.reason(), HasSubstr("结对共建项目"));
}

TEST_F(MissingFactsTest, APanelIsNotClosedUponWhatNobodyLookedAt) {
  const std::string panel = Drawn();
  for (const auto& row : AssignmentsOf(panel)) ASSERT_TRUE(Score(row, 0).ok());
  WithholdProjects(status::InvalidField("filter", "没有这个字段"));
  const auto refused = Close(panel);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(TextOf(refused.status()), AllOf(HasSubstr("名专家的回避尚未核查完毕"),
                                              HasSubstr("结对共建项目及其技术合同情况")));
  EXPECT_EQ(Stored<v1::ReviewPanel>(panel).state(), v1::REVIEW_PANEL_STATE_OPEN);
  WithholdProjects(absl::OkStatus());
  const auto closed = Close(panel);
  EXPECT_TRUE(closed.ok()) << closed.status();
}

TEST_F(MissingFactsTest, NoStepRestsOnAClosedPanelThatCouldNotBeLookedAtWhole) {
  const std::string panel = Drawn();
  for (const auto& row : AssignmentsOf(panel)) ASSERT_TRUE(Score(row, 0).ok());
  ASSERT_TRUE(Close(panel).ok());
  ASSERT_TRUE(Gate(&ReviewBook::MayInspect).ok());
  WithholdProjects(NotAllowed());
  clock.now += kFactsAge;
  EXPECT_EQ(Run(), 1);
  const absl::Status held = Gate(&ReviewBook::MayInspect);
  EXPECT_EQ(status::ReasonOf(held), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(TextOf(held), AllOf(HasSubstr("专家回避尚未核查完毕"), HasSubstr("评审批次2025-1"),
                                  Not(HasSubstr("专家e"))));
  WithholdProjects(absl::OkStatus());
  clock.now += kMissingFactsAge;
  EXPECT_EQ(Run(), 1);
  const absl::Status open = Gate(&ReviewBook::MayInspect);
  EXPECT_TRUE(open.ok()) << open;
}

TEST_F(MissingFactsTest, WhatIsKnownOtherwiseIsFoundMeanwhile) {
  const std::string panel = Drawn();
  const auto rows = AssignmentsOf(panel);
  WithholdProjects(NotAllowed());
  ASSERT_TRUE(
      Declare(Stored<v1::Expert>(rows[0].expert()), kLead, v1::INTEREST_KIND_CONSULTING).ok());
  const auto looked = Recheck(panel);
  ASSERT_TRUE(looked.ok()) << looked.status();
  EXPECT_EQ(looked->assignment_count(), static_cast<int>(rows.size()) - 1);
  EXPECT_EQ(looked->unchecked_count(), looked->assignment_count()) << "who is gone is not counted";
  EXPECT_EQ(Stored<v1::ReviewAssignment>(rows[0].name()).state(),
            v1::REVIEW_ASSIGNMENT_STATE_REMOVED);
  // The seat is filled, and whoever fills it is as unchecked as the others.
  const auto replaced = reviews.ReplaceReviewer(Office("ReviewService.ReplaceReviewer"),
                                                Named<v1::ReplaceReviewerRequest>(panel));
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  EXPECT_EQ(replaced->unchecked_count(), static_cast<int>(rows.size()));
  EXPECT_TRUE(replaced->has_recheck_time());
}

TEST_F(MissingFactsTest, WithoutContractsOfProjectsMoneyAloneIsUnchecked) {
  AddProject("organizations/u0", kLead);
  WithholdAgreements(NotAllowed());
  const std::string panel = Drawn();
  EXPECT_THAT(Seen(panel).missing_facts(), HasSubstr("结对共建项目的技术合同登记情况"));
  for (const auto& row : AssignmentsOf(panel)) {
    EXPECT_NE(row.employer(), "organizations/u0") << "the project itself is known";
    EXPECT_THAT(row.latest_proof().unchecked(), ElementsAre(CONFLICT_KIND_PAST_FUNDING));
  }
}

TEST_F(MissingFactsTest, WhoIsAwayIsNotWhoWithholds) {
  const std::string panel = Drawn();
  const int64_t entries = Count("journal");
  peer.Stop();
  EXPECT_TRUE(absl::IsUnavailable(Recheck(panel).status()));
  EXPECT_TRUE(absl::IsUnavailable(Draw().status()));
  EXPECT_EQ(Count("journal"), entries);
  EXPECT_EQ(Seen(panel).missing_facts(), "");
}

}  // namespace
}  // namespace chanyan::consortium
