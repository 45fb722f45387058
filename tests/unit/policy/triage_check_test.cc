// What a pack says of triage (TRI-2 to TRI-5) is checked with everything else that it says.
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
using testing::SizeIs;

#define CLAUSE "clause { document: '文' article: '一' text: '原文' } "

// Complete and right.
constexpr char kTriage[] =
    "places { id: '370202' display_name: '市南区' kind: PLACE_KIND_DISTRICT }\n"
    "triage {\n"
    "  units { id: 'group' display_name: '领导小组' kind: TRIAGE_UNIT_KIND_LEADING_GROUP"
    "    organization: 'organizations/g' " CLAUSE
    "}\n"
    "  units { id: 'office' display_name: '成果处' kind: TRIAGE_UNIT_KIND_DEPARTMENT"
    "    organization: 'organizations/o' " CLAUSE
    "}\n"
    "  units { id: 'agency' display_name: '机构' kind: TRIAGE_UNIT_KIND_AGENCY"
    "    organization: 'organizations/a' " CLAUSE
    "}\n"
    "  units { id: 'fund' display_name: '国企' kind: TRIAGE_UNIT_KIND_INVESTOR"
    "    organization: 'organizations/f' " CLAUSE
    "}\n"
    "  units { id: 'district' display_name: '区科技局' kind: TRIAGE_UNIT_KIND_DISTRICT"
    "    organization: 'organizations/d' place: '370202' " CLAUSE
    "}\n"
    "  leading_group: 'group' office: 'office'\n"
    "  teams { id: 'one' display_name: '第一专班' leader: '局领导' department: 'office'"
    "    agency: 'agency' investor: 'fund' serves: '甲大学' " CLAUSE
    "origin: ORIGIN_STATED }\n"
    "  broker_training { courses { id: 'c' display_name: '培训' provider: 'office' " CLAUSE
    "}"
    "    " CLAUSE
    "origin: ORIGIN_STATED }\n"
    "  maturity_scales { id: 'trl' display_name: 'TRL' levels: '一' levels: '二' " CLAUSE
    "}\n"
    "  fields { id: 'marine' display_name: '海洋' }\n"
    "  disposition_rules { id: 't' display_name: '转' triage_class: TRIAGE_CLASS_TRANSFER"
    "    when { fact { name: 'stage' display_name: '阶段' } any_of: 'MATURE' } " CLAUSE
    "    origin: ORIGIN_STATED }\n"
    "  disposition_rules { id: 'h' display_name: '横' triage_class: TRIAGE_CLASS_HORIZONTAL"
    "    when { fact { name: 'stage' display_name: '阶段' } absent: true } " CLAUSE
    "    origin: ORIGIN_STATED }\n"
    "  disposition_rules { id: 's' display_name: '企' triage_class: TRIAGE_CLASS_SPINOUT"
    "    when { fact { name: 'n' display_name: '数' } at_least: 1 at_most: 2 } " CLAUSE
    "    origin: ORIGIN_STATED }\n"
    "  disposition_rules { id: 'f' display_name: '融' triage_class: TRIAGE_CLASS_FINANCING"
    "    when { fact { name: 'n' display_name: '数' } at_least: 1 } " CLAUSE
    "    origin: ORIGIN_STATED }\n"
    "  disposition_rules { id: 'm' display_name: '重' triage_class: TRIAGE_CLASS_MAJOR"
    "    when { fact { name: 'n' display_name: '数' } values_at_least: 2 } " CLAUSE
    "    origin: ORIGIN_STATED }\n"
    "  routes { id: 'r' display_name: '路' triage_class: TRIAGE_CLASS_TRANSFER"
    "    recipients { unit: 'agency' fields: 'marine' } recipients { kind: TRIAGE_UNIT_KIND_AGENCY"
    "    otherwise: true } " CLAUSE
    "origin: ORIGIN_STATED }\n"
    "  clock { receive_workdays: 2 answer_workdays: 10 pause_reasons { id: 'w'"
    "    display_name: '等待' max_workdays: 5 } " CLAUSE
    "origin: ORIGIN_STATED }\n"
    "  first_contact { rungs { id: 'one' display_name: '一级' idle_workdays: 5"
    "    role: ROLE_DEPARTMENT } rungs { id: 'two' display_name: '二级' idle_workdays: 10"
    "    role: ROLE_LEADER } accept_workdays: 3 " CLAUSE
    "origin: ORIGIN_STATED }\n"
    "}\n";

