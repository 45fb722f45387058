// The pack's plan for matching: what is wrong in it is said with its place.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/policy/match_check.h"
#include "common/policy/pack_source.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What CheckRecommendation and CheckTriage say of these is not the question here.
constexpr char kPlan[] = R"(recommendation { id: "points" display_name: "推荐" }
triage {
  matching {
    id: "plan"
    display_name: "匹配"
    clause { document: "通知" article: "三" text: "需求梳理" }
    origin: ORIGIN_CHOSEN
    note: "选定"
    words_weight: 420
    full_rarity_bits: 48
    industry_weight: 250
    field_weight: 100
    way_weight: 120
    freshness_weight: 80
    place_weight: 30
    least_content_points: 30
    fits { stage: "MIDDLE" platform_kinds: "PILOT_TEST" }
    fits { demand_kind: "TESTING" platform_kinds: "CENTRE" }
  }
}
)";

std::vector<std::string> ComplaintsAbout(const std::string& plan) {
  const std::vector<PackFile> files = {{"t/a.textproto", kMinimalPack}, {"t/b.textproto", plan}};
  const PackSource source(files);
  std::vector<std::string> out;
  for (const PackError& error : CheckMatching(source)) {
    out.push_back(absl::StrCat(error.location.ToString(), " ", error.description));
  }
  return out;
}

TEST(MatchPlanTest, ARightPlanIsTakenAndNoneToo) {
  EXPECT_THAT(ComplaintsAbout(kPlan), ElementsAre());
  EXPECT_THAT(ComplaintsAbout(""), ElementsAre());
}

TEST(MatchPlanTest, AWrongPlanIsRefusedWithAllThatIsWrong) {
  const struct {
    const char* right;
    const char* wrong;
    const char* complaint;
  } kCases[] = {
      {"words_weight: 420", "words_weight: 421", "之和应为1000，现为1001"},
      {"place_weight: 30", "place_weight: 31", "之和应为1000，现为1001"},
      {"full_rarity_bits: 48", "full_rarity_bits: 0", "满分稀有度"},
      {"least_content_points: 30", "", "毫无相合之处也会列出"},
      {"stage: \"MIDDLE\"", "stage: \"MIDDLE\" demand_kind: \"X\"", "应填且只填一个"},
      {"demand_kind: \"TESTING\"", "", "应填且只填一个"},
      {"fits { demand_kind: \"TESTING\"", "fits { stage: \"MIDDLE\"", "“MIDDLE”重复"},
      {" platform_kinds: \"PILOT_TEST\"", "", "“MIDDLE”没有对应的平台类型"},
      {"note: \"选定\"", "", "选定理由"},
      {"clause { document: \"通知\" article: \"三\" text: \"需求梳理\" }", "", "未填写依据"},
      {"recommendation { id: \"points\" display_name: \"推荐\" }", "", "产业关联取自推荐参数"},
  };
  for (const auto& [right, wrong, complaint] : kCases) {
    const std::string plan = absl::StrReplaceAll(kPlan, {{right, wrong}});
    ASSERT_NE(plan, kPlan) << right;
    EXPECT_THAT(ComplaintsAbout(plan), ElementsAre(HasSubstr(complaint))) << right;
    EXPECT_THAT(ComplaintsAbout(plan), ElementsAre(HasSubstr("t/b.textproto:"))) << right;
  }
}

}  // namespace
}  // namespace chanyan::policy
