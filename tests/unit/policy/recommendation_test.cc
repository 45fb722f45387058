// The pack's recommendation plan: what is wrong in it is said with its place.
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

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kPlan[] = R"(recommendation {
  id: "plan"
  display_name: "推荐"
  clause { document: "函" article: "一" text: "查找" }
  origin: ORIGIN_CHOSEN
  note: "选定"
  words_weight: 400
  full_rarity_bits: 48
  industry_weight: 250
  mapped_industry_permille: 600
  same_group_permille: 300
  place_weight: 150
  same_district_permille: 600
  same_city_permille: 200
  co_build_weight: 120
  co_build_fits { co_build_kind: "pilot" platform_kinds: "PILOT_TEST" }
  freshness_weight: 80
  fresh_days: 92
  stale_days: 365
  least_content_points: 20
}
co_build_kinds {
  id: "pilot"
  display_name: "中试"
  clause { document: "函" article: "一" text: "中试" }
}
)";

std::vector<std::string> ComplaintsAbout(const std::string& plan) {
  const auto pack = Pack::Parse({{"t/a.textproto", kMinimalPack}, {"t/b.textproto", plan}});
  std::vector<std::string> out;
  for (const status::Violation& violation : status::ViolationsOf(pack.status())) {
    out.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  return out;
}

TEST(RecommendationPlanTest, ARightPlanIsTaken) {
  EXPECT_THAT(ComplaintsAbout(kPlan), ElementsAre());
}

TEST(RecommendationPlanTest, AWrongPlanIsRefusedWithAllThatIsWrong) {
  const struct {
    const char* right;
    const char* wrong;
    const char* complaint;
  } kCases[] = {
      {"words_weight: 400", "words_weight: 401", "之和应为1000，现为1001"},
      {"full_rarity_bits: 48", "full_rarity_bits: 0", "满分稀有度"},
      {"mapped_industry_permille: 600", "mapped_industry_permille: 1001", "不得超过1000"},
      {"same_group_permille: 300", "same_group_permille: 1001", "不得超过1000"},
      {"same_district_permille: 600", "same_district_permille: 1001", "不得超过1000"},
      {"same_city_permille: 200", "same_city_permille: 1001", "不得超过1000"},
      {"stale_days: 365", "stale_days: 92", "stale_days 应大于 fresh_days"},
      {"least_content_points: 20", "", "仅同城也会推荐"},
      {"\"pilot\" platform_kinds", "\"none\" platform_kinds", "没有共建类型“none”"},
      {"platform_kinds: \"PILOT_TEST\"", "", "没有对应的平台类型"},
      {"freshness_weight",
       "co_build_fits { co_build_kind: \"pilot\" platform_kinds: \"X\" }\n"
       "  freshness_weight",
       "“pilot”重复"},
      {"note: \"选定\"", "", "选定理由"},
      {"clause { document: \"函\" article: \"一\" text: \"查找\" }", "", "未填写依据"},
  };
  for (const auto& [right, wrong, complaint] : kCases) {
    const std::string plan = absl::StrReplaceAll(kPlan, {{right, wrong}});
    ASSERT_NE(plan, kPlan) << right;
    EXPECT_THAT(ComplaintsAbout(plan), ElementsAre(HasSubstr(complaint))) << right;
    EXPECT_THAT(ComplaintsAbout(plan), ElementsAre(HasSubstr("t/b.textproto:"))) << right;
  }
  std::string all = kPlan;
  for (const auto& row : kCases) all = absl::StrReplaceAll(all, {{row.right, row.wrong}});
  EXPECT_GT(ComplaintsAbout(all).size(), 8u);
}

}  // namespace
}  // namespace chanyan::policy
