// Conferences of the frame cooperation and their follow-ups on the real database (PAIR-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "common/api/digest.h"
#include "common/rpc/succession.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/cooperation_world.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(CooperationTest, AConferenceIsCalledHeldAndItsMinutesIssued) {
  const auto planned = Plan(NewConference());
  ASSERT_TRUE(planned.ok()) << planned.status();
  const std::string name = planned->name();
  EXPECT_THAT(
      std::vector<std::string>(planned->organizations().begin(), planned->organizations().end()),
      ElementsAre(kBureau, kOuc, kZone));
  EXPECT_THAT(std::vector<std::string>(planned->actions().begin(), planned->actions().end()),
              ElementsAre("convene", "postpone", "cancel"));
  EXPECT_EQ(status::ReasonOf(Hold(name).status()), ERROR_REASON_WRONG_STATE) << "not called";
  ASSERT_TRUE(Convene(name).ok());
  EXPECT_EQ(status::ReasonOf(Hold(name).status()), ERROR_REASON_WRONG_STATE) << "before its time";
  auto later = Named<v1::PostponeConferenceRequest>(name);
  *later.mutable_meet_time() = time::ToTimestamp(clock.now + 10 * kDay);
  later.set_reason("场地冲突");
  const auto postponed =
      cooperation_service.PostponeConference(Bureau("PostponeConference"), later);
  ASSERT_TRUE(postponed.ok()) << postponed.status();
  EXPECT_EQ(postponed->state(), v1::CONFERENCE_STATE_CONVENED);
  EXPECT_EQ(postponed->postponements(0).reason(), "场地冲突");
  EXPECT_EQ(time::ToTime(postponed->postponements(0).from_time()), clock.now + 7 * kDay);
  clock.now += 11 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  EXPECT_THAT(testing::FieldsOf(Issue(name).status()), ElementsAre("minutes"));
  ASSERT_TRUE(Write(name).ok());
  const auto issued = Issue(name);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->issue_date().day(), 12);
  EXPECT_EQ(Count("follow_up"), 2);
  EXPECT_EQ(Count("journal WHERE kind = 'assigned'"), 2);
  EXPECT_EQ(status::ReasonOf(Write(name).status()), ERROR_REASON_WRONG_STATE)
      << "issued minutes are final";
}

TEST_F(CooperationTest, MinutesAndFollowUpsAreIssuedTogetherOrNotAtAll) {
  const std::string name = Plan(NewConference())->name();
  ASSERT_TRUE(Convene(name).ok());
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  // Something stands where the second follow-up would be.
  const absl::Status stands = database.db().Transact([&](db::Session& session) {
    v1::FollowUp row;
    row.set_name(name + "/followUps/1-2");
    row.set_state(v1::FOLLOW_UP_STATE_ASSIGNED);
    return db::Table<v1::FollowUp>().Insert(session, clock.now, &row);
  });
  ASSERT_TRUE(stands.ok()) << stands;
  EXPECT_FALSE(Issue(name).ok());
  EXPECT_EQ(GetMeeting(Bureau("GetConference"), name)->state(), v1::CONFERENCE_STATE_HELD);
  EXPECT_EQ(Count("follow_up"), 1);
}

TEST_F(CooperationTest, AFollowUpGoesToTheUnitThatGoesOnForTheOneOfTheDecision) {
  const std::string name = Plan(NewConference())->name();
  ASSERT_TRUE(Convene(name).ok());
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  const absl::Status noted = database.db().Transact([&](db::Session& session) {
    return rpc::NoteSuccession(session, clock.now, kZone, {kTown, "泊里镇（演示）", ""}).status();
  });
  ASSERT_TRUE(noted.ok()) << noted;
  ASSERT_TRUE(Issue(name).ok());
  EXPECT_THAT(
      Texts("SELECT CONCAT(unit, ' ', unit_title) FROM follow_up ORDER BY name"),
      ElementsAre("organizations/town 泊里镇（演示）", "organizations/ouc 海洋大学（演示）"));
}

