// Problems (PAIR-5) on the real database: raised, assigned, solved in or before the fifth week, or
// escalated once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/problem_life.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using State = v1::ProblemState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Of the second quarter of 2025, by the default reading.
const absl::CivilDay kWeekFiveEnds(2025, 5, 8);

class ProblemTest : public ::testing::Test, protected City {
 protected:
  ProblemTest() : project_(Create(NewProject(kLab, 1))->name()) {
    Add(kSecretariat, "秘书处（演示）", registry::v1::ORGANIZATION_KIND_SECRETARIAT);
  }

  absl::StatusOr<v1::Problem> Raise(const std::string& content = "缺少中试资金") {
    v1::CreateProblemRequest request;
    request.set_parent(project_);
    request.mutable_problem()->set_content(content);
    request.set_request_id(api::NewUuid());
    return problems.CreateProblem(
        As(ROLE_ENTERPRISE, Enterprise(1), "ProblemService.CreateProblem"), request);
  }
  absl::StatusOr<v1::Problem> Assign(const std::string& name, const std::string& assignee = kZone,
                                     Role role = ROLE_SECRETARIAT,
                                     const std::string& organization = kSecretariat,
                                     absl::CivilDay due = absl::CivilDay(1, 1, 1)) {
    v1::AssignProblemRequest request;
    request.set_name(name);
    request.set_assignee(assignee);
    request.set_owner("王科长（演示）");
    if (due.year() > 1) *request.mutable_due_date() = time::ToProto(due);
    request.set_request_id(api::NewUuid());
    return problems.AssignProblem(As(role, organization, "ProblemService.AssignProblem"), request);
  }
  template <class Request, class Handler>
  absl::StatusOr<v1::Problem> Call(Handler handler, Request request, const std::string& name,
                                   Role role, const std::string& organization, const char* method) {
    request.set_name(name);
    request.set_request_id(api::NewUuid());
    return (problems.*handler)(As(role, organization, absl::StrCat("ProblemService.", method)),
                               request);
  }
  absl::StatusOr<v1::Problem> Resolve(const std::string& name, Role role = ROLE_UNIT,
                                      const std::string& organization = kZone) {
    v1::ResolveProblemRequest request;
    request.set_resolution("对接银行授信");
    return Call(&ProblemService::ResolveProblem, request, name, role, organization,
                "ResolveProblem");
  }
  // Each verb by somebody who may.
  absl::StatusOr<v1::Problem> Do(const std::string& verb, const std::string& name) {
    if (verb == "assign") return Assign(name);
    if (verb == "resolve") return Resolve(name, ROLE_SECRETARIAT, kSecretariat);
    if (verb == "decline") {
      v1::DeclineProblemRequest request;
      request.set_reason("不属本单位职责");
      return Call(&ProblemService::DeclineProblem, request, name, ROLE_SECRETARIAT, kSecretariat,
                  "DeclineProblem");
    }
    if (verb == "confirm") {
      return Call(&ProblemService::ConfirmProblem, v1::ConfirmProblemRequest(), name,
                  ROLE_ENTERPRISE, Enterprise(1), "ConfirmProblem");
    }
    if (verb == "reopen") {
      v1::ReopenProblemRequest request;
      request.set_reason("资金未到位");
      return Call(&ProblemService::ReopenProblem, request, name, ROLE_ENTERPRISE, Enterprise(1),
                  "ReopenProblem");
    }
    if (verb == "escalate") {
      v1::EscalateProblemRequest request;
      request.set_reason("涉及多个部门");
      return Call(&ProblemService::EscalateProblem, request, name, ROLE_SECRETARIAT, kSecretariat,
                  "EscalateProblem");
    }
    v1::WithdrawProblemRequest request;
    request.set_reason("已自行解决");
    return Call(&ProblemService::WithdrawProblem, request, name, ROLE_ENTERPRISE, Enterprise(1),
                "WithdrawProblem");
  }
  std::string In(State state) {
    const auto problem = Raise(absl::StrCat("问题", ++raised_));
    EXPECT_TRUE(problem.ok()) << problem.status();
    std::vector<std::string> verbs;
    if (state == v1::PROBLEM_STATE_ASSIGNED) verbs = {"assign"};
    if (state == v1::PROBLEM_STATE_ESCALATED) verbs = {"escalate"};
    if (state == v1::PROBLEM_STATE_RESOLVED) verbs = {"assign", "resolve"};
    if (state == v1::PROBLEM_STATE_CLOSED) verbs = {"assign", "resolve", "confirm"};
    if (state == v1::PROBLEM_STATE_WITHDRAWN) verbs = {"withdraw"};
    for (const std::string& verb : verbs) {
      const auto done = Do(verb, problem->name());
      EXPECT_TRUE(done.ok()) << verb << ": " << done.status();
    }
    return problem->name();
  }
  absl::StatusOr<v1::Problem> Read(const std::string& name, Role role = ROLE_SECRETARIAT,
                                   const std::string& organization = kSecretariat) {
    v1::GetProblemRequest request;
    request.set_name(name);
    return problems.GetProblem(As(role, organization, "ProblemService.GetProblem"), request);
  }
  std::vector<std::string> Overdue(Role role, const std::string& organization) {
    const auto list = problems.ListOverdueProblems(
        As(role, organization, "ProblemService.ListOverdueProblems"), {});
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> names;
    for (const v1::Problem& problem : list->problems()) names.push_back(problem.name());
    return names;
  }
  int64_t Journalled(const std::string& kind) {
    return Count(absl::StrCat("journal WHERE type LIKE '%Problem' AND kind = '", kind, "'"));
  }
  static std::vector<std::string> Verbs(const v1::Problem& problem) {
    std::vector<std::string> verbs;
    for (const v1::ProblemStep& step : problem.history()) verbs.push_back(step.verb());
    return verbs;
  }

