// What is said of a step that ends sooner or later, and of a published board (CYC-8, CYC-9).
#include "services/cycle/step_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/telling.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

absl::Time InApril(int day, int hour) {
  return absl::FromCivil(absl::CivilSecond(2025, 4, day, hour, 0, 0), time::Shanghai());
}

v1::Cycle SecondQuarter() {
  const auto pack = testing::ShippedPack();
  v1::Cycle cycle;
  cycle.set_name("cycles/2025q2");
  cycle.set_secretariat("organizations/secretariat");
  const auto steps = PlanSteps(*pack, time::Quarter(2025, 2));
  EXPECT_TRUE(steps.ok()) << steps.status();
  if (steps.ok()) cycle.mutable_steps()->Assign(steps->begin(), steps->end());
  return cycle;
}

// "organization role: content" of each.
std::vector<std::string> Said(const std::vector<Notice>& notices) {
  std::vector<std::string> said;
  for (const Notice& notice : notices) {
    EXPECT_EQ(notice.kind, v1::NOTIFICATION_KIND_NEWS);
    said.push_back(absl::StrCat(notice.organization, " ",
                                options::v1::Role_Name(notice.roles.front()), ": ",
                                notice.content));
  }
  return said;
}

TEST(StepNewsTest, WhereNothingIsLeftToDoItsOwnersAloneAreTold) {
  v1::Cycle cycle = SecondQuarter();
  ASSERT_TRUE(CloseStepAt(InApril(3, 9), kReportStep, "各校均已报送", &cycle).ok());
  const std::vector<Notice> notices = StepNews(cycle, kReportStep, StepChange::kClosedEarly, {});
  EXPECT_THAT(
      Said(notices),
      ElementsAre(" ROLE_RESEARCH_OFFICE: 结束时间：2025年4月3日09:00:00。原因：各校均已报送"
                  "。第2步“分发企业”自2025年4月3日09:00:00开始。"));
  EXPECT_EQ(notices[0].title, "本季度第1步“高校填报”已提前结束");
  EXPECT_EQ(notices[0].due, absl::InfinitePast());
}

TEST(StepNewsTest, WhoHasSomethingLeftLearnsWhatAndThatLeaveIsNeeded) {
  v1::Cycle cycle = SecondQuarter();
  ASSERT_TRUE(CloseStepAt(InApril(3, 9), kReportStep, "", &cycle).ok());
  const std::vector<Duty> duties = {
      {"organizations/ouc", "", "organizations/ouc", ROLE_RESEARCH_OFFICE, "报送季度报表"}};
  const std::vector<std::string> said =
      Said(StepNews(cycle, kReportStep, StepChange::kClosedEarly, duties));
  ASSERT_EQ(said.size(), 2u);
  EXPECT_THAT(said[0],
              AllOf(HasSubstr("organizations/ouc ROLE_RESEARCH_OFFICE"),
                    HasSubstr("贵单位尚未完成：报送季度报表。确需补报的，请申请逾期补报许可"),
                    Not(HasSubstr("原因"))));
  EXPECT_THAT(said[1], HasSubstr(" ROLE_RESEARCH_OFFICE: "));
}

