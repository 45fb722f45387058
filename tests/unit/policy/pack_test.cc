#include "common/policy/pack.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "file:line:column reason" of every violation.
std::vector<std::string> Complaints(const std::vector<PackFile>& files) {
  const auto pack = Pack::Parse(files);
  if (pack.ok()) {
    return {};
  }
  EXPECT_EQ(pack.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ReasonOf(pack.status()), options::v1::ERROR_REASON_INVALID_FILE);
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(pack.status())) {
    out.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return out;
}

// Complaints about `more` beside the minimal pack.
std::vector<std::string> ComplaintsAbout(const std::string& more) {
  return Complaints({{"t/a.textproto", kMinimalPack}, {"t/b.textproto", more}});
}

constexpr char kClause[] = R"(clause { document: "文" article: "一" text: "原文" })";

TEST(PackTest, TextThatCannotBeReadIsRefusedWithItsPlace) {
  const struct {
    const char* text;
    const char* complaint;
  } kCases[] = {
      {"rules {\n  colour: 1\n}\n",
       "t/b.textproto:2:3 “chanyan.policy.v1.Rule”中没有名为“colour”的字段"},
      {"rules {\n  strength: STRENGTH_FIRM\n}\n",
       "t/b.textproto:2:13 字段“strength”不能取值“STRENGTH_FIRM”"},
      {"cycle_plan { week_reading_note: \"a\"\n week_reading_note: \"b\" }",
       "t/b.textproto:2:2 字段“week_reading_note”只能填写一次"},
      {"calendars { year: \"今年\" }", "t/b.textproto:1:19 此处应为整数"},
      {"places { id: 5 }", "t/b.textproto:1:14 此处应为加引号的文字"},
      {"places {\n\tid: \"海\" kind: PLACE_KIND_SEA\n}",
       "t/b.textproto:2:16 字段“kind”不能取值“PLACE_KIND_SEA”"},
      {"places { id: \"a\"\n", "t/b.textproto:2:1 "},
      {"places { id: \"\xC7\xE0\xB5\xBA\" }",
       "t/b.textproto:1:1 不是UTF-8编码，请另存为UTF-8后重试"},
      {"\n\nplaces { id: \"\xED\xA0\x80\" }",
       "t/b.textproto:3:1 不是UTF-8编码，请另存为UTF-8后重试"},
  };
  for (const auto& test : kCases) {
    const std::vector<std::string> complaints = ComplaintsAbout(test.text);
    ASSERT_FALSE(complaints.empty()) << test.text;
    EXPECT_THAT(complaints[0], HasSubstr(test.complaint)) << test.text;
  }
}

TEST(PackTest, AFileThatIsTooLargeIsRefused) {
  EXPECT_THAT(ComplaintsAbout(std::string(kMaxPackFileBytes + 1, ' ')),
              ElementsAre("t/b.textproto:1:1 文件超过4MB，请拆分"));
}

