// When an instrument is open, against the calendar and against counting minute by minute.
#include "services/registry/opening_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "common/time/civil.h"
#include "tests/support/service_test.h"
#include "tests/unit/registry/instrument_samples.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OpeningRulesTest : public ::testing::Test {
 protected:
  std::vector<std::string> Open(const v1::Instrument& instrument, absl::Time begin,
                                absl::Time end) {
    const auto open = OpenIntervals(instrument, pack_->calendar(), {begin, end});
    EXPECT_TRUE(open.ok()) << open.status();
    return open.ok() ? InWords(*open) : std::vector<std::string>();
  }

  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
};

TEST_F(OpeningRulesTest, EachDayHasTheHoursOfItsWeekday) {
  const v1::Instrument instrument =
      InstrumentWith("周一至周五 08:30-12:00、14:00-17:30；周六 09:00-12:00");
  // 2025-03-28 is a Friday.
  EXPECT_THAT(Open(instrument, InChina(2025, 3, 28), InChina(2025, 3, 31, 10)),
              ElementsAre("03-28 08:30—03-28 12:00", "03-28 14:00—03-28 17:30",
                          "03-29 09:00—03-29 12:00", "03-31 08:30—03-31 10:00"));
  EXPECT_THAT(Open(instrument, InChina(2025, 3, 28, 9), InChina(2025, 3, 28, 9)), IsEmpty());
  EXPECT_THAT(Open(InstrumentWith(""), InChina(2025, 3, 28), InChina(2025, 4, 28)), IsEmpty());
}

TEST_F(OpeningRulesTest, HoursPastMidnightBelongToTheDayTheyBeginOn) {
  const v1::Instrument instrument = InstrumentWith("周五 20:00-次日02:00");
  EXPECT_THAT(Open(instrument, InChina(2025, 3, 28), InChina(2025, 3, 31)),
              ElementsAre("03-28 20:00—03-29 02:00"));
  // A window that begins after midnight sees what is left of the night.
  EXPECT_THAT(Open(instrument, InChina(2025, 3, 29, 1), InChina(2025, 3, 31)),
              ElementsAre("03-29 01:00—03-29 02:00"));
}

TEST_F(OpeningRulesTest, DaysThatTouchAtMidnightAreOneTime) {
  EXPECT_THAT(Open(InstrumentWith("每天 全天"), InChina(2025, 3, 28, 22), InChina(2025, 3, 31, 3)),
              ElementsAre("03-28 22:00—03-31 03:00"));
}

TEST_F(OpeningRulesTest, TheLeapDayIsADayLikeOthers) {
  // 2028-02-29 is a Tuesday; no calendar is asked, and 2028 has none.
  EXPECT_THAT(Open(InstrumentWith("周二 08:00-09:00"), InChina(2028, 2, 28), InChina(2028, 3, 2)),
              ElementsAre("02-29 08:00—02-29 09:00"));
}

TEST_F(OpeningRulesTest, ThereIsNoSummerTime) {
  // The nights in which clocks are changed elsewhere have 24 hours here.
  for (const auto& [month, day] : {std::pair(3, 30), std::pair(10, 26)}) {
    const auto open = OpenIntervals(InstrumentWith("周日 全天"), pack_->calendar(),
                                    {InChina(2025, month, day - 1), InChina(2025, month, day + 2)});
    ASSERT_EQ(open->size(), 1u);
    EXPECT_EQ(open->front().Length(), absl::Hours(24));
  }
}

TEST_F(OpeningRulesTest, HolidaysAreClosedForThoseWhoCloseAndOpenForOthers) {
  v1::Instrument instrument = InstrumentWith("每天 09:00-10:00；周四 20:00-次日02:00");
  // Qingming: Friday 4 April to Sunday 6 April 2025.
  EXPECT_EQ(Open(instrument, InChina(2025, 4, 3), InChina(2025, 4, 8)).size(), 6u);
  instrument.set_closed_on_holidays(true);
  EXPECT_THAT(
      Open(instrument, InChina(2025, 4, 3), InChina(2025, 4, 8)),
      ElementsAre("04-03 09:00—04-03 10:00", "04-03 20:00—04-04 02:00", "04-07 09:00—04-07 10:00"));
}

TEST_F(OpeningRulesTest, AMakeupWorkdayHasItsOwnHoursOrThoseOfItsWeekday) {
  // Sunday 27 April 2025 is worked for the first of May.
  const absl::Time begin = InChina(2025, 4, 26);
  const absl::Time end = InChina(2025, 4, 28);
  v1::Instrument instrument = InstrumentWith("周一至周五 08:00-17:00");
  EXPECT_THAT(Open(instrument, begin, end), IsEmpty());
  instrument = InstrumentWith("周一至周五 08:00-17:00；周日 10:00-11:00");
  instrument.set_closed_on_holidays(true);
  EXPECT_THAT(Open(instrument, begin, end), ElementsAre("04-27 10:00—04-27 11:00"));
  instrument = InstrumentWith("周一至周五 08:00-17:00；周日 10:00-11:00；调休上班日 08:30-16:00");
  EXPECT_THAT(Open(instrument, begin, end), ElementsAre("04-27 08:30—04-27 16:00"));
  EXPECT_THAT(Open(instrument, InChina(2025, 4, 20), InChina(2025, 4, 21)),
              ElementsAre("04-20 10:00—04-20 11:00"))
      << "an ordinary Sunday";
}

