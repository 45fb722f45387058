// What a pack says of review and public notice of consortia (CON-4, CON-5) is checked, every fault
// at its place. The part is Qingdao's as it ships, spoilt at one place each.
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

std::string Part() {
  std::ifstream in(absl::StrCat(ShippedRoot(), "/qingdao/consortium.textproto"));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> WrongIn(const std::string& part) {
  const auto pack =
      Pack::Parse({{"test/pack.textproto", kMinimalPack}, {"test/c.textproto", part}});
  std::vector<std::string> wrong;
  for (const auto& violation : status::ViolationsOf(pack.status())) {
    wrong.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return wrong;
}

TEST(ConsortiumReviewCheckTest, EachFaultIsNamedWithItsPlace) {
  struct Case {
    const char* right;
    const char* spoilt;
    const char* says;
  };
  const Case cases[] = {
      {"kind: CONFLICT_KIND_MEMBER", "kind: CONFLICT_KIND_EMPLOYER", "“任职于牵头单位”：重复"},
      {"kind: CONFLICT_KIND_MEMBER", "kind: CONFLICT_KIND_REPORTED", "不能作为自动核查的情形"},
      {"look_back_months: 12\n", "look_back_months: 601\n",
       "追溯月数（look_back_months）应为0至600"},
      {"stage: REVIEW_STAGE_DEFENCE", "", "评分表“defence”：未指定阶段（stage）"},
      {"aggregation: SCORE_AGGREGATION_MEAN", "", "评分表“defence”：未指定计分方法（aggregation）"},
      {"score_workdays: 10", "score_workdays: 0", "评分工作日（score_workdays）应为1至250"},
      {"max_tenths: 400", "max_tenths: 0", "满分（max_tenths）应为1至10000"},
      {"pass_tenths: 600", "pass_tenths: 1001", "合格分（pass_tenths）高于满分"},
      {"min_sheets: 3", "min_sheets: 6", "最少份数（min_sheets）应为1至5"},
      {"seats { category: \"industry\" count: 2 }", "seats { category: \"magic\" count: 2 }",
       "没有专家类别“magic”"},
      {"seats { category: \"industry\" count: 2 }", "seats { category: \"technology\" count: 2 }",
       "专家类别“technology”重复"},
      {"kind: MEETING_KIND_SITE_VISIT", "kind: MEETING_KIND_DEFENCE", "没有“现场考察”的清单"},
      {"per_source_per_day: 3", "per_source_per_day: 0", "每日每来源件数"},
      {"answer_workdays: 10", "answer_workdays: 0", "答复工作日（answer_workdays）"},
  };
  const std::string whole = Part();
  for (const Case& one : cases) {
    ASSERT_THAT(whole, HasSubstr(one.right));
    const std::string spoilt = absl::StrReplaceAll(whole, {{one.right, one.spoilt}});
    EXPECT_THAT(WrongIn(spoilt), Contains(HasSubstr(one.says))) << one.right;
    EXPECT_THAT(WrongIn(whole), testing::Not(Contains(HasSubstr(one.says)))) << one.right;
  }
}

}  // namespace
}  // namespace chanyan::policy