TEST_F(CooperationTest, ManyAtOnceIssueMinutesOnce) {
  const std::string name = Plan(NewConference())->name();
  ASSERT_TRUE(Convene(name).ok());
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  std::vector<std::thread> threads;
  std::atomic<int> issued = 0;
  for (int i = 0; i < 6; ++i) threads.emplace_back([&] { issued += Issue(name).ok(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(issued, 1);
  EXPECT_EQ(Count("follow_up"), 2);
}

TEST_F(CooperationTest, ParticipantsSeeAConferenceOnceItIsCalledAndItsMinutesOnceTheyAreIssued) {
  const std::string name = Plan(NewConference())->name();
  const rpc::Call guest = By(ROLE_RESEARCH_OFFICE, kOuc, "GetConference");
  EXPECT_EQ(GetMeeting(guest, name).status().code(), absl::StatusCode::kNotFound) << "planned";
  ASSERT_TRUE(Convene(name).ok());
  EXPECT_TRUE(GetMeeting(guest, name).ok());
  EXPECT_EQ(GetMeeting(By(ROLE_RESEARCH_OFFICE, kUpc, "GetConference"), name).status().code(),
            absl::StatusCode::kNotFound)
      << "not invited";
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  ASSERT_TRUE(Write(name).ok());
  const auto draft = GetMeeting(guest, name);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->minutes(), "");
  EXPECT_EQ(draft->decisions_size(), 0);
  EXPECT_NE(GetMeeting(Bureau("GetConference"), name)->minutes(), "");
  ASSERT_TRUE(Issue(name).ok());
  EXPECT_NE(GetMeeting(guest, name)->minutes(), "");
}

TEST_F(CooperationTest, ThePackSaysWhenTheNextConferenceIsDue) {
  const auto cadence = [this] {
    const auto status =
        cooperation_service.GetConferenceCadence(Bureau("GetConferenceCadence"), {});
    EXPECT_TRUE(status.ok()) << status.status();
    return status.ok() ? *status : v1::ConferenceCadenceStatus();
  };
  v1::ConferenceCadenceStatus now = cadence();
  EXPECT_EQ(now.interval_months(), 6);
  EXPECT_EQ(now.clause().article(), "四、（一）");
  EXPECT_EQ(now.last_conference(), "");
  EXPECT_FALSE(now.has_next_due_date());
  const std::string held = Issued();
  now = cadence();
  EXPECT_EQ(now.last_conference(), held);
  EXPECT_EQ(time::FormatDate(*time::ToCivilDay(now.next_due_date())), "2025-10-08");
  EXPECT_FALSE(now.overdue());
  clock.now = time::EndOfDay(absl::CivilDay(2025, 10, 8));
  EXPECT_FALSE(cadence().overdue());
  clock.now += absl::Seconds(1);
  EXPECT_TRUE(cadence().overdue());
  // An on-site meeting is none.
  auto on_site = NewConference();
  on_site.mutable_conference()->set_kind(v1::CONFERENCE_KIND_ON_SITE);
  ASSERT_TRUE(Plan(on_site).ok());
  EXPECT_EQ(cadence().planned_conference(), "");
  const std::string next = Plan(NewConference())->name();
  EXPECT_EQ(cadence().planned_conference(), next);
}

TEST_F(CooperationTest, AFollowUpIsDoneWithEvidenceThatAnotherConfirms) {
  const std::string name = absl::StrCat(Issued(), "/followUps/1-1");
  auto report = Named<v1::ReportFollowUpRequest>(name);
  report.set_text("已完成选址");
  const auto reported =
      cooperation_service.ReportFollowUp(By(ROLE_UNIT, kZone, "ReportFollowUp"), report);
  ASSERT_TRUE(reported.ok()) << reported.status();
  EXPECT_EQ(reported->state(), v1::FOLLOW_UP_STATE_IN_PROGRESS);
  EXPECT_EQ(reported->reports(0).organization(), kZone);
  EXPECT_THAT(std::vector<std::string>(reported->actions().begin(), reported->actions().end()),
              ElementsAre("report", "submit"))
      << "a unit neither confirms nor extends";
  EXPECT_EQ(Submit(name, kTown).status().code(), absl::StatusCode::kNotFound)
      << "who supports sees it and does not write it";
  EXPECT_TRUE(GetFollowUp(By(ROLE_UNIT, kTown, "GetFollowUp"), name).ok());
  ASSERT_TRUE(Submit(name).ok());
  auto back = Named<v1::ReturnFollowUpRequest>(name);
  back.set_reason("缺少盖章页");
  const auto returned = cooperation_service.ReturnFollowUp(Bureau("ReturnFollowUp"), back);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->state(), v1::FOLLOW_UP_STATE_IN_PROGRESS);
  EXPECT_FALSE(returned->has_submit_time());
  ASSERT_TRUE(Submit(name).ok());
  const auto confirm = [&](const std::string& account) {
    return cooperation_service.ConfirmFollowUp(
        By(ROLE_DEPARTMENT, kBureau, "ConfirmFollowUp", account),
        Named<v1::ConfirmFollowUpRequest>(name));
  };
  EXPECT_EQ(confirm("accounts/test").status().code(), absl::StatusCode::kPermissionDenied)
      << "the account that submitted it";
  const auto done = confirm("accounts/other");
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state(), v1::FOLLOW_UP_STATE_DONE);
  EXPECT_EQ(done->evidence_documents(0).sha256(), api::Sha256Hex("共建协议.pdf"));
  EXPECT_TRUE(done->has_finish_time());
  EXPECT_THAT(std::vector<std::string>(done->actions().begin(), done->actions().end()), IsEmpty());
}

