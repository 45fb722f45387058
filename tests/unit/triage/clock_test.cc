// The clock over a push (TRI-4): worked examples, and any course of events against counting day by
// day.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/clock_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::triage {
namespace {

using ::testing::HasSubstr;

class ClockTest : public ::testing::Test {
 protected:
  ClockTest() : pack_(testing::ShippedPack()) {}

  static absl::Time At(absl::CivilDay day, int hour = 10) {
    return time::StartOfDay(day) + absl::Hours(hour);
  }
  absl::Status Add(absl::CivilDay day, v1::ClockEventKind kind, int workdays = 0, int hour = 10) {
    return AddClockEvent(pack_->calendar(), At(day, hour), kind,
                         kind == v1::CLOCK_EVENT_KIND_START ? kAnswerPhase : "", workdays, "理由",
                         "organizations/x", &events_);
  }
  v1::ClockReading Read(absl::CivilDay day, int hour = 12) {
    const auto reading = ReadClock(pack_->calendar(), events_, At(day, hour));
    EXPECT_TRUE(reading.ok()) << reading.status();
    return reading.ok() ? *reading : v1::ClockReading();
  }
  static std::string DueOf(const v1::ClockReading& reading) {
    return reading.has_due_time() ? time::FormatDate(time::DayOf(*api::TimeOf(reading.due_time())))
                                  : "";
  }

  const std::unique_ptr<const policy::Pack> pack_;
  ClockEvents events_;
};

TEST_F(ClockTest, TheDayOfTheStartIsNotCountedAndHolidaysNeither) {
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 1), v1::CLOCK_EVENT_KIND_START, 10).ok());
  v1::ClockReading reading = Read(absl::CivilDay(2025, 4, 1));
  EXPECT_TRUE(reading.running());
  EXPECT_EQ(reading.used_workdays(), 0);
  EXPECT_EQ(DueOf(reading), "2025-04-16");
  EXPECT_THAT(reading.derivation(), HasSubstr("清明节"));
  EXPECT_EQ(Read(absl::CivilDay(2025, 4, 3)).used_workdays(), 2);
  // 04-04 to 04-06 is Qingming.
  EXPECT_EQ(Read(absl::CivilDay(2025, 4, 6)).used_workdays(), 2);
  EXPECT_EQ(Read(absl::CivilDay(2025, 4, 7)).used_workdays(), 3);
  EXPECT_FALSE(Read(absl::CivilDay(2025, 4, 16), 23).overdue());
  EXPECT_TRUE(Read(absl::CivilDay(2025, 4, 17), 0).overdue());
}

TEST_F(ClockTest, APauseStandsStillAndWhatItSaidBeforeIsStillSaid) {
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 1), v1::CLOCK_EVENT_KIND_START, 10).ok());
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 8), v1::CLOCK_EVENT_KIND_PAUSE, 15).ok());
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 10), v1::CLOCK_EVENT_KIND_RESUME).ok());
  EXPECT_EQ(DueOf(Read(absl::CivilDay(2025, 4, 14))), "2025-04-18");
  EXPECT_THAT(Read(absl::CivilDay(2025, 4, 14)).derivation(), HasSubstr("暂停2个工作日"));
  // Before the pause it looked otherwise, and at that moment it still does.
  EXPECT_EQ(DueOf(Read(absl::CivilDay(2025, 4, 7))), "2025-04-16");
  const v1::ClockReading paused = Read(absl::CivilDay(2025, 4, 9));
  EXPECT_TRUE(paused.paused());
  EXPECT_FALSE(paused.running());
  EXPECT_FALSE(paused.overdue());
  EXPECT_EQ(DueOf(paused), "");
  EXPECT_EQ(paused.used_workdays(), 4);
  EXPECT_EQ(Read(absl::CivilDay(2025, 4, 10)).used_workdays(), 4);
  EXPECT_EQ(Read(absl::CivilDay(2025, 4, 11)).used_workdays(), 5);
}

TEST_F(ClockTest, PauseAndResumptionOnOneDayChangeNothing) {
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 1), v1::CLOCK_EVENT_KIND_START, 10).ok());
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 8), v1::CLOCK_EVENT_KIND_PAUSE, 15, 9).ok());
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 8), v1::CLOCK_EVENT_KIND_RESUME, 0, 17).ok());
  EXPECT_EQ(DueOf(Read(absl::CivilDay(2025, 4, 9))), "2025-04-16");
}

TEST_F(ClockTest, APauseEndsByItselfWithTheLastOfItsWorkdays) {
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 1), v1::CLOCK_EVENT_KIND_START, 10).ok());
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 8), v1::CLOCK_EVENT_KIND_PAUSE, 3).ok());
  EXPECT_TRUE(Read(absl::CivilDay(2025, 4, 11), 23).paused());
  const v1::ClockReading after = Read(absl::CivilDay(2025, 4, 12), 0);
  EXPECT_TRUE(after.running());
  EXPECT_EQ(DueOf(after), "2025-04-21");
  EXPECT_FALSE(Add(absl::CivilDay(2025, 4, 14), v1::CLOCK_EVENT_KIND_RESUME).ok());
}

