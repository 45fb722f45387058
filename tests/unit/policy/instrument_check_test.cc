// A pack's figures for sharing instruments, and the counts that a resource may set of its own.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kPolicy[] = R"(instrument_policy {
  user_types { id: "own" display_name: "校内" classes: REQUESTER_CLASS_OWN }
  user_types { id: "others" display_name: "校外" classes: REQUESTER_CLASS_ACADEMIC
    classes: REQUESTER_CLASS_ENTERPRISE classes: REQUESTER_CLASS_OTHER }
  charging { step_minutes: 30 CLAUSE }
  cancellation { hours: 24 late_percent: 50 own_hours { least: 0 most: 48 }
    own_percent { least: 0 most: 100 } CLAUSE }
  attendance { early_minutes: 60 no_show_percent: 100 CLAUSE }
  utilisation { basis: UTILISATION_BASIS_OPENING_HOURS CLAUSE }
  outage { cancel_days: 7 CLAUSE }
})";

std::vector<std::string> Complaints(const std::string& text) {
  const std::string clause = R"(clause { document: "文" article: "一" text: "原文" })";
  const auto pack =
      Pack::Parse({{"t/a.textproto", kMinimalPack},
                   {"t/b.textproto", absl::StrReplaceAll(text, {{"CLAUSE", clause}})}});
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(pack.status())) {
    out.push_back(violation.description);
  }
  return out;
}

TEST(InstrumentPolicyTest, ASoundPolicyAndNoneAtAllAreTaken) {
  EXPECT_THAT(Complaints(kPolicy), IsEmpty());
  EXPECT_THAT(Complaints(""), IsEmpty());
  EXPECT_TRUE(LoadShipped("qingdao")->proto().has_instrument_policy());
  EXPECT_TRUE(LoadShipped("linyi")->proto().has_instrument_policy());
  EXPECT_FALSE(LoadShipped("shandong")->proto().has_instrument_policy());
}

TEST(InstrumentPolicyTest, WhatIsWrongIsSaid) {
  const struct {
    const char* instead_of;
    const char* given;
    const char* complaint;
  } kCases[] = {
      {"classes: REQUESTER_CLASS_OTHER", "", "没有用户类型包含“其他单位”"},
      {"classes: REQUESTER_CLASS_OTHER",
       "classes: REQUESTER_CLASS_OTHER classes: REQUESTER_CLASS_OWN", "已归入“own”"},
      {"\"校外\"", "\"校内\"", "名称“校内”重复"},
      {"step_minutes: 30", "", "计费步长应为1到1440分钟"},
      {"step_minutes: 30", "step_minutes: 1441", "计费步长应为1到1440分钟"},
      {"hours: 24 late", "late", "未写明免费取消的期限"},
      {"hours: 24 late", "workdays: 1 late", "以工作日计期限的，仪器不能自定小时数"},
      {"late_percent: 50", "late_percent: 101", "逾期取消收费比例：应为0到100"},
      {"least: 0 most: 48", "least: 9 most: 8", "自定免费取消小时数的范围有误"},
      {"least: 0 most: 100", "least: 0 most: 101", "自定收费比例的范围有误"},
      {"no_show_percent: 100", "no_show_percent: 200", "未到收费比例：应为0到100"},
      {"basis: UTILISATION_BASIS_OPENING_HOURS", "", "未指定分母"},
      {"UTILISATION_BASIS_OPENING_HOURS", "UTILISATION_BASIS_RATED_HOURS", "定额机时未填写"},
      {"cancel_days: 7", "", "取消预约的天数应为1到366"},
      {"cancel_days: 7", "cancel_days: 367", "取消预约的天数应为1到366"},
      {"cancel_days: 7 CLAUSE", "cancel_days: 7", "停用规则：未填写依据"},
      {"charging { step_minutes: 30 CLAUSE }", "", "未填写计费规则"},
      {"no_show_percent: 100 CLAUSE", "no_show_percent: 100", "签到规则：未填写依据"},
  };
  for (const auto& one : kCases) {
    const std::string text = absl::StrReplaceAll(kPolicy, {{one.instead_of, one.given}});
    ASSERT_NE(text, kPolicy) << one.instead_of;
    EXPECT_THAT(Complaints(text), ElementsAre(HasSubstr(one.complaint))) << one.given;
  }
}

