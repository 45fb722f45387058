// What an expert is refused takes the work that an absent name takes, statement by statement and
// row by row, so that nothing shows by how long it takes (CON-4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/consortium/review_world.h"
#include "tests/support/counted_database.h"

namespace chanyan::consortium {
namespace {

using testing::CountedDatabase;
using testing::Work;

class ReviewWorkTest : public ::testing::Test, protected ReviewWorld {
 protected:
  ReviewWorkTest()
      : counted(database.db()),
        measured({{counted, clock, nullptr}, *pack, peer.peers(), nullptr}, book),
        pool({{counted, clock, nullptr}, *pack, peer.peers(), nullptr}) {}

  using Ask = std::function<absl::Status(const rpc::Call&, const std::string& assignment)>;
  // All by which an expert names an assignment or a sheet, by the method.
  std::map<std::string, Ask> Asks() {
    const auto sheet = [](const std::string& name) { return absl::StrCat(name, "/sheets/main"); };
    return {{"GetReviewAssignment",
             [this](const rpc::Call& call, const std::string& name) {
               v1::GetReviewAssignmentRequest request;
               request.set_name(name);
               return measured.GetReviewAssignment(call, request).status();
             }},
            {"GetScoreSheet",
             [this, sheet](const rpc::Call& call, const std::string& name) {
               v1::GetScoreSheetRequest request;
               request.set_name(sheet(name));
               return measured.GetScoreSheet(call, request).status();
             }},
            {"GetReviewDossier",
             [this](const rpc::Call& call, const std::string& name) {
               v1::GetReviewDossierRequest request;
               request.set_name(name);
               return measured.GetReviewDossier(call, request).status();
             }},
            {"AcceptReviewAssignment",
             [this](const rpc::Call& call, const std::string& name) {
               auto request = Named<v1::AcceptReviewAssignmentRequest>(name);
               request.set_no_conflict(true);
               return measured.AcceptReviewAssignment(call, request).status();
             }},
            {"DeclineReviewAssignment",
             [this](const rpc::Call& call, const std::string& name) {
               auto request = Named<v1::DeclineReviewAssignmentRequest>(name);
               request.set_reason("x");
               return measured.DeclineReviewAssignment(call, request).status();
             }},
            {"SaveScoreSheet",
             [this, sheet](const rpc::Call& call, const std::string& name) {
               v1::SaveScoreSheetRequest request;
               request.mutable_score_sheet()->set_name(sheet(name));
               request.set_request_id(api::NewUuid());
               return measured.SaveScoreSheet(call, request).status();
             }},
            {"SubmitScoreSheet", [this, sheet](const rpc::Call& call, const std::string& name) {
               return measured
                   .SubmitScoreSheet(call, Named<v1::SubmitScoreSheetRequest>(sheet(name)))
                   .status();
             }}};
  }
  rpc::Call Caller(const v1::ReviewAssignment& own, const std::string& method) {
    return Expert(own, absl::StrCat("ReviewService.", method));
  }
  // What it took; the second time, for the first prepares what is asked.
  Work WorkOf(const Ask& ask, const rpc::Call& call, const std::string& name,
              absl::StatusCode expected) {
    ask(call, name).IgnoreError();
    counted.Take();
    EXPECT_EQ(ask(call, name).code(), expected) << name;
    return counted.Take();
  }

  CountedDatabase counted;
  ReviewService measured;
  ExpertService pool;
};

TEST_F(ReviewWorkTest, AnotherExpertsTakesWhatAnAbsentOneTakes) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  const auto rows = AssignmentsOf(panel->name());
  ASSERT_TRUE(Score(rows[1], 0).ok());
  const std::string absent = absl::StrCat(panel->name(), "/assignments/zzzzzzzzzzzz");
  // Of another employer, and of one's own: there the grant reaches the row and the account does
  // not.
  v1::ReviewAssignment colleague = rows[1];
  colleague.set_account("accounts/somebody-else");
  for (const auto& [method, ask] : Asks()) {
    for (const v1::ReviewAssignment& own : {rows[0], colleague}) {
      const rpc::Call call = Caller(own, method);
      const Work foreign = WorkOf(ask, call, rows[1].name(), absl::StatusCode::kNotFound);
      const Work nothing = WorkOf(ask, call, absent, absl::StatusCode::kNotFound);
      EXPECT_GE(nothing.size(), 2u) << method << ": something is asked";
      EXPECT_THAT(foreign, ::testing::ElementsAreArray(nothing)) << method << " " << own.account();
    }
  }
}

// That the comparison can fail: what is one's own takes more.
TEST_F(ReviewWorkTest, OnesOwnTakesMoreThanAnAbsentOne) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  const auto rows = AssignmentsOf(panel->name());
  const rpc::Call call = Caller(rows[0], "GetReviewAssignment");
  const Ask ask = Asks().at("GetReviewAssignment");
  const std::string absent = absl::StrCat(panel->name(), "/assignments/zzzzzzzzzzzz");
  EXPECT_NE(WorkOf(ask, call, rows[0].name(), absl::StatusCode::kOk),
            WorkOf(ask, call, absent, absl::StatusCode::kNotFound));
}

TEST_F(ReviewWorkTest, AColleaguesEntryInThePoolTakesWhatAnAbsentOneTakes) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  v1::ReviewAssignment colleague = AssignmentsOf(panel->name()).at(0);
  const std::string other = colleague.expert();
  colleague.set_account("accounts/somebody-else");
  const rpc::Call call = Expert(colleague, "ExpertService.GetExpert");
  const Ask get = [this](const rpc::Call& by, const std::string& name) {
    v1::GetExpertRequest request;
    request.set_name(name);
    return pool.GetExpert(by, request).status();
  };
  EXPECT_THAT(WorkOf(get, call, other, absl::StatusCode::kNotFound),
              ::testing::ElementsAreArray(
                  WorkOf(get, call, "experts/zzzzzzzzzzzz", absl::StatusCode::kNotFound)));
}

// By a list one sees how many statements there were; which index the server takes is its own.
TEST_F(ReviewWorkTest, AListAsksTheSameWhetherAFilterNamesAnotherOrNobody) {
  AddPool();
  const auto panel = Draw();
  ASSERT_TRUE(panel.ok()) << panel.status();
  const auto rows = AssignmentsOf(panel->name());
  const auto ask = [&](const std::string& filter) {
    v1::ListReviewAssignmentsRequest list;
    list.set_parent("consortia/-/panels/-");
    list.set_filter(filter);
    const rpc::Call call = Caller(rows[0], "ListReviewAssignments");
    measured.ListReviewAssignments(call, list).status().IgnoreError();
    counted.Take();
    const auto page = measured.ListReviewAssignments(call, list);
    EXPECT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->review_assignments_size(), 0);
    Work work = counted.Take();
    std::erase_if(work, [](const std::string& one) { return absl::StartsWith(one, "looked at"); });
    return work;
  };
  const Work foreign = ask(absl::StrCat("expert = \"", rows[1].expert(), "\""));
  EXPECT_THAT(foreign, ::testing::ElementsAreArray(ask("expert = \"experts/zzzzzzzzzzzz\"")));
}

}  // namespace
}  // namespace chanyan::consortium
