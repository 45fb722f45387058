// Scores of matches: each part by hand, the same from either side, reasons that add up; and the
// board against weighing every pair.
#include "services/triage/match_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/listing_content.h"
#include "services/triage/match_board.h"
#include "tests/support/service_test.h"

namespace chanyan::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::CivilDay kMatchDay(2025, 4, 21);

uint32_t TwoBits(const std::string&) { return 2000; }

class MatchRulesTest : public ::testing::Test {
 protected:
  MatchRulesTest() {
    auto made = MatchWeights::Make(*pack_);
    EXPECT_TRUE(made.ok()) << made.status();
    weights_ = *std::move(made);
  }
  static v1::Result SomeResult() {
    v1::Result row;
    row.set_name("results/r");
    row.set_title("反渗透膜");
    row.set_abstract("海水淡化用");
    row.add_industries("海水淡化与综合利用");
    row.add_fields("海洋");
    row.add_conversion_modes(v1::CONVERSION_MODE_LICENSE);
    row.set_stage(v1::STAGE_MIDDLE);
    return row;
  }
  static v1::Demand SomeDemand() {
    v1::Demand row;
    row.set_name("demands/d");
    row.set_enterprise("organizations/e");
    row.set_title("求购反渗透膜");
    row.add_industries("海水淡化与综合利用");
    row.add_fields("海洋");
    row.add_cooperation_modes(v1::CONVERSION_MODE_LICENSE);
    row.set_kind(v1::DEMAND_KIND_TESTING);
    return row;
  }
  static registry::v1::Platform SomePlatform() {
    registry::v1::Platform row;
    row.set_name("organizations/o/platforms/p");
    row.set_organization("organizations/o");
    row.set_display_name("反渗透膜中试基地");
    row.set_kind(registry::v1::PLATFORM_KIND_PILOT_TEST);
    row.add_industries("海水淡化与综合利用");
    *row.mutable_confirm_time() = time::ToTimestamp(time::StartOfDay(kMatchDay - 10));
    return row;
  }
  MatchPoints Weigh(const Matchable& a, const Matchable& b) const {
    return WeighMatch(*weights_, TwoBits, a, b, kMatchDay);
  }
  std::vector<std::string> TextsOf(const Matchable& a, const Matchable& b) const {
    std::vector<std::string> texts;
    for (const v1::MatchReason& reason : MatchReasons(*weights_, TwoBits, a, b, kMatchDay)) {
      texts.push_back(absl::StrCat(reason.text(), " ", reason.points()));
    }
    return texts;
  }

  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
  std::unique_ptr<const MatchWeights> weights_;
};

TEST_F(MatchRulesTest, WithoutAPlanNothingIsMatched) {
  const auto none = MatchWeights::Make(*testing::PackOf(R"pb(
    id: "small"
    display_name: "小"
    version: "1"
    effective_from { year: 2025 month: 1 day: 1 })pb"));
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("没有匹配参数"));
}

TEST_F(MatchRulesTest, NothingInCommonIsNoPoints) {
  Matchable a = weights_->Of(SomeResult());
  Matchable b = weights_->Of(SomeDemand());
  b.text = "养殖";
  b.industries = {"不在名录"};
  b.fields.clear();
  b.modes = 0;
  EXPECT_EQ(Weigh(a, b), MatchPoints());
  EXPECT_THAT(TextsOf(a, b), IsEmpty());
  EXPECT_EQ(Weigh(Matchable(), Matchable()), MatchPoints());
}

TEST_F(MatchRulesTest, EachPartByHand) {
  const Matchable result = weights_->Of(SomeResult());
  const Matchable demand = weights_->Of(SomeDemand());
  // 反渗 渗透 透膜 of 2 bits each: 400 × 6 / 48 = 50.
  EXPECT_EQ(Weigh(result, demand), (MatchPoints{50, 250, 100, 120, 0, 0}));
  EXPECT_THAT(TextsOf(result, demand),
              ElementsAre("同属“海水淡化与综合利用”产业 250", "双方都可以技术许可 120",
                          "同属“海洋”技术领域 100", "都提到“反渗透膜” 50"));
  const Matchable platform = weights_->Of(SomePlatform());
  // A middle stage is served by a pilot-test platform; its data are ten days old.
  EXPECT_EQ(Weigh(result, platform), (MatchPoints{50, 250, 0, 120, 60, 0}));
  // Testing is not.
  EXPECT_EQ(Weigh(demand, platform), (MatchPoints{50, 250, 0, 0, 60, 0}));
  Matchable old = platform;
  old.confirmed = kMatchDay - 400;
  EXPECT_EQ(Weigh(result, old).freshness, 0);
}

