// Expert review on the real database (CON-4): what is refused first, the draw, and what nobody may
// see; how a panel closes and what comes of it: review_close_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/auth/scope.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/consortium/review_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_UNIT;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReviewTest : public ::testing::Test, protected ReviewWorld {};

TEST_F(ReviewTest, ABadExpertIsRefusedWithAllThatIsWrong) {
  v1::CreateExpertRequest request;
  request.mutable_expert()->set_category("magic");
  request.mutable_expert()->set_employer("organizations/nowhere");
  request.mutable_expert()->set_account("accounts/x");
  const auto made = experts.CreateExpert(Office("ExpertService.CreateExpert"), request);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
  request.mutable_expert()->set_category("technology");
  const auto unknown = experts.CreateExpert(Office("ExpertService.CreateExpert"), request);
  EXPECT_THAT(TextOf(unknown.status()), HasSubstr("organizations/nowhere"));
}

TEST_F(ReviewTest, OneAccountIsOneExpert) {
  AddExpert("e1", "technology", "organizations/u1");
  v1::CreateExpertRequest request;
  *request.mutable_expert() =
      Stored<v1::Expert>(testing::Texts(database.db(), "SELECT name FROM expert").at(0));
  request.mutable_expert()->clear_name();
  const auto twin = experts.CreateExpert(Office("ExpertService.CreateExpert"), request);
  EXPECT_EQ(twin.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(TextOf(twin.status()), HasSubstr("accounts/e1"));
}

TEST_F(ReviewTest, APanelNeedsASheetOfThePackTheRightStageAndEnoughExperts) {
  EXPECT_THAT(TextOf(Draw("beauty").status()), HasSubstr("beauty"));
  EXPECT_EQ(status::ReasonOf(Draw("defence").status()), ERROR_REASON_WRONG_STATE);
  const auto empty = Draw();
  EXPECT_EQ(status::ReasonOf(empty.status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(TextOf(empty.status()), HasSubstr("“technology”需3名，可抽取0名"));
  EXPECT_EQ(Count("review_panel"), 0);
  EXPECT_EQ(Count("review_assignment"), 0);
}

TEST_F(ReviewTest, TheSameSeedPoolAndFactsGiveTheSamePanelWithAProofForEach) {
  AddPool();
  const auto first = Draw();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->assignment_count(), 5);
  const auto drawn = ExpertsOf(first->name());
  for (const auto& row : AssignmentsOf(first->name())) {
    EXPECT_EQ(row.proof().checks_size(), 7);
    EXPECT_THAT(row.proof().facts_sha256(), SizeIs(64));
    EXPECT_EQ(row.proof().pack_id(), "qingdao");
  }
  EXPECT_EQ(status::ReasonOf(Draw().status()), ERROR_REASON_WRONG_STATE);
  auto cancel = Named<v1::CancelReviewPanelRequest>(first->name());
  cancel.set_reason("重新组织");
  ASSERT_TRUE(reviews.CancelReviewPanel(Office("ReviewService.CancelReviewPanel"), cancel).ok());
  const auto again = Draw();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ExpertsOf(again->name()), drawn);

  v1::ListPanelDrawsRequest list;
  list.set_parent(again->name());
  const auto draws = reviews.ListPanelDraws(Office("ReviewService.ListPanelDraws"), list);
  ASSERT_TRUE(draws.ok()) << draws.status();
  ASSERT_THAT(draws->panel_draws(), SizeIs(1));
  v1::VerifyPanelDrawRequest verify;
  verify.set_name(draws->panel_draws(0).name());
  const auto same = reviews.VerifyPanelDraw(Office("ReviewService.VerifyPanelDraw"), verify);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(same->same()) << same->difference();
}

TEST_F(ReviewTest, OfEightDrawsAtOnceOneMakesAPanel) {
  AddPool();
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { made += Draw().ok() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Count("review_panel"), 1);
  EXPECT_EQ(Count("review_assignment"), 5);
}

TEST_F(ReviewTest, WhoHasAConflictIsNotDrawnAndTheDrawSaysWhy) {
  AddPool();
  const v1::Expert employed = AddExpert("inside", "technology", kMember);
  AddExpert("partner", "technology", "organizations/partner");
  AddProject("organizations/partner", kLead);
  Add("organizations/group", registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  Add(kLead, registry::v1::ORGANIZATION_KIND_ENTERPRISE, "organizations/group");
  AddExpert("sister", "technology", "organizations/sister");
  Add("organizations/sister", registry::v1::ORGANIZATION_KIND_ENTERPRISE, "organizations/group");
  const v1::Expert funded = AddExpert("funded", "technology", "organizations/funded");
  ASSERT_TRUE(Declare(funded, kMember, v1::INTEREST_KIND_FUNDING).ok());
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  v1::ListPanelDrawsRequest list;
  list.set_parent(panel->name());
  const auto draws = reviews.ListPanelDraws(Office("ReviewService.ListPanelDraws"), list);
  ASSERT_TRUE(draws.ok());
  std::string reasons;
  for (const auto& out : draws->panel_draws(0).left_out()) {
    absl::StrAppend(&reasons, out.reason(), "\n");
  }
  EXPECT_EQ(draws->panel_draws(0).left_out_size(), 4) << reasons;
  EXPECT_THAT(reasons, HasSubstr("任职于成员单位"));
  EXPECT_THAT(reasons, HasSubstr("结对共建项目"));
  EXPECT_THAT(reasons, HasSubstr("同属一个上级单位"));
  EXPECT_THAT(reasons, HasSubstr("本人申报"));
}

TEST_F(ReviewTest, AnExpertSeesTheOwnRowsAloneAndOthersAreAsIfAbsent) {
  AddPool();
  // A second expert of the same employer: grants reach rows by employer.
  AddExpert("colleague", "technology", "organizations/u0");
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  const auto rows = AssignmentsOf(panel->name());
  const v1::ReviewAssignment& own = rows[0];
  const v1::ReviewAssignment& other = rows[1];
  v1::ListReviewAssignmentsRequest list;
  list.set_parent("consortia/-/panels/-");
  const auto page =
      reviews.ListReviewAssignments(Expert(own, "ReviewService.ListReviewAssignments"), list);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->review_assignments(), SizeIs(1));
  EXPECT_EQ(page->review_assignments(0).name(), own.name());
  EXPECT_EQ(page->review_assignments(0).draw(), "");
  EXPECT_EQ(page->next_page_token(), "");
  // A filter that names another finds nothing, as if there were none.
  list.set_filter(absl::StrCat("expert = \"", other.expert(), "\""));
  EXPECT_THAT(
      reviews.ListReviewAssignments(Expert(own, "ReviewService.ListReviewAssignments"), list)
          ->review_assignments(),
      IsEmpty());

  const std::string absent = absl::StrCat(panel->name(), "/assignments/zzzzzzzzzzzz");
  const auto refusals = [&](const std::string& name) {
    v1::GetReviewAssignmentRequest get;
    get.set_name(name);
    v1::GetScoreSheetRequest sheet;
    sheet.set_name(absl::StrCat(name, "/sheets/main"));
    auto accept = Named<v1::AcceptReviewAssignmentRequest>(name);
    accept.set_no_conflict(true);
    auto decline = Named<v1::DeclineReviewAssignmentRequest>(name);
    decline.set_reason("x");
    v1::SaveScoreSheetRequest save;
    save.mutable_score_sheet()->set_name(absl::StrCat(name, "/sheets/main"));
    const auto as = [&](absl::string_view method) { return Expert(own, method); };
    return std::vector<absl::Status>{
        reviews.GetReviewAssignment(as("ReviewService.GetReviewAssignment"), get).status(),
        reviews.GetScoreSheet(as("ReviewService.GetScoreSheet"), sheet).status(),
        reviews.AcceptReviewAssignment(as("ReviewService.AcceptReviewAssignment"), accept).status(),
        reviews.DeclineReviewAssignment(as("ReviewService.DeclineReviewAssignment"), decline)
            .status(),
        reviews.SaveScoreSheet(as("ReviewService.SaveScoreSheet"), save).status(),
        reviews
            .SubmitScoreSheet(
                as("ReviewService.SubmitScoreSheet"),
                Named<v1::SubmitScoreSheetRequest>(absl::StrCat(name, "/sheets/main")))
            .status()};
  };
  const auto foreign = refusals(other.name());
  const auto nothing = refusals(absent);
  for (size_t i = 0; i < foreign.size(); ++i) {
    EXPECT_EQ(foreign[i].code(), absl::StatusCode::kNotFound) << i << foreign[i];
    // The same but for the name that was asked for.
    EXPECT_EQ(absl::StrReplaceAll(TextOf(foreign[i]), {{other.name(), "X"}}),
              absl::StrReplaceAll(TextOf(nothing[i]), {{absent, "X"}}))
        << i;
  }
  // Of the same employer, not the same person.
  rpc::Call colleague = Expert(own, "ReviewService.GetReviewAssignment");
  colleague.principal.account = "accounts/somebody-else";
  v1::GetReviewAssignmentRequest get;
  get.set_name(own.name());
  EXPECT_EQ(reviews.GetReviewAssignment(colleague, get).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ReviewTest, TheOwnAssignmentDoesNotChangeByWhatOthersDo) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok());
  const auto rows = AssignmentsOf(panel->name());
  const auto before = Stored<v1::ReviewAssignment>(rows[0].name());
  const auto sheet_before = SheetOf(rows[0]);
  for (size_t i = 1; i < rows.size(); ++i) ASSERT_TRUE(Score(rows[i], 0).ok());
  const auto after = Stored<v1::ReviewAssignment>(rows[0].name());
  EXPECT_EQ(after.etag(), before.etag());
  EXPECT_EQ(absl::FormatTime(absl::FromUnixSeconds(after.update_time().seconds())),
            absl::FormatTime(absl::FromUnixSeconds(before.update_time().seconds())));
  EXPECT_EQ(SheetOf(rows[0]).etag(), sheet_before.etag());
}