TEST_F(CooperationTest, WhatIsOverdueIsListedAndJournalledOnceForEachDueDate) {
  const std::string conference = Issued();
  const rpc::Call all = Bureau("ListFollowUps");
  clock.now = time::EndOfDay(absl::CivilDay(2025, 6, 30));
  EXPECT_THAT(Overdue(all), IsEmpty());
  clock.now += absl::Seconds(1);
  EXPECT_THAT(Overdue(all), UnorderedElementsAre("1-1", "1-2"));
  EXPECT_THAT(Overdue(By(ROLE_UNIT, kZone, "ListFollowUps")), ElementsAre("1-1"))
      << "a unit sees its own";
  const auto lease = JobLease();
  EXPECT_EQ(*cooperation_service.NoteOverdue(*lease), 2);
  EXPECT_EQ(*cooperation_service.NoteOverdue(*lease), 0);
  auto extend = Named<v1::ExtendFollowUpRequest>(conference + "/followUps/1-1");
  *extend.mutable_due_date() = Date(2025, 6, 30);
  extend.set_reason("等待批复");
  EXPECT_EQ(cooperation_service.ExtendFollowUp(Bureau("ExtendFollowUp"), extend).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "not later";
  *extend.mutable_due_date() = Date(2025, 7, 15);
  const auto extended = cooperation_service.ExtendFollowUp(Bureau("ExtendFollowUp"), extend);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(extended->extensions(0).from_date().month(), 6);
  EXPECT_THAT(Overdue(all), ElementsAre("1-2"));
  clock.now = time::StartOfDay(absl::CivilDay(2025, 7, 16));
  EXPECT_EQ(*cooperation_service.NoteOverdue(*lease), 1) << "the new due date";
  EXPECT_EQ(Count("journal WHERE kind = 'overdue'"), 3);
  ASSERT_TRUE(Submit(conference + "/followUps/1-1").ok());
  EXPECT_THAT(Overdue(all), ElementsAre("1-2")) << "submitted is not overdue";
  EXPECT_TRUE(GetFollowUp(Bureau("GetFollowUp"), conference + "/followUps/1-1")->overdue())
      << "but it came late";
}

TEST_F(CooperationTest, TheLedgerOfFollowUpsShowsEachUnitItsOwn) {
  Issued();
  const auto rows = [&](const rpc::Call& call) {
    const auto file = cooperation_service.ExportFollowUps(call, {});
    EXPECT_TRUE(file.ok()) << file.status();
    const auto workbook = sheet::ReadWorkbook(file->data(), "督办.xlsx");
    EXPECT_TRUE(workbook.ok()) << workbook.status();
    std::vector<std::string> units;
    for (const auto& row :
         sheet::ReadTable<v1::FollowUpRow>(*workbook, *workbook->FirstVisible()).rows) {
      units.push_back(row.message.unit_title());
    }
    return units;
  };
  EXPECT_THAT(rows(Bureau("ExportFollowUps")), ElementsAre("古镇口（演示）", "海洋大学（演示）"));
  EXPECT_THAT(rows(By(ROLE_RESEARCH_OFFICE, kOuc, "ExportFollowUps")),
              ElementsAre("海洋大学（演示）"));
  EXPECT_THAT(rows(By(ROLE_RESEARCH_OFFICE, kUpc, "ExportFollowUps")), IsEmpty());
}

}  // namespace
}  // namespace chanyan::pairing
