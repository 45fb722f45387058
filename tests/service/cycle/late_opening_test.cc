// A live cycle that is opened after steps are over: what the secretariat learns, and what the pack
// grants (CYC-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/db/lease.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tests/service/cycle/world.h"
#include "tests/support/pack_reading.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ROLE_SECRETARIAT;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LateOpeningServiceTest : public ::testing::Test {
 protected:
  LateOpeningServiceTest() { world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT}); }
  // The service as it runs with a pack that grants this.
  void Under(policy::v1::LateOpeningRelief relief, uint32_t workdays) {
    policy::v1::PolicyPack proto = world_.pack->proto();
    proto.mutable_cycle_plan()->mutable_late_opening()->set_relief(relief);
    proto.mutable_cycle_plan()->mutable_late_opening()->set_workdays(workdays);
    auto pack = testing::PackOf(proto);
    ASSERT_TRUE(pack.ok()) << pack.status();
    pack_ = *std::move(pack);
    world_.service = std::make_unique<CycleService>(CycleService::Deps{
        {world_.database.db(), world_.clock, nullptr}, *pack_, world_.fakes.peers()});
  }
  std::vector<std::string> Told() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', title, '|', content) "
                          "FROM notification ORDER BY create_time, account");
  }
  absl::Status Report() {
    CHANYAN_RETURN_IF_ERROR(
        world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).status());
    return world_.Submit(kOuc).status();
  }

  World world_;
  std::unique_ptr<const policy::Pack> pack_;
};

TEST_F(LateOpeningServiceTest, ByTheShippedPackTheSecretariatLearnsWhatIsOverAndItStaysSo) {
  world_.clock.now = InChina(4, 17);
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  EXPECT_THAT(Told(), ElementsAre(AllOf(
                          HasSubstr("secretary NEWS 本季度周期开启较晚，请核对期限|"),
                          HasSubstr("本季度周期于2025年4月17日09:00:00开启。"),
                          HasSubstr("第1步“高校填报”已于2025年4月8日23:59:59截止；第2步"),
                          HasSubstr("请对有关单位准予逾期补报"), Not(HasSubstr("未曾开启")))));
  EXPECT_EQ(status::ReasonOf(Report()), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(LateOpeningServiceTest, InTimeNobodyIsTold) {
  Under(policy::v1::LATE_OPENING_RELIEF_EXCEPTION, 3);
  world_.clock.now = InChina(4, 8, 23, 59, 59);
  const auto opened = world_.OpenLive(kCycle);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_FALSE(opened->steps(0).has_exception_until());
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(LateOpeningServiceTest, OneExceptionForAllIsDatedJournalledAndStillLate) {
  Under(policy::v1::LATE_OPENING_RELIEF_EXCEPTION, 3);
  world_.clock.now = InChina(4, 17);
  const auto opened = world_.OpenLive(kCycle);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(time::ToTime(opened->steps(0).exception_until()), InChina(4, 22, 23, 59, 59));
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("准予全体逾期补报至2025年4月22日23:59:59，仍计逾期")));
  EXPECT_EQ(world_.Count("journal WHERE kind = 'opened' AND after_json LIKE "
                         "'%开启时该步骤已过截止时间%'"),
            1);
  world_.clock.now = InChina(4, 22, 23, 59, 59);
  ASSERT_TRUE(Report().ok());
  EXPECT_FALSE(world_.Form(kOucForm).on_time());
  world_.clock.now = InChina(4, 23, 0, 0, 0);
  EXPECT_EQ(
      status::ReasonOf(world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2)})).status()),
      ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(LateOpeningServiceTest, WhatIsExtendedIsInTime) {
  Under(policy::v1::LATE_OPENING_RELIEF_EXTENSION, 2);
  world_.clock.now = InChina(4, 17);
  const auto opened = world_.OpenLive(kCycle);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(time::ToTime(opened->steps(0).deadline()), InChina(4, 21, 23, 59, 59));
  EXPECT_EQ(opened->steps(0).state(), v1::STEP_STATE_OPEN);
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("按政策包延期至2025年4月21日23:59:59")));
  ASSERT_TRUE(Report().ok());
  EXPECT_TRUE(world_.Form(kOucForm).on_time());
}

TEST_F(LateOpeningServiceTest, ARehearsalIsNeverLate) {
  Under(policy::v1::LATE_OPENING_RELIEF_EXTENSION, 2);
  v1::OpenCycleRequest request;
  request.set_name(kCycle);
  *request.mutable_rehearsal_clock() = time::ToTimestamp(InChina(4, 17));
  request.set_request_id(World::Uuid());
  const auto opened = world_.service->OpenCycle(
      world_.CallOf("OpenCycle", ROLE_SECRETARIAT, kSecretariat), request);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->steps(0).state(), v1::STEP_STATE_CLOSED);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(LateOpeningServiceTest, AQuarterThatPassedWhileAllWasDownIsSaidWithTheNextAndNotOpened) {
  world_.clock.now = InChina(4, 1, 8);
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  EXPECT_THAT(Told(), IsEmpty()) << "there was none before";
  // All was down from April to October: the scheduler opens the quarter that runs.
  world_.clock.now = InChina(10, 1, 8);
  db::Lease lease(world_.database.db(), "cycle-scheduler", db::NewLeaseOwner(), absl::Minutes(2));
  ASSERT_TRUE(lease.Acquire().ok());
  ASSERT_TRUE(world_.service->OpenRunningQuarter(lease, absl::Now() + absl::Minutes(1)).ok());
  EXPECT_THAT(testing::Texts(world_.database.db(), "SELECT name FROM cycle ORDER BY name"),
              ElementsAre("cycles/2025q2", "cycles/2025q4"));
  EXPECT_THAT(Told(), ElementsAre(AllOf(HasSubstr("上一季度未开启周期|"),
                                        HasSubstr("2025年第三季度未曾开启周期，不会自动补开"))));
  EXPECT_TRUE(absl::IsAlreadyExists(
      world_.service->OpenRunningQuarter(lease, absl::Now() + absl::Minutes(1))));
  EXPECT_EQ(world_.Count("notification"), 1);
}

}  // namespace
}  // namespace chanyan::cycle
