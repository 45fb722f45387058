// The ladder's query (TRI-5) on the real database: what it reads among a city's results.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/connection.h"
#include "common/status/status.h"
#include "services/triage/ladder_query.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LadderTest : public ::testing::Test, protected World {
 protected:
  explicit LadderTest(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack())
      : World(std::move(pack)) {}
  // Copies of a result, by the database itself: a city has more than a test can bring in.
  void Copy(const std::string& result, int copies, const std::string& rungs,
            const std::string& state) {
    const std::string columns =
        Texts(
            "SELECT GROUP_CONCAT(CONCAT('`', column_name, '`')) FROM information_schema.columns "
            "WHERE "
            "table_schema = DATABASE() AND table_name = 'result' AND "
            "COALESCE(generation_expression, '') = '' AND column_name NOT IN "
            "('name', 'rungs', 'state')")
            .at(0);
    const absl::Status copied = database.Connect()->Run(absl::StrCat(
        "INSERT INTO result (name, rungs, state, ", columns, ") SELECT CONCAT('results/", state,
        rungs.size(), "-', seq), '", rungs, "', '", state, "', ", columns,
        " FROM result, seq_1_to_", copies, " WHERE name = '", result, "'"));
    ASSERT_TRUE(copied.ok()) << copied;
  }
  // What all statements of the session have read so far.
  static int64_t RowsRead(db::Connection& session) {
    const auto counters = session.Query("SHOW SESSION STATUS LIKE 'Handler_read%'", {});
    EXPECT_TRUE(counters.ok()) << counters.status();
    int64_t sum = 0;
    for (const db::Values& row : counters->rows) sum += std::stoll(std::get<std::string>(row[1]));
    return sum;
  }
};

TEST_F(LadderTest, WhatHasTakenEveryRungAndWhatIsClosedIsNotLookedAt) {
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(made.ok()) << made.status();
  Copy(made->name(), 2000, R"(["department","bureau-leader","city-leader"])", "PUBLISHED");
  Copy(made->name(), 2000, "[]", "WITHDRAWN");
  Copy(made->name(), 3, R"(["department"])", "PUBLISHED");
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Run("ANALYZE TABLE result").ok());
  const absl::Time later = clock.now + absl::Hours(24 * 365);
  const std::vector<std::pair<int64_t, size_t>> rungs = {{0, 1}, {1, 3}, {2, 0}};
  for (const auto& [taken, waiting] : rungs) {
    const int64_t before = RowsRead(*connection);
    const auto found = connection->Query(kLadderSql, {taken, later, kLadderPage, int64_t{0}});
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->rows.size(), waiting);
    // The counters' own reading is among it.
    EXPECT_LT(RowsRead(*connection) - before, 60) << taken;
    const auto plan = connection->Query(absl::StrCat("EXPLAIN FORMAT=JSON ", kLadderSql),
                                        {taken, later, kLadderPage, int64_t{0}});
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_THAT(std::get<std::string>(plan->rows.at(0).at(0)),
                AllOf(HasSubstr("result_ladder"), HasSubstr("using_index"), Not(HasSubstr("ALL")),
                      Not(HasSubstr("filesort"))));
  }
}

// Results whose last act lies where no calendar reaches stand at the head of what is found.
TEST_F(LadderTest, WhatCannotBeRaisedKeepsNothingBehindItWaiting) {
  const auto old = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(old.ok()) << old.status();
  ASSERT_TRUE(database.Connect()
                  ->Run(absl::StrCat("UPDATE result SET act_time = '2019-03-01 04:00:00' "
                                     "WHERE name = '",
                                     old->name(), "'"))
                  .ok());
  Copy(old->name(), 2 * static_cast<int>(kLadderPage), "[]", "PUBLISHED");
  const auto good = Create(Draft("海水淡化泵"));
  ASSERT_TRUE(good.ok()) << good.status();
  Go(absl::CivilDay(2025, 4, 9));
  const auto lease = JobLease();
  const auto raised = first.Climb(*lease);
  // What is wrong with them is told, and once.
  EXPECT_EQ(status::ReasonOf(raised.status()), options::v1::ERROR_REASON_CALENDAR_MISSING)
      << raised.status();
  EXPECT_LT(raised.status().message().size(), 400);
  EXPECT_THAT(Texts("SELECT SUBSTRING_INDEX(name, '/', 2) FROM idle_alert"),
              ::testing::ElementsAre(good->name()));
  EXPECT_EQ(Count("result WHERE rung_count = 1"), 1);
}

// A city whose department has so long to decide that its term ends beyond the calendar.
class LongTermTest : public LadderTest {
 protected:
  LongTermTest()
      : LadderTest(PackWith({{"display_name: \"业务处室\" decide_workdays: 5",
                              "display_name: \"业务处室\" decide_workdays: 600"}})) {}
};

TEST_F(LongTermTest, ARungThatFailsKeepsTheOthersFromNothing) {
  const auto below = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(below.ok()) << below.status();
  const auto above = Create(Draft("海水淡化泵"));
  ASSERT_TRUE(above.ok()) << above.status();
  ASSERT_TRUE(database.Connect()
                  ->Run(absl::StrCat("UPDATE result SET rungs = '[\"department\"]' WHERE name = '",
                                     above->name(), "'"))
                  .ok());
  Go(absl::CivilDay(2025, 4, 16));
  const auto lease = JobLease();
  const auto raised = first.Climb(*lease);
  EXPECT_EQ(status::ReasonOf(raised.status()), options::v1::ERROR_REASON_CALENDAR_MISSING)
      << raised.status();
  EXPECT_THAT(Texts("SELECT CONCAT(SUBSTRING_INDEX(name, '/', 2), ' ', rung) FROM idle_alert"),
              ::testing::ElementsAre(absl::StrCat(above->name(), " bureau-leader")));
  // Half done is nothing of the one that failed.
  EXPECT_EQ(Count("escalation"), 1);
  EXPECT_THAT(Stored(below->name()).rungs(), ::testing::IsEmpty());
}

TEST_F(LadderTest, OneOfManyIsFoundAndTakenOnce) {
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(made.ok()) << made.status();
  Copy(made->name(), 500, R"(["department","bureau-leader","city-leader"])", "PUBLISHED");
  Go(absl::CivilDay(2025, 4, 9));
  const auto lease = JobLease();
  EXPECT_EQ(*first.Climb(*lease), 1);
  EXPECT_EQ(*first.Climb(*lease), 0);
  EXPECT_EQ(Count("result WHERE rung_count = 1"), 1);
  ASSERT_TRUE(Withdraw(made->name()).ok());
  EXPECT_EQ(Count("result WHERE rung_count IS NULL"), 1);
}

}  // namespace
}  // namespace chanyan::triage
