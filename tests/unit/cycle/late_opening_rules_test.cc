// What becomes of steps that are over when a live cycle is opened (CYC-2).
#include "services/cycle/late_opening_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "tests/support/pack_reading.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

absl::Time LateTime(int month, int day, int hour = 9) {
  return absl::FromCivil(absl::CivilSecond(2025, month, day, hour), time::Shanghai());
}

std::unique_ptr<const policy::Pack> PackRelieving(policy::v1::LateOpeningRelief relief,
                                                  uint32_t workdays, bool limited = true) {
  policy::v1::PolicyPack proto = testing::ShippedPack()->proto();
  proto.mutable_cycle_plan()->mutable_late_opening()->set_relief(relief);
  proto.mutable_cycle_plan()->mutable_late_opening()->set_workdays(workdays);
  if (!limited) proto.mutable_cycle_plan()->clear_extension_limit();
  auto pack = testing::PackOf(proto);
  EXPECT_TRUE(pack.ok()) << pack.status();
  return pack.ok() ? *std::move(pack) : nullptr;
}

v1::Cycle PlannedUnder(const policy::Pack& pack) {
  v1::Cycle cycle;
  cycle.set_name("cycles/2025q2");
  const auto steps = PlanSteps(pack, time::Quarter(2025, 2));
  EXPECT_TRUE(steps.ok()) << steps.status();
  if (steps.ok()) cycle.mutable_steps()->Assign(steps->begin(), steps->end());
  return cycle;
}

std::vector<int> NumbersOf(const std::vector<LateStep>& late) {
  std::vector<int> numbers;
  for (const LateStep& one : late) numbers.push_back(one.number);
  return numbers;
}

absl::CivilDay LastDayOf(const v1::Cycle& cycle, int number) {
  return time::DayIn(StepOf(cycle, number).last_day());
}

TEST(LateOpeningTest, InTimeNothingIsDoneWhateverThePackSays) {
  for (const auto relief :
       {policy::v1::LATE_OPENING_RELIEF_EXCEPTION, policy::v1::LATE_OPENING_RELIEF_EXTENSION}) {
    const auto pack = PackRelieving(relief, 3);
    v1::Cycle cycle = PlannedUnder(*pack);
    const std::string before = cycle.SerializeAsString();
    // To the last second of the first step.
    const absl::Time last = time::EndOfDay(absl::CivilDay(2025, 4, 8));
    const auto late = RelieveLateSteps(*pack, last, &cycle);
    ASSERT_TRUE(late.ok()) << late.status();
    EXPECT_THAT(*late, IsEmpty());
    EXPECT_EQ(cycle.SerializeAsString(), before);
  }
}

TEST(LateOpeningTest, TheShippedPackTellsAndChangesNothing) {
  const auto pack = testing::ShippedPack();
  v1::Cycle cycle = PlannedUnder(*pack);
  const std::string before = cycle.SerializeAsString();
  const auto late = RelieveLateSteps(*pack, LateTime(4, 17), &cycle);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_THAT(NumbersOf(*late), ElementsAre(1, 2));
  EXPECT_EQ(cycle.SerializeAsString(), before);
  EXPECT_THAT(LateStepsInWords(cycle, *late),
              AllOf(HasSubstr("第1步“高校填报”已于2025年4月8日23:59:59截止；第2步"),
                    HasSubstr("请对有关单位准予逾期补报")));
}

TEST(LateOpeningTest, AnExceptionForAllEndsAfterItsWorkdaysAndWithTheQuarter) {
  const auto pack = PackRelieving(policy::v1::LATE_OPENING_RELIEF_EXCEPTION, 3);
  v1::Cycle cycle = PlannedUnder(*pack);
  const auto late = RelieveLateSteps(*pack, LateTime(4, 17), &cycle);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_THAT(NumbersOf(*late), ElementsAre(1, 2));
  const absl::Time until = time::EndOfDay(absl::CivilDay(2025, 4, 22));
  for (const int number : {1, 2}) {
    EXPECT_EQ(time::ToTime(StepOf(cycle, number).exception_until()), until) << number;
    EXPECT_THAT(StepOf(cycle, number).exception_reason(), HasSubstr("2025年4月17日09:00:00开启"));
  }
  EXPECT_FALSE(StepOf(cycle, 3).has_exception_until());
  // What its end would have ended goes on to that very second, and is late.
  EXPECT_TRUE(RequireWindow(cycle, 1, 1, until, "报送").ok());
  EXPECT_FALSE(RequireWindow(cycle, 1, 1, until + absl::Seconds(1), "报送").ok());
  EXPECT_FALSE(IsInTime(cycle, 1, LateTime(4, 17)));
  v1::Form form;
  EXPECT_TRUE(RequireFormWindow(cycle, form, LateTime(4, 18), "报送").ok());
  EXPECT_THAT(LateStepsInWords(cycle, *late),
              AllOf(HasSubstr("准予全体逾期补报至2025年4月22日23:59:59，仍计逾期"),
                    Not(HasSubstr("请对有关单位"))));
  // At the end of a quarter it does not reach into the next one.
  v1::Cycle last = PlannedUnder(*pack);
  ASSERT_TRUE(RelieveLateSteps(*pack, LateTime(6, 30), &last).ok());
  EXPECT_EQ(time::ToTime(StepOf(last, 6).exception_until()),
            time::EndOfDay(absl::CivilDay(2025, 6, 30)));
}

