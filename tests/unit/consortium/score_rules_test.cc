// Sheets, the score of a panel, the ranking (CON-4).
#include "services/consortium/score_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>

namespace chanyan::consortium {
namespace {

using policy::v1::SCORE_AGGREGATION_MEAN;
using policy::v1::SCORE_AGGREGATION_TRIMMED_MEAN;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

policy::v1::ReviewSheet Plan() {
  policy::v1::ReviewSheet plan;
  plan.set_display_name("评分表");
  for (const auto& [id, max] : {std::pair{"goals", 400}, std::pair{"plan", 605}}) {
    policy::v1::SheetCriterion* criterion = plan.add_criteria();
    criterion->set_id(id);
    criterion->set_display_name(id);
    criterion->set_max_tenths(max);
  }
  plan.set_pass_tenths(600);
  return plan;
}

v1::ScoreSheet Sheet(std::vector<std::pair<std::string, int>> scores) {
  v1::ScoreSheet sheet;
  for (const auto& [id, points] : scores) {
    v1::CriterionScore* score = sheet.add_scores();
    score->set_criterion(id);
    if (points != INT_MIN) score->set_points_tenths(points);
  }
  sheet.set_opinion("可行");
  return sheet;
}

std::vector<std::string> PathsOf(const std::vector<status::Violation>& wrong) {
  std::vector<std::string> paths;
  for (const auto& one : wrong) paths.push_back(one.field);
  return paths;
}

TEST(ScoreRulesTest, EverythingWrongWithASheetIsToldAtOnce) {
  const auto wrong = SheetViolations(
      Plan(), Sheet({{"goals", 401}, {"goals", -1}, {"beauty", 5}, {"plan", INT_MIN}}), true);
  EXPECT_THAT(PathsOf(wrong), ElementsAre("scores[0].points_tenths", "scores[1].criterion",
                                          "scores[1].points_tenths", "scores[2].criterion",
                                          "scores[3].points_tenths"));
  EXPECT_EQ(wrong[0].description, "“goals”应为0至40分");
}

TEST(ScoreRulesTest, ADraftMayBeHalfASheetMayNot) {
  v1::ScoreSheet half = Sheet({{"plan", 605}});
  half.clear_opinion();
  EXPECT_THAT(SheetViolations(Plan(), half, false), IsEmpty());
  EXPECT_THAT(PathsOf(SheetViolations(Plan(), half, true)), ElementsAre("scores", "opinion"));
  EXPECT_THAT(SheetViolations(Plan(), Sheet({{"goals", 0}, {"plan", 605}}), true), IsEmpty());
  EXPECT_EQ(TotalTenths(Sheet({{"goals", 0}, {"plan", 605}})), 605);
}

TEST(ScoreRulesTest, ScoresAreSumsDoneByHand) {
  struct Case {
    policy::v1::ScoreAggregation aggregation;
    std::vector<int64_t> totals;
    int64_t expected;
  };
  const Case cases[] = {
      {SCORE_AGGREGATION_MEAN, {}, 0},
      {SCORE_AGGREGATION_MEAN, {900, 855}, 87'750},
      {SCORE_AGGREGATION_MEAN, {800, 800, 801}, 80'033},
      {SCORE_AGGREGATION_MEAN, {800, 801, 801}, 80'067},
      // 62.5 thousandths: half up.
      {SCORE_AGGREGATION_MEAN, {0, 0, 0, 0, 0, 0, 0, 5}, 63},
      {SCORE_AGGREGATION_TRIMMED_MEAN, {950, 900, 880, 860, 600}, 88'000},
      {SCORE_AGGREGATION_TRIMMED_MEAN, {1000, 0, 500, 500}, 50'000},
      {SCORE_AGGREGATION_TRIMMED_MEAN, {700, 700, 700, 700, 700}, 70'000},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(ScoreThousandths(one.aggregation, one.totals), one.expected);
  }
}

TEST(ScoreRulesTest, AScorePassesFromThePacksOn) {
  EXPECT_FALSE(Passes(Plan(), 59'999));
  EXPECT_TRUE(Passes(Plan(), 60'000));
}

TEST(ScoreRulesTest, EqualScoresShareARankAndTheNextIsLeftOut) {
  std::vector<v1::ReviewPanel> panels;
  for (const auto& [name, score] : {std::pair{"d", 70'000}, std::pair{"b", 80'000},
                                    std::pair{"a", 80'000}, std::pair{"c", 90'000}}) {
    v1::ReviewPanel& panel = panels.emplace_back();
    panel.set_name(name);
    panel.set_consortium(name);
    panel.set_score_thousandths(score);
  }
  const auto ranking = Ranking(panels);
  std::vector<std::string> order;
  std::vector<int> ranks;
  std::vector<int> shared;
  for (const auto& one : ranking) {
    order.push_back(one.consortium());
    ranks.push_back(one.rank());
    shared.push_back(one.shared_by());
  }
  EXPECT_THAT(order, ElementsAre("c", "a", "b", "d"));
  EXPECT_THAT(ranks, ElementsAre(1, 2, 2, 4));
  EXPECT_THAT(shared, ElementsAre(1, 2, 2, 1));
  EXPECT_THAT(Ranking({}), IsEmpty());
}

TEST(ScoreRulesTest, WhoWasReviewedAgainIsRankedOnceByTheLastResult) {
  std::vector<v1::ReviewPanel> panels;
  for (const auto& [name, consortium, score] :
       {std::tuple{"a1", "a", 90'000}, {"b1", "b", 80'000}, {"a2", "a", 70'000}}) {
    v1::ReviewPanel& panel = panels.emplace_back();
    panel.set_name(name);
    panel.set_consortium(consortium);
    panel.set_score_thousandths(score);
  }
  const auto ranking = Ranking(panels);
  ASSERT_EQ(ranking.size(), 2u);
  EXPECT_EQ(ranking[0].consortium(), "b");
  EXPECT_EQ(ranking[1].panel(), "a2");
  EXPECT_EQ(ranking[1].score_thousandths(), 70'000);
}

}  // namespace
}  // namespace chanyan::consortium
