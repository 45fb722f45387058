// When owners of what a meeting decided are spoken to, each once (TRI-10).
#include "services/triage/meeting_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>

#include "common/time/civil.h"
#include "common/time/kept_day.h"
#include "tests/support/service_test.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::triage {
namespace {

// Reminds two workdays before a last day first; 2025-04-04 to 06 are days off.
const policy::Pack& ReminderPack() {
  static const auto& pack = *testing::ShippedPack().release();
  return pack;
}

v1::WorkMeeting MeetingWith(std::initializer_list<absl::CivilDay> due_days) {
  v1::WorkMeeting row;
  for (const absl::CivilDay due : due_days) {
    v1::WorkMeetingItem* item = row.add_items();
    item->set_task("落实场地");
    item->set_owner("organizations/a");
    *item->mutable_due_date() = time::ToProto(due);
  }
  return row;
}

std::optional<absl::CivilDay> Next(const v1::WorkMeeting& row) {
  if (!row.has_next_notice_date()) return std::nullopt;
  return time::DayIn(row.next_notice_date());
}

TEST(MeetingRulesTest, AnItemIsNearItsLastDayAndThenPastItEachOnce) {
  v1::WorkMeeting row = MeetingWith({absl::CivilDay(2025, 4, 8)});
  EXPECT_TRUE(NoteTerms(ReminderPack(), absl::CivilDay(2025, 4, 1), &row));
  EXPECT_FALSE(row.items(0).due_soon());
  EXPECT_EQ(Next(row), absl::CivilDay(2025, 4, 3)) << "two workdays before, over the days off";
  EXPECT_FALSE(NoteTerms(ReminderPack(), absl::CivilDay(2025, 4, 2), &row)) << "nothing changed";
  EXPECT_TRUE(NoteTerms(ReminderPack(), absl::CivilDay(2025, 4, 3), &row));
  EXPECT_TRUE(row.items(0).due_soon());
  EXPECT_EQ(Next(row), absl::CivilDay(2025, 4, 9));
  EXPECT_FALSE(NoteTerms(ReminderPack(), absl::CivilDay(2025, 4, 8), &row)) << "its last day";
  EXPECT_TRUE(NoteTerms(ReminderPack(), absl::CivilDay(2025, 4, 9), &row));
  EXPECT_TRUE(row.items(0).overdue());
  EXPECT_EQ(Next(row), std::nullopt);
  EXPECT_FALSE(NoteTerms(ReminderPack(), absl::CivilDay(2025, 5, 9), &row));
}

TEST(MeetingRulesTest, WhatIsDoneWaitsForNothingAndTheFirstOfTheOthersComesNext) {
  v1::WorkMeeting row = MeetingWith(
      {absl::CivilDay(2025, 4, 8), absl::CivilDay(2025, 4, 30), absl::CivilDay(2025, 4, 22)});
  NoteTerms(ReminderPack(), absl::CivilDay(2025, 4, 1), &row);
  EXPECT_EQ(Next(row), absl::CivilDay(2025, 4, 3));
  *row.mutable_items(0)->mutable_done_date() = time::ToProto(absl::CivilDay(2025, 4, 2));
  NoteTerms(ReminderPack(), absl::CivilDay(2025, 4, 2), &row);
  EXPECT_EQ(Next(row), absl::CivilDay(2025, 4, 18));
  EXPECT_TRUE(NoteTerms(ReminderPack(), absl::CivilDay(2025, 6, 1), &row)) << "nobody looked";
  EXPECT_FALSE(row.items(0).overdue()) << "done in time";
  EXPECT_TRUE(row.items(1).overdue());
  EXPECT_FALSE(row.items(1).due_soon()) << "what is past is not near";
  EXPECT_TRUE(row.items(2).overdue());
}

TEST(MeetingRulesTest, WithoutCalendarEveryDayCountsAndWithoutPlanNobodyIsRemindedBefore) {
  v1::WorkMeeting far = MeetingWith({absl::CivilDay(2099, 4, 8)});
  NoteTerms(ReminderPack(), absl::CivilDay(2099, 4, 1), &far);
  EXPECT_EQ(Next(far), absl::CivilDay(2099, 4, 6));
  const auto bare = policy::Pack::Parse({{"t/a.textproto", policy::kMinimalPack}});
  ASSERT_TRUE(bare.ok()) << bare.status();
  v1::WorkMeeting row = MeetingWith({absl::CivilDay(2025, 4, 8)});
  NoteTerms(**bare, absl::CivilDay(2025, 4, 8), &row);
  EXPECT_FALSE(row.items(0).due_soon());
  EXPECT_EQ(Next(row), absl::CivilDay(2025, 4, 9));
}

TEST(MeetingRulesTest, AnItemKeepsWhatItsOwnerWasToldAndANewOneBringsNothing) {
  v1::WorkMeeting before = MeetingWith({absl::CivilDay(2025, 4, 8)});
  before.mutable_items(0)->set_due_soon(true);
  v1::WorkMeeting row = MeetingWith({absl::CivilDay(2025, 4, 8), absl::CivilDay(2025, 4, 9)});
  row.mutable_items(1)->set_due_soon(true);
  row.mutable_items(1)->set_overdue(true);
  EXPECT_THAT(KeepWhatIsDone(before, &row), ::testing::IsEmpty());
  EXPECT_TRUE(row.items(0).due_soon());
  EXPECT_FALSE(row.items(1).due_soon());
  EXPECT_FALSE(row.items(1).overdue());
}

}  // namespace
}  // namespace chanyan::triage
