#include "common/time/civil.h"

#include <string>

#include "common/status/status.h"
#include "common/time/clock.h"
#include "gtest/gtest.h"

namespace chanyan::time {
namespace {

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST(CivilTest, DatesThatDoNotExistAreRefused) {
  for (const auto& date :
       {Date(0, 3, 18), Date(2025, 0, 18), Date(2025, 3, 0), Date(2025, 2, 29), Date(2025, 13, 1),
        Date(2025, 4, 31), Date(1899, 12, 31), Date(2025, -1, 1), Date(10000, 1, 1)}) {
    const auto day = ToCivilDay(date);
    EXPECT_EQ(status::ReasonOf(day.status()), options::v1::ERROR_REASON_INVALID_FIELD)
        << date.ShortDebugString();
  }
}

TEST(CivilTest, TextThatIsNoDateIsRefused) {
  for (const char* text : {"", "2025-3-18", "2025/03/18", "20250318", "2025-03-18 ", "2025-02-30",
                           "+025-03-18", "2025-+3-18", "二〇二五年"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

TEST(CivilTest, LeapDaysExistInLeapYearsOnly) {
  EXPECT_TRUE(ToCivilDay(Date(2024, 2, 29)).ok());
  EXPECT_TRUE(ToCivilDay(Date(2000, 2, 29)).ok());
  EXPECT_FALSE(ToCivilDay(Date(2100, 2, 29)).ok());
  EXPECT_TRUE(ParseDate("2028-02-29").ok());
  EXPECT_FALSE(ParseDate("2026-02-29").ok());
}

TEST(CivilTest, DatesSurviveTheWayThereAndBack) {
  for (absl::CivilDay day(1999, 12, 1); day < absl::CivilDay(2001, 4, 1); ++day) {
    EXPECT_EQ(*ToCivilDay(ToProto(day)), day);
    EXPECT_EQ(*ParseDate(FormatDate(day)), day);
  }
  EXPECT_EQ(FormatDate(absl::CivilDay(2025, 3, 8)), "2025-03-08");
  EXPECT_EQ(FormatDateZh(absl::CivilDay(2025, 3, 8)), "2025年3月8日");
}

TEST(CivilTest, DaysTurnAtMidnightInChina) {
  const absl::CivilDay day(2025, 3, 18);
  EXPECT_EQ(absl::FormatTime(StartOfDay(day), absl::UTCTimeZone()), "2025-03-17T16:00:00+00:00");
  EXPECT_EQ(absl::FormatTime(EndOfDay(day), absl::UTCTimeZone()), "2025-03-18T15:59:59+00:00");
  EXPECT_EQ(DayOf(StartOfDay(day) - absl::Nanoseconds(1)), day - 1);
  EXPECT_EQ(DayOf(StartOfDay(day)), day);
  EXPECT_EQ(DayOf(EndOfDay(day)), day);
}

TEST(CivilTest, TheLastSecondOfADeadlineIsStillInTime) {
  const absl::Time deadline = EndOfDay(absl::CivilDay(2025, 4, 8));
  EXPECT_FALSE(IsPastDeadline(deadline, deadline));
  EXPECT_FALSE(IsPastDeadline(deadline + absl::Milliseconds(999), deadline));
  EXPECT_TRUE(IsPastDeadline(StartOfDay(absl::CivilDay(2025, 4, 9)), deadline));
}

TEST(QuarterTest, TextThatIsNoQuarterIsRefused) {
  for (const char* text : {"", "2025", "2025Q2", "2025q0", "2025q5", "25q2", "2025q22", "0025q1"}) {
    EXPECT_FALSE(Quarter::Parse(text).ok()) << text;
  }
}

TEST(QuarterTest, KnowsItsDaysAndNames) {
  const Quarter quarter = *Quarter::Parse("2025q2");
  EXPECT_EQ(quarter.Id(), "2025q2");
  EXPECT_EQ(quarter.LabelZh(), "2025年第二季度");
  EXPECT_EQ(quarter.FirstDay(), absl::CivilDay(2025, 4, 1));
  EXPECT_EQ(quarter.LastDay(), absl::CivilDay(2025, 6, 30));
  EXPECT_EQ(Quarter(2024, 1).LastDay(), absl::CivilDay(2024, 3, 31));
  EXPECT_EQ(Quarter(2025, 4).LastDay(), absl::CivilDay(2025, 12, 31));
}

TEST(QuarterTest, EveryDayLiesInExactlyItsQuarter) {
  Quarter expected(2024, 1);
  for (absl::CivilDay day(2024, 1, 1); day < absl::CivilDay(2026, 1, 1); ++day) {
    if (day > expected.LastDay()) {
      EXPECT_EQ(day, expected.Plus(1).FirstDay());
      expected = expected.Plus(1);
    }
    EXPECT_EQ(Quarter::Of(day), expected) << FormatDate(day);
    EXPECT_TRUE(expected.Contains(day));
    EXPECT_FALSE(expected.Plus(1).Contains(day));
  }
}

TEST(QuarterTest, CountsOnAcrossYearsInBothDirections) {
  EXPECT_EQ(Quarter(2025, 4).Plus(1), Quarter(2026, 1));
  EXPECT_EQ(Quarter(2025, 1).Plus(-1), Quarter(2024, 4));
  EXPECT_EQ(Quarter(2025, 2).Plus(-10), Quarter(2022, 4));
  EXPECT_LT(Quarter(2025, 4), Quarter(2026, 1));
}

}  // namespace
}  // namespace chanyan::time