TEST(LateOpeningTest, AnExtensionStaysWithinThePacksLimit) {
  const auto limited = PackRelieving(policy::v1::LATE_OPENING_RELIEF_EXTENSION, 10);
  v1::Cycle cycle = PlannedUnder(*limited);
  const auto late = RelieveLateSteps(*limited, LateTime(4, 17), &cycle);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(LastDayOf(cycle, 2), absl::CivilDay(2025, 4, 22)) << "as far as the third step";
  EXPECT_EQ(LastDayOf(cycle, 1), absl::CivilDay(2025, 4, 22)) << "as far as the second one now";
  EXPECT_EQ(LastDayOf(cycle, 3), absl::CivilDay(2025, 4, 22)) << "which runs, and stays";
  EXPECT_TRUE(StepOf(cycle, 3).reason().empty());
  EXPECT_TRUE(IsInTime(cycle, 1, LateTime(4, 18)));
  for (const int number : {1, 2}) {
    EXPECT_TRUE(CheckExtension(*limited, cycle, number).ok()) << number;
    EXPECT_THAT(StepOf(cycle, number).derivation(), HasSubstr("延期至2025年4月22日"));
    EXPECT_FALSE(StepOf(cycle, number).reason().empty());
  }
  EXPECT_THAT(LateStepsInWords(cycle, *late), HasSubstr("按政策包延期至2025年4月22日23:59:59"));

  const auto unlimited =
      PackRelieving(policy::v1::LATE_OPENING_RELIEF_EXTENSION, 10, /*limited=*/false);
  v1::Cycle far = PlannedUnder(*unlimited);
  ASSERT_TRUE(RelieveLateSteps(*unlimited, LateTime(4, 17), &far).ok());
  EXPECT_EQ(LastDayOf(far, 1), *unlimited->calendar().AddWorkdays(absl::CivilDay(2025, 4, 17), 10));
  // When all are over, all of them are open once more.
  v1::Cycle all = PlannedUnder(*limited);
  const auto six = RelieveLateSteps(*limited, LateTime(6, 10), &all);
  ASSERT_TRUE(six.ok()) << six.status();
  EXPECT_THAT(NumbersOf(*six), ElementsAre(1, 2, 3, 4, 5, 6));
  for (int number = 1; number <= kSteps; ++number) {
    EXPECT_EQ(StepStateAt(all, number, LateTime(6, 10)), v1::STEP_STATE_OPEN) << number;
  }
}

TEST(LateOpeningTest, OnTheLastDayOfAQuarterThatIsNoWorkdayNothingIsExtended) {
  // 30 June is made a day off: what is extended ends on a workday.
  const auto amended = testing::PackWithDayOff(
      *PackRelieving(policy::v1::LATE_OPENING_RELIEF_EXTENSION, 5), absl::CivilDay(2025, 6, 30));
  ASSERT_TRUE(amended.ok()) << amended.status();
  v1::Cycle cycle = PlannedUnder(**amended);
  const absl::CivilDay before = LastDayOf(cycle, 6);
  const auto late = RelieveLateSteps(**amended, LateTime(6, 28), &cycle);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_THAT(NumbersOf(*late), ElementsAre(1, 2, 3, 4, 5, 6));
  // 28 and 29 June are a weekend: no workday lies between them and the quarter's end.
  EXPECT_EQ(LastDayOf(cycle, 6), before);
  EXPECT_THAT(LateStepsInWords(cycle, *late), HasSubstr("请对有关单位准予逾期补报"));
}

}  // namespace
}  // namespace chanyan::cycle