TEST_F(ReviewTest, ScoresAreShownToNobodyBeforeThePanelIsClosed) {
  AddPool();
  const v1::ReviewPanel panel = Scored({0, 10, 20, 30, 40});
  v1::ListScoreSheetsRequest list;
  list.set_parent(absl::StrCat(panel.name(), "/assignments/-"));
  EXPECT_THAT(
      reviews.ListScoreSheets(Office("ReviewService.ListScoreSheets"), list)->score_sheets(),
      IsEmpty());
  EXPECT_THAT(
      reviews
          .ListScoreSheets(
              As(ROLE_LEADER, "organizations/leaders", "ReviewService.ListScoreSheets"), list)
          ->score_sheets(),
      IsEmpty());
  EXPECT_EQ(panel.score_thousandths(), 0);
  EXPECT_EQ(panel.submitted_count(), 5);
  v1::GetReviewOutcomeRequest outcome;
  outcome.set_name(kReviewed);
  const rpc::Call lead = As(ROLE_ENTERPRISE, kLead, "ReviewService.GetReviewOutcome");
  EXPECT_THAT(reviews.GetReviewOutcome(lead, outcome)->outcomes(), IsEmpty());
  const auto closed = Close(panel.name());
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_THAT(
      reviews.ListScoreSheets(Office("ReviewService.ListScoreSheets"), list)->score_sheets(),
      SizeIs(5));
  // An expert still sees the own alone.
  const auto own = AssignmentsOf(panel.name())[0];
  EXPECT_THAT(
      reviews.ListScoreSheets(Expert(own, "ReviewService.ListScoreSheets"), list)->score_sheets(),
      SizeIs(1));
  // The applicant: opinions, in an order of their own, and no name.
  const auto known = reviews.GetReviewOutcome(lead, outcome);
  ASSERT_TRUE(known.ok());
  ASSERT_THAT(known->outcomes(), SizeIs(1));
  EXPECT_THAT(known->outcomes(0).opinions(), SizeIs(5));
  EXPECT_TRUE(
      std::is_sorted(known->outcomes(0).opinions().begin(), known->outcomes(0).opinions().end()));
  EXPECT_THAT(known->ShortDebugString(), ::testing::Not(HasSubstr("experts/")));
}

