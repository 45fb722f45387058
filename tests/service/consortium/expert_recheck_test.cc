// Who declares a conflict after scoring is looked at at once, in the flow of the declaration
// (CON-4); where that cannot be done, by the job's next run and not a day later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/db/lease.h"
#include "common/status/status.h"
#include "tests/service/consortium/standing_world.h"

namespace chanyan::consortium {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ExpertRecheckTest : public ::testing::Test, protected StandingWorld {
 protected:
  void RecheckBy(const ReviewService& service) {
    experts.SetRecheck([&service](const rpc::Call& call, const std::string& expert) {
      service.RecheckDeclared(call, expert);
    });
  }
  v1::ReviewPanel Panel(const std::string& name) {
    v1::ReviewPanel row;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(row, review.panels().Get(session, name));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return row;
  }
  int Run() {
    db::Lease lease(database.db(), "consortium-notices", "one", absl::Minutes(3));
    EXPECT_TRUE(lease.Acquire().ok());
    const auto done = reviews.RecheckDue(lease);
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(-1);
  }
};

TEST_F(ExpertRecheckTest, ADeclaredConflictStrikesTheScoreOutAtOnce) {
  RecheckBy(reviews);
  const std::string name = Accepted("评审中");
  const std::string document = Reviewed(name, "document");
  Declare(document, 0, kAlpha);
  const v1::ReviewPanel after = Panel(document);
  EXPECT_EQ(after.counted_sheets(), 2);
  EXPECT_THAT(after.result_note(), HasSubstr("剔除评分1份"));
  EXPECT_THAT(testing::Texts(database.db(),
                             "SELECT kind FROM journal WHERE method = "
                             "'chanyan.consortium.Jobs/recheck' AND kind IN ('remove', 'strike "
                             "out') ORDER BY id"),
              ElementsAre("remove", "strike out"));
  EXPECT_EQ(Count("journal WHERE kind = 'declared after scoring'"), 1);
  EXPECT_THAT(std::string(Step(name, "inspect", Part::kOffice).message()),
              HasSubstr("专家审查未通过（得分90，有效评分2份）"));
  EXPECT_EQ(Run(), 0) << "nothing is left to find";
}

TEST_F(ExpertRecheckTest, WhatIsNoConflictHoldsNothingUp) {
  RecheckBy(reviews);
  const std::string name = Accepted("评审中");
  const std::string document = Reviewed(name, "document");
  Declare(document, 0, kBeta);
  EXPECT_EQ(Panel(document).counted_sheets(), 3);
  ExpectDone(name, "inspect");
}

TEST_F(ExpertRecheckTest, WhereNobodyAnswersTheNextRunOfTheJobLooks) {
  testing::FakePeer away("chanyan.registry.v1.RegistryService", {});
  away.Stop();
  const ReviewService deaf({deps().store, *pack, away.peers()}, review);
  RecheckBy(deaf);
  const std::string name = Accepted("评审中");
  const std::string document = Reviewed(name, "document");
  Run();
  EXPECT_EQ(Run(), 0) << "looked at just now";
  Declare(document, 0, kAlpha);
  EXPECT_EQ(Panel(document).counted_sheets(), 3);
  ExpectUnproven(Step(name, "inspect", Part::kOffice), "专家审查");
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(Panel(document).counted_sheets(), 2);
  EXPECT_EQ(Run(), 0);
}

}  // namespace
}  // namespace chanyan::consortium
