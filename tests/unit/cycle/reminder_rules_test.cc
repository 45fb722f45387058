// When people are reminded, and what is done about times that were missed.
#include "services/cycle/reminder_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

absl::Time InChina(int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, month, day, hour, minute), time::Shanghai());
}

v1::Cycle CycleOf(const policy::Pack& pack, absl::Time opened) {
  v1::Cycle cycle;
  cycle.set_name("cycles/2026q1");
  const auto steps = PlanSteps(pack, time::Quarter(2026, 1));
  EXPECT_TRUE(steps.ok()) << steps.status();
  cycle.mutable_steps()->Assign(steps->begin(), steps->end());
  *cycle.mutable_open_time() = time::ToTimestamp(opened);
  return cycle;
}

class ReminderRulesTest : public ::testing::Test {
 protected:
  ReminderRulesTest() : pack_(testing::ShippedPack()), cycle_(CycleOf(*pack_, InChina(1, 1, 0))) {}

  std::vector<std::string> Planned(int step) {
    const auto planned = PlanReminders(*pack_, cycle_);
    EXPECT_TRUE(planned.ok()) << planned.status();
    std::vector<std::string> ids;
    for (const v1::Reminder& one : *planned) {
      if (one.step() == step)
        ids.push_back(one.name().substr(std::string("cycles/2026q1/reminders/").size()));
    }
    return ids;
  }
  // "1-before-2026010609 SENT" of step 1.
  std::vector<std::string> Due(absl::Time now, const std::set<std::string>& fired = {},
                               policy::v1::CatchUp catch_up = policy::v1::CATCH_UP_LATEST) {
    policy::v1::NotificationPlan plan = pack_->proto().notification_plan();
    plan.set_catch_up(catch_up);
    std::set<std::string> names;
    for (const std::string& one : fired)
      names.insert(absl::StrCat("cycles/2026q1/reminders/", one));
    std::vector<std::string> lines;
    for (const v1::Reminder& one : DueReminders(plan, *PlanReminders(*pack_, cycle_), names, now)) {
      if (one.step() != 1) continue;
      lines.push_back(
          absl::StrCat(one.name().substr(std::string("cycles/2026q1/reminders/").size()), " ",
                       v1::ReminderOutcome_Name(one.outcome()).substr(17)));
    }
    return lines;
  }

  std::unique_ptr<const policy::Pack> pack_;
  v1::Cycle cycle_;
};

TEST_F(ReminderRulesTest, WorkdaysBeforeAndAfterTheDeadlineAtTheHour) {
  // Until Thursday 8 January; Sunday 4 January is a make-up workday.
  EXPECT_THAT(Planned(1),
              ElementsAre("1-before-2026010609", "1-before-2026010809", "1-after-2026010909",
                          "1-escalate-2026011209", "1-after-2026011309"));
}

TEST_F(ReminderRulesTest, NothingIsPlannedBeforeTheCycleWasOpened) {
  *cycle_.mutable_open_time() = time::ToTimestamp(InChina(1, 8, 10));
  EXPECT_THAT(Planned(1),
              ElementsAre("1-after-2026010909", "1-escalate-2026011209", "1-after-2026011309"));
}

TEST_F(ReminderRulesTest, ATermWithinTheFirstStepHasRemindersOfItsOwn) {
  const auto ids = [&](const PartTerm& term) {
    const auto planned = PlanPartReminders(*pack_, cycle_, term);
    EXPECT_TRUE(planned.ok()) << planned.status();
    std::vector<std::string> ids;
    for (const v1::Reminder& one : *planned) {
      EXPECT_EQ(one.step(), 1);
      EXPECT_EQ(time::ToTime(one.deadline()), term.end);
      ids.push_back(one.name().substr(std::string("cycles/2026q1/reminders/1-parts-").size()));
    }
    return ids;
  };
  EXPECT_THAT(ids({.end = InChina(1, 7, 12), .since = InChina(1, 4, 8)}),
              ElementsAre("before-2026010509-20260107120000", "before-2026010709-20260107120000",
                          "after-2026010809-20260107120000", "escalate-2026010909-20260107120000",
                          "after-2026011209-20260107120000"));
  // Handed out in between: who is told of it then is not reminded of what was before.
  EXPECT_THAT(ids({.end = InChina(1, 7, 12), .since = InChina(1, 5, 9, 1)}).front(),
              "before-2026010709-20260107120000");
  // A term at dawn: nobody is reminded at nine of what has ended at eight.
  EXPECT_THAT(ids({.end = InChina(1, 7, 8), .since = InChina(1, 6, 8)}).front(),
              "after-2026010809-20260107080000");
}

