// That deadlines are to be reckoned anew is told to the secretariat, and that they were to those
// they concern, once each (CYC-1, CYC-9).
#include "services/cycle/calendar_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/lease.h"
#include "common/status/status.h"
#include "services/cycle/deadline_service.h"
#include "tests/service/cycle/world.h"
#include "tests/support/pack_reading.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class CalendarWatchTest : public ::testing::Test {
 protected:
  CalendarWatchTest() {
    world_.clock.now = InChina(4, 1, 8);
    auto amended = testing::PackWithDayOff(*world_.pack, absl::CivilDay(2025, 4, 21));
    EXPECT_TRUE(amended.ok()) << amended.status();
    amended_ = *std::move(amended);
  }
  // One look of a replica that runs with `pack`.
  absl::Status Look(const policy::Pack& pack) {
    const CalendarWatch watch(world_.database.db(), world_.clock, pack, metrics_);
    CHANYAN_RETURN_IF_ERROR(watch.Measure());
    db::Lease lease(world_.database.db(), "cycle-calendar", db::NewLeaseOwner(), absl::Minutes(2));
    CHANYAN_RETURN_IF_ERROR(lease.Acquire());
    const absl::Status told = watch.Tell(lease);
    (void)lease.Release();
    return told;
  }
  absl::StatusOr<v1::ReprojectDeadlinesResponse> Reproject(
      const std::string& request_id = World::Uuid()) {
    DeadlineService service(
        CycleDeps{{world_.database.db(), world_.clock, nullptr}, *amended_, world_.fakes.peers()},
        [this](const rpc::Caller& caller) { return world_.service->AskForOpening(caller); });
    v1::ReprojectDeadlinesRequest request;
    request.set_name(kCycle);
    request.set_reason("补充放假通知");
    request.set_request_id(request_id);
    return service.ReprojectDeadlines(
        testing::CallAs(ROLE_SECRETARIAT, kSecretariat,
                        "chanyan.cycle.v1.DeadlineService.ReprojectDeadlines"),
        request);
  }
  // "account kind state" of all about the cycle.
  std::vector<std::string> Told() {
    return testing::Texts(world_.database.db(),
                          absl::StrCat("SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', state) "
                                       "FROM notification WHERE subject = '",
                                       kCycle, "' ORDER BY account, kind, state"));
  }

  World world_;
  metrics::Registry metrics_;
  std::unique_ptr<const policy::Pack> amended_;
};

TEST_F(CalendarWatchTest, WhereNothingDiffersNobodyIsTold) {
  ASSERT_TRUE(Look(*amended_).ok()) << "no cycle at all";
  world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  ASSERT_TRUE(Look(*world_.pack).ok());
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(world_.Count("reminder"), 0);
  EXPECT_THAT(metrics_.Text(), HasSubstr("chanyan_cycle_deadlines_to_reproject 0"));
}

TEST_F(CalendarWatchTest, ARehearsalIsNotLookedAt) {
  world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Look(*amended_).ok());
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(CalendarWatchTest, WhoDoesNotHoldTheLeaseTellsNothing) {
  world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  const CalendarWatch watch(world_.database.db(), world_.clock, *amended_, metrics_);
  db::Lease lease(world_.database.db(), "cycle-calendar", db::NewLeaseOwner(), absl::Minutes(2));
  ASSERT_TRUE(lease.Acquire().ok());
  world_.database.Apply(
      "UPDATE lease SET owner = 'another', token = token + 1 WHERE name = 'cycle-calendar'");
  EXPECT_TRUE(absl::IsFailedPrecondition(watch.Tell(lease)));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(world_.Count("reminder"), 0);
}

