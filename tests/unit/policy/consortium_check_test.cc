// What a pack says of consortia (CON-1 to CON-9) is checked with everything else that it says. The
// part is Qingdao's as it ships, spoilt at one place each.
#include <fstream>
#include <iterator>
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
using testing::HasSubstr;
using testing::IsEmpty;

std::string Part() {
  std::ifstream in(ShippedRoot() + "/qingdao/consortium.textproto");
  std::string text(std::istreambuf_iterator<char>(in), {});
  EXPECT_FALSE(text.empty());
  return text;
}

// What a city needs besides for its part on consortia.
constexpr char kAround[] =
    "places { id: '3702' display_name: '市' kind: PLACE_KIND_CITY }\n"
    "places { id: 'zone-hightech' display_name: '区' kind: PLACE_KIND_ZONE parent_id: '3702' }\n"
    "taxonomies { id: 'qingdao10p1' display_name: '体系' version: '1'\n"
    "  clause { document: '文' article: '一' text: '原文' }\n"
    "  industries { id: 'one' display_name: '产业' } }\n";

std::vector<std::string> WrongIn(const std::string& part) {
  std::string places = kAround;
  int number = 0;
  for (const char* id : {"370202", "370203", "370211", "370212", "370213", "370214", "370215",
                         "370281", "370283", "370285"}) {
    absl::StrAppend(&places, "places { id: '", id, "' display_name: '区", ++number,
                    "' kind: PLACE_KIND_DISTRICT parent_id: '3702' }\n");
  }
  const auto pack = Pack::Parse({{"test/pack.textproto", kMinimalPack},
                                 {"test/around.textproto", places},
                                 {"test/c.textproto", part}});
  std::vector<std::string> wrong;
  for (const auto& violation : status::ViolationsOf(pack.status())) {
    wrong.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return wrong;
}

TEST(ConsortiumCheckTest, QingdaosPartIsRight) { EXPECT_THAT(WrongIn(Part()), IsEmpty()); }

TEST(ConsortiumCheckTest, EachFaultIsNamedWithItsPlace) {
  struct Case {
    const char* right;
    const char* wrong;
    const char* what;
  };
  const std::string right = Part();
  for (const Case& one : {
           Case{"office: \"organizations/qdst-gx\"", "office: \"gx\"", "organizations/…"},
           Case{"issuer: \"青岛市科学技术局\"", "", "落款单位"},
           Case{"excellent_measures: \"excellent\"", "excellent_measures: \"medal\"", "medal"},
           Case{"place: \"370202\"", "place: \"999999\"", "999999"},
           Case{"place: \"370202\"", "place: \"370203\"", "已有推荐单位"},
           Case{"region_prefixes: \"3702\"", "", "没有行政区划范围"},
           Case{"taxonomies: \"qingdao10p1\"", "taxonomies: \"poetry\"", "poetry"},
           Case{"id: \"goals\"", "id: \"tasks\"", "编号重复"},
           Case{"state: \"CITY_REVIEW\"", "state: \"SIESTA\"", "没有这一状态"},
           Case{"state: \"CITY_REVIEW\"", "state: \"DISTRICT_REVIEW\"", "重复"},
           Case{"workdays: 15\n", "workdays: 0\n", "至少1个工作日"},
           Case{"workdays: 15\n    end: CLOCK_END_LATE", "workdays: 15\n    end: CLOCK_END_LAPSE",
                "只有退回补正"},
           Case{"workdays: 15\n    end: CLOCK_END_LATE", "workdays: 15\n    end: CLOCK_END_CANCEL",
                "只有逾期未更换"},
           Case{"max_months: 36", "max_months: 0", "没有有效期"},
           Case{"max_months: 36", "max_months: 37", "不超过3年"},
           Case{"〔{year}〕{number}号", "号", "编号会重复"},
           Case{"reminder_days: 90", "reminder_days: 200", "从大到小"},
           Case{"weight: 20", "weight: 21", "应为100"},
           Case{"qualified_points: 60", "qualified_points: 90", "合格线应低于"},
           Case{"period_months: 6", "period_months: 5", "3、6或12个月"},
           Case{"return_workdays: 10", "return_workdays: 0", "至少1个工作日"},
           Case{"remind_workdays: 3", "remind_workdays: 15", "应小于报送期限"},
           Case{"remind_workdays: 3", "remind_workdays: 10", "小于退回修改的期限"},
           Case{"years: 3", "years: 0", "至少为1"},
           Case{"  pledge: \"", "  # ", "诚信承诺书内容"},
           Case{"decision: DECISION_CONSORTIUM_DISSOLVE",
                "decision: DECISION_CONSORTIUM_MEMBER_CHANGE", "没有解散条件"},
           Case{"minimum_count {\n    fact: \"research_units\"\n    minimum: 2",
                "allowed_values {\n    fact: \"industries\"\n    list: VALUE_LIST_INDUSTRIES\n"
                "    minimum: 1",
                "in_system"},
       }) {
    const std::string text = absl::StrReplaceAll(right, {{one.right, one.wrong}});
    ASSERT_NE(text, right) << one.right;
    const std::vector<std::string> wrong = WrongIn(text);
    EXPECT_THAT(wrong, Contains(HasSubstr(one.what))) << one.wrong;
    for (const std::string& what : wrong) EXPECT_THAT(what, HasSubstr("test/c.textproto:"));
  }
}

}  // namespace
}  // namespace chanyan::policy
