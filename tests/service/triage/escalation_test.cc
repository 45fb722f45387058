// Escalation (TRI-10): up the ladder, decided or passed on, back to the department, followed until
// all is done; on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
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
using ::testing::SizeIs;

class EscalationTest : public ::testing::Test, protected World {
 protected:
  void SetUp() override {
    const auto made = Create(Draft("海水淡化膜"));
    ASSERT_TRUE(made.ok()) << made.status();
    result_ = made->name();
  }

  absl::StatusOr<v1::Escalation> Raise(Role role, const std::string& by, const std::string& result,
                                       const std::string& matter = "用海手续需协调") {
    v1::RaiseEscalationRequest request;
    request.mutable_escalation()->set_result(result);
    request.mutable_escalation()->set_matter(matter);
    request.mutable_escalation()->set_reason("涉及多个部门");
    request.set_request_id(api::NewUuid());
    return escalations.RaiseEscalation(As(role, by, "EscalationService.RaiseEscalation"), request);
  }
  absl::StatusOr<v1::Escalation> ByAgency() {
    return Raise(ROLE_SERVICE_TEAM, kMarineAgency, result_);
  }
  absl::StatusOr<v1::Escalation> Pass(const std::string& name, Role role, const std::string& by) {
    auto request = Named<v1::PassEscalationRequest>(name);
    request.set_reason("超出权限");
    return escalations.PassEscalation(As(role, by, "EscalationService.PassEscalation"), request);
  }
  v1::EscalationTask Task(const std::string& owner, absl::CivilDay due) {
    v1::EscalationTask task;
    task.set_task("办理用海审批");
    task.set_owner(owner);
    *task.mutable_due_date() = time::ToProto(due);
    return task;
  }
  absl::StatusOr<v1::Escalation> Decide(const std::string& name, Role role, const std::string& by,
                                        const std::vector<v1::EscalationTask>& tasks = {}) {
    auto request = Named<v1::DecideEscalationRequest>(name);
    request.set_decision("同意，抓紧办理");
    for (const v1::EscalationTask& task : tasks) *request.add_tasks() = task;
    return escalations.DecideEscalation(As(role, by, "EscalationService.DecideEscalation"),
                                        request);
  }
  absl::StatusOr<v1::Escalation> Receive(const std::string& name,
                                         const std::string& by = kMarineDepartment) {
    return escalations.ReceiveEscalation(
        As(ROLE_DEPARTMENT, by, "EscalationService.ReceiveEscalation"),
        Named<v1::ReceiveEscalationRequest>(name));
  }
  absl::StatusOr<v1::Escalation> Close(const std::string& name,
                                       const std::string& by = kMarineDepartment) {
    auto request = Named<v1::CloseEscalationRequest>(name);
    request.set_conclusion("手续已办结");
    return escalations.CloseEscalation(As(ROLE_DEPARTMENT, by, "EscalationService.CloseEscalation"),
                                       request);
  }
  absl::StatusOr<v1::Escalation> TakeBack(const std::string& name, const std::string& by) {
    auto request = Named<v1::WithdrawEscalationRequest>(name);
    request.set_reason("已自行解决");
    return escalations.WithdrawEscalation(
        As(ROLE_SERVICE_TEAM, by, "EscalationService.WithdrawEscalation"), request);
  }
  absl::StatusOr<v1::EscalationTask> Complete(const std::string& name, const std::string& by) {
    auto request = Named<v1::CompleteEscalationTaskRequest>(name);
    request.set_outcome("已批复");
    return escalations.CompleteEscalationTask(
        As(ROLE_UNIT, by, "EscalationService.CompleteEscalationTask"), request);
  }
  absl::StatusOr<v1::Escalation> See(const std::string& name, Role role,
                                     const std::string& organization) {
    v1::GetEscalationRequest request;
    request.set_name(name);
    return escalations.GetEscalation(As(role, organization, "EscalationService.GetEscalation"),
                                     request);
  }
  std::vector<v1::EscalationTask> TasksOf(const std::string& name, Role role = ROLE_DEPARTMENT,
                                          const std::string& organization = kOffice) {
    v1::ListEscalationTasksRequest request;
    request.set_parent(name);
    const auto page = escalations.ListEscalationTasks(
        As(role, organization, "EscalationService.ListEscalationTasks"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->escalation_tasks().begin(), page->escalation_tasks().end()};
  }
  static std::vector<std::string> Verbs(const v1::Escalation& row) {
    std::vector<std::string> verbs;
    for (const v1::EscalationStep& step : row.steps()) {
      verbs.push_back(absl::StrCat(step.rung_title(), " ", step.verb()));
    }
    return verbs;
  }
  v1::Report Weekly() {
    v1::CreateReportRequest request;
    request.mutable_report()->set_kind("weekly");
    request.set_request_id(api::NewUuid());
    const auto report =
        reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"), request);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : v1::Report();
  }
  static std::vector<std::string> LastCells(const v1::Report& report) {
    std::vector<std::string> cells;
    for (const v1::ReportTable& table : report.content().tables()) {
      if (table.part() != "ESCALATIONS") continue;
      for (const v1::ReportRow& row : table.rows()) cells.push_back(*row.cells().rbegin());
    }
    return cells;
  }

  std::string result_;
};

TEST_F(EscalationTest, WhoMayNotRaisePassDecideOrSeeIsRefused) {
  // Another team's result is as if it were not there.
  EXPECT_EQ(status::ReasonOf(Raise(ROLE_SERVICE_TEAM, kHighTechAgency, result_).status()),
            ERROR_REASON_NOT_FOUND);
  const auto row = ByAgency();
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->decider(), kMarineDepartment);
  // The agency that raised it decides nothing, the leaders not yet.
  EXPECT_EQ(status::ReasonOf(Decide(row->name(), ROLE_LEADER, kBureauLeaders).status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(Decide(row->name(), ROLE_DEPARTMENT, kOffice).status()),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(status::ReasonOf(Pass(row->name(), ROLE_DEPARTMENT, kHighTechDepartment).status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(See(row->name(), ROLE_SERVICE_TEAM, kHighTechAgency).status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_TRUE(See(row->name(), ROLE_LEADER, kCityLeaders).ok());
  EXPECT_EQ(status::ReasonOf(ByAgency().status()), options::v1::ERROR_REASON_ALREADY_EXISTS);
  EXPECT_THAT(See(row->name(), ROLE_SERVICE_TEAM, kMarineAgency)->actions(),
              ElementsAre("withdraw"));
  EXPECT_THAT(See(row->name(), ROLE_DEPARTMENT, kMarineDepartment)->actions(),
              ElementsAre("pass", "decide"));
  // Nothing is raised about what is over.
  ASSERT_TRUE(Withdraw(result_).ok());
  EXPECT_EQ(status::ReasonOf(Raise(ROLE_SERVICE_TEAM, kMarineAgency, result_, "别的").status()),
            ERROR_REASON_WRONG_STATE);
}

TEST_F(EscalationTest, FromTheDepartmentToTheCityAndBackUntilAllIsDone) {
  const auto row = ByAgency();
  ASSERT_TRUE(row.ok()) << row.status();
  ASSERT_TRUE(Pass(row->name(), ROLE_DEPARTMENT, kMarineDepartment).ok());
  ASSERT_TRUE(Pass(row->name(), ROLE_LEADER, kBureauLeaders).ok());
  // Beyond the city there is nobody.
  EXPECT_EQ(status::ReasonOf(Pass(row->name(), ROLE_LEADER, kCityLeaders).status()),
            ERROR_REASON_WRONG_STATE);
  const auto decided =
      Decide(row->name(), ROLE_LEADER, kCityLeaders,
             {Task(kLaoshan, absl::CivilDay(2025, 4, 10)), Task(kE1, absl::CivilDay(2025, 5, 10))});
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_EQ(decided->open_tasks(), 2);
  EXPECT_THAT(Verbs(*decided),
              ElementsAre("业务处室 raise", "业务处室 pass", "局领导 pass", "市领导 decide"));
  // The decision is the department's now, and nobody else's.
  EXPECT_EQ(status::ReasonOf(Receive(row->name(), kHighTechDepartment).status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(Close(row->name()).status()), ERROR_REASON_WRONG_STATE);
  const auto received = Receive(row->name());
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(received->decision(), "同意，抓紧办理");
  const auto refused = Close(row->name());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(refused.status().message(), HasSubstr("还有2项"));
  std::string district, enterprise;
  for (const v1::EscalationTask& task : TasksOf(row->name())) {
    (task.owner() == kLaoshan ? district : enterprise) = task.name();
  }
  EXPECT_THAT(TasksOf("escalations/-", ROLE_UNIT, kLaoshan), SizeIs(1));
  EXPECT_TRUE(See(row->name(), ROLE_UNIT, kLaoshan).ok());
  // Another's task is done by nobody but its owner.
  EXPECT_EQ(status::ReasonOf(Complete(enterprise, kLaoshan).status()), ERROR_REASON_NOT_FOUND);
  const auto done = Complete(district, kLaoshan);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_FALSE(done->late());
  EXPECT_EQ(status::ReasonOf(Complete(district, kLaoshan).status()), ERROR_REASON_WRONG_STATE);
  auto cancel = Named<v1::CancelEscalationTaskRequest>(enterprise);
  cancel.set_reason("不再需要");
  EXPECT_EQ(status::ReasonOf(escalations
                                 .CancelEscalationTask(As(ROLE_DEPARTMENT, kMarineDepartment,
                                                          "EscalationService.CancelEscalationTask"),
                                                       cancel)
                                 .status()),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  ASSERT_TRUE(
      escalations
          .CancelEscalationTask(
              As(ROLE_LEADER, kCityLeaders, "EscalationService.CancelEscalationTask"), cancel)
          .ok());
  const auto closed = Close(row->name());
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->state(), v1::ESCALATION_STATE_CLOSED);
  EXPECT_THAT(closed->actions(), IsEmpty());
}

TEST_F(EscalationTest, EverythingWrongWithTasksIsNamedAtOnceAndNothingIsDecided) {
  const auto row = ByAgency();
  const auto refused = Decide(row->name(), ROLE_DEPARTMENT, kMarineDepartment,
                              {Task(kLaoshan, absl::CivilDay(2025, 3, 31)),
                               Task("organizations/nobody", absl::CivilDay(2025, 5, 1))});
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(status::ViolationsOf(refused.status()), SizeIs(2));
  EXPECT_EQ(See(row->name(), ROLE_DEPARTMENT, kOffice)->state(), v1::ESCALATION_STATE_RAISED);
  EXPECT_EQ(Count("escalation_task"), 0);
}

TEST_F(EscalationTest, ADepartmentRaisesItsOwnMatterToItsLeaders) {
  const auto own = Raise(ROLE_DEPARTMENT, kMarineDepartment, result_);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->decider(), kBureauLeaders);
  EXPECT_EQ(own->rung(), "bureau-leader");
  // Without a result it is the department's, of an agency the office's.
  const auto general = Raise(ROLE_DEPARTMENT, kHighTechDepartment, "");
  ASSERT_TRUE(general.ok()) << general.status();
  EXPECT_EQ(general->department(), kHighTechDepartment);
  const auto agency = Raise(ROLE_SERVICE_TEAM, kMarineAgency, "");
  ASSERT_TRUE(agency.ok()) << agency.status();
  EXPECT_EQ(agency->decider(), kOffice);
}

TEST_F(EscalationTest, OfManyWhoRaiseTheSameAtOnceOneDoes) {
  constexpr int kRaisers = 6;
  for (const std::string& result : {result_, std::string()}) {
    for (const char* matter : {"用海手续", "用电手续", "用地手续"}) {
      std::vector<std::thread> threads;
      std::atomic<int> raised{0}, refused{0};
      for (int i = 0; i < kRaisers; ++i) {
        threads.emplace_back([&] {
          const auto row = Raise(ROLE_SERVICE_TEAM, kMarineAgency, result, matter);
          raised += row.ok() ? 1 : 0;
          refused += absl::IsAlreadyExists(row.status()) ? 1 : 0;
          EXPECT_TRUE(row.ok() || absl::IsAlreadyExists(row.status())) << row.status();
        });
      }
      for (std::thread& thread : threads) thread.join();
      EXPECT_EQ(raised, 1) << result << matter;
      EXPECT_EQ(refused, kRaisers - 1) << result << matter;
    }
  }
  EXPECT_EQ(Count("escalation"), 6);
}

TEST_F(EscalationTest, ItIsWithdrawnByWhoRaisedItWhileNobodyHasDecided) {
  const auto row = ByAgency();
  EXPECT_EQ(status::ReasonOf(TakeBack(row->name(), kHighTechAgency).status()),
            ERROR_REASON_NOT_FOUND);
  ASSERT_TRUE(TakeBack(row->name(), kMarineAgency).ok());
  EXPECT_EQ(status::ReasonOf(Decide(row->name(), ROLE_DEPARTMENT, kMarineDepartment).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(ByAgency().ok());
}

TEST_F(EscalationTest, AnIdleResultIsRaisedOnceAndGoesUpWithItsLadder) {
  const auto lease = JobLease();
  Go(absl::CivilDay(2025, 4, 9));
  ASSERT_EQ(*first.Climb(*lease), 1);
  ASSERT_EQ(Count("escalation"), 1);
  EXPECT_THAT(Texts("SELECT CONCAT(cause, ' ', rung, ' ', decider) FROM escalation"),
              ElementsAre(absl::StrCat("IDLE department ", kMarineDepartment)));
  Go(absl::CivilDay(2025, 4, 16));
  ASSERT_EQ(*first.Climb(*lease), 1);
  EXPECT_EQ(Count("escalation"), 1);
  const std::string name = Texts("SELECT name FROM escalation").at(0);
  const auto row = See(name, ROLE_LEADER, kBureauLeaders);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->rung(), "bureau-leader");
  EXPECT_THAT(Verbs(*row), ElementsAre("业务处室 raise", "局领导 pass"));
  EXPECT_THAT(row->reason(), HasSubstr("个工作日没有办理记录"));
  EXPECT_THAT(row->actions(), ElementsAre("pass", "decide"));
  ASSERT_TRUE(Decide(name, ROLE_LEADER, kBureauLeaders).ok());
  // Decided, the ladder begins a matter of its own with the next rung.
  Go(absl::CivilDay(2025, 4, 30));
  ASSERT_EQ(*first.Climb(*lease), 1);
  EXPECT_THAT(Texts("SELECT CONCAT(state, ' ', rung) FROM escalation ORDER BY create_time"),
              ElementsAre("DECIDED bureau-leader", "RAISED city-leader"));
  // A result that is over is nobody's matter; a decision stays.
  ASSERT_TRUE(Withdraw(result_).ok());
  EXPECT_THAT(Texts("SELECT state FROM escalation ORDER BY create_time"),
              ElementsAre("DECIDED", "WITHDRAWN"));
}

TEST_F(EscalationTest, ItFollowsItsResultToAnotherTeam) {
  const auto row = ByAgency();
  v1::AssignTeamRequest assign;
  assign.set_name(result_);
  assign.set_team("teams/team-gx");
  assign.set_request_id(api::NewUuid());
  const auto moved =
      results.AssignTeam(As(ROLE_DEPARTMENT, kOffice, "ResultService.AssignTeam"), assign);
  ASSERT_TRUE(moved.ok()) << moved.status();
  const auto seen = See(row->name(), ROLE_DEPARTMENT, kHighTechDepartment);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->decider(), kHighTechDepartment);
  EXPECT_TRUE(Decide(row->name(), ROLE_DEPARTMENT, kHighTechDepartment).ok());
}

TEST_F(EscalationTest, WhatIsOverdueStandsOnTheNextReport) {
  const auto waits = ByAgency();
  const auto row = Raise(ROLE_DEPARTMENT, kMarineDepartment, result_, "中试用地");
  ASSERT_TRUE(
      Decide(row->name(), ROLE_LEADER, kBureauLeaders, {Task(kLaoshan, absl::CivilDay(2025, 4, 3))})
          .ok());
  EXPECT_THAT(LastCells(Weekly()), ElementsAre("办理中", "待批示", "已批示"));
  // A week later neither has moved.
  Go(absl::CivilDay(2025, 4, 14));
  EXPECT_TRUE(See(waits->name(), ROLE_DEPARTMENT, kOffice)->overdue());
  EXPECT_TRUE(TasksOf(row->name()).front().overdue());
  EXPECT_THAT(LastCells(Weekly()), ElementsAre("逾期11天未完成", "逾期待批示", "已批示"));
  const auto done = Complete(TasksOf(row->name()).front().name(), kLaoshan);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(done->late());
  // Next month nothing of it is overdue.
  ASSERT_TRUE(Decide(waits->name(), ROLE_DEPARTMENT, kMarineDepartment).ok());
  Go(absl::CivilDay(2025, 5, 12));
  EXPECT_THAT(LastCells(Weekly()), ElementsAre("已批示", "已批示"));
}

}  // namespace
}  // namespace chanyan::triage
