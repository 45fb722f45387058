// Who is told at once of a step that ends sooner or later, and of a published board, exactly once
// (CYC-1, CYC-8, CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class StepNoticeTest : public ::testing::Test {
 protected:
  StepNoticeTest() {
    world_.clock.now = InChina(4, 1, 8);
    world_.SignUp("ouc-office", kOuc, {ROLE_RESEARCH_OFFICE});
    world_.SignUp("upc-office", kUpc, {ROLE_RESEARCH_OFFICE});
    world_.SignUp("upc-gone", kUpc, {ROLE_RESEARCH_OFFICE}, /*disabled=*/true);
    world_.SignUp("ouc-leader", kOuc, {ROLE_LEADER});
    world_.SignUp("secretary", kSecretariat, {ROLE_SECRETARIAT});
    world_.SignUp("zone-desk", kZone, {ROLE_UNIT});
    world_.SignUp("company", World::Enterprise(0), {ROLE_ENTERPRISE});
    world_.SignUp("neighbour", World::Enterprise(1), {ROLE_ENTERPRISE});
  }
  void Reported(const char* university, const std::vector<v1::Row>& rows) {
    ASSERT_TRUE(world_.Import(university, World::Sheet(rows)).ok());
    ASSERT_TRUE(world_.Submit(university).ok());
  }
  absl::StatusOr<v1::Cycle> Close(int step, const std::string& request_id = World::Uuid()) {
    v1::CloseStepRequest request;
    request.set_name(kCycle);
    request.set_step(step);
    request.set_reason("已全部办结");
    request.set_request_id(request_id);
    return world_.service->CloseStep(world_.CallOf("CloseStep", ROLE_SECRETARIAT, kSecretariat),
                                     request);
  }
  absl::StatusOr<v1::Cycle> Extend(int step, absl::CivilDay day,
                                   const std::string& request_id = World::Uuid()) {
    v1::ExtendStepRequest request;
    request.set_name(kCycle);
    request.set_step(step);
    *request.mutable_last_day() = time::ToProto(day);
    request.set_reason("台风");
    request.set_request_id(request_id);
    return world_.service->ExtendStep(world_.CallOf("ExtendStep", ROLE_SECRETARIAT, kSecretariat),
                                      request);
  }
  // "account kind" of all that is about `subject`.
  std::vector<std::string> Told(const std::string& subject = kCycle) {
    return testing::Texts(world_.database.db(),
                          absl::StrCat("SELECT CONCAT(SUBSTR(account, 10), ' ', kind) "
                                       "FROM notification WHERE subject = '",
                                       subject, "' ORDER BY create_time, account"));
  }
  std::string ContentTo(const char* account, const std::string& subject = kCycle) {
    const std::vector<std::string> all = testing::Texts(
        world_.database.db(),
        absl::StrCat("SELECT CONCAT(title, '|', content) FROM notification WHERE account = "
                     "'accounts/",
                     account, "' AND subject = '", subject, "' ORDER BY create_time DESC"));
    return all.empty() ? "" : all.front();
  }

  World world_;
};

TEST_F(StepNoticeTest, WhatIsRefusedIsToldNobody) {
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  EXPECT_FALSE(Close(2).ok()) << "it has not begun";
  EXPECT_TRUE(absl::IsInvalidArgument(Extend(1, absl::CivilDay(2025, 4, 12)).status()));
  // Step 2 ends on the 15th; later than that step 1 does not.
  const auto late = Extend(1, absl::CivilDay(2025, 4, 16));
  ASSERT_TRUE(absl::IsInvalidArgument(late.status())) << late.status();
  EXPECT_THAT(status::ViolationsOf(late.status())[0].description,
              AllOf(HasSubstr("最晚延期至第2步“分发企业”的截止日2025年4月15日"),
                    HasSubstr("准予逾期补报")));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ(world_.Count("notification"), 0);
  ASSERT_TRUE(Extend(1, absl::CivilDay(2025, 4, 15)).ok()) << "to the very day";
}

TEST_F(StepNoticeTest, AnEarlyEndIsToldOnceToThoseWhoseStepItIsAndWhatIsLeftToWhoHasIt) {
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  Reported(kOuc, {World::Ongoing(kOucLab, 0)});
  world_.clock.now = InChina(4, 3, 9);
  const std::string request_id = World::Uuid();
  ASSERT_TRUE(Close(1, request_id).ok());
  EXPECT_THAT(Told(), UnorderedElementsAre("ouc-office NEWS", "upc-office NEWS"));
  EXPECT_THAT(ContentTo("ouc-office"),
              AllOf(HasSubstr("本季度第1步“高校填报”已提前结束|结束时间：2025年4月3日09:00:00。"),
                    HasSubstr("原因：已全部办结。第2步“分发企业”自"), Not(HasSubstr("尚未完成"))));
  EXPECT_THAT(ContentTo("upc-office"),
              HasSubstr("贵单位尚未完成：填报并报送本季度报表。确需补报的，请申请逾期补报许可。"));
  // The same request again tells nobody again, and another is refused.
  ASSERT_TRUE(Close(1, request_id).ok());
  EXPECT_FALSE(Close(1).ok());
  EXPECT_THAT(Told(), UnorderedElementsAre("ouc-office NEWS", "upc-office NEWS"));
}

