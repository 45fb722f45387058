// A quarter that runs, played on from where it stands (CYC-10): what each has done stays as it was
// done, against what was written down by hand.
#include <map>

#include "common/time/civil.h"
#include "services/cycle/deadline_service.h"
#include "tests/service/cycle/returning.h"
#include "tests/service/cycle/stored_tables.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::HasSubstr;

class SimulationRunningTest : public ReturningTest {
 protected:
  SimulationRunningTest()
      : deadlines_(
            {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()},
            [this](const rpc::Caller& caller) { return world_.service->AskForOpening(caller); }) {}

  // As it is played now; nothing is written meanwhile.
  v1::Simulation Simulated() {
    const std::map<std::string, std::string> before = StoredTables(world_.database.db());
    v1::SimulateQuarterRequest request;
    request.set_name(kCycle);
    const auto simulation = deadlines_.SimulateQuarter(
        testing::CallAs(ROLE_DEPARTMENT, "organizations/bureau",
                        "chanyan.cycle.v1.DeadlineService.SimulateQuarter"),
        request);
    EXPECT_TRUE(simulation.ok()) << simulation.status();
    EXPECT_EQ(StoredTables(world_.database.db()), before);
    return simulation.ok() ? *simulation : v1::Simulation();
  }
  static v1::SimulatedTask TaskIn(const v1::Simulation& simulation, int step,
                                  const std::string& who) {
    for (const v1::SimulatedTask& task : simulation.tasks()) {
      if (task.step() == step && task.organization() == who) return task;
    }
    ADD_FAILURE() << who << " has nothing to do in step " << step;
    return {};
  }
  struct Expected {
    int step;
    std::string who;
    absl::Time received;
    absl::Time expected;
    bool done;
    bool late;
    std::string reason;
  };
  static void ExpectTasks(const v1::Simulation& simulation, const std::vector<Expected>& all) {
    for (const Expected& one : all) {
      SCOPED_TRACE(absl::StrCat("step ", one.step, " ", one.who));
      const v1::SimulatedTask task = TaskIn(simulation, one.step, one.who);
      EXPECT_EQ(time::ToTime(task.receive_time()), one.received);
      EXPECT_EQ(time::ToTime(task.expected_time()), one.expected);
      EXPECT_EQ(task.done(), one.done);
      EXPECT_EQ(task.late(), one.late);
      EXPECT_THAT(task.reason(), HasSubstr(one.reason));
    }
  }
  // Enterprise 0 gave on the 16th and is packed on the 17th; it is the 18th, and the others have
  // not given.
  void UntilHalf() {
    UntilEnterprises();
    ASSERT_TRUE(world_.SubmitReturns(0).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 17, 10)).ok());
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
    ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 18, 15)).ok());
  }

  DeadlineService deadlines_;
};

TEST_F(SimulationRunningTest, WhatIsDoneIsToldAndWhatIsOpenIsPlayed) {
  UntilHalf();
  const v1::Simulation half = Simulated();
  const absl::Time opened = InChina(4, 1, 8);
  const absl::Time sent = InChina(4, 9);
  // The third step ends on the 22nd.
  const absl::Time afternoon = InChina(4, 22, 16, 59, 59);
  ExpectTasks(
      half, {{1, kOuc, InChina(4, 1, 0), opened, true, false, "已报送"},
             {1, kUpc, InChina(4, 1, 0), opened, true, false, "已报送"},
             {2, kSecretariat, InChina(4, 9, 0), sent, true, false, "已办结"},
             {2, kZone, sent, sent, true, false, "已发至企业"},
             {2, kTown, sent, sent, true, false, "已发至企业"},
             {3, World::Enterprise(0), sent, InChina(4, 16), true, false, "已报送"},
             {3, World::Enterprise(1), sent, afternoon, false, false, "没有往季记录"},
             {3, World::Enterprise(2), sent, afternoon, false, false, "没有往季记录"},
             {3, kZone, InChina(4, 16, 0), afternoon, false, false, "已打包1家"},
             {3, kTown, InChina(4, 16, 0), afternoon, false, false, "按时的企业报送后打包"},
             {4, kSecretariat, InChina(4, 23, 0), InChina(4, 28, 16, 59, 59), false, false, ""},
             {4, kOuc, InChina(4, 28, 16, 59, 59), InChina(4, 28, 16, 59, 59), false, false, ""}});
  EXPECT_EQ(TaskIn(half, 2, kZone).row_count(), 3);
  EXPECT_EQ(TaskIn(half, 3, World::Enterprise(0)).row_count(), 2);
  EXPECT_EQ(half.done_count(), 6);
  EXPECT_EQ(half.late_count(), 0) << "the others have two workdays";
}