TEST_F(MatchRulesTest, ADemandIsNearAPlatformByZoneDistrictOrCityAndAResultByNothing) {
  const auto at = [this](Matchable one, const char* zone, const char* region) {
    registry::v1::Organization organization;
    organization.set_zone(zone);
    organization.set_region_code(region);
    one.where = weights_->Where(organization);
    return one;
  };
  Matchable demand = at(weights_->Of(SomeDemand()), "古镇口", "370211");
  EXPECT_EQ(weights_->Of(SomeDemand()).organization, "organizations/e");
  EXPECT_EQ(weights_->Of(SomePlatform()).organization, "organizations/o");
  const Matchable platform = weights_->Of(SomePlatform());
  EXPECT_EQ(Weigh(demand, platform).place, 0) << "where that one is is not known";
  // Of 70 points 600 thousandths for the district and 200 for the city.
  EXPECT_EQ(Weigh(demand, at(platform, "古镇口", "370211")).place, 70);
  EXPECT_EQ(Weigh(demand, at(platform, "", "370211")).place, 42);
  EXPECT_EQ(Weigh(demand, at(platform, "", "370202")).place, 14);
  EXPECT_EQ(Weigh(demand, at(platform, "", "110105")).place, 0) << "another city";
  EXPECT_THAT(TextsOf(demand, at(platform, "古镇口", "370211")),
              ElementsAre("同属“海水淡化与综合利用”产业 250", "同在古镇口 70",
                          "平台信息于2025年4月11日确认 60", "都提到“反渗透膜” 50"));
  // Two that share nothing but the place are not suggested.
  Matchable stranger = at(platform, "古镇口", "370211");
  stranger.text = "养殖";
  stranger.industries.clear();
  EXPECT_EQ(Weigh(demand, stranger).Content(), 0);
  // A result and a demand are weighed by what they are alone.
  EXPECT_EQ(weights_->Of(SomeResult()).organization, "");
  EXPECT_EQ(Weigh(weights_->Of(SomeResult()), at(platform, "古镇口", "370211")).place, 0);
  EXPECT_EQ(Weigh(demand, at(weights_->Of(SomeResult()), "古镇口", "370211")).place, 0);
}

TEST_F(MatchRulesTest, WordsHaveTheirLimit) {
  Matchable a = weights_->Of(SomeResult());
  const MatchPoints points = WeighMatch(
      *weights_, [](const std::string&) { return 1'000'000u; }, a, weights_->Of(SomeDemand()),
      kMatchDay);
  EXPECT_EQ(points.words, 400);
  EXPECT_EQ(points.Score(), 870);
}

TEST_F(MatchRulesTest, AListingIsComparedAsItsResultAndNothingElseOfAResultCounts) {
  v1::Result result = SomeResult();
  result.set_benefits("节能");
  v1::Listing listing;
  FillListing(result, &listing);
  listing.set_name("listings/r");
  const Matchable shown = weights_->Of(listing);
  const auto fields = [](const Matchable& one) {
    return std::tuple(one.kind, one.name, one.title, one.organization_title, one.text,
                      one.industries, one.fields, one.modes, one.platform_kinds);
  };
  EXPECT_EQ(fields(shown), fields(weights_->Of(result)));
  // What the market does not show.
  result.set_indicators("脱盐率 99.8%");
  result.set_contact_person("张三");
  result.set_financing_yuan(1);
  result.set_financing_purpose("求购反渗透膜");
  result.set_college("化工学院");
  result.add_people()->set_person("李四");
  EXPECT_EQ(fields(shown), fields(weights_->Of(result)));
}

TEST_F(MatchRulesTest, APairIsTheSameFromEitherSide) {
  const Matchable all[] = {weights_->Of(SomeResult()), weights_->Of(SomeDemand()),
                           weights_->Of(SomePlatform())};
  for (const Matchable& a : all) {
    for (const Matchable& b : all) {
      if (a.kind == b.kind) continue;
      EXPECT_EQ(Weigh(a, b), Weigh(b, a));
      EXPECT_EQ(TextsOf(a, b), TextsOf(b, a));
    }
  }
}