TEST_F(CalendarWatchTest, TheSecretariatIsTurnedToOnceForEachVersionOfThePack) {
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  world_.clock.now = InChina(4, 17);
  // Nobody is there to be told: it is told once somebody is.
  ASSERT_TRUE(Look(*amended_).ok());
  EXPECT_EQ(world_.Count("reminder"), 0);
  EXPECT_THAT(metrics_.Text(), HasSubstr("chanyan_cycle_deadlines_to_reproject 4"));
  world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
  world_.database.db().InjectFaults({.inject_retry_every = 3,
                                     .inject_ambiguous_commit_every = 4,
                                     .inject_ambiguous_nocommit_every = 5});
  for (int i = 0; i < 12; ++i) (void)Look(*amended_);
  world_.database.db().InjectFaults({});
  world_.database.Apply("DELETE FROM lease WHERE name = 'cycle-calendar'");
  ASSERT_TRUE(Look(*amended_).ok());
  EXPECT_THAT(Told(), ElementsAre("secretary REMINDER UNREAD"));
  EXPECT_THAT(testing::Texts(world_.database.db(), "SELECT content FROM notification"),
              ElementsAre(AllOf(HasSubstr("@amended）的工作日历与本周期的期限不一致"),
                                HasSubstr("第3步“企业提交、打包建账”由2025年4月16日至2025年4月22日"
                                          "改为2025年4月16日至2025年4月23日"),
                                HasSubstr("请核对后在周期中办理“重新推算期限”"))));
  EXPECT_EQ(world_.Count("journal WHERE kind = 'fired'"), 1);
  // Another version says it anew, in place of the one before.
  policy::v1::PolicyPack proto = amended_->proto();
  proto.set_version("amended again");
  const auto again = testing::PackOf(proto);
  ASSERT_TRUE(again.ok()) << again.status();
  ASSERT_TRUE(Look(**again).ok());
  EXPECT_THAT(Told(), ElementsAre("secretary REMINDER SETTLED", "secretary REMINDER UNREAD"));
  // And the pack of before needs nothing.
  ASSERT_TRUE(Look(*world_.pack).ok());
  EXPECT_THAT(Told(), ElementsAre("secretary REMINDER SETTLED", "secretary REMINDER SETTLED"));
}

TEST_F(CalendarWatchTest, WhatWasReckonedAnewIsToldOnceAndSettlesTheMatter) {
  world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
  world_.SignUp("zone-desk", kZone, {ROLE_UNIT});
  world_.SignUp("company", World::Enterprise(0), {ROLE_ENTERPRISE});
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  world_.clock.now = InChina(4, 17);
  ASSERT_TRUE(Look(*amended_).ok());
  EXPECT_THAT(Told(), ElementsAre("secretary REMINDER UNREAD"));
  const std::string request_id = World::Uuid();
  const auto moved = Reproject(request_id);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->moved_size(), 4);
  ASSERT_TRUE(Reproject(request_id).ok()) << "the same request once more";
  ASSERT_TRUE(Reproject().ok()) << "and another, that moves nothing";
  EXPECT_THAT(Told(), IsSupersetOf({"secretary NEWS UNREAD", "secretary REMINDER SETTLED",
                                    "zone-desk NEWS UNREAD"}));
  EXPECT_EQ(world_.Count("(SELECT 1 FROM notification WHERE kind = 'NEWS' GROUP BY account HAVING "
                         "COUNT(*) > 1) AS twice"),
            0);
  EXPECT_THAT(testing::Texts(world_.database.db(),
                             "SELECT CONCAT(title, '|', content) FROM notification WHERE account "
                             "= 'accounts/zone-desk'"),
              ElementsAre(AllOf(HasSubstr("本季度步骤期限已重新推算|第3步“企业提交、打包建账”由"),
                                HasSubstr("原因：补充放假通知。"))));
  ASSERT_TRUE(Look(*amended_).ok());
  EXPECT_THAT(metrics_.Text(), HasSubstr("chanyan_cycle_deadlines_to_reproject 0"));
  EXPECT_EQ(world_.Count("reminder"), 1);
}

TEST_F(CalendarWatchTest, WhatMovesInARehearsalIsToldNobody) {
  world_.SignUp("zone-desk", kZone, {ROLE_UNIT});
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 17)).ok());
  const auto moved = Reproject();
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->moved_size(), 4);
  EXPECT_EQ(world_.Count("notification"), 0);
}

}  // namespace
}  // namespace chanyan::cycle