std::vector<std::string> WrongIn(const std::string& triage) {
  const auto pack =
      Pack::Parse({{"test/pack.textproto", kMinimalPack}, {"test/t.textproto", triage}});
  std::vector<std::string> wrong;
  for (const auto& violation : status::ViolationsOf(pack.status())) {
    wrong.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return wrong;
}

TEST(TriageCheckTest, ARightPartIsTaken) { EXPECT_THAT(WrongIn(kTriage), IsEmpty()); }

TEST(TriageCheckTest, WhatEnterprisesEnterHasItsClauseAndEachFormOnce) {
  const auto with = [](const std::string& entry) {
    return WrongIn(absl::StrReplaceAll(
        kTriage, {{"leading_group: 'group'",
                   absl::StrCat("enterprise_entry { ", entry, "} leading_group: 'group'")}}));
  };
  EXPECT_THAT(with("forms: 'PRODUCT' " CLAUSE "origin: ORIGIN_STATED "), IsEmpty());
  EXPECT_THAT(with(CLAUSE "origin: ORIGIN_STATED "), Contains(HasSubstr("没有成果形式")));
  EXPECT_THAT(with("forms: 'PRODUCT' forms: 'PRODUCT' " CLAUSE "origin: ORIGIN_STATED "),
              Contains(HasSubstr("“PRODUCT”重复")));
  EXPECT_THAT(with("forms: 'PRODUCT' origin: ORIGIN_STATED "), SizeIs(1)) << "no clause";
  EXPECT_THAT(with("forms: 'PRODUCT' " CLAUSE "origin: ORIGIN_CHOSEN "), SizeIs(1)) << "no note";
}

TEST(TriageCheckTest, ACityWithoutItIsTaken) { EXPECT_THAT(WrongIn(""), IsEmpty()); }

TEST(TriageCheckTest, EachFaultIsNamedWithItsPlace) {
  struct Case {
    const char* right;
    const char* wrong;
    const char* what;
  };
  for (const Case& one : {
           Case{"organization: 'organizations/a'", "organization: 'a'", "organizations/…"},
           Case{"organization: 'organizations/a'", "organization: 'organizations/o'", "重复"},
           Case{"place: '370202' clause", "place: '370299' clause", "370299"},
           Case{"leading_group: 'group'", "leading_group: 'office'", "类别不对"},
           Case{"office: 'office'\n", "office: 'nobody'\n", "不在 units 中"},
           Case{"investor: 'fund'", "investor: 'agency'", "类别不对"},
           Case{"serves: '甲大学'", "serves: '甲大学' serves: '甲大学'", "已由另一专班对接"},
           Case{"leader: '局领导'", "leader: ''", "牵头局领导"},
           Case{"provider: 'office'", "provider: 'school'", "培训单位"},
           Case{"levels: '一' levels: '二'", "levels: '一'", "至少应有两级"},
           Case{"any_of: 'MATURE' }", "any_of: 'MATURE' absent: true }", "不能兼有或皆无"},
           Case{"at_least: 1 at_most: 2", "at_least: 3 at_most: 2", "上限小于下限"},
           Case{"triage_class: TRIAGE_CLASS_MAJOR", "triage_class: TRIAGE_CLASS_TRANSFER",
                "TRIAGE_CLASS_MAJOR 没有任何规则"},
           Case{"unit: 'agency' fields: 'marine'", "unit: 'agency' kind: TRIAGE_UNIT_KIND_AGENCY",
                "收件方应为"},
           Case{"unit: 'agency' fields: 'marine'", "unit: 'agency' fields: 'space'", "space"},
           Case{"unit: 'agency' fields: 'marine'", "unit: 'agency' industries: 'x/y'", "x/y"},
           Case{"receive_workdays: 2", "receive_workdays: 0", "至少为一个工作日"},
           Case{"max_workdays: 5", "max_workdays: 0", "最长暂停工作日"},
           Case{"idle_workdays: 10", "idle_workdays: 5", "逐级增加"},
           Case{"accept_workdays: 3", "accept_workdays: 0", "移交接收期限"},
       }) {
    const std::string text = absl::StrReplaceAll(kTriage, {{one.right, one.wrong}});
    ASSERT_NE(text, kTriage) << one.right;
    const std::vector<std::string> wrong = WrongIn(text);
    EXPECT_THAT(wrong, Contains(HasSubstr(one.what))) << one.wrong;
    for (const std::string& what : wrong) EXPECT_THAT(what, HasSubstr("test/t.textproto:"));
  }
}

TEST(TriageCheckTest, QingdaoHasSixtyUnitsInSixTeamsAndItsRoutesAsTheNoticeSays) {
  const auto pack = LoadShipped("qingdao");
  const v1::TriagePolicy& triage = pack->proto().triage();
  EXPECT_THAT(triage.teams(), SizeIs(6));
  int served = 0;
  for (const v1::ServiceTeamPlan& team : triage.teams()) served += team.serves_size();
  EXPECT_EQ(served, 60);
  EXPECT_THAT(triage.routes(), SizeIs(5));
  EXPECT_THAT(triage.maturity_scales(0).levels(), SizeIs(9));
  EXPECT_THAT(triage.maturity_scales(1).levels(), SizeIs(13));
  EXPECT_FALSE(LoadShipped("linyi")->proto().has_triage());
}

}  // namespace
}  // namespace chanyan::policy