TEST(StepNewsTest, AnExtensionSaysUntilWhenAndWhatToEachOrganizationOnce) {
  v1::Cycle cycle = SecondQuarter();
  const auto pack = testing::ShippedPack();
  ASSERT_TRUE(ExtendStepTo(pack->calendar(), absl::CivilDay(2025, 4, 30), InApril(23, 9),
                           kReturnStep, "台风", &cycle)
                  .ok());
  std::vector<Duty> duties;
  for (int i = 0; i < 12; ++i) {
    duties.push_back({absl::StrCat("organizations/ouc/platforms/p", i),
                      "",
                      "organizations/ouc",
                      ROLE_PLATFORM_MANAGER,
                      absl::StrCat("签收平台", i),
                      {"accounts/a"}});
  }
  const std::vector<Notice> notices = StepNews(cycle, kReturnStep, StepChange::kExtended, duties);
  const std::vector<std::string> said = Said(notices);
  ASSERT_EQ(said.size(), 2u) << "its platform managers together, and the secretariat";
  EXPECT_THAT(said[0], AllOf(HasSubstr("organizations/ouc ROLE_PLATFORM_MANAGER: "),
                             HasSubstr("截止时间延至2025年4月30日23:59:59。原因：台风。"),
                             HasSubstr("请在截止前完成：签收平台0；"), HasSubstr("等12项")));
  EXPECT_THAT(said[1], AllOf(HasSubstr("organizations/secretariat ROLE_SECRETARIAT: "),
                             Not(HasSubstr("第5步"))));
  EXPECT_EQ(notices[0].due, EndOf(cycle, kReturnStep));
  EXPECT_EQ(notices[0].account, "") << "what is told is the organization's";
  EXPECT_THAT(notices[0].accounts, ElementsAre("accounts/a")) << "who manages no other";
}

TEST(StepNewsTest, WhoManagesAPlatformLearnsOfItAndOfThoseThatNobodyManagesByName) {
  v1::Cycle cycle = SecondQuarter();
  const auto pack = testing::ShippedPack();
  ASSERT_TRUE(ExtendStepTo(pack->calendar(), absl::CivilDay(2025, 4, 30), InApril(23, 9),
                           kReturnStep, "台风", &cycle)
                  .ok());
  const auto duty = [](const char* of, const char* what, std::vector<std::string> accounts) {
    return Duty{of, "", "organizations/ouc", ROLE_PLATFORM_MANAGER, what, std::move(accounts)};
  };
  const std::vector<Duty> duties = {
      duty("organizations/ouc/platforms/lab", "签收实验室", {"accounts/a", "accounts/b"}),
      duty("organizations/ouc/platforms/center", "签收中心", {"accounts/b"}),
      duty("organizations/ouc", "签收其余平台", {})};
  journal::v1::Entry entry;
  entry.set_event_id("e");
  People people;
  for (const char* account : {"a", "b", "c"}) {
    people["organizations/ouc"].push_back(
        {absl::StrCat("accounts/", account), "organizations/ouc", {ROLE_PLATFORM_MANAGER}});
  }
  std::vector<v1::Notification> told;
  AddTellings(entry, StepNews(cycle, kReturnStep, StepChange::kExtended, duties), people, &told);
  std::map<std::string, std::string> contents;
  for (const v1::Notification& one : told) {
    EXPECT_TRUE(contents.emplace(one.account(), one.content()).second) << "each is told once";
    EXPECT_EQ(one.debtor(), "organizations/ouc");
  }
  ASSERT_EQ(contents.size(), 3u);
  EXPECT_THAT(contents["accounts/a"], HasSubstr("完成：签收实验室；签收其余平台。"));
  EXPECT_THAT(contents["accounts/b"], HasSubstr("完成：签收实验室；签收中心；签收其余平台。"));
  EXPECT_THAT(contents["accounts/c"], HasSubstr("完成：签收其余平台。"))
      << "another platform's managers are not asked";
}

TEST(BoardNewsTest, NobodyIsToldOfABoardOnWhichNobodyStands) {
  v1::Leaderboard version;
  version.add_boards()->set_title("高校院所贡献度榜");
  EXPECT_THAT(BoardNews(version), IsEmpty());
}