TEST_F(SimulationRunningTest, WhatWasSentBackIsOpenAgainAndItsFirstTimeCounts) {
  UntilHalf();
  const absl::Time afternoon = InChina(4, 22, 16, 59, 59);
  ASSERT_TRUE(ReturnPackage(0).ok());
  const v1::Simulation packing = Simulated();
  EXPECT_TRUE(TaskIn(packing, 3, World::Enterprise(0)).done()) << "it is its unit's to look at";
  EXPECT_FALSE(TaskIn(packing, 3, kZone).done());
  EXPECT_THAT(TaskIn(packing, 3, kZone).reason(), ::testing::Not(HasSubstr("已打包")));
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  for (const char* form : {kOucForm, kUpcForm}) ASSERT_TRUE(ToEnterprise(kZone, form, 0).ok());
  ExpectTasks(Simulated(), {{3, World::Enterprise(0), InChina(4, 9), afternoon, false, false,
                             "责任单位已退回，待再次报送"}});
}

TEST_F(SimulationRunningTest, AfterTheDeadlineWhoHasNotGivenIsLateAndWhoPackedInTimeIsNot) {
  UntilHalf();
  const absl::Time over = InChina(4, 23, 9);
  ASSERT_TRUE(world_.MoveTo(over).ok());
  const v1::Simulation late = Simulated();
  EXPECT_EQ(late.late_count(), 3) << "two enterprises, and a unit that has packed nothing";
  ExpectTasks(late,
              {{3, World::Enterprise(0), InChina(4, 9), InChina(4, 16), true, false, "已报送"},
               {3, World::Enterprise(1), InChina(4, 9), over, false, true, "没有往季记录"},
               {3, kZone, InChina(4, 16, 0), InChina(4, 17, 10), true, false, "另有1家待补报"},
               {3, kTown, InChina(4, 16, 0), over, false, true, "按时的企业报送后打包"}});
  // It gives, late, and so is what its unit packs of it; the unit's own time was in time.
  ASSERT_TRUE(world_.SubmitReturns(1, kZone).ok());
  const v1::Simulation given = Simulated();
  ExpectTasks(given, {{3, World::Enterprise(1), InChina(4, 9), over, true, true, "已报送"}});
  EXPECT_FALSE(TaskIn(given, 3, kZone).done()) << "one is to be packed";
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  ExpectTasks(Simulated(),
              {{3, kZone, InChina(4, 16, 0), InChina(4, 17, 10), true, false, "已打包报送"}});
}

TEST_F(SimulationRunningTest, ToItsEndEverythingIsDone) {
  UntilHalf();
  for (const int enterprise : {1, 2}) ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
  for (const char* unit : {kZone, kTown}) {
    ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.SubmitPackages(unit).ok());
  }
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  const absl::Time back = InChina(4, 24, 10);
  ASSERT_TRUE(world_.MoveTo(back).ok());
  ASSERT_TRUE(world_.ReturnToUniversities().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 24, 12)).ok());
  const v1::Simulation fourth = Simulated();
  ExpectTasks(fourth, {{4, kSecretariat, InChina(4, 23, 0), back, true, false, "已办结"},
                       {4, kOuc, back, InChina(4, 24, 12), false, false, ""}});
  EXPECT_FALSE(TaskIn(fourth, 5, kSecretariat).done());

  v1::CreateEventRequest event;
  event.set_parent(kCycle);
  event.set_event_id("roadshow");
  event.mutable_event()->set_kind(v1::EVENT_KIND_MATCHMAKING);
  event.mutable_event()->set_title("供需对接会（演示）");
  event.mutable_event()->set_place("古镇口");
  *event.mutable_event()->mutable_start_time() = time::ToTimestamp(InChina(4, 30, 9));
  const auto planned = world_.service->CreateEvent(
      world_.CallOf("CreateEvent", ROLE_SECRETARIAT, kSecretariat), event);
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_FALSE(TaskIn(Simulated(), 5, kSecretariat).done()) << "it is to come";
  world_.database.Apply("UPDATE event SET state = 'HELD'");
  EXPECT_EQ(time::ToTime(TaskIn(Simulated(), 5, kSecretariat).expected_time()), InChina(4, 30, 9));
  EXPECT_TRUE(TaskIn(Simulated(), 5, kSecretariat).done());

  for (const char* university : {kOuc, kUpc}) {
    ASSERT_TRUE(world_.Receive(university, ROLE_RESEARCH_OFFICE).ok());
  }
  const absl::Time published = InChina(5, 14);
  ASSERT_TRUE(world_.MoveTo(published).ok());
  v1::ComputeLeaderboardRequest compute;
  compute.set_parent(kCycle);
  const auto board = world_.service->ComputeLeaderboard(
      world_.CallOf("ComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat), compute);
  ASSERT_TRUE(board.ok()) << board.status();
  EXPECT_FALSE(TaskIn(Simulated(), 6, kSecretariat).done()) << "computed is not published";
  v1::PublishLeaderboardRequest publish;
  publish.set_name(board->name());
  ASSERT_TRUE(world_.service
                  ->PublishLeaderboard(
                      world_.CallOf("PublishLeaderboard", ROLE_SECRETARIAT, kSecretariat), publish)
                  .ok());
  const v1::SimulatedTask last = TaskIn(Simulated(), 6, kSecretariat);
  EXPECT_TRUE(last.done());
  EXPECT_EQ(time::ToTime(last.expected_time()), published);
  EXPECT_FALSE(last.late());
}

}  // namespace
}  // namespace chanyan::cycle
