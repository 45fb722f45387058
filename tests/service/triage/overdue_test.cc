// Terms that have run out (TRI-4, TRI-10): journalled once for each term, with who is above whom it
// waits for by the ladder, so that people are told of it; on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "services/triage/parties.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_SERVICE_TEAM;
using policy::v1::TRIAGE_CLASS_HORIZONTAL;
using policy::v1::TRIAGE_CLASS_TRANSFER;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OverdueTest : public ::testing::Test, protected World {
 protected:
  void SetUp() override { lease_ = JobLease(); }

  // One push to the marine department, which serves the result as well.
  std::string ToTheDepartment() {
    v1::Result draft = Draft("海水淡化膜");
    draft.clear_conversion_modes();
    draft.add_conversion_modes(v1::CONVERSION_MODE_DEVELOPMENT);
    return PushTo(Pushed(draft).name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL).name();
  }
  int NotePushes() {
    const auto noted = dispatch.NoteOverdue(*lease_);
    EXPECT_TRUE(noted.ok()) << noted.status();
    return noted.value_or(-1);
  }
  int NoteLadder() {
    const auto noted = escalations.NoteOverdue(*lease_);
    EXPECT_TRUE(noted.ok()) << noted.status();
    return noted.value_or(-1);
  }
  absl::StatusOr<v1::Push> Receive(const std::string& push) {
    return dispatch.ReceivePush(
        As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.ReceivePush"),
        Named<v1::ReceivePushRequest>(push));
  }
  absl::StatusOr<v1::Push> Answer(const std::string& push) {
    auto request = Named<v1::AnswerPushRequest>(push);
    request.set_answer("已列入项目指南");
    return dispatch.AnswerPush(As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.AnswerPush"),
                               request);
  }
  absl::StatusOr<v1::Push> Extend(const std::string& push, int workdays) {
    auto request = Named<v1::ExtendPushRequest>(push);
    request.set_workdays(workdays);
    request.set_reason("需实地考察");
    return dispatch.ExtendPush(As(ROLE_SERVICE_TEAM, kMarineAgency, "DispatchService.ExtendPush"),
                               request);
  }
  absl::StatusOr<v1::Push> Pause(const std::string& push) {
    auto request = Named<v1::PausePushRequest>(push);
    request.set_pause_reason("waiting-university");
    return dispatch.PausePush(As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.PausePush"),
                              request);
  }
  static void PastEndOf(absl::CivilDay day, absl::Time* now) {
    *now = time::EndOfDay(day) + absl::Seconds(1);
  }
  std::vector<std::string> OverdueEntries() {
    return Texts("SELECT resource FROM journal WHERE kind = 'overdue' ORDER BY seq");
  }

  std::unique_ptr<db::Lease> lease_;
};

TEST_F(OverdueTest, APushIsNotedFromTheVerySecondOnceForEachOfItsTerms) {
  const std::string push = ToTheDepartment();
  clock.now = time::EndOfDay(absl::CivilDay(2025, 4, 3));
  EXPECT_EQ(NotePushes(), 0);
  clock.now += absl::Seconds(1);
  EXPECT_EQ(NotePushes(), 1);
  EXPECT_EQ(NotePushes(), 0);
  EXPECT_THAT(OverdueEntries(), ElementsAre(push));
  EXPECT_THAT(Texts("SELECT overseer FROM push"), ElementsAre(kBureauLeaders))
      << "above the department are its leaders";
  // Received late, it has another term; that is noted by itself.
  const auto received = Receive(push);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(NotePushes(), 0);
  PastEndOf(time::DayOf(TimeIn(received->due_time())), &clock.now);
  EXPECT_EQ(NotePushes(), 1);
  // More time ends it, until that has passed.
  const auto extended = Extend(push, 5);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(NotePushes(), 0);
  PastEndOf(time::DayOf(TimeIn(extended->due_time())), &clock.now);
  EXPECT_EQ(NotePushes(), 1);
  ASSERT_TRUE(Answer(push).ok());
  EXPECT_EQ(NotePushes(), 0);
  EXPECT_THAT(OverdueEntries(), ElementsAre(push, push, push));
}

TEST_F(OverdueTest, WhatIsAnsweredInTimeOrStandsStillIsNotNoted) {
  const std::string push = ToTheDepartment();
  ASSERT_TRUE(Receive(push).ok());
  const auto paused = Pause(push);
  ASSERT_TRUE(paused.ok()) << paused.status();
  // Ten workdays after it was received, all of them within the pause.
  Go(absl::CivilDay(2025, 4, 18));
  EXPECT_EQ(NotePushes(), 0);
  clock.now = TimeIn(paused->due_time());
  EXPECT_EQ(NotePushes(), 0);
  ASSERT_TRUE(Answer(push).ok());
  Go(absl::CivilDay(2025, 6, 18));
  EXPECT_EQ(NotePushes(), 0);
  EXPECT_THAT(OverdueEntries(), IsEmpty());
}

