// Rules of the rows of conferences and their follow-ups (PAIR-8, REG-10).
#include "services/pairing/conference_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/conference_lines.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 2025-04-01 09:00 in China.
const absl::Time kNow = absl::FromUnixSeconds(1'743'469'200);
const Writer kWriter = {"accounts/a", "organizations/bureau"};

std::vector<std::string> Said(const Violations& violations) {
  std::vector<std::string> texts;
  for (const auto& violation : violations) {
    texts.push_back(absl::StrCat(violation.field, "|", violation.description));
  }
  return texts;
}

google::type::Date Date(int year, int month, int day) {
  return time::ToProto(absl::CivilDay(year, month, day));
}

google::protobuf::Timestamp Nine(int year, int month, int day) {
  return time::ToTimestamp(time::StartOfDay(absl::CivilDay(year, month, day)) + absl::Hours(9));
}

v1::Conference Meeting(v1::ConferenceState state) {
  v1::Conference conference;
  conference.set_name("conferences/c1");
  conference.set_kind(v1::CONFERENCE_KIND_JOINT);
  conference.set_title("联席会议");
  *conference.mutable_meet_time() = Nine(2025, 3, 1);
  *conference.mutable_create_time() = Nine(2025, 3, 10);
  conference.set_state(state);
  return conference;
}

// --- Lines

TEST(ConferenceLinesTest, ListsReadBackAsTheyWereWritten) {
  v1::Conference was;
  was.add_agenda()->set_title("通报进展");
  was.add_agenda()->set_title("甲|乙");
  was.mutable_agenda(1)->set_presenter("市科技局");
  was.add_agenda()->set_title("丙|丁");
  for (const char* organization : {"organizations/any", ""}) {
    v1::ConferenceAttendee& attendee = *was.add_attendees();
    attendee.set_organization(organization);
    attendee.set_organization_title("某单位");
    attendee.set_person("李某");
    attendee.set_position("处长");
    attendee.set_attendance(v1::ATTENDANCE_DEPUTY);
  }
  was.add_attendees()->set_person("无单位的来宾");
  for (int number : {1, 12}) {
    v1::ConferenceDecision& decision = *was.add_decisions();
    decision.set_number(number);
    decision.set_text(absl::StrCat("第一行 | 有竖线\n\n第二行", number));
  }
  const v1::ConferenceRow row = RowOf(was, "");
  EXPECT_THAT(Said(ListViolations(row)), IsEmpty());
  v1::Conference read;
  TakeLines(row.agenda(), read.mutable_agenda());
  TakeLines(row.attendees(), read.mutable_attendees());
  TakeLines(row.decisions(), read.mutable_decisions());
  EXPECT_TRUE(MessageDifferencer::Equals(read, was)) << read.DebugString();
}

TEST(ConferenceLinesTest, DecisionsKeepTheirAssignmentsByNumber) {
  v1::Conference conference;
  for (int number : {1, 2}) {
    v1::ConferenceDecision& decision = *conference.add_decisions();
    decision.set_number(number);
    decision.add_assignments()->set_task(absl::StrCat("事项", number));
  }
  TakeLines("3 | 新的\n2 | 改写的", conference.mutable_decisions());
  ASSERT_EQ(conference.decisions_size(), 2);
  EXPECT_TRUE(conference.decisions(0).assignments().empty());
  EXPECT_EQ(conference.decisions(1).text(), "改写的");
  EXPECT_EQ(conference.decisions(1).assignments(0).task(), "事项2");
}

TEST(ConferenceLinesTest, EveryBadLineIsSaidByItsNumber) {
  v1::ConferenceRow row;
  row.set_attendees("甲 | 乙 | 丙 | 到会 | 戊\n\n甲 | 乙 | 丙 | 迟到");
  row.set_decisions("没有序号\n接着写");
  EXPECT_THAT(Said(ListViolations(row)),
              ElementsAre(HasSubstr("attendees|第 1 人：应写为"),
                          HasSubstr("attendees|第 2 人：到会情况“迟到”应为"),
                          HasSubstr("decisions|第 1 项：应写为")));
}

// --- Conferences

TEST(ConferenceRowsTest, AKeyIsKindDayInChinaAndTitle) {
  v1::Conference one = Meeting(v1::CONFERENCE_STATE_HELD);
  v1::Conference other = one;
  *other.mutable_meet_time() =
      time::ToTimestamp(time::StartOfDay(absl::CivilDay(2025, 3, 2)) - absl::Seconds(1));
  EXPECT_EQ(KeyOf(one), KeyOf(other));
  EXPECT_EQ(KeyOf(one), KeyOf(RowOf(one, "")));
  *other.mutable_meet_time() = time::ToTimestamp(time::StartOfDay(absl::CivilDay(2025, 3, 2)));
  EXPECT_NE(KeyOf(one), KeyOf(other));
  other = one;
  other.set_kind(v1::CONFERENCE_KIND_ON_SITE);
  EXPECT_NE(KeyOf(one), KeyOf(other));
  EXPECT_NE(NameOfConference(KeyOf(one)), NameOfConference(KeyOf(other)));
}

TEST(ConferenceRowsTest, TheStateOfANewOneFollowsFromItsTimes) {
  const auto state_of = [](const google::protobuf::Timestamp& meet, bool issued) {
    v1::Conference said = Meeting(v1::CONFERENCE_STATE_UNSPECIFIED);
    *said.mutable_meet_time() = meet;
    said.set_minutes("纪要");
    if (issued) *said.mutable_issue_date() = Date(2025, 4, 1);
    Violations wrong;
    const v1::Conference made = MergeConference(
        nullptr, said, [](absl::string_view) { return true; }, kNow, &wrong);
    return absl::StrCat(policy::LabelOf(made.state()), " ", wrong.size());
  };
  EXPECT_EQ(state_of(Nine(2025, 3, 1), false), "已召开 0");
  EXPECT_EQ(state_of(Nine(2025, 3, 1), true), "纪要已印发 0");
  EXPECT_EQ(state_of(Nine(2025, 4, 1), false), "已召开 0") << "it begins now";
  EXPECT_EQ(state_of(Nine(2025, 4, 2), false), "筹备 1") << "minutes before it";
  EXPECT_EQ(state_of(Nine(2025, 4, 2), true), "筹备 2") << "issued before it";
}

TEST(ConferenceRowsTest, AStateThatHasGoneOnIsNoContradiction) {
  const auto wrong_of = [](v1::ConferenceState stored, v1::ConferenceState said) {
    const v1::Conference before = Meeting(stored);
    v1::Conference row = before;
    row.set_state(said);
    Violations wrong;
    MergeConference(
        &before, row, [](absl::string_view) { return true; }, kNow, &wrong);
    return wrong.size();
  };
  EXPECT_EQ(wrong_of(v1::CONFERENCE_STATE_ISSUED, v1::CONFERENCE_STATE_PLANNED), 0u);
  EXPECT_EQ(wrong_of(v1::CONFERENCE_STATE_CANCELLED, v1::CONFERENCE_STATE_CONVENED), 0u);
  EXPECT_EQ(wrong_of(v1::CONFERENCE_STATE_CANCELLED, v1::CONFERENCE_STATE_HELD), 1u);
  EXPECT_EQ(wrong_of(v1::CONFERENCE_STATE_HELD, v1::CONFERENCE_STATE_ISSUED), 1u);
}

TEST(ConferenceRowsTest, WhatTheSheetHasNoColumnForStays) {
  v1::Conference before = Meeting(v1::CONFERENCE_STATE_HELD);
  before.set_place("会议室");
  before.set_minutes("纪要");
  before.add_decisions()->set_number(1);
  before.mutable_meet_time()->set_nanos(5000);
  v1::Conference said = Meeting(v1::CONFERENCE_STATE_UNSPECIFIED);
  Violations wrong;
  const v1::Conference merged = MergeConference(
      &before, said, [](absl::string_view) { return false; }, kNow, &wrong);
  EXPECT_THAT(Said(wrong), IsEmpty());
  EXPECT_TRUE(MessageDifferencer::Equals(merged, before)) << merged.DebugString();
}

// --- Follow-ups

v1::FollowUpRow Row() {
  v1::FollowUpRow row;
  row.set_conference_title("联席会议");
  row.set_decision_number(1);
  row.set_task("完成选址");
  *row.mutable_due_date() = Date(2025, 6, 30);
  return row;
}

TEST(FollowUpRowsTest, OnlyDecisionsThatAssignNothingTakeFollowUps) {
  const auto said = [](const v1::Conference& conference) {
    Violations wrong;
    NewFollowUp(Row(), conference, kWriter, kNow, &wrong);
    return wrong.empty() ? "" : wrong.front().field;
  };
  v1::Conference conference = Meeting(v1::CONFERENCE_STATE_ISSUED);
  EXPECT_EQ(said(conference), "") << "minutes without numbered decisions";
  conference.add_decisions()->set_number(2);
  EXPECT_EQ(said(conference), "decision_number");
  conference.mutable_decisions(0)->set_number(1);
  EXPECT_EQ(said(conference), "");
  conference.mutable_decisions(0)->add_assignments();
  EXPECT_EQ(said(conference), "task");
  for (const auto state : {v1::CONFERENCE_STATE_PLANNED, v1::CONFERENCE_STATE_CONVENED,
                           v1::CONFERENCE_STATE_HELD, v1::CONFERENCE_STATE_CANCELLED}) {
    EXPECT_EQ(said(Meeting(state)), "conference_title");
  }
}

TEST(FollowUpRowsTest, WhatIsDoneWasDoneBeforeItsConferenceWasEntered) {
  const v1::Conference conference = Meeting(v1::CONFERENCE_STATE_ISSUED);
  v1::FollowUpRow row = Row();
  row.set_evidence("批复");
  *row.mutable_finish_time() = Nine(2025, 3, 10);
  Violations wrong;
  v1::FollowUp made = NewFollowUp(row, conference, kWriter, kNow, &wrong);
  EXPECT_THAT(Said(wrong), IsEmpty());
  EXPECT_EQ(made.state(), v1::FOLLOW_UP_STATE_DONE);
  EXPECT_EQ(made.submit_time().seconds(), row.finish_time().seconds());
  EXPECT_EQ(made.submitter(), "accounts/a");
  row.mutable_finish_time()->set_seconds(row.finish_time().seconds() + 1);
  NewFollowUp(row, conference, kWriter, kNow, &wrong);
  EXPECT_THAT(Said(wrong), ElementsAre(HasSubstr("finish_time|会议登记以后办结的事项")));
}

TEST(FollowUpRowsTest, ARowReportsBeforeItSubmits) {
  const v1::Conference conference = Meeting(v1::CONFERENCE_STATE_ISSUED);
  v1::FollowUpRow row = Row();
  row.set_progress("已看三处");
  row.set_evidence("批复");
  v1::FollowUp follow_up;
  follow_up.set_name("conferences/c1/followUps/1-1");
  follow_up.set_decision_number(1);
  follow_up.set_task("完成选址");
  *follow_up.mutable_due_date() = Date(2025, 6, 30);
  follow_up.set_state(v1::FOLLOW_UP_STATE_ASSIGNED);
  Violations wrong;
  ActOn(row, conference, "", kWriter, kNow, &follow_up, &wrong);
  EXPECT_THAT(Said(wrong), IsEmpty());
  EXPECT_EQ(follow_up.state(), v1::FOLLOW_UP_STATE_SUBMITTED);
  EXPECT_EQ(follow_up.reports_size(), 1);
  const v1::FollowUp once = follow_up;
  ActOn(row, conference, "", kWriter, kNow + absl::Hours(1), &follow_up, &wrong);
  EXPECT_TRUE(MessageDifferencer::Equals(follow_up, once)) << "the same row again";
  EXPECT_THAT(Said(wrong), IsEmpty());
}

}  // namespace
}  // namespace chanyan::pairing
