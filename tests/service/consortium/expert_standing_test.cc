// Whether experts are still what their proofs were made of (CON-4): what of an expert asks for
// another look at the panel, what does not, and when the office is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/consortium/review_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kElsewhere[] = "organizations/elsewhere";

class ExpertStandingTest : public ::testing::Test, protected ReviewWorld {
 protected:
  ExpertStandingTest() {
    AddPool();
    Add(kElsewhere, registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  }
  v1::ReviewPanel Drawn() {
    const auto panel = Draw();
    EXPECT_TRUE(panel.ok()) << panel.status();
    return panel.ok() ? *panel : v1::ReviewPanel();
  }
  // A closed panel that passed, and whose experts they are.
  std::string Closed(std::vector<v1::ReviewAssignment>* rows) {
    const std::string panel = Drawn().name();
    *rows = AssignmentsOf(panel);
    for (const auto& row : *rows) EXPECT_TRUE(Score(row, 0).ok());
    const auto closed = Close(panel);
    EXPECT_TRUE(closed.ok()) << closed.status();
    return panel;
  }
  v1::Expert ExpertOf(const v1::ReviewAssignment& row) { return Stored<v1::Expert>(row.expert()); }
  void Change(const v1::Expert& expert, const std::string& field) {
    v1::UpdateExpertRequest request;
    *request.mutable_expert() = expert;
    request.mutable_expert()->clear_etag();
    request.mutable_update_mask()->add_paths(field);
    request.set_request_id(api::NewUuid());
    const auto changed = experts.UpdateExpert(Office("ExpertService.UpdateExpert"), request);
    ASSERT_TRUE(changed.ok()) << changed.status();
  }
  void ExpectUnproven() {
    const absl::Status status = Gate(&ReviewBook::MayInspect);
    EXPECT_EQ(status::ReasonOf(status), ERROR_REASON_WRONG_STATE) << status;
    EXPECT_THAT(TextOf(status), HasSubstr("请先复核"));
    EXPECT_THAT(TextOf(status), Not(HasSubstr("专家e")));
  }
  void ExpectProven() {
    const absl::Status status = Gate(&ReviewBook::MayInspect);
    EXPECT_TRUE(status.ok()) << status;
  }
  int64_t Told() { return Count("journal WHERE kind = 'declared after scoring'"); }
};

TEST_F(ExpertStandingTest, WhatNoConflictIsLookedForInAsksForNothing) {
  std::vector<v1::ReviewAssignment> rows;
  Closed(&rows);
  v1::Expert expert = ExpertOf(rows[0]);
  expert.add_fields("海洋电子信息");
  expert.set_professional_title("研究员");
  Change(expert, "fields");
  Change(expert, "professional_title");
  auto suspend = Named<v1::SuspendExpertRequest>(expert.name());
  suspend.set_reason("出国");
  ASSERT_TRUE(experts.SuspendExpert(Office("ExpertService.SuspendExpert"), suspend).ok());
  // The day is not part of it either.
  clock.now += absl::Hours(72);
  ExpectProven();
}

TEST_F(ExpertStandingTest, AnotherEmployerAndOneOfThePastAskForAnotherLook) {
  std::vector<v1::ReviewAssignment> rows;
  const std::string panel = Closed(&rows);
  v1::Expert moved = ExpertOf(rows[0]);
  moved.set_employer(kElsewhere);
  Change(moved, "employer");
  ExpectUnproven();
  ASSERT_TRUE(Recheck(panel).ok());
  ExpectProven();

  v1::Expert worked = ExpertOf(rows[1]);
  v1::PastEmployment* past = worked.add_past_employers();
  past->set_organization(kLead);
  *past->mutable_until_date() = time::ToProto(time::DayOf(clock.now) - 30);
  Change(worked, "past_employers");
  ExpectUnproven();
  const auto struck = Recheck(panel);
  ASSERT_TRUE(struck.ok()) << struck.status();
  EXPECT_EQ(struck->struck_out_sheets(), 1);
  EXPECT_TRUE(struck->passed());
  ExpectProven();
}

TEST_F(ExpertStandingTest, ADeclaredOrganizationThatBecomesPartOfAPartyAsksForAnotherLook) {
  const std::string panel = Drawn().name();
  const auto rows = AssignmentsOf(panel);
  ASSERT_TRUE(Declare(ExpertOf(rows[0]), kElsewhere, v1::INTEREST_KIND_CONSULTING).ok());
  for (const auto& row : rows) ASSERT_TRUE(Score(row, 0).ok());
  ASSERT_TRUE(Close(panel).ok());
  ExpectProven();
  const absl::Status noted = database.db().Transact([&](db::Session& session) -> absl::Status {
    return rpc::NoteSuccession(session, clock.now, kElsewhere, {kLead, "牵头企业", ""}).status();
  });
  ASSERT_TRUE(noted.ok()) << noted;
  ExpectUnproven();
  const auto struck = Recheck(panel);
  ASSERT_TRUE(struck.ok()) << struck.status();
  EXPECT_EQ(struck->struck_out_sheets(), 1);
  ExpectProven();
}

TEST_F(ExpertStandingTest, AProofThatDoesNotSayWhatItWasMadeOfIsMadeAnew) {
  std::vector<v1::ReviewAssignment> rows;
  const std::string panel = Closed(&rows);
  const absl::Status older = database.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(v1::ReviewAssignment row,
                             book.assignments().GetForUpdate(session, rows[0].name()));
    row.mutable_latest_proof()->clear_expert_sha256();
    return book.assignments().Update(session, clock.now, &row);
  });
  ASSERT_TRUE(older.ok()) << older;
  ExpectUnproven();
  ASSERT_TRUE(Recheck(panel).ok());
  ExpectProven();
  EXPECT_EQ(Stored<v1::ReviewPanel>(panel).result_revision(), 1);
}

