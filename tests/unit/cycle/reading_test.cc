// The six steps of every quarter with a calendar, under every reading of "第N周", against an oracle
// that goes through the days one by one (CYC-1).
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "tests/support/pack_reading.h"
#include "tests/support/quarter_oracle.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using testing::QuarterOracle;
using testing::WeeksBy;

policy::v1::WeekReading ReadingOf(WeeksBy weeks) {
  switch (weeks) {
    case WeeksBy::kWorkdays:
      return policy::v1::WEEK_READING_WORKDAY_BLOCKS;
    case WeeksBy::kSevenDays:
      return policy::v1::WEEK_READING_SEVEN_DAY_BLOCKS;
    case WeeksBy::kFirstMonday:
      return policy::v1::WEEK_READING_FROM_FIRST_MONDAY;
    case WeeksBy::kThursdays:
      break;
  }
  return policy::v1::WEEK_READING_ISO_WEEKS;
}

TEST(ReadingTest, EveryQuarterUnderEveryReadingIsWhatTheDaysSay) {
  const auto shipped = testing::ShippedPack("qingdao");
  int planned = 0;
  std::string refused;
  for (const WeeksBy weeks : testing::kAllWeeks) {
    const auto pack = testing::PackReading(*shipped, ReadingOf(weeks));
    ASSERT_TRUE(pack.ok()) << pack.status();
    for (const int year : {2025, 2026}) {
      for (int number = 1; number <= 4; ++number) {
        const QuarterOracle oracle(year, number, weeks);
        const time::Quarter quarter(year, number);
        SCOPED_TRACE(absl::StrCat(quarter.Id(), " reading ", static_cast<int>(weeks)));
        const auto steps = PlanSteps(**pack, quarter);
        if (!oracle.HasAll(kSteps)) {
          EXPECT_EQ(status::ReasonOf(steps.status()), options::v1::ERROR_REASON_RULE_VIOLATED);
          absl::StrAppend(&refused, quarter.Id(), "/", static_cast<int>(weeks), " ");
          continue;
        }
        ASSERT_TRUE(steps.ok()) << steps.status();
        ++planned;
        for (int step = 1; step <= kSteps; ++step) {
          const v1::Step& window = (*steps)[static_cast<size_t>(step - 1)];
          EXPECT_EQ(time::DayIn(window.first_day()), oracle.Days(step).front()) << step;
          EXPECT_EQ(time::ToTime(window.deadline()), oracle.End(step)) << step;
        }
      }
    }
  }
  // Weeks without any workday: New Year's and the national holiday, and the Spring Festival.
  EXPECT_EQ(refused, "2025q1/1 2025q4/1 2026q4/1 2025q4/3 2026q4/3 ");
  EXPECT_EQ(planned, 27);
}

}  // namespace
}  // namespace chanyan::cycle