TEST_F(ClockTest, WhatIsLateIsNotMendedByAPause) {
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 1), v1::CLOCK_EVENT_KIND_START, 2).ok());
  const absl::Status refused = Add(absl::CivilDay(2025, 4, 7), v1::CLOCK_EVENT_KIND_PAUSE, 15);
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("已经逾期"));
  EXPECT_EQ(events_.size(), 1);
}

TEST_F(ClockTest, AnExtensionGivesMoreAndTheLatenessBeforeItStaysOnTheRecord) {
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 1), v1::CLOCK_EVENT_KIND_START, 2).ok());
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 8), v1::CLOCK_EVENT_KIND_EXTEND, 5).ok());
  EXPECT_FALSE(Read(absl::CivilDay(2025, 4, 8)).overdue());
  EXPECT_EQ(DueOf(Read(absl::CivilDay(2025, 4, 8))), "2025-04-11");
  EXPECT_TRUE(Read(absl::CivilDay(2025, 4, 7)).overdue());
  EXPECT_EQ(ExtensionsOf(events_), 1);
}

TEST_F(ClockTest, AStoppedClockSaysWhatItSaidThen) {
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 1), v1::CLOCK_EVENT_KIND_START, 10).ok());
  ASSERT_TRUE(Add(absl::CivilDay(2025, 4, 9), v1::CLOCK_EVENT_KIND_STOP).ok());
  const v1::ClockReading reading = Read(absl::CivilDay(2025, 6, 30));
  EXPECT_TRUE(reading.stopped());
  EXPECT_FALSE(reading.overdue());
  EXPECT_EQ(reading.used_workdays(), 5);
  for (const auto kind :
       {v1::CLOCK_EVENT_KIND_PAUSE, v1::CLOCK_EVENT_KIND_RESUME, v1::CLOCK_EVENT_KIND_EXTEND}) {
    EXPECT_EQ(status::ReasonOf(Add(absl::CivilDay(2025, 6, 30), kind, 3)),
              options::v1::ERROR_REASON_WRONG_STATE);
  }
}

TEST_F(ClockTest, AYearWithoutCalendarIsRefused) {
  ASSERT_TRUE(Add(absl::CivilDay(2026, 12, 25), v1::CLOCK_EVENT_KIND_START, 10).ok());
  const auto reading = ReadClock(pack_->calendar(), events_, At(absl::CivilDay(2026, 12, 28)));
  EXPECT_EQ(status::ReasonOf(reading.status()), options::v1::ERROR_REASON_CALENDAR_MISSING);
}

// The oracle keeps a set of days on which the clock counted and walks the calendar.
TEST_F(ClockTest, AnyCourseOfEventsAgreesWithCountingDayByDay) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    events_.Clear();
    const absl::CivilDay start(2025, 1, 2 + static_cast<int>(random() % 200));
    int allowed = 3 + static_cast<int>(random() % 12);
    ASSERT_TRUE(Add(start, v1::CLOCK_EVENT_KIND_START, allowed).ok());
    std::vector<std::pair<absl::Time, v1::ClockReading>> said;
    bool paused = false;
    int left_of_pause = 0;
    int used = 0;
    for (int day = 1; day <= 60; ++day) {
      const absl::CivilDay today = start + day;
      const bool workday = *pack_->calendar().IsWorkday(today);
      // The day counts unless a pause that began before it is still on.
      if (paused && workday) {
        --left_of_pause;
      } else if (workday) {
        ++used;
      }
      const v1::ClockReading reading = Read(today, 9);
      said.emplace_back(At(today, 9), reading);
      ASSERT_EQ(reading.used_workdays(), used) << "seed " << seed << " day " << day;
      ASSERT_EQ(reading.paused(), paused) << "seed " << seed << " day " << day;
      if (!paused) {
        ASSERT_EQ(reading.overdue(), used > allowed || (used == allowed && !workday))
            << "seed " << seed << " day " << day;
      }
      const uint32_t dice = random() % 10;
      if (dice == 0 && !paused && !reading.overdue()) {
        left_of_pause = 1 + static_cast<int>(random() % 5);
        ASSERT_TRUE(Add(today, v1::CLOCK_EVENT_KIND_PAUSE, left_of_pause).ok());
        paused = true;
      } else if (dice == 1 && paused) {
        ASSERT_TRUE(Add(today, v1::CLOCK_EVENT_KIND_RESUME).ok());
        paused = false;
      } else if (dice == 2) {
        const int more = 1 + static_cast<int>(random() % 4);
        ASSERT_TRUE(Add(today, v1::CLOCK_EVENT_KIND_EXTEND, more).ok());
        allowed += more;
      }
      if (paused && left_of_pause == 0) paused = false;
    }
    // What it said at any moment it still says of that moment, whatever came afterwards.
    for (const auto& [moment, reading] : said) {
      const auto again = ReadClock(pack_->calendar(), events_, moment);
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*again, reading))
          << "seed " << seed << " at " << moment << "\n"
          << again->DebugString() << reading.DebugString();
    }
  }
}

}  // namespace
}  // namespace chanyan::triage