TEST(PackTest, AnEmptyPackAndAMissingDirectoryAreRefused) {
  EXPECT_EQ(Complaints({}).size(), 1u);
  EXPECT_EQ(Complaints({{"t/a.textproto", ""}}).size(), 5u);  // id, name, version, date, calendar
  const auto pack = Pack::LoadCity(ShippedRoot(), "no-such-city");
  EXPECT_EQ(status::ReasonOf(pack.status()), options::v1::ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(std::string(pack.status().message()), HasSubstr("no-such-city"));
}

TEST(PackTest, ASingleFieldInTwoFilesIsRefusedWithBothPlaces) {
  EXPECT_THAT(ComplaintsAbout("\nversion: \"2\""),
              ElementsAre("t/b.textproto:2:1 “version”已在 t/a.textproto:3:1 填写"));
}

TEST(PackTest, EveryViolationOfEveryFileIsToldAtOnceInOrderOfPlace) {
  const std::vector<std::string> complaints = Complaints(
      {{"t/a.textproto",
        absl::StrReplaceAll(kMinimalPack, {{"year: 2025\n  note", "year: 2026\n  note"}})},
       {"t/b.textproto",
        "co_build_kinds { id: \"x\" display_name: \"甲\" }\n"
        "co_build_kinds {\n  id: \"x\" display_name: \"甲\" clause { document: \"文\" } }\n"}});
  EXPECT_THAT(
      complaints,
      ElementsAre(HasSubstr("t/a.textproto:5:1 工作日历2026年：元旦：2025年1月1日不在本年内"),
                  "t/b.textproto:1:1 共建类型“x”：未填写依据（clause）",
                  "t/b.textproto:3:3 共建类型“x”：编号重复",
                  "t/b.textproto:3:11 共建类型“x”：名称“甲”重复",
                  "t/b.textproto:3:29 共建类型“x”：未填写依据的条款",
                  "t/b.textproto:3:29 共建类型“x”：未填写依据的原文"));
}

TEST(PackTest, WhatContradictsItselfIsRefused) {
  const struct {
    std::string text;
    const char* complaint;
  } kCases[] = {
      {absl::StrCat(
           "rules { id: 'r' display_name: '则' ", kClause,
           " strength: STRENGTH_HARD origin: ORIGIN_STATED decision: DECISION_FORM_CREATE }"),
       "规则“r”：未填写规则参数"},
      {absl::StrCat("rules { id: 'r' display_name: '则' ", kClause,
                    " strength: STRENGTH_SOFT origin: ORIGIN_STATED decision: DECISION_FORM_CREATE"
                    " minimum_count { fact: 'n' minimum: 1 } }"),
       "原则性规则应指明可以批准例外的角色"},
      {absl::StrCat("rules { id: 'r' display_name: '则' ", kClause,
                    " strength: STRENGTH_HARD origin: ORIGIN_STATED decision: DECISION_FORM_CREATE"
                    " override_roles: ROLE_LEADER minimum_count { fact: 'n' minimum: 1 } }"),
       "强制规则不得设置例外角色"},
      {absl::StrCat("rules { id: 'r' display_name: '则' ", kClause,
                    " strength: STRENGTH_HARD origin: ORIGIN_CHOSEN decision: DECISION_FORM_CREATE"
                    " minimum_count { fact: 'n' minimum: 1 } }"),
       "未填写选定理由"},
      {absl::StrCat("rules { id: 'r' display_name: '则' ", kClause,
                    " strength: STRENGTH_HARD origin: ORIGIN_STATED decision: DECISION_FORM_CREATE"
                    " maximum_age { fact: 'd' as_of_fact: 'e' max_days: 9"
                    " max_exception_days: 30 } }"),
       "强制规则没有例外，不得设置例外的最长天数"},
      {absl::StrCat("rules { id: 'r' display_name: '则' ", kClause,
                    " strength: STRENGTH_HARD origin: ORIGIN_STATED decision: DECISION_FORM_CREATE"
                    " latest_date { fact: 'd' date { year: 2025 month: 3 day: 18 }"
                    " on_record_fact: 'Created On' } }"),
       "事实名称“Created On”有误"},
      {absl::StrCat("rules { id: 'R 1' display_name: '则' ", kClause,
                    " strength: STRENGTH_HARD origin: ORIGIN_STATED decision: DECISION_FORM_CREATE"
                    " minimum_count { fact: 'n' minimum: 1 } }"),
       "编号应由小写字母"},
      {absl::StrCat("name_elements { id: 'n' display_name: '名' ", kClause,
                    " kind: NAME_ELEMENT_KIND_PLACE origin: ORIGIN_STATED }"),
       "企业名称要素“n”：没有列出任何文字"},
      {absl::StrCat("name_elements { id: 'n' display_name: '名' ", kClause,
                    " origin: ORIGIN_STATED texts: '青岛' texts: '青岛' }"),
       "企业名称要素“n”：未指定要素类别"},
      {absl::StrCat(
           "name_elements { id: 'n' display_name: '名' ", kClause,
           " kind: NAME_ELEMENT_KIND_PLACE origin: ORIGIN_STATED texts: '青岛' texts: '青岛' }"),
       "“青岛”重复"},
      {absl::StrCat(
           "cycle_plan { week_reading: WEEK_READING_ISO_WEEKS\n",
           "steps { id: 'a' display_name: '甲' week: 2 owner_role: ROLE_UNIT action: '办' ",
           kClause, " }\n",
           "steps { id: 'b' display_name: '乙' week: 2 owner_role: ROLE_UNIT action: '办' ",
           kClause, " } }"),
       "t/b.textproto:3:35 步骤“b”：第2周应晚于上一步骤（第2周）"},
      {absl::StrCat(
           "cycle_plan { steps { id: 'a' display_name: '甲' week: 13 owner_role: ROLE_UNIT "
           "action: '办' ",
           kClause, " } week_reading: WEEK_READING_ISO_WEEKS }"),
       "超出一个季度"},
      {"taxonomies { id: 't' display_name: '类' version: '1' note: '试'\n"
       " industries { id: 'a' display_name: '甲' parent_id: 'b' } }",
       "上级“b”不存在，或列在其后"},
      {"taxonomies { id: 't' display_name: '类' version: '1' note: '试'\n"
       " industries { id: 'g' display_name: '组' is_group: true }"
       " industries { id: 'a' display_name: '甲' } }\n"
       "mappings { id: 'm' display_name: '对照' version: '1' from_taxonomy: 't' to_taxonomy: 't'\n"
       " origin: ORIGIN_STATED entries { from_id: 'a' to_ids: ['a', 'x'] } }",
       "引用的产业“t/x”不存在"},
      {"taxonomies { id: 't' display_name: '类' version: '1' note: '试'\n"
       " industries { id: 'g' display_name: '组' is_group: true }"
       " industries { id: 'a' display_name: '甲' } }\n"
       "mappings { id: 'm' display_name: '对照' version: '1' from_taxonomy: 't' to_taxonomy: 't'\n"
       " origin: ORIGIN_STATED entries { from_id: 'g' to_ids: 'a' } }",
       "“t/g”是分组，不是产业"},
      {"mappings { id: 'm' display_name: '对照' version: '1' from_taxonomy: 'no' to_taxonomy: 'no'"
       " origin: ORIGIN_STATED }",
       "引用的产业分类“no”不存在"},
      {absl::StrCat("leaderboards { id: 'l' display_name: '榜' subject: LEADERBOARD_SUBJECT_UNIT ",
                    kClause, " origin: ORIGIN_STATED",
                    " terms { item: COUNTED_ITEM_INTENT points: 1 }",
                    " terms { item: COUNTED_ITEM_INTENT points: 2 } }"),
       "计分项重复"},
      {"places { id: '1' display_name: '甲' kind: PLACE_KIND_TOWN }\n"
       "places { id: '2' display_name: '乙' kind: PLACE_KIND_TOWN aliases: '甲' }",
       "名称“甲”重复"},
      {absl::StrCat("chain_campaigns { id: 'c' sequence: 1 industry: 'x/y' offices: '处' ", kClause,
                    " first_date { year: 2025 month: 2 day: 1 }"
                    " last_date { year: 2025 month: 1 day: 1 } }"),
       "结束日期早于开始日期"},
      {absl::StrCat("chain_campaigns { id: 'c' sequence: 1 industry: 'x/y' offices: '甲处牵头' ",
                    "lead_offices: '甲处' supporting_offices: '乙处' ", kClause, " }"),
       "“乙处”不在“甲处牵头”之中"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS extension_limit { ", kClause,
                    " origin: ORIGIN_CHOSEN end: EXTENSION_END_QUARTER } }"),
       "步骤延期的限度：未填写选定理由"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS extension_limit { ", kClause,
                    " origin: ORIGIN_STATED } }"),
       "步骤延期的限度：未指定最晚至何日"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS late_opening { ", kClause,
                    " origin: ORIGIN_STATED relief: LATE_OPENING_RELIEF_EXCEPTION } }"),
       "周期开启较晚时的处理：工作日数（workdays）应为1至30"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS late_opening { ", kClause,
                    " origin: ORIGIN_STATED relief: LATE_OPENING_RELIEF_TELL workdays: 3 } }"),
       "周期开启较晚时的处理：只告知秘书处的，不填工作日数（workdays）"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS late_opening { ", kClause,
                    " origin: ORIGIN_STATED workdays: 3 } }"),
       "周期开启较晚时的处理：未指定处理方式"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS reporters { ", kClause,
                    " origin: ORIGIN_STATED } }"),
       "填报单位的范围：未指定单位类型"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS reporters { ", kClause,
                    " origin: ORIGIN_STATED organization_kinds: ['UNIVERSITY', 'TOWN'] } }"),
       "单位类型“TOWN”有误"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS reporters { ", kClause,
                    " origin: ORIGIN_STATED organization_kinds: ['ENTERPRISE', 'ENTERPRISE'] } }"),
       "单位类型“ENTERPRISE”重复"},
      {absl::StrCat("cycle_plan { week_reading: WEEK_READING_ISO_WEEKS reporters { ", kClause,
                    " origin: ORIGIN_CHOSEN organization_kinds: 'UNIVERSITY' } }"),
       "填报单位的范围：未填写选定理由"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ComplaintsAbout(test.text), testing::Contains(HasSubstr(test.complaint)))
        << test.text;
  }
}

TEST(PackTest, OnlyTextprotoFilesOfADirectoryCountInOrderOfName) {
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "chanyan-pack-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const fs::path directory(name);
  std::ofstream(directory / "b.textproto")
      << "places { id: '2' display_name: '乙' kind: PLACE_KIND_TOWN }";
  std::ofstream(directory / "a.textproto")
      << kMinimalPack << "places { id: '1' display_name: '甲' kind: PLACE_KIND_TOWN }";
  std::ofstream(directory / "README.md") << "not a pack";
  { std::ofstream empty(directory / "empty.textproto"); }
  const auto pack = Pack::Load({name});
  fs::remove_all(directory);
  ASSERT_TRUE(pack.ok()) << pack.status();
  ASSERT_EQ((*pack)->proto().places_size(), 2);
  EXPECT_EQ((*pack)->proto().places(0).id(), "1");
  EXPECT_EQ((*pack)->FindPlaceByName("乙")->id(), "2");
}

TEST(PackTest, IsEffectiveFromItsFirstDayToItsLast) {
  const auto pack = Pack::Parse(
      {{"a", absl::StrCat(kMinimalPack, "effective_until { year: 2025 month: 6 day: 30 }")}});
  ASSERT_TRUE(pack.ok()) << pack.status();
  EXPECT_FALSE((*pack)->IsEffectiveOn(absl::CivilDay(2024, 12, 31)));
  EXPECT_TRUE((*pack)->IsEffectiveOn(absl::CivilDay(2025, 1, 1)));
  EXPECT_TRUE((*pack)->IsEffectiveOn(absl::CivilDay(2025, 6, 30)));
  EXPECT_FALSE((*pack)->IsEffectiveOn(absl::CivilDay(2025, 7, 1)));
}

}  // namespace
}  // namespace chanyan::policy
