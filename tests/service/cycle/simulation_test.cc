// A quarter played through with its platforms (CYC-10): the service itself is the oracle. Everybody
// does what the simulation says when it says so, and the service finds the same on time and late.
#include "common/time/civil.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/deadline_service.h"
#include "tests/service/cycle/part_world.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::HasSubstr;

class SimulationTest : public PartWorld {
 protected:
  SimulationTest()
      : deadlines_(
            {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()},
            [this](const rpc::Caller& caller) { return world_.service->AskForOpening(caller); }) {}

  v1::Simulation Simulated(const std::string& quarter) {
    v1::SimulateQuarterRequest request;
    request.set_name(quarter);
    const auto simulation = deadlines_.SimulateQuarter(
        testing::CallAs(ROLE_DEPARTMENT, "organizations/bureau",
                        "chanyan.cycle.v1.DeadlineService.SimulateQuarter"),
        request);
    EXPECT_TRUE(simulation.ok()) << simulation.status();
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
  void GoTo(const google::protobuf::Timestamp& time) {
    const auto moved = world_.MoveTo(time::ToTime(time));
    ASSERT_TRUE(moved.ok()) << moved.status();
  }
  // What is filled in, given back and with the secretariat of the zone's enterprises.
  void UntilPacked() {
    ASSERT_TRUE(world_.Accept(kOuc).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 10)).ok());
    ASSERT_TRUE(world_.Distribute().ok());
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
    for (const int enterprise : {0, 1}) ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
    ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  }
  void HandIn(const char* platform) {
    ASSERT_TRUE(Fill(platform, {platform == std::string(kLab) ? World::Ongoing(kOucLab, 0)
                                                              : World::NewProject(kOucCenter, 1)})
                    .ok());
    const auto submitted = SubmitPart(platform);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
    ASSERT_TRUE(AcceptPart(platform).ok());
  }
  std::vector<std::string> StoredParts() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(name, state, version, row_count) FROM platform_part "
                          "UNION ALL SELECT CONCAT(name, state, version) FROM form "
                          "UNION ALL SELECT CONCAT('journal ', COUNT(*)) FROM journal ORDER BY 1");
  }

  DeadlineService deadlines_;
};

TEST_F(SimulationTest, APartThatWasTakenBackIsTheUniversitysAndWhoHasNoPlatformHasNone) {
  world_.AddSilent();
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue().ok());
  ASSERT_TRUE(Reclaim(kLab).ok());
  const v1::Simulation simulation = Simulated(kCycle);
  std::vector<std::string> first;
  for (const v1::SimulatedTask& task : simulation.tasks()) {
    if (task.step() == 1) first.push_back(task.organization());
  }
  EXPECT_THAT(first, Contains(kCenter));
  EXPECT_THAT(first, ::testing::Not(Contains(kLab))) << "its university has taken it back";
  EXPECT_THAT(first, ::testing::Not(Contains(kSilent))) << "it has no platform";
}

TEST_F(SimulationTest, TheQuarterGoesAsItWasPlayedAndThePlatformsGetWhatItSays) {
  ASSERT_TRUE(world_.Open().ok());
  const std::vector<std::string> before = StoredParts();
  const v1::Simulation simulation = Simulated(kCycle);
  EXPECT_EQ(StoredParts(), before) << "nothing is written";
  EXPECT_EQ(simulation.part_count(), 3) << "all that are published";
  const v1::SimulatedTask lab = TaskIn(simulation, 1, kLab);
  EXPECT_EQ(lab.title(), kOucLab);
  EXPECT_EQ(lab.owner_title(), "海洋大学（演示）工程学院");
  EXPECT_EQ(lab.row_count(), 1) << "the project under way";

  GoTo(lab.receive_time());
  ASSERT_TRUE(Issue().ok());
  EXPECT_EQ(Get(kLab).issue_time().seconds(), lab.receive_time().seconds());
  EXPECT_EQ(Get(kLab).due_time().seconds(), lab.deadline().seconds());
  EXPECT_EQ(Get(kLab).row_count(), lab.row_count());
  // Now that they are out, it is played on from what is stored, to the same end.
  const v1::Simulation later = Simulated(kCycle);
  for (const char* platform : {kLab, kCenter}) {
    EXPECT_EQ(TaskIn(later, 1, platform).SerializeAsString(),
              TaskIn(simulation, 1, platform).SerializeAsString());
  }
  std::vector<std::string> texts;
  for (const v1::SimulatedMoment& moment : later.moments()) texts.push_back(moment.text());
  EXPECT_THAT(texts, Contains(HasSubstr("到期前提醒科创平台：预计3个未报送学校")));

  GoTo(lab.expected_time());
  for (const char* platform : {kLab, kCenter}) {
    HandIn(platform);
    EXPECT_EQ(Get(platform).on_time(), !TaskIn(simulation, 1, platform).late());
  }
  const v1::SimulatedTask university = TaskIn(simulation, 1, kOuc);
  GoTo(university.expected_time());
  const auto reported = world_.Submit(kOuc);
  ASSERT_TRUE(reported.ok()) << reported.status();
  EXPECT_EQ(reported->on_time(), !university.late());
  EXPECT_EQ(TaskIn(Simulated(kCycle), 1, kLab).reason(), "已报送学校");
  UntilPacked();
  if (HasFatalFailure()) return;

  // Fourth week, of what is there now.
  const v1::Simulation fourth = Simulated(kCycle);
  GoTo(TaskIn(fourth, 4, kSecretariat).expected_time());
  ASSERT_TRUE(world_.ReturnToUniversities().ok());
  GoTo(TaskIn(fourth, 4, kOuc).expected_time());
  const auto delivered = Deliver();
  ASSERT_TRUE(delivered.ok()) << delivered.status();
  int32_t rows = 0;
  for (const char* platform : {kLab, kCenter}) {
    const v1::SimulatedTask signing = TaskIn(fourth, 4, platform);
    EXPECT_EQ(Get(platform).deliver_time().seconds(), signing.receive_time().seconds());
    GoTo(signing.expected_time());
    ASSERT_TRUE(ReceivePart(platform).ok());
    EXPECT_EQ(Get(platform).receive_time().seconds(), signing.expected_time().seconds());
    EXPECT_FALSE(signing.late());
    rows += signing.row_count();
    EXPECT_EQ(TaskIn(Simulated(kCycle), 4, platform).reason(), "已签收");
  }
  EXPECT_EQ(delivered->row_count(), rows);
  EXPECT_EQ(TaskIn(Simulated(kCycle), 4, kOuc).reason(), "已发至科创平台");
}

