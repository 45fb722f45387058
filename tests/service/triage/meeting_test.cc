// Records of work meetings (TRI-10, S1 三(三)3: 定期或不定期召开工作交流会或调度会): who was there,
// what was decided, and what follows until it is done; on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chanyan/registry/v1/registry.pb.h"
#include "common/journal/journal.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class MeetingTest : public ::testing::Test, protected World {
 protected:
  // A meeting of today with a task for a district and one for the marine department.
  v1::WorkMeeting Meeting() const {
    const absl::CivilDay today = time::DayOf(clock.now);
    v1::WorkMeeting row;
    row.set_kind(v1::WORK_MEETING_KIND_DISPATCH);
    row.set_title("四月专班进展调度会");
    *row.mutable_meet_date() = time::ToProto(today);
    for (const char* name : {kOffice, kMarineDepartment, kMarineAgency, kOuc}) {
      row.add_participants(name);
    }
    row.set_decisions("海水淡化膜由崂山区承接中试");
    AddItem("落实中试场地", kLaoshan, today + 10, &row);
    AddItem("协调项目指南", kMarineDepartment, today + 20, &row);
    return row;
  }
  static void AddItem(const std::string& task, const std::string& owner, absl::CivilDay due,
                      v1::WorkMeeting* row) {
    v1::WorkMeetingItem* item = row->add_items();
    item->set_task(task);
    item->set_owner(owner);
    *item->mutable_due_date() = time::ToProto(due);
  }
  absl::StatusOr<v1::WorkMeeting> Record(const v1::WorkMeeting& row,
                                         const std::string& by = kOffice) {
    v1::CreateWorkMeetingRequest request;
    *request.mutable_work_meeting() = row;
    request.set_request_id(api::NewUuid());
    return meetings.CreateWorkMeeting(As(ROLE_DEPARTMENT, by, "MeetingService.CreateWorkMeeting"),
                                      request);
  }
  absl::StatusOr<v1::WorkMeeting> Change(const v1::WorkMeeting& row,
                                         const std::vector<std::string>& paths,
                                         const std::string& by = kOffice) {
    v1::UpdateWorkMeetingRequest request;
    *request.mutable_work_meeting() = row;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return meetings.UpdateWorkMeeting(As(ROLE_DEPARTMENT, by, "MeetingService.UpdateWorkMeeting"),
                                      request);
  }
  absl::StatusOr<v1::WorkMeeting> Done(const std::string& name, int item, Role role,
                                       const std::string& by) {
    auto request = Named<v1::CompleteWorkMeetingItemRequest>(name);
    request.set_item(item);
    request.set_outcome("场地已落实");
    return meetings.CompleteWorkMeetingItem(As(role, by, "MeetingService.CompleteWorkMeetingItem"),
                                            request);
  }
  absl::StatusOr<v1::WorkMeeting> See(const std::string& name, Role role, const std::string& by) {
    v1::GetWorkMeetingRequest request;
    request.set_name(name);
    return meetings.GetWorkMeeting(As(role, by, "MeetingService.GetWorkMeeting"), request);
  }
};

TEST_F(MeetingTest, WhatWasDecidedIsOnRecordAndFollowedUntilItIsDone) {
  const auto made = Record(Meeting());
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->organizer(), kOffice);
  EXPECT_EQ(made->open_items(), 2);
  EXPECT_THAT(made->participant_titles(), Contains("中国海洋大学"));
  EXPECT_THAT(made->item_owners(), UnorderedElementsAre(kLaoshan, kMarineDepartment));
  EXPECT_THAT(made->items_text(), HasSubstr("落实中试场地｜"));
  const auto seen = See(made->name(), ROLE_UNIT, kLaoshan);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(seen->actions(), ElementsAre("completeItem"));
  const auto done = Done(made->name(), 1, ROLE_UNIT, kLaoshan);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->open_items(), 1);
  EXPECT_EQ(done->items(0).outcome(), "场地已落实");
  EXPECT_THAT(done->actions(), IsEmpty());
  EXPECT_EQ(status::ReasonOf(Done(made->name(), 1, ROLE_UNIT, kLaoshan).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(absl::IsPermissionDenied(Done(made->name(), 2, ROLE_UNIT, kLaoshan).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Done(made->name(), 3, ROLE_UNIT, kLaoshan).status()));
  EXPECT_TRUE(Done(made->name(), 2, ROLE_DEPARTMENT, kOffice).ok()) << "who keeps the record may";
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE resource LIKE 'workMeetings/%' ORDER BY seq"),
              ElementsAre("created", "item done", "item done"));
}