TEST_F(ReviewTest, WhoMaySeeWhat) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok());
  const auto own = AssignmentsOf(panel->name())[0];
  const auto reaches = [](const rpc::Call& call, const google::protobuf::Message& row) {
    return auth::Reaches(call.principal, row, options::v1::ACCESS_READ);
  };
  const v1::ReviewPanel panel_row = Stored<v1::ReviewPanel>(panel->name());
  const v1::ScoreSheet sheet = SheetOf(own);
  const v1::Expert expert = Stored<v1::Expert>(own.expert());
  for (const auto& [role, organization] :
       {std::pair{ROLE_ENTERPRISE, std::string(kLead)},
        std::pair{ROLE_UNIT, std::string(kDistrict)},
        std::pair{options::v1::ROLE_RESEARCH_OFFICE, std::string(kMember)},
        std::pair{options::v1::ROLE_PUBLIC, std::string()},
        std::pair{ROLE_DEPARTMENT, std::string("organizations/another-office")}}) {
    const rpc::Call call = As(role, organization, "ReviewService.GetReviewPanel");
    EXPECT_FALSE(reaches(call, panel_row)) << organization;
    EXPECT_FALSE(reaches(call, own)) << organization;
    EXPECT_FALSE(reaches(call, sheet)) << organization;
    EXPECT_FALSE(reaches(call, expert)) << organization;
  }
  EXPECT_TRUE(reaches(Office("ReviewService.GetReviewPanel"), panel_row));
  EXPECT_FALSE(reaches(Office("ReviewService.GetScoreSheet"), sheet));
}