  const std::string project_;
  int raised_ = 0;
};

TEST_F(ProblemTest, IsDueInTheFifthWeekOfTheQuarterAndSaysHow) {
  const auto problem = Raise();
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_EQ(*api::TimeOf(problem->due_time()), time::EndOfDay(kWeekFiveEnds));
  EXPECT_THAT(problem->due_derivation(), HasSubstr("第5周＝2025年第二季度"));
  EXPECT_THAT(problem->due_derivation(), HasSubstr("依据国办发明电〔2024〕12号"));
  EXPECT_EQ(problem->raised_by(), Enterprise(1));
  EXPECT_EQ(problem->unit(), kZone);
  EXPECT_THAT(Verbs(*problem), ElementsAre("create"));
  // After the fifth week it is the next quarter's.
  clock.now = time::StartOfDay(kWeekFiveEnds + 1);
  EXPECT_EQ(*api::TimeOf(Raise()->due_time()), time::EndOfDay(absl::CivilDay(2025, 8, 4)));
}

TEST_F(ProblemTest, WithoutNextYearsCalendarAProblemIsRaisedAndItsUnitSetsADayOfThisYear) {
  clock.now = time::StartOfDay(absl::CivilDay(2026, 12, 1));
  const auto raised = Raise();
  ASSERT_TRUE(raised.ok()) << raised.status();
  EXPECT_FALSE(raised->has_due_time());
  EXPECT_THAT(raised->due_derivation(), HasSubstr("期限未定：工作日历没有2027年的数据"));
  EXPECT_EQ(Count("alarm"), 0);
  EXPECT_EQ(status::ReasonOf(Assign(raised->name()).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING)
      << "the latest day is not known";
  const auto assigned =
      Assign(raised->name(), kZone, ROLE_SECRETARIAT, kSecretariat, absl::CivilDay(2026, 12, 15));
  ASSERT_TRUE(assigned.ok()) << assigned.status();
  EXPECT_THAT(assigned->due_derivation(), HasSubstr("在2026年第四季度之内"));
  EXPECT_EQ(api::TimeOf(assigned->due_time()), time::EndOfDay(absl::CivilDay(2026, 12, 15)));
  EXPECT_GT(Count("alarm"), 0);
}

TEST_F(ProblemTest, ADueDayLiesBetweenTodayAndTheFifthWeek) {
  const std::string name = Raise()->name();
  const auto due = [&](absl::CivilDay day) {
    return Assign(name, kZone, ROLE_SECRETARIAT, kSecretariat, day);
  };
  EXPECT_EQ(status::ViolationsOf(due(kWeekFiveEnds + 1).status()).at(0).field, "due_date");
  EXPECT_EQ(status::ViolationsOf(due(absl::CivilDay(2025, 3, 31)).status()).at(0).field,
            "due_date");
  const auto assigned = due(absl::CivilDay(2025, 4, 21));
  ASSERT_TRUE(assigned.ok()) << assigned.status();
  EXPECT_EQ(*api::TimeOf(assigned->due_time()), time::EndOfDay(absl::CivilDay(2025, 4, 21)));
  EXPECT_EQ(assigned->assignee_title(), "古镇口（演示）");
  EXPECT_EQ(assigned->owner(), "王科长（演示）");
  EXPECT_THAT(assigned->history(1).reason(), HasSubstr("责任人王科长"));
  EXPECT_EQ(status::ViolationsOf(Assign(name, Enterprise(2)).status()).at(0).field, "assignee");
  At(kTown).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_EQ(status::ViolationsOf(Assign(name, kTown).status()).at(0).field, "assignee");
  EXPECT_EQ(Assign(name, "organizations/none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ProblemTest, EveryStateAndVerb) {
  constexpr State kNo = v1::PROBLEM_STATE_UNSPECIFIED;
  constexpr State kOpen = v1::PROBLEM_STATE_OPEN;
  constexpr State kAssigned = v1::PROBLEM_STATE_ASSIGNED;
  constexpr State kEscalated = v1::PROBLEM_STATE_ESCALATED;
  constexpr State kResolved = v1::PROBLEM_STATE_RESOLVED;
  constexpr State kClosed = v1::PROBLEM_STATE_CLOSED;
  constexpr State kWithdrawn = v1::PROBLEM_STATE_WITHDRAWN;
  const std::string verbs[] = {"assign", "decline",  "resolve", "confirm",
                               "reopen", "escalate", "withdraw"};
  struct Case {
    State from;
    State to[7];
  };
  const Case cases[] = {
      {kOpen, {kAssigned, kNo, kNo, kNo, kNo, kEscalated, kWithdrawn}},
      {kAssigned, {kAssigned, kOpen, kResolved, kNo, kNo, kEscalated, kWithdrawn}},
      {kEscalated, {kAssigned, kNo, kResolved, kNo, kNo, kEscalated, kWithdrawn}},
      {kResolved, {kNo, kNo, kNo, kClosed, kOpen, kNo, kNo}},
      {kClosed, {kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
      {kWithdrawn, {kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
  };
  ASSERT_EQ(std::size(verbs), ProblemLife().size());
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(verbs); ++i) {
      const std::string name = In(one.from);
      const auto done = Do(verbs[i], name);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE)
            << verbs[i] << " from " << one.from << ": " << done.status();
        EXPECT_EQ(Read(name)->state(), one.from);
        continue;
      }
      ASSERT_TRUE(done.ok()) << verbs[i] << " from " << one.from << ": " << done.status();
      EXPECT_EQ(done->state(), one.to[i]) << verbs[i] << " from " << one.from;
      EXPECT_EQ(done->history(done->history_size() - 1).verb(), verbs[i]);
      EXPECT_EQ(done->history(done->history_size() - 1).state(), one.to[i]);
    }
  }
}

TEST_F(ProblemTest, VerbsBelongToThoseWhoseTheyAre) {
  const std::string name = In(v1::PROBLEM_STATE_ASSIGNED);
  const auto actions = [&](Role role, const std::string& organization) {
    const auto problem = Read(name, role, organization);
    EXPECT_TRUE(problem.ok()) << problem.status();
    return std::vector<std::string>(problem->actions().begin(), problem->actions().end());
  };
  EXPECT_THAT(actions(ROLE_SECRETARIAT, kSecretariat),
              ElementsAre("assign", "decline", "resolve", "escalate"));
  EXPECT_THAT(actions(ROLE_UNIT, kZone), ElementsAre("assign", "decline", "resolve", "escalate"));
  EXPECT_THAT(actions(ROLE_ENTERPRISE, Enterprise(1)), ElementsAre("withdraw"));
  EXPECT_THAT(actions(ROLE_RESEARCH_OFFICE, kOuc), IsEmpty()) << "it did not raise it";
  EXPECT_THAT(actions(ROLE_LEADER, "organizations/city"), IsEmpty());
  EXPECT_EQ(Resolve(name, ROLE_UNIT, kTown).status().code(), absl::StatusCode::kNotFound);
  // An assignee elsewhere sees it from then on, and the project's unit still does.
  ASSERT_TRUE(Assign(name, kTown).ok());
  EXPECT_THAT(actions(ROLE_UNIT, kTown), ElementsAre("decline", "resolve", "escalate"));
  EXPECT_THAT(actions(ROLE_UNIT, kZone), ElementsAre("assign", "escalate"));
  EXPECT_EQ(Resolve(name, ROLE_UNIT, kZone).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(Resolve(name, ROLE_UNIT, kTown).ok());
  v1::ConfirmProblemRequest confirm;
  EXPECT_EQ(Call(&ProblemService::ConfirmProblem, confirm, name, ROLE_RESEARCH_OFFICE, kOuc,
                 "ConfirmProblem")
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(ProblemTest, RemindersAreJournalledOnceEach) {
  const std::string name = In(v1::PROBLEM_STATE_ASSIGNED);
  const auto on = [&](int month, int day) {
    clock.now = time::StartOfDay(absl::CivilDay(2025, month, day));
    EXPECT_TRUE(RingAlarms().ok());
    EXPECT_TRUE(RingAlarms().ok());
    return Journalled("reminded");
  };
  EXPECT_EQ(on(4, 29), 0);
  EXPECT_EQ(on(4, 30), 1) << "three workdays before 8 May, over the holiday";
  EXPECT_EQ(on(5, 6), 1);
  EXPECT_EQ(on(5, 7), 2) << "one workday before";
  EXPECT_EQ(Read(name)->state(), v1::PROBLEM_STATE_ASSIGNED);
  EXPECT_TRUE(Resolve(name).ok());
  EXPECT_EQ(Count("alarm"), 0);
}

TEST_F(ProblemTest, WhatIsNotSolvedIsOverdueFromTheVeryInstantAndGoesUpTheLevels) {
  const std::string name = In(v1::PROBLEM_STATE_ASSIGNED);
  const std::string unassigned = In(v1::PROBLEM_STATE_OPEN);
  clock.now = time::EndOfDay(kWeekFiveEnds) + absl::Milliseconds(999);
  ASSERT_TRUE(RingAlarms().ok());
  EXPECT_THAT(Overdue(ROLE_SECRETARIAT, kSecretariat), IsEmpty());
  EXPECT_EQ(Journalled("escalate"), 0);
  clock.now = time::StartOfDay(kWeekFiveEnds + 1);
  // Overdue at once, whether or not the job has run.
  EXPECT_EQ(Overdue(ROLE_UNIT, kZone).size(), 2u);
  EXPECT_EQ(Overdue(ROLE_ENTERPRISE, Enterprise(1)).size(), 2u);
  EXPECT_THAT(Overdue(ROLE_UNIT, kTown), IsEmpty());
  EXPECT_TRUE(Read(name)->overdue());
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] { EXPECT_TRUE(RingAlarms().ok()); });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(Journalled("escalate"), 2) << "each once, of four replicas";
  v1::Problem problem = *Read(name);
  EXPECT_EQ(problem.state(), v1::PROBLEM_STATE_ESCALATED);
  EXPECT_EQ(problem.escalation_level(), 1);
  EXPECT_EQ(problem.escalated_to(), ROLE_SECRETARIAT);
  EXPECT_EQ(problem.assignee(), kZone) << "it stays with its unit";
  EXPECT_THAT(Verbs(problem), ElementsAre("create", "assign", "escalate"));
  EXPECT_EQ(problem.history(2).organization(), "");
  EXPECT_EQ(Overdue(ROLE_SECRETARIAT, kSecretariat).size(), 2u) << "it stays on the list";
  // Five workdays to the next level, five to the last, and no further.
  const std::pair<absl::CivilDay, Role> levels[] = {{absl::CivilDay(2025, 5, 17), ROLE_DEPARTMENT},
                                                    {absl::CivilDay(2025, 5, 24), ROLE_LEADER}};
  for (const auto& [day, role] : levels) {
    clock.now = time::StartOfDay(day) - absl::Seconds(1);
    ASSERT_TRUE(RingAlarms().ok());
    EXPECT_NE(Read(name)->escalated_to(), role);
    clock.now = time::StartOfDay(day);
    ASSERT_TRUE(RingAlarms().ok());
    EXPECT_EQ(Read(name)->escalated_to(), role);
  }
  clock.now += absl::Hours(24 * 60);
  ASSERT_TRUE(RingAlarms().ok());
  EXPECT_EQ(Read(name)->escalation_level(), 3);
  EXPECT_EQ(status::ReasonOf(Do("escalate", name).status()), ERROR_REASON_WRONG_STATE)
      << "there is nobody above";
  // Assigned anew it has a term again; solved it leaves the list.
  ASSERT_TRUE(Assign(name, kTown).ok());
  EXPECT_EQ(Overdue(ROLE_SECRETARIAT, kSecretariat), std::vector<std::string>{unassigned});
  ASSERT_TRUE(Resolve(unassigned, ROLE_SECRETARIAT, kSecretariat).ok());
  EXPECT_THAT(Overdue(ROLE_SECRETARIAT, kSecretariat), IsEmpty());
}

TEST_F(ProblemTest, OneThatIsSolvedWhileItEscalatesIsSolvedAndEscalatedAtMostOnce) {
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) names.push_back(In(v1::PROBLEM_STATE_ASSIGNED));
  clock.now = time::StartOfDay(kWeekFiveEnds + 1);
  std::atomic<int> solved = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(RingAlarms().ok()); });
  }
  threads.emplace_back([&] {
    for (const std::string& name : names) {
      const auto done = Resolve(name);
      EXPECT_TRUE(done.ok()) << done.status();
      solved += done.ok();
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(solved, 12);
  EXPECT_EQ(Count("problem WHERE state = 'RESOLVED'"), 12);
  EXPECT_EQ(Count("alarm"), 0) << "nothing is left to ring";
  for (const std::string& name : names) {
    const auto verbs = Verbs(*Read(name));
    EXPECT_LE(std::count(verbs.begin(), verbs.end(), "escalate"), 1) << name;
    EXPECT_EQ(verbs.back(), "resolve");
  }
}

TEST_F(ProblemTest, AProblemThatAReportNamesIsRaisedOnce) {
  v1::Report report = ReportOf(kLab, 1, v1::PROJECT_STATE_INTENT);
  report.set_problem("缺少中试资金");
  ASSERT_TRUE(Record("2025q2", {report}).ok());
  const auto problem = Read(absl::StrCat(project_, "/problems/2025q2"));
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_EQ(problem->origin(), v1::PROBLEM_ORIGIN_REPORTED);
  EXPECT_EQ(problem->raised_by(), kOuc);
  ASSERT_TRUE(Record("2025q2", {report}).ok());
  EXPECT_EQ(Count("problem"), 1);
  // Reworded while nobody is at work on it, it is the same one; carried on it is no second one.
  report.set_problem("缺少中试资金和场地");
  ASSERT_TRUE(Record("2025q2", {report}).ok());
  EXPECT_EQ(Count("problem"), 1);
  EXPECT_EQ(Read(problem->name())->content(), "缺少中试资金和场地");
  clock.now = time::StartOfDay(absl::CivilDay(2025, 7, 1));
  report.set_row("cycles/2025q3/forms/f/rows/1");
  ASSERT_TRUE(Record("2025q3", {report}).ok());
  EXPECT_EQ(Count("problem"), 1);
  // One that was solved and comes again is another.
  ASSERT_TRUE(Assign(problem->name()).ok());
  ASSERT_TRUE(Resolve(problem->name()).ok());
  report.set_progress("仍在建");
  ASSERT_TRUE(Record("2025q3", {report}).ok());
  EXPECT_EQ(Count("problem"), 2);
  EXPECT_TRUE(Read(absl::StrCat(project_, "/problems/2025q3")).ok());
}

TEST_F(ProblemTest, AReportDoesNotFailOfACalendarThatDoesNotReach) {
  clock.now = time::StartOfDay(absl::CivilDay(2027, 1, 4));
  v1::Report report = ReportOf(kLab, 1, v1::PROJECT_STATE_INTENT);
  report.set_problem("缺少中试资金");
  const auto recorded = Record("2025q2", {report});
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->outcomes(0).refusal(), "");
  const auto problem = Read(absl::StrCat(project_, "/problems/2025q2"));
  EXPECT_FALSE(problem->has_due_time());
  EXPECT_THAT(problem->due_derivation(), HasSubstr("工作日历没有2027年的数据"));
}

TEST_F(ProblemTest, AListIsExportedAsTheCallerSeesIt) {
  In(v1::PROBLEM_STATE_OPEN);
  v1::ExportProblemsRequest request;
  request.set_parent("projects/-");
  const auto rows = [&](Role role, const std::string& organization) {
    const auto file =
        problems.ExportProblems(As(role, organization, "ProblemService.ExportProblems"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return sheet::ReadWorkbook(file->data(), "x.xlsx")->FirstVisible()->rows.size();
  };
  EXPECT_EQ(rows(ROLE_UNIT, kZone), 2u);
  EXPECT_EQ(rows(ROLE_UNIT, kTown), 1u) << "a header alone";
}

TEST_F(ProblemTest, TheWorkListGoesOutAsASheetOfWhatTheCallerSees) {
  v1::ExportOverdueProblemsRequest request;
  const auto export_as = [&](Role role, const std::string& organization) {
    return problems.ExportOverdueProblems(
        As(role, organization, "ProblemService.ExportOverdueProblems"), request);
  };
  const auto rows = [&](Role role, const std::string& organization) {
    const auto file = export_as(role, organization);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? sheet::ReadWorkbook(file->data(), "x.xlsx")->FirstVisible()->rows.size() : 0;
  };
  In(v1::PROBLEM_STATE_OPEN);
  In(v1::PROBLEM_STATE_CLOSED);
  EXPECT_EQ(rows(ROLE_LEADER, "x"), 1u) << "a header alone: it is not due yet";
  clock.now = time::StartOfDay(kWeekFiveEnds + 1);
  EXPECT_EQ(rows(ROLE_LEADER, "x"), 2u) << "what is solved is not there";
  EXPECT_EQ(rows(ROLE_UNIT, kZone), 2u);
  EXPECT_EQ(rows(ROLE_UNIT, kTown), 1u);
  request.set_filter("no_such_field = 1");
  EXPECT_EQ(export_as(ROLE_LEADER, "x").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace chanyan::pairing