TEST(InstrumentPolicyTest, EverythingThatIsMissingIsSaidAtOnce) {
  EXPECT_THAT(
      Complaints("instrument_policy {}"),
      UnorderedElementsAre(HasSubstr("“本单位”"), HasSubstr("“其他高校、科研机构”"),
                           HasSubstr("“企业”"), HasSubstr("“其他单位”"), HasSubstr("计费规则"),
                           HasSubstr("取消规则"), HasSubstr("签到规则"), HasSubstr("利用率规则")));
}

// A pack with one rule of counts.
std::unique_ptr<const Pack> PackWith(const std::string& parameters) {
  auto pack =
      Pack::Parse({{"t/a.textproto", kMinimalPack},
                   {"t/b.textproto", absl::StrCat(R"(rules { id: "count" display_name: "数量"
          clause { document: "文" article: "一" text: "原文" } strength: STRENGTH_HARD
          origin: ORIGIN_STATED decision: DECISION_BOOKING_CREATE )",
                                                  parameters, "}")}});
  EXPECT_TRUE(pack.ok()) << pack.status();
  return pack.ok() ? *std::move(pack) : nullptr;
}

TEST(OwnFigureTest, CountsAreHeldAgainstTheRulesFigureOrTheResourcesOwnWithinBounds) {
  constexpr char kMinimum[] =
      "minimum_count { fact: 'n' minimum: 24 own { fact: 'own' least: 2 most: 48 } }";
  constexpr char kMaximum[] =
      "maximum_count { fact: 'n' maximum: 24 own { fact: 'own' least: 2 most: 48 } }";
  const struct {
    const char* parameters;
    const char* count;
    const char* own;
    bool satisfied;
    const char* reason;
  } kCases[] = {
      {kMinimum, "24", "", true, "现为24，应不少于24"},
      {kMinimum, "23", "", false, "现为23，应不少于24"},
      {kMinimum, "5", "5", true, "应不少于5"},
      {kMinimum, "1", "0", false, "应不少于2"},
      {kMinimum, "48", "100", true, "应不少于48"},
      {kMinimum, "5", "五", false, "应不少于24"},
      {kMinimum, "", "5", false, "没有可读的数量（n），应不少于5"},
      {kMaximum, "24", "", true, "现为24，应不超过24"},
      {kMaximum, "25", "", false, "现为25，应不超过24"},
      {kMaximum, "30", "30", true, "应不超过30"},
      {kMaximum, "49", "100", false, "应不超过48"},
      {kMaximum, "2", "-7", true, "应不超过2"},
      {kMaximum, "许多", "", false, "没有可读的数量（n），应不超过24"},
      {"maximum_count { fact: 'n' maximum: 0 }", "0", "9", true, "应不超过0"},
      {"minimum_count { fact: 'n' minimum: 3 }", "2", "1", false, "应不少于3"},
  };
  for (const auto& one : kCases) {
    const auto pack = PackWith(one.parameters);
    const v1::Verdicts verdicts = Evaluate(*pack, v1::DECISION_BOOKING_CREATE,
                                           Facts().Set("n", one.count).Set("own", one.own));
    ASSERT_EQ(verdicts.verdicts_size(), 1);
    EXPECT_EQ(verdicts.verdicts(0).outcome() == v1::OUTCOME_SATISFIED, one.satisfied)
        << verdicts.ShortDebugString();
    EXPECT_THAT(verdicts.verdicts(0).reason(), HasSubstr(one.reason));
  }
}

TEST(OwnFigureTest, BoundsTheWrongWayRoundAreRefused) {
  const auto rule = [](const char* parameters) {
    return absl::StrCat(R"(rules { id: "r" display_name: "规" CLAUSE strength: STRENGTH_HARD
        origin: ORIGIN_STATED decision: DECISION_BOOKING_CREATE )",
                        parameters, "}");
  };
  EXPECT_THAT(Complaints(rule("maximum_count { fact: 'n' own { fact: 'o' least: 2 most: 1 } }")),
              ElementsAre(HasSubstr("上限（most）小于下限（least）")));
  EXPECT_THAT(Complaints(rule("minimum_count { fact: 'n' minimum: 1 own { fact: 'O' } }")),
              ElementsAre(HasSubstr("事实名称“O”有误")));
  EXPECT_THAT(Complaints(rule("maximum_count { fact: 'N' }")),
              ElementsAre(HasSubstr("事实名称“N”有误")));
}

}  // namespace
}  // namespace chanyan::policy