TEST_F(ReviewTest, ASheetIsFilledInByWhoAcceptedInTimeAndWhole) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok());
  const auto row = AssignmentsOf(panel->name())[0];
  auto unpromised = Named<v1::AcceptReviewAssignmentRequest>(row.name());
  EXPECT_EQ(
      reviews
          .AcceptReviewAssignment(Expert(row, "ReviewService.AcceptReviewAssignment"), unpromised)
          .status()
          .code(),
      absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ReasonOf(Fill(row, 0).status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Accept(row).ok());
  const auto empty = Submit(row);
  EXPECT_EQ(empty.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ViolationsOf(empty.status()).size(), 7u);
  EXPECT_EQ(Fill(row, -1).status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Fill(row, 5).ok());
  ASSERT_TRUE(Submit(row).ok());
  EXPECT_EQ(SheetOf(row).total_tenths(), 995);
  EXPECT_EQ(status::ReasonOf(Fill(row, 0).status()), ERROR_REASON_WRONG_STATE);
  const auto reopened = reviews.ReopenScoreSheet(
      Expert(row, "ReviewService.ReopenScoreSheet"),
      Named<v1::ReopenScoreSheetRequest>(absl::StrCat(row.name(), "/sheets/main")));
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  ASSERT_TRUE(Fill(row, 0).ok());
  clock.now = time::StartOfDay(absl::CivilDay(2025, 6, 1));
  EXPECT_EQ(status::ReasonOf(Submit(row).status()), ERROR_REASON_WINDOW_CLOSED);
}

}  // namespace
}  // namespace chanyan::consortium