// A small city by chance, of words that are terms as they stand.
class MatchBoardTest : public MatchRulesTest {
 protected:
  MatchBoardTest() {
    for (const auto& taxonomy : pack_->proto().taxonomies()) {
      for (const auto& industry : taxonomy.industries()) {
        if (!industry.is_group()) industries_.push_back(industry.display_name());
      }
    }
  }
  size_t Draw(size_t below) { return random_() % below; }
  Matchable Random(v1::MatchKind kind, int number) {
    Matchable one;
    one.kind = kind;
    one.name = absl::StrCat("k", kind, "/", number);
    // Equal titles are told apart by name.
    one.title = absl::StrCat("t", Draw(5));
    std::vector<std::string> words;
    for (size_t i = Draw(8); i > 0; --i) words.push_back(absl::StrCat("w", Draw(25), "x"));
    one.text = absl::StrJoin(words, " ");
    for (size_t i = Draw(3); i > 0; --i) one.industries.push_back(industries_[Draw(12)]);
    if (Draw(2) == 0) one.fields.push_back(absl::StrCat("field", Draw(3)));
    // No way and no kind is number 0.
    one.modes = static_cast<uint32_t>(Draw(64) & Draw(64)) << 1;
    one.platform_kinds = static_cast<uint32_t>(Draw(8)) << 1;
    one.confirmed = kMatchDay - static_cast<int>(Draw(500));
    // Some are nowhere that is known, and some districts are known without a place or city.
    if (kind != v1::MATCH_KIND_RESULT && Draw(4) > 0) {
      if (Draw(2) == 0) one.where.place = absl::StrCat("place", Draw(3));
      if (Draw(3) > 0) one.where.district = absl::StrCat("district", Draw(2));
      if (Draw(3) > 0) one.where.city = "city";
    }
    return one;
  }

  std::mt19937_64 random_{7};
  std::vector<std::string> industries_;
};

// Everything anew, from the texts alone.
int ScoreByHand(const MatchWeights& weights, const Matchable& a, const Matchable& b,
                const std::vector<std::pair<Matchable, bool>>& all) {
  const bool of_platforms = a.kind == v1::MATCH_KIND_PLATFORM || b.kind == v1::MATCH_KIND_PLATFORM;
  const auto words = [](const Matchable& one) {
    const std::vector<std::string> list = absl::StrSplit(one.text, ' ', absl::SkipEmpty());
    return std::set<std::string>(list.begin(), list.end());
  };
  uint64_t bits = 0;
  for (const std::string& word : words(a)) {
    if (!words(b).contains(word)) continue;
    uint64_t texts = 0, with = 0;
    for (const auto& [one, open] : all) {
      if (!open || (one.kind == v1::MATCH_KIND_PLATFORM) != of_platforms) continue;
      ++texts;
      if (words(one).contains(word)) ++with;
    }
    bits += search::MilliLog2(texts + 1, std::max<uint64_t>(with, 1));
  }
  const policy::v1::MatchPlan& plan = weights.plan();
  const uint64_t full = plan.full_rarity_bits() * 1000;
  int content = static_cast<int>(plan.words_weight() * std::min(bits, full) / full);
  uint32_t nearest = 0;
  for (const std::string& x : a.industries) {
    for (const std::string& y : b.industries) {
      nearest = std::max(nearest, weights.points().Relation(x, y));
    }
  }
  content += static_cast<int>(plan.industry_weight() * nearest / 1000);
  for (const std::string& x : a.fields) {
    for (const std::string& y : b.fields) {
      if (x == y) content += static_cast<int>(plan.field_weight());
    }
  }
  if (content < static_cast<int>(plan.least_content_points())) return 0;
  const bool way =
      of_platforms ? (a.platform_kinds & b.platform_kinds) != 0 : (a.modes & b.modes) != 0;
  if (way) content += static_cast<int>(plan.way_weight());
  if (!of_platforms) return content;
  const Matchable& platform = a.kind == v1::MATCH_KIND_PLATFORM ? a : b;
  content += weights.Freshness(platform.confirmed, kMatchDay);
  // The nearest that both are in, of the weights as the packs have them.
  const auto both = [&](std::string policy::Whereabouts::*part) {
    return !(a.where.*part).empty() && a.where.*part == b.where.*part;
  };
  const policy::v1::RecommendationPlan& near = weights.points().plan();
  const uint32_t permille = both(&policy::Whereabouts::place)      ? 1000
                            : both(&policy::Whereabouts::district) ? near.same_district_permille()
                            : both(&policy::Whereabouts::city)     ? near.same_city_permille()
                                                                   : 0;
  return content + static_cast<int>(plan.place_weight() * permille / 1000);
}

// As a board shows it.
Shown ShownOf(TermBook& book, const Matchable& one, bool open) {
  return {std::make_shared<const BoardItem>(ItemOf(book, one)), open,
          std::make_shared<const policy::Whereabouts>(one.where)};
}