TEST_F(OpeningRulesTest, AYearWithoutCalendarIsRefusedOnlyWhereItIsAsked) {
  v1::Instrument instrument = InstrumentWith("每天 20:00-24:00");
  const Interval new_year{InChina(2026, 12, 31), InChina(2027, 1, 1)};
  instrument.set_closed_on_holidays(true);
  EXPECT_TRUE(OpenIntervals(instrument, pack_->calendar(), new_year).ok())
      << "nothing of 2027 is looked at";
  EXPECT_TRUE(
      OpenIntervals(instrument, pack_->calendar(), {InChina(2025, 1, 1), InChina(2025, 1, 2)}).ok())
      << "nor of 2024";
  const auto refused =
      OpenIntervals(instrument, pack_->calendar(), {InChina(2027, 1, 1), InChina(2027, 1, 2)});
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_CALENDAR_MISSING);
  instrument.set_closed_on_holidays(false);
  EXPECT_TRUE(
      OpenIntervals(instrument, pack_->calendar(), {InChina(2027, 1, 1), InChina(2027, 1, 2)})
          .ok());
}

TEST_F(OpeningRulesTest, ClosuresAreTakenOut) {
  v1::Instrument instrument = InstrumentWith("每天 08:00-18:00");
  Close(InChina(2025, 3, 31, 17), InChina(2025, 4, 1, 9), &instrument);
  Close(InChina(2025, 4, 1, 12), InChina(2025, 4, 1, 13), &instrument);
  Close(InChina(2025, 4, 1, 12, 30), InChina(2025, 4, 1, 14), &instrument);
  Close(InChina(2025, 4, 2), InChina(2025, 4, 3), &instrument);
  EXPECT_THAT(
      Open(instrument, InChina(2025, 4, 1), InChina(2025, 4, 3, 9)),
      ElementsAre("04-01 09:00—04-01 12:00", "04-01 14:00—04-01 18:00", "04-03 08:00—04-03 09:00"));
}

TEST_F(OpeningRulesTest, HoursAndClosuresThatCannotBeAreNamedByTheirPlaces) {
  v1::Instrument instrument = InstrumentWith("周一 08:00-12:00、13:00-14:00；周二 08:00-12:00");
  EXPECT_THAT(OpeningViolations(instrument), IsEmpty());
  instrument.mutable_hours(1)->set_start_minute(11 * 60);
  instrument.mutable_hours(2)->set_end_minute(8 * 60);
  v1::OpeningHours& long_day = *instrument.add_hours();
  long_day.set_day(v1::OPENING_DAY_SUNDAY);
  long_day.set_start_minute(1);
  long_day.set_end_minute(kMinutesOfDay + 2);
  Close(InChina(2025, 4, 2), InChina(2025, 4, 2), &instrument);
  Close(InChina(2025, 4, 2), InChina(2025, 4, 3, 0, 0, 30), &instrument);
  EXPECT_THAT(FieldsOf(OpeningViolations(instrument)),
              ElementsAre("hours[1]", "hours[2]", "hours[3]", "closures[0]", "closures[1]"));
}

TEST_F(OpeningRulesTest, IntervalsAreReckonedAsMinuteByMinute) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  constexpr int kMinutes = 60;
  const absl::Time start = InChina(2025, 4, 1);
  const auto draw = [&](int most) {
    std::vector<Interval> out;
    for (int n = static_cast<int>(random() % most); n > 0; --n) {
      const int a = static_cast<int>(random() % kMinutes);
      const int b = static_cast<int>(random() % kMinutes);
      out.push_back({start + absl::Minutes(a), start + absl::Minutes(b)});
    }
    return out;
  };
  const auto in = [&](const std::vector<Interval>& all, int minute) {
    const absl::Time at = start + absl::Minutes(minute);
    for (const Interval& one : all) {
      if (one.begin <= at && at < one.end) return true;
    }
    return false;
  };
  for (int round = 0; round < 3000; ++round) {
    const auto from = draw(8);
    const auto taken = draw(8);
    const auto merged = Merged(from);
    const auto left = Without(from, taken);
    for (int minute = 0; minute < kMinutes; ++minute) {
      ASSERT_EQ(in(merged, minute), in(from, minute)) << round;
      ASSERT_EQ(in(left, minute), in(from, minute) && !in(taken, minute)) << round;
    }
    for (const auto& list : {merged, left}) {
      for (size_t i = 0; i < list.size(); ++i) {
        ASSERT_LT(list[i].begin, list[i].end) << round;
        if (i > 0) {
          ASSERT_LE(list[i - 1].end, list[i].begin) << round;
        }
      }
    }
    for (size_t i = 1; i < merged.size(); ++i) ASSERT_LT(merged[i - 1].end, merged[i].begin);
    const Interval wanted{start + absl::Minutes(10), start + absl::Minutes(20)};
    bool all = true;
    for (int minute = 10; minute < 20; ++minute) all = all && in(merged, minute);
    ASSERT_EQ(Covers(merged, wanted), all) << round;
  }
}

}  // namespace
}  // namespace chanyan::registry