TEST_F(SimulationTest, PlatformsDoAsInTheirLastQuarter) {
  ASSERT_TRUE(world_.Open().ok());
  // Handed out three hours after the beginning, due on the fourth workday at six.
  ASSERT_TRUE(world_.MoveTo(InChina(4, 1, 11)).ok());
  ASSERT_TRUE(Issue({}, InChina(4, 7, 18)).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 7, 15)).ok());
  HandIn(kLab);
  ASSERT_TRUE(world_.MoveTo(InChina(4, 7, 19, 30)).ok());
  HandIn(kCenter);
  if (HasFatalFailure()) return;
  EXPECT_FALSE(Get(kCenter).on_time());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  UntilPacked();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 24, 10)).ok());
  ASSERT_TRUE(world_.ReturnToUniversities().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 24, 11)).ok());
  ASSERT_TRUE(Deliver().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 24, 13)).ok());
  ASSERT_TRUE(ReceivePart(kLab).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(6, 30)).ok());

  // Five workdays from 1 July; the fourth week is from the 22nd to the 28th, by the calendar on the
  // wall.
  const v1::Simulation next = Simulated("cycles/2025q3");
  const v1::SimulatedTask lab = TaskIn(next, 1, kLab);
  const absl::Time term =
      InChina(7, 7, 23, 59, 59) - (InChina(4, 8, 23, 59, 59) - InChina(4, 7, 18));
  EXPECT_EQ(time::ToTime(lab.receive_time()), InChina(7, 1, 11));
  EXPECT_EQ(time::ToTime(lab.deadline()), term);
  EXPECT_EQ(time::ToTime(lab.expected_time()), term - absl::Hours(3));
  EXPECT_FALSE(lab.late());
  const v1::SimulatedTask center = TaskIn(next, 1, kCenter);
  EXPECT_EQ(time::ToTime(center.expected_time()), term + absl::Minutes(90));
  EXPECT_TRUE(center.late());
  EXPECT_THAT(center.reason(), HasSubstr("近1季逾期1次；2025年第二季度逾期报送"));
  EXPECT_THAT(TaskIn(next, 1, kOuc).reason(), HasSubstr("1个平台可能逾期"));
  // One that was never asked is asked within a day.
  EXPECT_EQ(time::ToTime(TaskIn(next, 1, "organizations/upc/platforms/lab").receive_time()),
            InChina(7, 2, 0));

  const absl::Time home = InChina(7, 28, 16, 59, 59);
  EXPECT_EQ(time::ToTime(TaskIn(next, 4, kOuc).expected_time()), home + absl::Hours(1));
  EXPECT_EQ(time::ToTime(TaskIn(next, 4, kLab).receive_time()), home + absl::Hours(1));
  EXPECT_EQ(time::ToTime(TaskIn(next, 4, kLab).expected_time()), home + absl::Hours(3));
  EXPECT_FALSE(TaskIn(next, 4, kLab).late());
}

}  // namespace
}  // namespace chanyan::cycle