TEST_F(MatchBoardTest, TheListIsThatOfWeighingEveryPair) {
  int suggested = 0;
  for (int round = 0; round < 40; ++round) {
    TermBook book;
    MatchBoard::Items items;
    std::vector<std::pair<Matchable, bool>> all;
    for (int i = 0; i < 45; ++i) {
      const auto kind = static_cast<v1::MatchKind>(1 + i % 3);
      const bool open = kind == v1::MATCH_KIND_PLATFORM || Draw(4) > 0;
      all.emplace_back(Random(kind, i), open);
      auto& shelf = kind == v1::MATCH_KIND_RESULT   ? items.results
                    : kind == v1::MATCH_KIND_DEMAND ? items.demands
                                                    : items.platforms;
      shelf.push_back(ShownOf(book, all.back().first, open));
    }
    const MatchBoard board(*weights_, book, std::move(items));
    for (const auto& [subject, subject_open] : all) {
      for (const v1::MatchKind kind :
           {v1::MATCH_KIND_RESULT, v1::MATCH_KIND_DEMAND, v1::MATCH_KIND_PLATFORM}) {
        if (kind == subject.kind) continue;
        const bool open_alone = Draw(2) == 0;
        const size_t limit = Draw(8);
        std::vector<std::tuple<int, std::string, std::string>> expected;
        for (const auto& [other, open] : all) {
          if (other.kind != kind || (open_alone && !open)) continue;
          const int score = ScoreByHand(*weights_, subject, other, all);
          if (score > 0) expected.emplace_back(-score, other.title, other.name);
        }
        std::sort(expected.begin(), expected.end());
        expected.resize(std::min(limit, expected.size()));
        std::vector<std::tuple<int, std::string, std::string>> found;
        for (const RankedItem& one :
             board.Top(kind, subject, limit, kMatchDay,
                       [&](const Shown& shown) { return !open_alone || shown.open; })) {
          found.emplace_back(-one.score, one.shown->item->title, one.shown->item->name);
        }
        ASSERT_EQ(found, expected) << subject.name << " round " << round;
        suggested += static_cast<int>(found.size());
      }
    }
  }
  EXPECT_GT(suggested, 3000);
}

TEST_F(MatchBoardTest, WhatTheBoardSaysIsWhatThePairIsWeighedAtAndItsReasonsAddUp) {
  TermBook book;
  MatchBoard::Items items;
  std::map<std::string, Matchable> demands;
  std::vector<Matchable> results;
  for (int i = 0; i < 60; ++i) {
    const Matchable demand = Random(v1::MATCH_KIND_DEMAND, i);
    demands[demand.name] = demand;
    items.demands.push_back({std::make_shared<const BoardItem>(ItemOf(book, demand)), true});
    results.push_back(Random(v1::MATCH_KIND_RESULT, i));
    items.results.push_back(
        {std::make_shared<const BoardItem>(ItemOf(book, results.back())), true});
  }
  const MatchBoard board(*weights_, book, std::move(items));
  const auto rarity = [&](const std::string& term) { return board.Rarity(false, term); };
  for (const Matchable& result : results) {
    for (const RankedItem& one : board.Top(v1::MATCH_KIND_DEMAND, result, 20, kMatchDay,
                                           [](const Shown&) { return true; })) {
      const Matchable& demand = demands[one.shown->item->name];
      EXPECT_EQ(WeighMatch(*weights_, rarity, result, demand, kMatchDay).Score(), one.score);
      EXPECT_EQ(WeighMatch(*weights_, rarity, demand, result, kMatchDay).Score(), one.score);
      int points = 0, last = 1000;
      for (const v1::MatchReason& reason :
           MatchReasons(*weights_, rarity, result, demand, kMatchDay)) {
        EXPECT_GT(reason.points(), 0);
        EXPECT_LE(reason.points(), last);
        EXPECT_NE(reason.text(), "");
        last = reason.points();
        points += reason.points();
      }
      EXPECT_EQ(points, one.score);
    }
  }
}

TEST_F(MatchBoardTest, ADemandIsSuggestedToItsLastDay) {
  TermBook book;
  MatchBoard::Items items;
  BoardItem item = ItemOf(book, weights_->Of(SomeDemand()));
  item.last_day = kMatchDay;
  items.demands.push_back({std::make_shared<const BoardItem>(std::move(item)), true});
  const MatchBoard board(*weights_, book, std::move(items));
  const auto count = [&](absl::CivilDay day) {
    return board
        .Top(v1::MATCH_KIND_DEMAND, weights_->Of(SomeResult()), 5, day,
             [](const Shown&) { return true; })
        .size();
  };
  EXPECT_EQ(count(kMatchDay), 1u);
  EXPECT_EQ(count(kMatchDay + 1), 0u);
}

TEST_F(MatchBoardTest, WhatIsNotOpenHasNoPartInRarity) {
  TermBook book;
  const auto rarity_with = [&](bool hidden) {
    MatchBoard::Items items;
    for (int i = 0; i < 3; ++i) {
      Matchable one = weights_->Of(SomeResult());
      one.name = absl::StrCat("results/", i);
      if (i > 0 && !hidden) continue;
      items.results.push_back({std::make_shared<const BoardItem>(ItemOf(book, one)), i == 0});
    }
    return MatchBoard(*weights_, book, std::move(items)).Rarity(false, "渗透");
  };
  EXPECT_EQ(rarity_with(false), rarity_with(true));
}

}  // namespace
}  // namespace chanyan::triage