TEST_F(ExpertStandingTest, TheOfficeIsToldWhileAScoreCountsAndOfNewsAlone) {
  const std::string panel = Drawn().name();
  const auto rows = AssignmentsOf(panel);
  ASSERT_TRUE(Declare(ExpertOf(rows[0]), kElsewhere, v1::INTEREST_KIND_CONSULTING).ok());
  EXPECT_EQ(Told(), 0) << "nothing is scored";
  ASSERT_TRUE(Score(rows[0], 0).ok());
  ASSERT_TRUE(Declare(ExpertOf(rows[0]), kElsewhere, v1::INTEREST_KIND_CONSULTING).ok());
  EXPECT_EQ(Told(), 0) << "it is the same";
  ASSERT_TRUE(Declare(ExpertOf(rows[0]), kMember, v1::INTEREST_KIND_FUNDING).ok());
  EXPECT_EQ(Told(), 1);
  ASSERT_TRUE(Declare(ExpertOf(rows[1]), kMember, v1::INTEREST_KIND_FUNDING).ok());
  EXPECT_EQ(Told(), 1) << "another, who has not scored";
  SetState(v1::CONSORTIUM_STATE_FILED);
  ASSERT_TRUE(Declare(ExpertOf(rows[0]), kElsewhere, v1::INTEREST_KIND_FUNDING).ok());
  EXPECT_EQ(Told(), 1) << "it is decided";
  SetState(v1::CONSORTIUM_STATE_EXPERT_REVIEW);
  auto cancel = Named<v1::CancelReviewPanelRequest>(panel);
  cancel.set_reason("重新组织");
  ASSERT_TRUE(reviews.CancelReviewPanel(Office("ReviewService.CancelReviewPanel"), cancel).ok());
  ASSERT_TRUE(Declare(ExpertOf(rows[0]), kMember, v1::INTEREST_KIND_FUNDING).ok());
  EXPECT_EQ(Told(), 1) << "the panel is no more";
}

}  // namespace
}  // namespace chanyan::consortium