TEST_F(MeetingTest, EverythingWrongIsNamedAtOnceAndNothingIsWritten) {
  v1::WorkMeeting row = Meeting();
  *row.mutable_meet_date() = time::ToProto(time::DayOf(clock.now) + 1);
  row.add_participants(kOuc);
  row.add_participants("organizations/nobody");
  AddItem("无人承办", "organizations/nowhere", time::DayOf(clock.now), &row);
  AddItem("落实中试场地", kLaoshan, time::DayOf(clock.now) + 10, &row);
  std::vector<std::string> fields;
  for (const auto& one : status::ViolationsOf(Record(row).status())) fields.push_back(one.field);
  EXPECT_THAT(fields,
              UnorderedElementsAre("work_meeting.meet_date", "work_meeting.participants[4]",
                                   "work_meeting.participants[5]", "work_meeting.items[2].owner",
                                   "work_meeting.items[2].due_date", "work_meeting.items[3].task"));
  EXPECT_EQ(Count("work_meeting"), 0);
}

TEST_F(MeetingTest, AChangeKeepsWhatIsDone) {
  const auto made = Record(Meeting());
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Done(made->name(), 1, ROLE_UNIT, kLaoshan).ok());
  v1::WorkMeeting update;
  update.set_name(made->name());
  *update.mutable_items() = Meeting().items();
  update.mutable_items(1)->set_task("协调今年的项目指南");
  const auto changed = Change(update, {"items"});
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->items(0).outcome(), "场地已落实");
  EXPECT_EQ(changed->open_items(), 1);
  EXPECT_EQ(changed->participant_titles_size(), 4) << "what is not changed stays";
  update.mutable_items()->DeleteSubrange(0, 1);
  EXPECT_EQ(status::ViolationsOf(Change(update, {"items"}).status()).at(0).field,
            "work_meeting.items");
  // Somebody who has an item of it does not keep the record.
  update.set_decisions("另议");
  EXPECT_TRUE(absl::IsPermissionDenied(Change(update, {"decisions"}, kMarineDepartment).status()));
}

TEST_F(MeetingTest, WhoTookPartReadsItAndNobodyElseDoes) {
  const auto made = Record(Meeting(), kMarineDepartment);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(See(made->name(), ROLE_SERVICE_TEAM, kMarineAgency).ok());
  EXPECT_TRUE(See(made->name(), ROLE_LEADER, kCityLeaders).ok());
  EXPECT_TRUE(See(made->name(), options::v1::ROLE_RESEARCH_OFFICE, kOuc).ok());
  EXPECT_TRUE(absl::IsNotFound(See(made->name(), options::v1::ROLE_ENTERPRISE, kE1).status()));
  EXPECT_TRUE(See(made->name(), ROLE_DEPARTMENT, kOffice).ok());
  EXPECT_TRUE(absl::IsNotFound(See(made->name(), ROLE_SERVICE_TEAM, kHighTechAgency).status()));
  EXPECT_TRUE(absl::IsNotFound(Done(made->name(), 1, ROLE_SERVICE_TEAM, kHighTechAgency).status()));
  v1::ListWorkMeetingsRequest request;
  request.set_filter("open_items > 0");
  const auto list = meetings.ListWorkMeetings(
      As(ROLE_UNIT, kHuangdao, "MeetingService.ListWorkMeetings"), request);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->work_meetings(), IsEmpty());
  const auto file = meetings.ExportWorkMeetings(
      As(ROLE_DEPARTMENT, kOffice, "MeetingService.ExportWorkMeetings"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "会议记录.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<std::string> cells;
  for (const sheet::Row& line : book->FirstVisible()->rows) {
    for (const sheet::Cell& cell : line.cells) cells.push_back(cell.text);
  }
  EXPECT_THAT(cells, Contains("四月专班进展调度会"));
  EXPECT_THAT(cells, Contains(made->items_text()));
}

TEST_F(MeetingTest, AUniversityReportsOnWhatIsItsToDo) {
  v1::WorkMeeting row = Meeting();
  AddItem("提供样品", kOuc, time::DayOf(clock.now) + 5, &row);
  const auto made = Record(row);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(absl::IsPermissionDenied(
      Done(made->name(), 1, options::v1::ROLE_RESEARCH_OFFICE, kOuc).status()));
  const auto done = Done(made->name(), 3, options::v1::ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->open_items(), 2);
}

TEST_F(MeetingTest, OwnersAreRemindedAsTheDayComesNearAndOnceItIsOver) {
  Go(absl::CivilDay(2025, 4, 1));
  const auto made = Record(Meeting());
  ASSERT_TRUE(made.ok()) << made.status();
  const auto lease = JobLease();
  const auto remind = [&](absl::CivilDay day) {
    Go(day);
    const auto noted = meetings.NoteTermsDue(*lease);
    EXPECT_TRUE(noted.ok()) << noted.status();
    return noted.value_or(-1);
  };
  EXPECT_EQ(remind(absl::CivilDay(2025, 4, 8)), 0);
  EXPECT_EQ(remind(absl::CivilDay(2025, 4, 9)), 1) << "two workdays before the 11th";
  EXPECT_EQ(remind(absl::CivilDay(2025, 4, 9)), 0) << "once";
  auto seen = See(made->name(), ROLE_UNIT, kLaoshan);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_TRUE(seen->items(0).due_soon());
  EXPECT_FALSE(seen->items(1).due_soon());
  EXPECT_EQ(remind(absl::CivilDay(2025, 4, 11)), 0) << "the last day itself";
  EXPECT_EQ(remind(absl::CivilDay(2025, 4, 12)), 1);
  ASSERT_TRUE(Done(made->name(), 1, ROLE_UNIT, kLaoshan).ok());
  seen = See(made->name(), ROLE_UNIT, kLaoshan);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_TRUE(seen->items(0).overdue()) << "it was late, and is done";
  ASSERT_TRUE(Done(made->name(), 2, ROLE_DEPARTMENT, kMarineDepartment).ok());
  EXPECT_EQ(remind(absl::CivilDay(2025, 6, 1)), 0) << "nothing is left to do";
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE resource LIKE 'workMeetings/%' ORDER BY seq"),
              ElementsAre("created", "reminded", "reminded", "item done", "item done"));
}

