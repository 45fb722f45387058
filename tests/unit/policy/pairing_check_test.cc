// What a pack says of projects: clocks, contract fields, outcome kinds.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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

constexpr char kBasis[] =
    "clause { document: '文' article: '一' text: '原文' } origin: ORIGIN_STATED";

// What a pack is refused for that has `more` beside the minimal one.
std::vector<std::string> ComplaintsAbout(const std::string& more) {
  const auto pack = Pack::Parse({{"t/a.textproto", kMinimalPack}, {"t/b.textproto", more}});
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(pack.status())) {
    EXPECT_THAT(violation.field, HasSubstr("t/b.textproto:"));
    out.push_back(violation.description);
  }
  return out;
}

std::string Answers(const std::string& parts) {
  return absl::StrCat("pairing_plan { answer_term { ", parts, " } }");
}
std::string Problems(const std::string& parts) {
  return absl::StrCat("pairing_plan { problem_term { ", parts, " ", kBasis, " } }");
}

TEST(PairingCheckTest, WhatIsCompleteIsTaken) {
  EXPECT_THAT(ComplaintsAbout(Answers(absl::StrCat("workdays: 5 ", kBasis))), IsEmpty());
  EXPECT_THAT(ComplaintsAbout(Problems("workdays: 20 reminder_workdays: 3"
                                       " levels { role: ROLE_SECRETARIAT }"
                                       " levels { role: ROLE_LEADER after_workdays: 5 }")),
              IsEmpty());
  EXPECT_THAT(ComplaintsAbout(absl::StrCat(
                  "contract_fields { id: 'a' display_name: '甲' type: CONTRACT_FIELD_TYPE_CHOICE"
                  " choices: '一' origin: ORIGIN_STATED }"
                  "outcome_kinds { id: 'p' display_name: '专利' measure: OUTCOME_MEASURE_COUNT"
                  " unit: '件' ",
                  kBasis, " }")),
              IsEmpty());
}

TEST(PairingCheckTest, EachMistakeIsSaid) {
  const struct {
    std::string text;
    const char* complaint;
  } kCases[] = {
      {Answers(kBasis), "答复期限：工作日数应在1至60之间"},
      {Answers(absl::StrCat("workdays: 61 ", kBasis)), "答复期限：工作日数应在1至60之间"},
      {Answers("workdays: 5 origin: ORIGIN_STATED"), "答复期限：未填写依据"},
      {Answers("workdays: 5 clause { document: '文' article: '一' text: '原文' }"
               " origin: ORIGIN_CHOSEN"),
       "答复期限：未填写选定理由"},
      {Problems("levels { role: ROLE_LEADER }"), "痛点难点解决期限：工作日数应在1至60之间"},
      {Problems("step: 'nap' levels { role: ROLE_LEADER }"), "引用的步骤“nap”不存在"},
      {Problems("step: 'nap' workdays: 5 levels { role: ROLE_LEADER }"), "只填一项"},
      {Problems("workdays: 5"), "未填写逾期后提请的角色"},
      {Problems("workdays: 5 reminder_workdays: 0 levels { role: ROLE_LEADER }"),
       "的提醒：工作日数应在1至60之间"},
      {Problems("workdays: 5 reminder_workdays: 3 reminder_workdays: 3"
                " levels { role: ROLE_LEADER }"),
       "提醒重复"},
      {Problems("workdays: 5 levels { role: ROLE_LEADER after_workdays: 1 }"),
       "第一级与解决期限同时"},
      {Problems("workdays: 5 levels { role: ROLE_LEADER } levels { role: ROLE_DEPARTMENT }"),
       "的提级：工作日数应在1至60之间"},
      {Problems("workdays: 5 levels { role: ROLE_LEADER }"
                " levels { role: ROLE_LEADER after_workdays: 2 }"),
       "角色重复"},
      {Problems("workdays: 5 levels { }"), "未指定角色"},
      {"contract_fields { id: 'a' display_name: '甲' origin: ORIGIN_STATED }", "未指定填写方式"},
      {"contract_fields { id: 'a' display_name: '甲' type: CONTRACT_FIELD_TYPE_CHOICE"
       " origin: ORIGIN_STATED }",
       "应列出选项"},
      {"contract_fields { id: 'a' display_name: '甲' type: CONTRACT_FIELD_TYPE_TEXT choices: '一'"
       " origin: ORIGIN_STATED }",
       "应列出选项"},
      {absl::StrCat("outcome_kinds { id: 'p' display_name: '专利' unit: '件' ", kBasis, " }"),
       "未指定计量方式"},
      {absl::StrCat("outcome_kinds { id: 'p' display_name: '专利' measure: OUTCOME_MEASURE_COUNT ",
                    kBasis, " }"),
       "未填写计量单位"},
      {absl::StrCat("outcome_kinds { id: 'p' display_name: '专利' measure: OUTCOME_MEASURE_COUNT"
                    " unit: '件' ",
                    kBasis,
                    " }"
                    "outcome_kinds { id: 'p' display_name: '专利' measure: OUTCOME_MEASURE_COUNT"
                    " unit: '件' ",
                    kBasis, " }"),
       "编号重复"},
  };
  for (const auto& one : kCases) {
    EXPECT_THAT(ComplaintsAbout(one.text), Contains(HasSubstr(one.complaint))) << one.text;
  }
}

TEST(PairingCheckTest, TheShippedCitiesHaveTheirClocksAndKinds) {
  const auto qingdao = LoadShipped("qingdao");
  EXPECT_EQ(qingdao->proto().pairing_plan().problem_term().step(), "exchange");
  EXPECT_EQ(qingdao->proto().pairing_plan().problem_term().levels(0).role(),
            options::v1::ROLE_SECRETARIAT);
  EXPECT_EQ(qingdao->proto().outcome_kinds_size(), 8);
  EXPECT_EQ(qingdao->proto().contract_fields_size(), 17);
  EXPECT_EQ(qingdao->FindRule("project.agreement")->strength(), v1::STRENGTH_SOFT);
  const auto linyi = LoadShipped("linyi");
  EXPECT_EQ(linyi->proto().pairing_plan().problem_term().step(), "");
  EXPECT_EQ(linyi->proto().pairing_plan().problem_term().workdays(), 20u);
  EXPECT_EQ(linyi->proto().contract_fields_size(), 17) << "the nation's";
  EXPECT_FALSE(LoadShipped("shandong")->proto().has_pairing_plan());
}

}  // namespace
}  // namespace chanyan::policy