TEST_F(StepNoticeTest, AnExtensionIsToldToWhoeverIsStillAtIt) {
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  Reported(kOuc, {World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1)});
  Reported(kUpc, {World::Ongoing(kUpcLab, 2)});
  for (const char* university : {kOuc, kUpc}) ASSERT_TRUE(world_.Accept(university).ok());
  world_.clock.now = InChina(4, 9);
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  world_.clock.now = InChina(4, 16);
  ASSERT_TRUE(world_.SubmitReturns(1).ok());
  const std::string request_id = World::Uuid();
  ASSERT_TRUE(Extend(3, absl::CivilDay(2025, 4, 25), request_id).ok());
  ASSERT_TRUE(Extend(3, absl::CivilDay(2025, 4, 25), request_id).ok());
  // Who has given back is not at it any more; the unit's step it is.
  EXPECT_THAT(Told(), UnorderedElementsAre("company NEWS", "zone-desk NEWS"));
  EXPECT_THAT(ContentTo("company"), HasSubstr("截止时间延至2025年4月25日23:59:59。原因：台风。"
                                              "请在截止前完成：填报季度报表并报送责任单位"));
  EXPECT_EQ(world_.Count(absl::StrCat("notification WHERE subject = '", kCycle,
                                      "' AND due_time = '2025-04-25 15:59:59'")),
            2);
}

TEST_F(StepNoticeTest, OfManyLostCommitsNoneTellsTwice) {
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  world_.database.db().InjectFaults({.inject_retry_every = 3,
                                     .inject_ambiguous_commit_every = 4,
                                     .inject_ambiguous_nocommit_every = 5});
  const std::string request_id = World::Uuid();
  absl::StatusOr<v1::Cycle> extended = absl::UnavailableError("");
  for (int i = 0; i < 20 && !extended.ok(); ++i) {
    extended = Extend(1, absl::CivilDay(2025, 4, 10), request_id);
  }
  world_.database.db().InjectFaults({});
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_THAT(Told(), UnorderedElementsAre("ouc-office NEWS", "upc-office NEWS"));
}

TEST_F(StepNoticeTest, ARehearsalTellsNobodyOfItsSteps) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Extend(1, absl::CivilDay(2025, 4, 10)).ok());
  ASSERT_TRUE(Close(1).ok());
  EXPECT_EQ(world_.Count("notification"), 0);
}

TEST_F(StepNoticeTest, APublishedBoardIsToldToEachWhoStandsOnItWithTheWindowOfObjections) {
  ASSERT_TRUE(world_.OpenLive(kCycle).ok());
  Reported(kOuc, {World::Ongoing(kOucLab, 0)});
  world_.clock.now = InChina(5, 14);
  v1::ComputeLeaderboardRequest compute;
  compute.set_parent(kCycle);
  compute.set_request_id(World::Uuid());
  const auto version = world_.service->ComputeLeaderboard(
      world_.CallOf("ComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat), compute);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_THAT(Told(version->name()), IsEmpty()) << "computed is not published";
  v1::PublishLeaderboardRequest publish;
  publish.set_name(version->name());
  publish.set_request_id(World::Uuid());
  const auto publish_it = [&] {
    return world_.service->PublishLeaderboard(
        world_.CallOf("PublishLeaderboard", ROLE_SECRETARIAT, kSecretariat), publish);
  };
  const auto published = publish_it();
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_TRUE(publish_it().ok()) << "the same request once more";
  EXPECT_THAT(Told(version->name()),
              ::testing::IsSupersetOf({"ouc-office NEWS", "upc-office NEWS"}));
  EXPECT_EQ(
      world_.Count(absl::StrCat("(SELECT 1 FROM notification WHERE subject = '", version->name(),
                                "' GROUP BY account HAVING COUNT(*) > 1) AS twice")),
      0);
  EXPECT_THAT(ContentTo("ouc-office", version->name()),
              AllOf(HasSubstr("新成果和贡献度榜单已发布|贵单位列“高校院所贡献度榜”第1名"),
                    HasSubstr("对榜单有异议的，请于2025年5月21日23:59:59前提出。")));
}

}  // namespace
}  // namespace chanyan::cycle
