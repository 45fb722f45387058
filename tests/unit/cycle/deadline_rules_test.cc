// What an amended calendar does to deadlines that are still open, against an independent oracle.
#include "services/cycle/deadline_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::Time InChina(int month, int day, int hour = 9) {
  return absl::FromCivil(absl::CivilSecond(2025, month, day, hour), time::Shanghai());
}

// Qingdao's plan over a calendar of one's own.
std::unique_ptr<const policy::Pack> PackWith(const std::string& holidays,
                                             const std::string& makeup = "") {
  std::string text = testing::SourceText("deploy/policies/qingdao/cycle.textproto");
  absl::StrAppend(&text,
                  "id: 'test' display_name: '测试' version: '2' "
                  "effective_from { year: 2025 month: 1 day: 1 } "
                  "calendars { year: 2025 notice_number: '补充通知〔2025〕1号' ",
                  holidays, makeup, "}");
  auto pack = policy::Pack::Parse({{"test.textproto", text}});
  EXPECT_TRUE(pack.ok()) << pack.status();
  return pack.ok() ? *std::move(pack) : nullptr;
}

std::string Holiday(int month, int first, int last) {
  return absl::StrCat("holidays { display_name: '假期", month, "-", first,
                      "' first_date { year: 2025 month: ", month, " day: ", first,
                      " } last_date { year: 2025 month: ", month, " day: ", last, " } } ");
}

v1::Cycle CycleUnder(const policy::Pack& pack) {
  v1::Cycle cycle;
  cycle.set_name("cycles/2025q2");
  const auto steps = PlanSteps(pack, time::Quarter(2025, 2));
  EXPECT_TRUE(steps.ok()) << steps.status();
  cycle.mutable_steps()->Assign(steps->begin(), steps->end());
  return cycle;
}

std::vector<v1::Step> StepsUnder(const policy::Pack& pack) {
  return *PlanSteps(pack, time::Quarter(2025, 2));
}

std::vector<int> NumbersOf(const std::vector<v1::MovedStep>& moved) {
  std::vector<int> numbers;
  for (const v1::MovedStep& one : moved) numbers.push_back(one.number());
  return numbers;
}