TEST(BoardNewsTest, EachOrganizationLearnsItsPlacesAndUntilWhenToObject) {
  v1::Leaderboard version;
  version.set_name("cycles/2025q2/leaderboards/v1");
  *version.mutable_objection_deadline() = time::ToTimestamp(InApril(20, 18));
  const auto add = [](v1::Board* board, const char* subject, const char* title, int rank) {
    v1::LeaderboardEntry* entry = board->add_entries();
    entry->set_subject(subject);
    entry->set_title(title);
    entry->set_rank(rank);
    entry->set_score(10 * rank);
  };
  v1::Board* universities = version.add_boards();
  universities->set_title("高校院所贡献度榜");
  add(universities, "organizations/ouc", "海洋大学", 2);
  v1::Board* platforms = version.add_boards();
  platforms->set_title("科创平台新成果榜");
  add(platforms, "organizations/ouc/platforms/lab", "海洋装备实验室", 1);
  add(platforms, "organizations/upc/platforms/lab", "新能源实验室", 3);
  const std::vector<Notice> notices = BoardNews(version);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0].organization, "organizations/ouc");
  EXPECT_EQ(notices[0].content,
            "贵单位列“高校院所贡献度榜”第2名（20分）；“海洋装备实验室”列“科创平台新成果榜”第1名（10"
            "分）。对榜单有异议的，请于2025年4月20日18:00:00前提出。");
  EXPECT_EQ(notices[0].due, InApril(20, 18));
  EXPECT_THAT(notices[0].roles, ::testing::IsSupersetOf({ROLE_RESEARCH_OFFICE, ROLE_ENTERPRISE,
                                                         ROLE_UNIT, ROLE_PLATFORM_MANAGER}));
  EXPECT_EQ(notices[1].organization, "organizations/upc");
  // Where the pack has no term nobody is asked for objections.
  version.clear_objection_deadline();
  EXPECT_THAT(BoardNews(version)[0].content, Not(HasSubstr("异议")));
}

TEST(BoardNewsTest, AHundredPlacesAreNotSpelledOut) {
  v1::Leaderboard version;
  v1::Board* board = version.add_boards();
  board->set_title("科创平台新成果榜");
  for (int i = 0; i < 100; ++i) {
    v1::LeaderboardEntry* entry = board->add_entries();
    entry->set_subject(absl::StrCat("organizations/ouc/platforms/p", i));
    entry->set_title(std::string(600, 'x'));
    entry->set_rank(i + 1);
  }
  const std::vector<Notice> notices = BoardNews(version);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_THAT(notices[0].content, HasSubstr("等100处"));
  EXPECT_LT(notices[0].content.size(), 4000u) << "no longer than an inbox shows";
}

// The third and fourth step as they are, a day later than they were.
std::vector<v1::MovedStep> TwoMoved(const v1::Cycle& cycle) {
  std::vector<v1::MovedStep> moved;
  for (const int number : {kCollectStep, kReturnStep}) {
    v1::MovedStep& one = moved.emplace_back();
    one.set_number(number);
    *one.mutable_first_day_before() = StepOf(cycle, number).first_day();
    *one.mutable_last_day_before() = StepOf(cycle, number).last_day();
    one.mutable_last_day_before()->set_day(one.last_day_before().day() - 1);
    *one.mutable_step() = StepOf(cycle, number);
  }
  return moved;
}

TEST(ReprojectedNewsTest, OfSeveralStepsEachIsToldInOneNoticeWhatItHasToDoInAnyOfThem) {
  const v1::Cycle cycle = SecondQuarter();
  const std::vector<Duty> collect = {
      {"organizations/e1", "", "organizations/zone", ROLE_ENTERPRISE, "报送季度报表"},
      {"organizations/zone", "", "organizations/zone", ROLE_UNIT, "打包报送"}};
  const std::vector<Duty> give_back = {
      {"organizations/e1", "", "organizations/zone", ROLE_ENTERPRISE, "签收"}};
  const std::vector<Notice> notices = ReprojectedNews(
      cycle, TwoMoved(cycle), "补充通知", {{kCollectStep, collect}, {kReturnStep, give_back}});
  const std::vector<std::string> said = Said(notices);
  ASSERT_EQ(said.size(), 4u);
  EXPECT_THAT(said[0],
              AllOf(HasSubstr("organizations/e1 ROLE_ENTERPRISE: 第3步“企业提交、打包建账”由"
                              "2025年4月16日至2025年4月21日改为2025年4月16日至2025年4月22日；"
                              "第4步“返回高校”由"),
                    HasSubstr("。原因：补充通知。请按新的期限完成：报送季度报表；签收。")));
  EXPECT_EQ(notices[0].due, EndOf(cycle, kCollectStep)) << "the first of them";
  EXPECT_THAT(said[1], HasSubstr("organizations/zone ROLE_UNIT: "));
  // Whose steps they are: the units' and the secretariat's.
  EXPECT_THAT(said[2], AllOf(HasSubstr(" ROLE_UNIT: 第3步"), Not(HasSubstr("请按新的期限"))));
  EXPECT_THAT(said[3], HasSubstr("organizations/secretariat ROLE_SECRETARIAT: 第3步"));
}

