// What a pack says of pairing is checked with everything else that it says.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Complete and right.
constexpr char kPairing[] = R"(
co_build_kinds { id: 'base' display_name: '基地' clause { document: '文' article: '一' text: '原文' } }
rules {
  id: 'enterprise.coverage' display_name: '覆盖' clause { document: '文' article: '一' text: '原文' }
  strength: STRENGTH_HARD origin: ORIGIN_STATED decision: DECISION_ENTERPRISE_COVERAGE
  minimum_count { fact: 'paired_platforms' minimum: 1 }
}
enterprise_sizes { id: 'small' display_name: '小型' clause { document: '文' article: '一' text: '原文' } }
pairing {
  coverage {
    paired_stages: PROJECT_STAGE_SIGNED
    under_way_stages: PROJECT_STAGE_INTENT
    past_reading: PAST_READING_AS_RECORDED
    clause { document: '文' article: '一' text: '原文' }
    origin: ORIGIN_STATED
  }
  outreach {
    reasons { id: 'refused' display_name: '拒绝' }
    methods { id: 'phone' display_name: '电话' }
    results { id: 'no' display_name: '谢绝' reason_id: 'refused' }
    clause { document: '文' article: '一' text: '原文' }
    origin: ORIGIN_STATED
  }
  intents {
    max_life_days: 366
    reminder_days: 14
    reminder_days: 3
    clause { document: '文' article: '一' text: '原文' }
    origin: ORIGIN_STATED
  }
  agreements {
    reminder_days: 60
    reminder_days: 15
    clause { document: '文' article: '一' text: '原文' }
    origin: ORIGIN_CHOSEN note: '惯例'
  }
  cooperation {
    areas { id: 'platforms' display_name: '平台' clause { document: '文' article: '一' text: '原文' } }
    base_kinds: 'base'
    agreement_reminder_days: 90
    conference {
      interval_months: 6
      clause { document: '文' article: '一' text: '原文' }
      origin: ORIGIN_STATED
    }
  }
}
)";

// What is said of the pack with one thing changed.
std::vector<std::string> Complaints(const std::string& from, const std::string& to) {
  const std::string text = absl::StrReplaceAll(kPairing, {{from, to}});
  EXPECT_TRUE(from.empty() || text != kPairing) << from;
  const auto pack = Pack::Parse(
      {{"t/a.textproto", kMinimalPack}, {"t/b.textproto", from.empty() ? kPairing : text}});
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(pack.status())) {
    EXPECT_THAT(violation.field, HasSubstr(".textproto:")) << "every fault has its place";
    out.push_back(violation.description);
  }
  return out;
}

TEST(PairingPolicyTest, WhatIsRightIsTaken) { EXPECT_THAT(Complaints("", ""), IsEmpty()); }

TEST(PairingPolicyTest, WhatContradictsItselfIsRefused) {
  const struct {
    const char* from;
    const char* to;
    const char* complaint;
  } kCases[] = {
      {"paired_stages: PROJECT_STAGE_SIGNED", "", "未列出计为已结对的项目阶段"},
      {"under_way_stages: PROJECT_STAGE_INTENT", "under_way_stages: PROJECT_STAGE_SIGNED",
       "既计为已结对又计为在谈"},
      {"past_reading: PAST_READING_AS_RECORDED", "", "历史覆盖率的读法"},
      {"decision: DECISION_ENTERPRISE_COVERAGE", "decision: DECISION_PROJECT_SIGN",
       "应有且只有一条企业覆盖规则"},
      {"minimum_count { fact: 'paired_platforms' minimum: 1 }",
       "required_facts { facts { name: 'x' display_name: '某' } }", "企业覆盖的规则应为最小数量"},
      {"methods { id: 'phone' display_name: '电话' }", "", "没有联系方式"},
      {"results { id: 'no' display_name: '谢绝' reason_id: 'refused' }", "", "没有联系结果"},
      {"reason_id: 'refused'", "reason_id: 'mood'", "“mood”不在未结对原因"},
      {"reason_id: 'refused'", "reason_id: 'refused' clears_reason: true",
       "不能既给出原因又清除原因"},
      {"reasons { id: 'refused' display_name: '拒绝' }",
       "reasons { id: 'refused' display_name: '拒绝' } reasons { id: 'no' display_name: '拒绝' }",
       "名称“拒绝”重复"},
      {"max_life_days: 366", "", "最长有效天数"},
      {"reminder_days: 3\n", "reminder_days: 30\n", "由多到少排列"},
      {"reminder_days: 60\n    reminder_days: 15\n", "", "共建协议：没有提醒天数"},
      {"reminder_days: 60\n", "reminder_days: 10\n", "共建协议：提醒天数应大于0，由多到少排列"},
      {"origin: ORIGIN_CHOSEN note: '惯例'", "origin: ORIGIN_CHOSEN", "共建协议"},
      {"agreement_reminder_days: 90", "agreement_reminder_days: 0", "提醒天数应大于0"},
      {"agreement_reminder_days: 90", "agreement_reminder_days: 90 follow_up_reminder_workdays: 61",
       "不应超过60个工作日"},
      {"base_kinds: 'base'", "base_kinds: 'castle'", "“castle”不在共建类型中"},
      {"interval_months: 6", "", "召开间隔"},
      {"enterprise_sizes { id: 'small' display_name: '小型' clause",
       "enterprise_sizes { id: 'Small' display_name: '' clause", "编号应由小写字母"},
  };
  for (const auto& one : kCases) {
    EXPECT_THAT(Complaints(one.from, one.to), Contains(HasSubstr(one.complaint))) << one.from;
  }
}

TEST(PairingPolicyTest, APackMaySayNothingOfPairing) {
  EXPECT_TRUE(Pack::Parse({{"t/a.textproto", kMinimalPack}}).ok());
  const auto part = Pack::Parse({{"t/a.textproto", kMinimalPack}, {"t/b.textproto", "pairing {}"}});
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(part.status())) {
    out.push_back(violation.description);
  }
  EXPECT_THAT(out, ElementsAre(HasSubstr("coverage"), HasSubstr("outreach"), HasSubstr("intents")))
      << "but not only half";
}

}  // namespace
}  // namespace chanyan::policy
