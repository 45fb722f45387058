// What a pack says of lists, reports and escalation (TRI-7, TRI-8, TRI-10) is checked with
// everything else that it says.
#include <string>
#include <vector>

#include "absl/strings/match.h"
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

#define CLAUSE "clause { document: '文' article: '一' text: '原文' } origin: ORIGIN_STATED "

// Right, but for the rest of triage: only what is said of these parts is looked at.
constexpr char kRight[] =
    "taxonomies { id: 'chain' display_name: '产业链' version: '1' note: '转录'\n"
    "  industries { id: 'steel' display_name: '钢铁' } }\n"
    "triage {\n"
    "  units { id: 'force' display_name: '钢铁专班' kind: TRIAGE_UNIT_KIND_TASK_FORCE"
    "    organization: 'organizations/f' industries: 'chain/steel' }\n"
    "  units { id: 'group' display_name: '领导小组' kind: TRIAGE_UNIT_KIND_LEADING_GROUP"
    "    organization: 'organizations/g' }\n"
    "  first_contact { rungs { id: 'low' } rungs { id: 'high' } }\n"
    "  list_kinds { id: 'supply' display_name: '清单' subject: LIST_SUBJECT_RESULTS"
    "    taxonomies: 'chain' period: PERIODICITY_QUARTER feedback_workdays: 5 " CLAUSE
    "}\n"
    "  report_kinds { id: 'weekly' display_name: '周报' mark: '周报' issuer: '成果处'"
    "    period: PERIODICITY_WEEK narratives: '小结' parts: REPORT_PART_PROGRESS"
    "    parts: REPORT_PART_FOCUS recipients { unit: 'group' display_name: '局领导' } " CLAUSE
    "}\n"
    "  escalation { rungs { id: 'low' display_name: '处室' decide_workdays: 5 }"
    "    rungs { id: 'high' display_name: '局领导' unit: 'group' decide_workdays: 5 } " CLAUSE
    "}\n"
    "}\n";

std::vector<std::string> WrongIn(const std::string& text) {
  const auto pack =
      Pack::Parse({{"test/pack.textproto", kMinimalPack}, {"test/t.textproto", text}});
  std::vector<std::string> wrong;
  for (const auto& violation : status::ViolationsOf(pack.status())) {
    wrong.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return wrong;
}

// Of these parts, what is wrong.
std::vector<std::string> OfTheseParts(const std::string& text) {
  std::vector<std::string> wrong;
  for (const std::string& one : WrongIn(text)) {
    for (const char* part : {"清单类别", "报告类别", "提级协调", "（industries）", "批示期限",
                             "同一单位只能", "不在 units 中"}) {
      if (absl::StrContains(one, part) && !absl::StrContains(one, "leading_group") &&
          !absl::StrContains(one, "office")) {
        wrong.push_back(one);
        break;
      }
    }
  }
  return wrong;
}

TEST(TriageReportCheckTest, RightPartsAreTaken) { EXPECT_THAT(OfTheseParts(kRight), IsEmpty()); }

TEST(TriageReportCheckTest, EachFaultIsNamedWithItsPlace) {
  struct Case {
    const char* right;
    const char* wrong;
    const char* what;
  };
  for (const Case& one : {
           Case{"industries: 'chain/steel' }", "}", "应写明负责的产业"},
           Case{"'chain/steel'", "'chain/wood'", "chain/wood"},
           Case{"organization: 'organizations/g'",
                "organization: 'organizations/g' industries: 'chain'", "只有产业专班"},
           Case{"subject: LIST_SUBJECT_RESULTS", "", "subject"},
           Case{"subject: LIST_SUBJECT_RESULTS", "subject: LIST_SUBJECT_DEMANDS novelty: true",
                "novelty"},
           Case{"taxonomies: 'chain' period", "taxonomies: 'x' period", "不在本政策包中"},
           Case{"taxonomies: 'chain' period", "period", "没有产业分类"},
           Case{"feedback_workdays: 5", "feedback_workdays: 0", "至少为一个工作日"},
           Case{"mark: '周报'", "mark: ''", "报头"},
           Case{"issuer: '成果处'", "", "编发单位"},
           Case{"period: PERIODICITY_WEEK", "", "周期"},
           Case{"narratives: '小结'", "narratives: '小结' narratives: '小结'", "小标题"},
           Case{"parts: REPORT_PART_FOCUS", "parts: REPORT_PART_PROGRESS", "数据部分未指定或重复"},
           Case{"recipients { unit: 'group' display_name: '局领导' }", "", "没有发送对象"},
           Case{"unit: 'group' display_name: '局领导' }", "unit: 'x' display_name: '局领导' }",
                "“x”"},
           Case{"unit: 'group' display_name: '局领导' }",
                "unit: 'group' kind: TRIAGE_UNIT_KIND_AGENCY display_name: '局领导' }", "之一"},
           Case{"unit: 'group' display_name: '局领导' }", "unit: 'group' }", "称谓"},
           Case{"unit: 'group' decide_workdays: 5", "decide_workdays: 5", "同一单位只能"},
           Case{"unit: 'group' decide_workdays: 5", "unit: 'y' decide_workdays: 5", "“y”"},
           Case{"unit: 'group' decide_workdays: 5", "unit: 'group'", "批示期限"},
           Case{"first_contact { rungs { id: 'low' } rungs { id: 'high' } }",
                "first_contact { rungs { id: 'high' } rungs { id: 'low' } }", "先后"},
       }) {
    const std::string text = absl::StrReplaceAll(kRight, {{one.right, one.wrong}});
    ASSERT_NE(text, kRight) << one.right;
    EXPECT_THAT(WrongIn(text), Contains(HasSubstr(one.what))) << one.wrong;
    EXPECT_THAT(WrongIn(text), Contains(HasSubstr("test/t.textproto:"))) << one.wrong;
  }
}

}  // namespace
}  // namespace chanyan::policy