TEST(ReprojectedNewsTest, WhoIsNamedForAPlatformLearnsOfItAndOthersDoNot) {
  const v1::Cycle cycle = SecondQuarter();
  const Duty named = {"organizations/ouc/platforms/lab",
                      "",
                      "organizations/ouc",
                      ROLE_PLATFORM_MANAGER,
                      "签收实验室",
                      {"accounts/a"}};
  const Duty shared = {"organizations/ouc", "", "organizations/ouc", ROLE_PLATFORM_MANAGER,
                       "签收其余平台"};
  const std::vector<Notice> notices =
      ReprojectedNews(cycle, TwoMoved(cycle), "补充通知", {{kReturnStep, {named, shared}}});
  ASSERT_GE(notices.size(), 2u);
  EXPECT_THAT(notices[0].accounts, ElementsAre("accounts/a"));
  EXPECT_THAT(notices[0].content, HasSubstr("完成：签收实验室；签收其余平台。"));
  EXPECT_THAT(notices[1].accounts, IsEmpty());
  EXPECT_THAT(notices[1].content, HasSubstr("完成：签收其余平台。"));
}

TEST(WindowNewsTest, EachWhoStandsOnTheBoardLearnsTheOtherEndOfTheWindowOnce) {
  v1::Leaderboard version;
  v1::MovedWindow moved;
  *moved.mutable_before() = time::ToTimestamp(InApril(20, 18));
  *moved.mutable_after() = time::ToTimestamp(InApril(22, 18));
  EXPECT_THAT(WindowNews(version, moved, ""), IsEmpty());
  for (const char* title : {"高校院所贡献度榜", "科创平台新成果榜"}) {
    v1::Board* board = version.add_boards();
    board->set_title(title);
    board->add_entries()->set_subject("organizations/ouc");
    board->add_entries()->set_subject("organizations/ouc/platforms/lab");
  }
  const std::vector<Notice> notices = WindowNews(version, moved, "补充通知");
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].organization, "organizations/ouc");
  EXPECT_EQ(notices[0].content,
            "榜单异议期限由2025年4月20日18:00:00改为2025年4月22日18:00:00。原因：补充通知。");
  EXPECT_EQ(notices[0].due, InApril(22, 18));
}

TEST(LateOpeningNewsTest, OnlyWhatIsLateOrWasNeverOpenedIsTold) {
  v1::Cycle cycle = SecondQuarter();
  *cycle.mutable_open_time() = time::ToTimestamp(InApril(17, 9));
  EXPECT_THAT(LateOpeningNews(cycle, {}, ""), IsEmpty());
  const std::vector<Notice> late =
      LateOpeningNews(cycle, {{kReportStep, EndOf(cycle, kReportStep)}}, "");
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].organization, "organizations/secretariat");
  EXPECT_THAT(late[0].content, AllOf(HasSubstr("于2025年4月17日09:00:00开启"),
                                     HasSubstr("第1步“高校填报”已于"), Not(HasSubstr("未曾开启"))));
  EXPECT_THAT(LateOpeningNews(cycle, {}, "2025年第一季度").at(0).content,
              HasSubstr("2025年第一季度未曾开启周期，不会自动补开"));
}

}  // namespace
}  // namespace chanyan::cycle