TEST_F(ReminderRulesTest, AMovedDeadlineHasRemindersOfItsOwn) {
  ASSERT_TRUE(ExtendStepTo(pack_->calendar(), absl::CivilDay(2026, 1, 9), InChina(1, 7, 9), 1,
                           "平台检修", &cycle_)
                  .ok());
  EXPECT_THAT(Planned(1),
              ElementsAre("1-before-2026010709", "1-before-2026010909", "1-after-2026011209",
                          "1-escalate-2026011309", "1-after-2026011409"));
}

// Step 6 ends where the calendar ends: what would come after it is not known, all else is.
TEST_F(ReminderRulesTest, AStepThatCannotBePlannedSilencesNoOther) {
  int last_year = 2026;
  while (pack_->calendar().HasYear(last_year + 1)) ++last_year;
  const absl::CivilDay last(last_year, 12, 31);
  const std::vector<std::string> first = Planned(1);
  v1::Step* step = MutableStepOf(&cycle_, kPublishStep);
  *step->mutable_last_day() = time::ToProto(last);
  *step->mutable_deadline() = time::ToTimestamp(time::EndOfDay(last));
  EXPECT_EQ(Planned(1), first);
  EXPECT_THAT(Planned(6), ElementsAre(HasSubstr("6-before"), HasSubstr("6-before")));
  std::vector<UnplannedStep> unplanned;
  ASSERT_TRUE(PlanReminders(*pack_, cycle_, &unplanned).ok());
  ASSERT_EQ(unplanned.size(), 1u);
  EXPECT_EQ(unplanned[0].step, 6);
  EXPECT_THAT(unplanned[0].why, HasSubstr(absl::StrCat(last_year + 1)));

  // Even one in a year that is not known at all.
  *step->mutable_last_day() = time::ToProto(absl::CivilDay(last_year + 1, 6, 1));
  *step->mutable_deadline() =
      time::ToTimestamp(time::EndOfDay(absl::CivilDay(last_year + 1, 6, 1)));
  EXPECT_EQ(Planned(1), first);
  EXPECT_THAT(Planned(6), ElementsAre(HasSubstr("6-before"))) << "its very day needs no calendar";
}

TEST_F(ReminderRulesTest, AStepClosedEarlyIsNotRemindedOfAfterwards) {
  ASSERT_TRUE(CloseStepAt(InChina(1, 8, 8), 1, "均已报送", &cycle_).ok());
  EXPECT_THAT(Planned(1), Not(Contains(HasSubstr("2026010809"))));
}

TEST_F(ReminderRulesTest, EachFiresFromItsVerySecond) {
  EXPECT_THAT(Due(InChina(1, 6, 9) - absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(Due(InChina(1, 6, 9)), ElementsAre("1-before-2026010609 SENT"));
  EXPECT_THAT(Due(InChina(1, 6, 9), {"1-before-2026010609"}), IsEmpty());
}

TEST_F(ReminderRulesTest, WhatWasMissedIsCaughtUpAsThePackSays) {
  using namespace policy::v1;  // NOLINT: three policies
  // Away from the sixth on, back on the ninth at noon.
  const absl::Time back = InChina(1, 9, 12);
  EXPECT_THAT(Due(back, {}, CATCH_UP_LATEST),
              ElementsAre("1-before-2026010609 EXPIRED", "1-before-2026010809 SUPERSEDED",
                          "1-after-2026010909 SENT"));
  EXPECT_THAT(Due(InChina(1, 8, 12), {}, CATCH_UP_LATEST),
              ElementsAre("1-before-2026010609 SUPERSEDED", "1-before-2026010809 SENT"));
  EXPECT_THAT(Due(InChina(1, 8, 12), {}, CATCH_UP_ALL),
              ElementsAre("1-before-2026010609 SENT", "1-before-2026010809 SENT"));
  EXPECT_THAT(Due(InChina(1, 8, 12), {}, CATCH_UP_NONE),
              ElementsAre("1-before-2026010609 EXPIRED", "1-before-2026010809 EXPIRED"));
  // The leader is asked besides, not instead.
  EXPECT_THAT(Due(InChina(1, 13, 9), {}, CATCH_UP_LATEST),
              ElementsAre("1-before-2026010609 EXPIRED", "1-before-2026010809 EXPIRED",
                          "1-after-2026010909 EXPIRED", "1-escalate-2026011209 SENT",
                          "1-after-2026011309 SENT"));
  EXPECT_THAT(Due(InChina(3, 1, 9), {}, CATCH_UP_LATEST), Not(Contains(HasSubstr("SENT"))));
}

TEST_F(ReminderRulesTest, WhatLiesAheadIsNotAnnouncedOnceItIsPast) {
  EXPECT_THAT(Due(InChina(1, 9, 0), {"1-before-2026010609"}, policy::v1::CATCH_UP_ALL),
              ElementsAre("1-before-2026010809 SUPERSEDED"));
}

TEST_F(ReminderRulesTest, ACityWithoutAPlanRemindsNobody) {
  const auto without = testing::ShippedPack("shandong");
  const auto planned = PlanReminders(*without, cycle_);
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_THAT(*planned, IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
