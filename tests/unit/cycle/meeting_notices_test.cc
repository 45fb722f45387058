// What owners of items of work meetings are told, and until when (TRI-10, CYC-9).
#include "services/cycle/meeting_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "common/api/text.h"
#include "services/cycle/triage_notices.h"
#include "tests/unit/cycle/triage_rows.h"

namespace chanyan::cycle {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

tri::WorkMeeting MakeMeeting() {
  tri::WorkMeeting row;
  row.set_name("workMeetings/m");
  row.set_title("四月专班进展调度会");
  row.set_organizer("organizations/cg");
  row.set_organizer_title("演示成果处");
  row.set_office("organizations/cg");
  return row;
}

tri::WorkMeetingItem* AddItem(const std::string& task, const std::string& owner, absl::CivilDay due,
                              tri::WorkMeeting* row) {
  tri::WorkMeetingItem* item = row->add_items();
  item->set_task(task);
  item->set_owner(owner);
  *item->mutable_due_date() = time::ToProto(due);
  row->add_item_owners(owner);
  return item;
}

TEST(MeetingNoticesTest, EachOwnerIsToldOnceOfWhatIsItsToDo) {
  tri::WorkMeeting row = MakeMeeting();
  AddItem("落实中试场地", "organizations/district", kLaterDay, &row);
  AddItem("协调项目指南", "organizations/hy", kDay, &row);
  AddItem("对接金融机构", "organizations/district", kDay, &row);
  const auto created = Created("created", row);
  EXPECT_THAT(Told(created), ElementsAre("REMINDER district", "REMINDER hy"));
  ExpectReadableByWhomItIsTold(created, row);
  const Notice notice = TriageNoticesOf(created).front();
  EXPECT_EQ(notice.title, "“四月专班进展调度会”议定由贵单位承办的事项待办理");
  EXPECT_THAT(notice.content,
              HasSubstr("1. 对接金融机构（完成期限2025年4月10日）；2. 落实中试场地（完成期限2025年"
                        "4月15日）。"));
  EXPECT_THAT(notice.content, Not(HasSubstr("项目指南"))) << "another's";
  EXPECT_EQ(notice.due, time::EndOfDay(kDay)) << "the first of them";
  EXPECT_FALSE(IsTriageSettled(created));
  EXPECT_THAT(SettledDebtors(created), IsEmpty());
}

TEST(MeetingNoticesTest, NearItsDayAndPastItIsEachToldOnceInPlaceOfTheOneBefore) {
  tri::WorkMeeting row = MakeMeeting();
  AddItem("落实中试场地", "organizations/district", kDay, &row);
  AddItem("协调项目指南", "organizations/hy", kLaterDay, &row);
  tri::WorkMeeting near = row;
  near.mutable_items(0)->set_due_soon(true);
  const auto reminded = Change("reminded", &row, &near);
  EXPECT_THAT(Told(reminded), ElementsAre("REMINDER district"));
  EXPECT_THAT(Only(reminded).title, HasSubstr("即将到期"));
  EXPECT_THAT(SettledDebtors(reminded), ElementsAre("organizations/district"));
  tri::WorkMeeting late = near;
  late.mutable_items(0)->set_overdue(true);
  const auto overdue = Change("reminded", &near, &late);
  EXPECT_THAT(Told(overdue), ElementsAre("OVERDUE district"));
  ExpectReadableByWhomItIsTold(overdue, late);
  EXPECT_THAT(Only(overdue).title, HasSubstr("逾期未完成"));
  EXPECT_THAT(Only(overdue).roles, Contains(options::v1::ROLE_LEADER));
  EXPECT_THAT(SettledDebtors(overdue), ElementsAre("organizations/district"));
  // Nothing of it is news again.
  tri::WorkMeeting planned = late;
  *planned.mutable_next_notice_date() = time::ToProto(kLaterDay);
  EXPECT_THAT(Told(Change("reminded", &late, &planned)), IsEmpty());
  EXPECT_THAT(SettledDebtors(Change("reminded", &late, &planned)), IsEmpty());
}

TEST(MeetingNoticesTest, WhatIsDoneTakenBackOrAnothersNowIsSettledForWhoseItWas) {
  tri::WorkMeeting row = MakeMeeting();
  AddItem("落实中试场地", "organizations/district", kDay, &row);
  AddItem("对接金融机构", "organizations/district", kLaterDay, &row);
  tri::WorkMeeting one = row;
  *one.mutable_items(0)->mutable_done_date() = time::ToProto(kDay);
  EXPECT_THAT(Told(Change("item done", &row, &one)), IsEmpty());
  EXPECT_THAT(SettledDebtors(Change("item done", &row, &one)), IsEmpty()) << "one is still to do";
  tri::WorkMeeting both = one;
  *both.mutable_items(1)->mutable_done_date() = time::ToProto(kDay);
  EXPECT_THAT(SettledDebtors(Change("item done", &one, &both)),
              ElementsAre("organizations/district"));
  // The owner has become part of another, who is told.
  tri::WorkMeeting followed = row;
  for (auto& item : *followed.mutable_items()) item.set_owner("organizations/new-district");
  EXPECT_THAT(Told(Change("followed", &row, &followed)), ElementsAre("REMINDER new-district"));
  EXPECT_THAT(SettledDebtors(Change("followed", &row, &followed)),
              ElementsAre("organizations/district"));
  tri::WorkMeeting none = row;
  none.clear_items();
  EXPECT_THAT(SettledDebtors(Change("updated", &row, &none)),
              ElementsAre("organizations/district"));
  EXPECT_THAT(Told(Change("updated", &row, &none)), IsEmpty());
}

TEST(MeetingNoticesTest, ALongRecordIsAbridgedAndABrokenEntryIsNone) {
  tri::WorkMeeting row = MakeMeeting();
  std::string longest;
  for (int i = 0; i < 400; ++i) longest += "长";
  for (int i = 0; i < 50; ++i) {
    AddItem(absl::StrCat(i, longest), "organizations/district", kDay + i, &row);
  }
  row.set_title(longest.substr(0, 360));
  const Notice notice = Only(Created("created", row));
  EXPECT_LE(api::CodePoints(notice.title), 200);
  EXPECT_LE(api::CodePoints(notice.content), 4000);
  EXPECT_THAT(notice.content, HasSubstr("等50项"));
  auto broken = Created("created", row);
  broken.set_after_json("{\"items\":");
  EXPECT_THAT(TriageNoticesOf(broken), IsEmpty());
  EXPECT_THAT(SettledDebtors(broken), IsEmpty());
  EXPECT_THAT(SettledDebtors(Created("sent", MakePush(tri::PUSH_STATE_SENT))), IsEmpty());
}

}  // namespace
}  // namespace chanyan::cycle
