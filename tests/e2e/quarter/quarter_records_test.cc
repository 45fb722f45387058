// What the demonstration's actors do beside their forms (deploy/demo/qingdao/records.tsv), played
// by chanyan-quarter against a whole suite as tools/up does: a merger, a new name and a split,
// duplicates that are found and one that is none, an agreement, a typed report, a check-in, a
// search and a recommendation among it; and played once more it does nothing (REG-1, REG-4, REG-5,
// REG-6, PAIR-3, PAIR-4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/quarter/quarter_walks.h"
#include "tests/support/suite/suite.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/plan.h"

namespace chanyan::e2e {
namespace {

using testing::Api;
using ::testing::HasSubstr;
using testing::HttpReply;
using testing::Json;
using testing::Suite;

class QuarterRecordsTest : public QuarterWalks {
 protected:
  static Json ReadOne(Api& api, const std::string& target) {
    const HttpReply reply = api.Get(target);
    EXPECT_EQ(reply.status, 200) << target << ": " << reply.body << reply.failure;
    return reply.json();
  }
};

TEST_F(QuarterRecordsTest, EachActIsDoneOnceAndIsThere) {
  Seed({"--universities=10", "--platforms=20", "--companies=24", "--units=6", "--rows=60"},
       {"triage.tsv", "triage_accounts.tsv", "consortia.tsv", "consortium_units.tsv"});
  if (HasFatalFailure()) return;
  const absl::StatusOr<quarter::Plan> plan = quarter::LoadPlan(dir_ + "/in");
  ASSERT_TRUE(plan.ok()) << plan.status();
  Suite suite(NoQuarterOfItsOwn());
  const Files made = Walk(suite, "out");
  if (HasFailure()) return;
  const auto table = demo::Tsv::Load(dir_ + "/out/records.tsv", {"key", "name"});
  ASSERT_TRUE(table.ok()) << table.status();
  std::map<std::string, std::string> done;
  for (size_t i = 0; i < table->size(); ++i) done[table->Get(i, "key")] = table->Get(i, "name");
  for (const quarter::RecordPlan& act : plan->records) {
    EXPECT_FALSE(done[act.key].empty()) << act.place;
  }

  Api office = suite.SignIn("secretariat", PasswordOf("out", "secretariat"));
  const Json merged = ReadOne(office, "/v1/" + done["n3"]);
  EXPECT_EQ(merged.At("state"), "ORGANIZATION_STATE_MERGED");
  EXPECT_EQ(merged.At("mergedInto"), done["n1"]);
  const Json renamed = ReadOne(office, "/v1/" + done["n4"]);
  EXPECT_EQ(renamed.At("displayName"), "青岛演示琴屿智造有限公司");
  EXPECT_EQ(renamed.At("formerNames.0.displayName"), "青岛演示琴屿制造有限公司");
  const Json history = ReadOne(office, absl::StrCat("/v1/", done["n5"], "/events"));
  EXPECT_GE(history.Size("events"), 1);
  EXPECT_EQ(ReadOne(office, "/v1/organizations/qd-demo-fenglin-a").At("splitFrom"), done["n5"]);
  // The other pair is gone with the merger, and this one was no duplicate.
  const Json pairs = ReadOne(office, "/v1/duplicates?organization=" + done["n1"]);
  EXPECT_EQ(pairs.Size("pairs"), 0) << pairs.At("pairs.0.first.displayName");
  EXPECT_EQ(ReadOne(office, "/v1/distinctPairs").Size("distinctPairs"), 1);
  EXPECT_EQ(done["n-pairs"], "pairs/2");
  EXPECT_EQ(ReadOne(office, "/v1/" + done["g1"]).At("number"), "演示-2025-001");
  EXPECT_EQ(ReadOne(office, "/v1/" + done["q1"]).At("state"), "REPORT_STATE_SUBMITTED");
  if (done["k1-book"] != "-") {
    EXPECT_EQ(done["k1-checkin"], done["k1-book"]);
  }
  EXPECT_TRUE(absl::StartsWith(done["s1"], "hits/"));
  EXPECT_TRUE(absl::StartsWith(done["s2"], "suggestions/"));
  EXPECT_THAT(ReadFile(log()), HasSubstr("查询 3 次"));

  EXPECT_THAT(Differences(Walk(suite, "out"), made), ::testing::IsEmpty());
}

}  // namespace
}  // namespace chanyan::e2e