TEST_F(MeetingTest, AnotherDayIsAnotherItemAndWhoeverLostTheLeaseRemindsNobody) {
  Go(absl::CivilDay(2025, 4, 1));
  const auto made = Record(Meeting());
  ASSERT_TRUE(made.ok()) << made.status();
  v1::WorkMeeting update;
  update.set_name(made->name());
  *update.mutable_items() = made->items();
  *update.mutable_items(0)->mutable_due_date() = time::ToProto(absl::CivilDay(2025, 4, 30));
  const auto changed = Change(update, {"items"});
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(time::DayIn(changed->next_notice_date()), absl::CivilDay(2025, 4, 17));
  const auto lost = JobLease();
  ASSERT_TRUE(lost->Release().ok());
  const auto taken = JobLease("another");
  Go(absl::CivilDay(2025, 4, 20));
  const auto noted = meetings.NoteTermsDue(*lost);
  EXPECT_TRUE(!noted.ok() || *noted == 0);
  EXPECT_EQ(meetings.NoteTermsDue(*taken).value_or(-1), 1);
}

TEST_F(MeetingTest, WhatAnOrganizationHadToDoIsItsSuccessors) {
  const auto made = Record(Meeting());
  ASSERT_TRUE(made.ok()) << made.status();
  v1::WorkMeeting update;
  update.set_name(made->name());
  *update.mutable_items() = made->items();
  AddItem("报送进展", kLaoshan, time::DayOf(clock.now) + 30, &update);
  ASSERT_TRUE(Change(update, {"items"}).ok());
  ASSERT_TRUE(Done(made->name(), 1, ROLE_UNIT, kLaoshan).ok());
  registry::v1::Organization survivor;
  survivor.set_name(kHuangdao);
  survivor.set_display_name("合并后的科技局");
  survivor.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  auto* absorbed = survivor.add_absorbed();
  absorbed->set_organization(kLaoshan);
  absorbed->set_display_name("原科技局");
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_after_json(journal::CanonicalJson(survivor));
  const absl::Status followed = database.db().Transact(
      [&](db::Session& session) { return follower.Follow(session, clock.now, entry); });
  ASSERT_TRUE(followed.ok()) << followed;
  const auto seen = See(made->name(), ROLE_DEPARTMENT, kOffice);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->items(0).owner(), kLaoshan) << "who has done it";
  EXPECT_EQ(seen->items(1).owner(), kMarineDepartment);
  EXPECT_EQ(seen->items(2).owner(), kHuangdao);
  EXPECT_EQ(seen->items(2).owner_title(), "合并后的科技局");
  EXPECT_TRUE(Done(made->name(), 3, ROLE_UNIT, kHuangdao).ok());
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE resource LIKE 'workMeetings/%' ORDER BY seq"),
              ElementsAre("created", "updated", "item done", "followed", "item done"));
}

}  // namespace
}  // namespace chanyan::triage