TEST_F(OverdueTest, AboveWhoIsNoDepartmentIsTheDepartmentOfTheResult) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  const v1::Push push = PushTo(row.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER);
  Go(absl::CivilDay(2025, 4, 10));
  EXPECT_EQ(NotePushes(), static_cast<int>(PushesOf(row.name()).size()));
  const v1::Push noted = PushTo(row.name(), kHighTechAgency, TRIAGE_CLASS_TRANSFER);
  EXPECT_EQ(noted.overseer(), row.department());
  EXPECT_EQ(TimeIn(noted.overdue_noted()), TimeIn(push.due_time()));
}

TEST_F(OverdueTest, NobodyElsesLeaseNotesAnything) {
  ToTheDepartment();
  Go(absl::CivilDay(2025, 4, 10));
  ASSERT_TRUE(lease_->Release().ok());
  const auto taken = JobLease("another");
  const auto noted = dispatch.NoteOverdue(*lease_);
  EXPECT_TRUE(!noted.ok() || *noted == 0) << *noted;
  EXPECT_THAT(OverdueEntries(), IsEmpty());
}

TEST_F(OverdueTest, AMatterAndItsTasksAreNotedOnceWithTheRungAbove) {
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(made.ok()) << made.status();
  v1::RaiseEscalationRequest raise;
  raise.mutable_escalation()->set_result(made->name());
  raise.mutable_escalation()->set_matter("用海手续需协调");
  raise.mutable_escalation()->set_reason("涉及多个部门");
  raise.set_request_id(api::NewUuid());
  const auto raised = escalations.RaiseEscalation(
      As(ROLE_DEPARTMENT, kMarineDepartment, "EscalationService.RaiseEscalation"), raise);
  ASSERT_TRUE(raised.ok()) << raised.status();
  ASSERT_EQ(raised->decider(), kBureauLeaders);
  clock.now = TimeIn(raised->due_time());
  EXPECT_EQ(NoteLadder(), 0);
  clock.now += absl::Seconds(1);
  EXPECT_EQ(NoteLadder(), 1);
  EXPECT_EQ(NoteLadder(), 0);
  EXPECT_THAT(Texts("SELECT overseer FROM escalation"), ElementsAre(kCityLeaders));
  auto pass = Named<v1::PassEscalationRequest>(raised->name());
  pass.set_reason("超出权限");
  const auto passed = escalations.PassEscalation(
      As(ROLE_LEADER, kBureauLeaders, "EscalationService.PassEscalation"), pass);
  ASSERT_TRUE(passed.ok()) << passed.status();
  EXPECT_EQ(NoteLadder(), 0) << "the next rung has its own term";
  PastEndOf(time::DayOf(TimeIn(passed->due_time())), &clock.now);
  EXPECT_EQ(NoteLadder(), 1);
  EXPECT_THAT(Texts("SELECT overseer FROM escalation"), ElementsAre("")) << "nobody is above";
  const absl::CivilDay day = time::DayOf(clock.now) + 3;
  auto decide = Named<v1::DecideEscalationRequest>(raised->name());
  decide.set_decision("同意，抓紧办理");
  for (const char* owner : {kLaoshan, kHuangdao}) {
    v1::EscalationTask* task = decide.add_tasks();
    task->set_task("办理用海审批");
    task->set_owner(owner);
    *task->mutable_due_date() = time::ToProto(day);
  }
  const auto decided = escalations.DecideEscalation(
      As(ROLE_LEADER, kCityLeaders, "EscalationService.DecideEscalation"), decide);
  ASSERT_TRUE(decided.ok()) << decided.status();
  const std::string first_task =
      Texts(absl::StrCat("SELECT name FROM escalation_task WHERE owner = '", kLaoshan, "'")).at(0);
  auto cancel = Named<v1::CancelEscalationTaskRequest>(first_task);
  cancel.set_reason("已由他人办理");
  clock.now = time::EndOfDay(day);
  EXPECT_EQ(NoteLadder(), 0) << "the last day is in time";
  ASSERT_TRUE(
      escalations
          .CancelEscalationTask(
              As(ROLE_LEADER, kCityLeaders, "EscalationService.CancelEscalationTask"), cancel)
          .ok());
  clock.now += absl::Seconds(1);
  EXPECT_EQ(NoteLadder(), 1) << "the one that is open";
  EXPECT_EQ(NoteLadder(), 0);
  EXPECT_EQ(Count("journal WHERE kind = 'overdue'"), 3);
  EXPECT_THAT(Texts("SELECT owner FROM escalation_task WHERE overdue_noted IS NOT NULL"),
              ElementsAre(kHuangdao));
}

}  // namespace
}  // namespace chanyan::triage
