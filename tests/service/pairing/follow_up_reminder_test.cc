// Follow-ups that are due soon, on the real database (PAIR-8, CYC-9).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/table.h"
#include "common/time/civil.h"
#include "services/pairing/cooperation_rules.h"
#include "tests/service/pairing/conference_world.h"

namespace chanyan::pairing {
namespace {

// The pack of Linyi reminds three workdays before.
class FollowUpReminderTest : public ConferenceWorld {
 protected:
  static std::string NameOf(int number) {
    return absl::StrCat("conferences/c/followUps/1-", number);
  }
  void Put(int number, const google::type::Date& due,
           v1::FollowUpState state = v1::FOLLOW_UP_STATE_ASSIGNED) {
    const absl::Status put = database.db().Transact([&](db::Session& session) {
      v1::FollowUp row;
      row.set_name(NameOf(number));
      row.set_conference_title("市校合作联席会议（演示）");
      row.set_decision_number(1);
      row.set_task("完成选址");
      row.set_unit(kZone);
      row.set_state(state);
      *row.mutable_due_date() = due;
      return db::Table<v1::FollowUp>().Insert(session, clock.now, &row);
    });
    ASSERT_TRUE(put.ok()) << put;
  }
  // Reminders of one look at the beginning of a day.
  int RemindedOn(int year, int month, int day, absl::Duration later = absl::ZeroDuration()) {
    clock.now = time::StartOfDay(absl::CivilDay(year, month, day)) + later;
    const auto lease = JobLease();
    const absl::StatusOr<int> reminded = cooperation_service.RemindFollowUps(*lease);
    EXPECT_TRUE(reminded.ok()) << reminded.status();
    return reminded.value_or(-1);
  }
};

TEST_F(FollowUpReminderTest, WhatIsDueSoonIsRemindedOfOnceForEachDueDate) {
  Put(1, Date(2025, 6, 30));
  EXPECT_EQ(RemindedOn(2025, 6, 24, absl::Hours(24) - absl::Seconds(1)), 0);
  EXPECT_EQ(RemindedOn(2025, 6, 25), 1) << "a Wednesday; the thirtieth is a Monday";
  EXPECT_EQ(RemindedOn(2025, 6, 25, absl::Minutes(1)), 0);
  EXPECT_EQ(RemindedOn(2025, 6, 30), 0) << "once";
  auto extend = Named<v1::ExtendFollowUpRequest>(NameOf(1));
  *extend.mutable_due_date() = Date(2025, 7, 15);
  extend.set_reason("等待批复");
  Good(cooperation_service.ExtendFollowUp(Bureau("ExtendFollowUp"), extend));
  EXPECT_EQ(RemindedOn(2025, 7, 9), 0);
  EXPECT_EQ(RemindedOn(2025, 7, 10), 1) << "of the new date anew";
  EXPECT_EQ(Count("journal WHERE kind = 'reminded'"), 2);
}

TEST_F(FollowUpReminderTest, HolidaysAreNoWorkdays) {
  Put(1, Date(2025, 10, 10));
  EXPECT_EQ(RemindedOn(2025, 9, 28), 0) << "a Sunday on which people work";
  EXPECT_EQ(RemindedOn(2025, 9, 29), 1) << "before the ninth there are but these two";
}

TEST_F(FollowUpReminderTest, WhatIsDoneOrPastIsNotRemindedOf) {
  Put(1, Date(2025, 6, 30), v1::FOLLOW_UP_STATE_SUBMITTED);
  Put(2, Date(2025, 6, 30), v1::FOLLOW_UP_STATE_DONE);
  Put(3, Date(2025, 6, 30), v1::FOLLOW_UP_STATE_CANCELLED);
  Put(4, Date(2025, 6, 26));
  EXPECT_EQ(RemindedOn(2025, 6, 27), 0);
  Put(5, Date(2025, 6, 27), v1::FOLLOW_UP_STATE_IN_PROGRESS);
  EXPECT_EQ(RemindedOn(2025, 6, 27), 1) << "its last day is not past";
  EXPECT_EQ(Texts("SELECT name FROM follow_up WHERE reminded_of IS NOT NULL"),
            std::vector<std::string>({NameOf(5)}));
}

TEST_F(FollowUpReminderTest, WithoutTheCalendarOfNextYearThisOneIsRemindedOf) {
  Put(1, Date(2026, 12, 31));
  Put(2, Date(2027, 1, 1));
  EXPECT_EQ(RemindedOn(2026, 12, 30), 1);
  EXPECT_EQ(RemindedOn(2027, 1, 1), 0) << "nothing is guessed";
  EXPECT_EQ(LastDueSoon(pack->calendar(), absl::CivilDay(2027, 1, 4), 3),
            absl::CivilDay(2027, 1, 3));
}

TEST_F(FollowUpReminderTest, OfTwoReplicasOneReminds) {
  Put(1, Date(2025, 6, 30));
  clock.now = time::StartOfDay(absl::CivilDay(2025, 6, 26));
  const auto old = JobLease("one");
  // Its time is over, and another took the lease.
  database.Apply("UPDATE lease SET expires_at = '2000-01-01'");
  const auto lease = JobLease("two");
  EXPECT_EQ(cooperation_service.RemindFollowUps(*old).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(*cooperation_service.RemindFollowUps(*lease), 1);
  EXPECT_EQ(Count("journal WHERE kind = 'reminded'"), 1);
}

}  // namespace
}  // namespace chanyan::pairing