TEST(DeadlineRulesTest, OnlyWhatIsStillOpenMoves) {
  const auto before = PackWith(Holiday(4, 4, 6));
  // 21 April becomes a holiday: from the third step on everything is a day later.
  const auto after = PackWith(Holiday(4, 4, 6) + Holiday(4, 21, 21));
  v1::Cycle cycle = CycleUnder(*before);
  const v1::Cycle was = cycle;
  const auto moved = Reproject(StepsUnder(*after), InChina(4, 17), "补充通知", &cycle);
  EXPECT_THAT(NumbersOf(moved), ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(cycle.steps(0).SerializeAsString(), was.steps(0).SerializeAsString());
  EXPECT_EQ(cycle.steps(1).SerializeAsString(), was.steps(1).SerializeAsString());
  EXPECT_EQ(cycle.steps(2).first_day().day(), was.steps(2).first_day().day()) << "it has begun";
  EXPECT_EQ(time::ToTime(cycle.steps(2).deadline()), time::EndOfDay(absl::CivilDay(2025, 4, 23)));
  EXPECT_THAT(cycle.steps(2).derivation(), HasSubstr("4月21日放假"));
  EXPECT_THAT(cycle.steps(2).derivation(),
              HasSubstr("原定2025年4月16日至2025年4月22日，2025年4月17日重新推算：补充通知"));
  // Done again, nothing is left to move.
  EXPECT_THAT(Reproject(StepsUnder(*after), InChina(4, 17), "补充通知", &cycle), IsEmpty());
}

TEST(DeadlineRulesTest, NoStepIsEndedByACalendar) {
  const auto before = PackWith(Holiday(4, 4, 6) + Holiday(4, 21, 21));
  const auto after = PackWith(Holiday(4, 4, 6));
  v1::Cycle cycle = CycleUnder(*before);
  // Under the new calendar the third step would have ended yesterday.
  const auto moved = Reproject(StepsUnder(*after), InChina(4, 23), "恢复上班", &cycle);
  EXPECT_THAT(NumbersOf(moved), ElementsAre(4, 5, 6));
  EXPECT_EQ(cycle.steps(2).last_day().day(), 23);
}

TEST(DeadlineRulesTest, AStepExtendedByHandKeepsTheLaterDay) {
  const auto before = PackWith(Holiday(4, 4, 6));
  const auto after = PackWith(Holiday(4, 4, 6) + Holiday(4, 21, 21));
  v1::Cycle cycle = CycleUnder(*before);
  ASSERT_TRUE(ExtendStepTo(before->calendar(), absl::CivilDay(2025, 4, 30), InChina(4, 17), 3,
                           "平台检修", &cycle)
                  .ok());
  EXPECT_THAT(NumbersOf(Reproject(StepsUnder(*after), InChina(4, 17), "补充通知", &cycle)),
              ElementsAre(4, 5, 6));
  EXPECT_EQ(cycle.steps(2).last_day().day(), 30);
}

// A day of work by its own reading of the lists: what PlanSteps and Reproject say is checked
// against counting days one by one.
struct Oracle {
  std::set<absl::CivilDay> off;
  std::set<absl::CivilDay> makeup;

  bool Works(absl::CivilDay day) const {
    if (makeup.contains(day)) return true;
    if (off.contains(day)) return false;
    const absl::Weekday weekday = absl::GetWeekday(day);
    return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
  }
  // The day of the n-th workday of the second quarter.
  absl::CivilDay Nth(int n) const {
    absl::CivilDay day(2025, 4, 1);
    for (int left = n - (Works(day) ? 1 : 0); left > 0;) {
      ++day;
      left -= Works(day) ? 1 : 0;
    }
    while (!Works(day)) ++day;
    return day;
  }
};

struct RandomCalendar {
  Oracle oracle;
  std::string holidays;
  std::string makeup;
};

RandomCalendar Draw(std::mt19937& random) {
  RandomCalendar drawn;
  absl::CivilDay day(2025, 4, 1);
  const absl::CivilDay end(2025, 5, 25);
  while (day < end) {
    const unsigned chance = random() % 12;
    if (chance == 0) {
      const absl::CivilDay last = std::min(day + static_cast<int>(random() % 4),
                                           absl::CivilDay(absl::CivilMonth(day) + 1) - 1);
      drawn.holidays += Holiday(day.month(), day.day(), last.day());
      for (absl::CivilDay one = day; one <= last; ++one) drawn.oracle.off.insert(one);
      day = last + 2;
      continue;
    }
    const absl::Weekday weekday = absl::GetWeekday(day);
    const bool weekend = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
    if (weekend && chance < 4) {
      drawn.makeup += absl::StrCat("makeup_workdays { year: 2025 month: ", day.month(),
                                   " day: ", day.day(), " } ");
      drawn.oracle.makeup.insert(day);
    }
    ++day;
  }
  if (drawn.holidays.empty()) {
    drawn.holidays = Holiday(6, 1, 1);
    drawn.oracle.off.insert(absl::CivilDay(2025, 6, 1));
  }
  return drawn;
}

TEST(DeadlineRulesTest, RandomAmendmentsAgreeWithCountingByHand) {
  std::mt19937 random(20250401);
  for (int round = 0; round < 60; ++round) {
    const RandomCalendar first = Draw(random);
    const RandomCalendar second = Draw(random);
    const auto before = PackWith(first.holidays, first.makeup);
    const auto after = PackWith(second.holidays, second.makeup);
    ASSERT_TRUE(before != nullptr && after != nullptr) << round;
    v1::Cycle cycle = CycleUnder(*before);
    const v1::Cycle was = cycle;
    for (int step = 1; step <= kSteps; ++step) {
      EXPECT_EQ(time::ToTime(StepOf(cycle, step).deadline()),
                time::EndOfDay(first.oracle.Nth(5 * step)))
          << round << " step " << step;
    }
    const absl::Time now = InChina(4, 1, 0) + absl::Hours(random() % (24 * 50));
    Reproject(StepsUnder(*after), now, "补充通知", &cycle);
    for (int step = 1; step <= kSteps; ++step) {
      const absl::Time old_end = time::EndOfDay(first.oracle.Nth(5 * step));
      const absl::Time new_end = time::EndOfDay(second.oracle.Nth(5 * step));
      const absl::CivilDay begun = first.oracle.Nth(5 * step - 4);
      // Closed ones stay; none is ended by it, and none ends before it began.
      const bool closed = now >= old_end + absl::Seconds(1);
      const bool moves = !closed && now < new_end + absl::Seconds(1) &&
                         !(time::StartOfDay(begun) <= now && second.oracle.Nth(5 * step) < begun);
      EXPECT_EQ(time::ToTime(StepOf(cycle, step).deadline()), moves ? new_end : old_end)
          << round << " step " << step << " at " << now;
      if (closed) {
        EXPECT_EQ(StepOf(cycle, step).SerializeAsString(), StepOf(was, step).SerializeAsString());
      }
    }
  }
}

TEST(DeadlineRulesTest, AWindowOfObjectionMovesWhileItIsOpenAndIsNotEndedByThat) {
  v1::Leaderboard version;
  version.set_name("cycles/2025q2/leaderboards/v1");
  const auto until = [](int day) {
    policy::Term term;
    term.deadline = time::EndOfDay(absl::CivilDay(2025, 5, day));
    term.derivation = absl::StrCat("截止5月", day, "日");
    return term;
  };
  // One of before deadlines were kept has none to move.
  EXPECT_FALSE(ReprojectWindow(until(20), InChina(5, 14), "补充通知", &version).has_value());
  *version.mutable_objection_deadline() = time::ToTimestamp(until(19).deadline);
  EXPECT_FALSE(ReprojectWindow(until(19), InChina(5, 14), "补充通知", &version).has_value());
  const auto moved = ReprojectWindow(until(20), InChina(5, 14), "补充通知", &version);
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(time::ToTime(version.objection_deadline()), until(20).deadline);
  EXPECT_EQ(time::ToTime(moved->before()), until(19).deadline);
  EXPECT_EQ(version.objection_derivation(),
            "截止5月20日；原定2025年5月19日，2025年5月14日重新推算：补充通知");
  // To the second: what is over stays over, and nothing is ended at once.
  EXPECT_FALSE(ReprojectWindow(until(22), InChina(5, 21), "补充通知", &version).has_value());
  EXPECT_FALSE(ReprojectWindow(until(16), InChina(5, 17), "补充通知", &version).has_value());
}

}  // namespace
}  // namespace chanyan::cycle
