// Scores of recommendations: each part by a table, the list against weighing every pair, and the
// weighing against adding up by hand.
#include "services/pairing/recommend_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/status/status.h"
#include "services/pairing/recommender.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::CivilDay kToday(2025, 4, 1);

std::unique_ptr<const policy::Pack> SmallPack(absl::string_view kind = "PILOT_TEST") {
  return testing::PackOf(absl::Substitute(
      R"pb(
        id: "small"
        display_name: "小"
        version: "1"
        effective_from { year: 2025 month: 1 day: 1 }
        places { id: "3702" display_name: "青岛市" kind: PLACE_KIND_CITY }
        places { id: "370211" display_name: "黄岛区" kind: PLACE_KIND_DISTRICT parent_id: "3702" }
        places { id: "370212" display_name: "崂山区" kind: PLACE_KIND_DISTRICT parent_id: "3702" }
        places { id: "zone-g" display_name: "古镇口" kind: PLACE_KIND_ZONE parent_id: "370211" }
        places { id: "town-p" display_name: "泊里镇" kind: PLACE_KIND_TOWN parent_id: "370211" }
        places { id: "zone-h" display_name: "青岛高新区" kind: PLACE_KIND_ZONE parent_id: "3702" }
        taxonomies {
          id: "ten"
          display_name: "十"
          version: "1"
          note: "试验"
          industries { id: "new" display_name: "新兴产业" is_group: true }
          industries { id: "air" display_name: "低空经济" parent_id: "new" }
          industries { id: "energy" display_name: "绿色能源" parent_id: "new" }
          industries { id: "home" display_name: "智能家电" }
          industries { id: "home.parts" display_name: "家电零部件" parent_id: "home" }
        }
        taxonomies {
          id: "sea"
          display_name: "海"
          version: "1"
          note: "试验"
          industries { id: "power" display_name: "海洋新能源" }
        }
        mappings {
          id: "sea-ten"
          display_name: "对照"
          version: "1"
          from_taxonomy: "sea"
          to_taxonomy: "ten"
          origin: ORIGIN_CHOSEN
          note: "试验"
          entries { from_id: "power" to_ids: "energy" }
        }
        co_build_kinds {
          id: "pilot-test"
          display_name: "中试验证平台"
          clause { document: "函" article: "一" text: "中试验证" }
        }
        recommendation {
          id: "plan"
          display_name: "推荐"
          clause { document: "函" article: "一、（二）" text: "查找科创平台" }
          origin: ORIGIN_CHOSEN
          note: "试验"
          words_weight: 400
          full_rarity_bits: 10
          industry_weight: 250
          mapped_industry_permille: 600
          same_group_permille: 300
          place_weight: 150
          same_district_permille: 600
          same_city_permille: 200
          co_build_weight: 120
          co_build_fits { co_build_kind: "pilot-test" platform_kinds: "$0" }
          freshness_weight: 80
          fresh_days: 100
          stale_days: 300
          least_content_points: 20
        })pb",
      kind));
}

class RecommendRulesTest : public ::testing::Test {
 protected:
  RecommendRulesTest() {
    auto made = Weighing::Make(*pack_);
    EXPECT_TRUE(made.ok()) << made.status();
    weighing_ = *std::move(made);
  }

  // Words stand one behind the other, with a gap between.
  static Need NeedOf(const std::vector<std::string>& words) {
    Need need;
    for (const std::string& word : words) {
      const auto begin = static_cast<uint32_t>(need.characters.size());
      need.characters.push_back(word);
      need.terms.push_back({word, begin, begin + 1});
      need.characters.push_back(" ");
    }
    return need;
  }
  static Offer OfferOf(const std::string& name, std::vector<std::string> terms) {
    Offer offer;
    offer.name = name;
    offer.title = name;
    std::sort(terms.begin(), terms.end());
    offer.terms = std::move(terms);
    offer.confirmed = kToday - 1000;
    return offer;
  }

  const std::unique_ptr<const policy::Pack> pack_ = SmallPack();
  std::unique_ptr<const Weighing> weighing_;
};

TEST(MilliLog2Test, IsTheLogarithmInThousandths) {
  EXPECT_EQ(MilliLog2(1, 1), 0u);
  EXPECT_EQ(MilliLog2(1, 2), 0u) << "never below nothing";
  EXPECT_EQ(MilliLog2(2, 1), 1000u);
  EXPECT_EQ(MilliLog2(1024, 1), 10000u);
  EXPECT_EQ(MilliLog2(uint64_t{1} << 31, 1), 31000u);
  EXPECT_EQ(MilliLog2(3, 1), 1584u);
  EXPECT_EQ(MilliLog2(2001, 31), 6012u);
  std::mt19937 random(20250404);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t denominator = 1 + random() % 100'000;
    const uint64_t numerator = denominator + random() % 1'000'000;
    const double exact = 1000 * std::log2(static_cast<double>(numerator) / denominator);
    const auto got = static_cast<double>(MilliLog2(numerator, denominator));
    EXPECT_LE(got, exact + 1e-6);
    EXPECT_GT(got, exact - 1.001);
  }
}

TEST_F(RecommendRulesTest, APackWithoutAPlanOrWithAStrangeKindIsRefused) {
  const auto none = testing::PackOf(R"pb(id: "x"
                                         display_name: "x"
                                         version: "1"
                                         effective_from { year: 2025 month: 1 day: 1 })pb");
  EXPECT_TRUE(absl::IsFailedPrecondition(Weighing::Make(*none).status()));
  EXPECT_THAT(Weighing::Make(*SmallPack("CASTLE")).status().message(), HasSubstr("CASTLE"));
  for (const char* city : {"qingdao", "linyi"}) {
    EXPECT_TRUE(Weighing::Make(*testing::ShippedPack(city)).ok()) << city;
  }
  EXPECT_FALSE(testing::ShippedPack("shandong")->proto().has_recommendation());
}

TEST_F(RecommendRulesTest, RareWordsCountMoreAndFullIsFull) {
  std::vector<Offer> offers;
  for (int i = 0; i < 7; ++i) offers.push_back(OfferOf(absl::StrCat("p", i), {"海洋"}));
  offers.push_back(OfferOf("p7", {"海洋", "腐蚀", "盐雾", "疲劳", "焊接"}));
  const Rarity rarity = RarityOf(offers);
  EXPECT_EQ(rarity.Of("海洋"), MilliLog2(9, 8));
  EXPECT_EQ(rarity.Of("腐蚀"), MilliLog2(9, 1));
  EXPECT_EQ(rarity.Of("没有"), MilliLog2(9, 1));
  const auto words = [&](const std::vector<std::string>& need) {
    return Weigh(*weighing_, rarity, NeedOf(need), offers[7], kToday).words;
  };
  EXPECT_EQ(words({}), 0);
  EXPECT_EQ(words({"卫星"}), 0);
  EXPECT_EQ(words({"海洋"}), static_cast<int>(400 * MilliLog2(9, 8) / 10000));
  EXPECT_EQ(words({"腐蚀"}), static_cast<int>(400 * MilliLog2(9, 1) / 10000));
  EXPECT_EQ(words({"腐蚀", "腐蚀", "腐蚀"}), words({"腐蚀"})) << "each once";
  EXPECT_EQ(words({"腐蚀", "盐雾", "疲劳", "焊接"}), 400);
}

TEST_F(RecommendRulesTest, IndustriesPlacesKindsAndDaysByTable) {
  const Rarity rarity = RarityOf({});
  const struct {
    const char* need;
    const char* offer;
    int points;
  } kIndustries[] = {{"低空经济", "低空经济", 250},
                     {"低空经济", "绿色能源", 75},
                     {"海洋新能源", "绿色能源", 150},
                     {"绿色能源", "海洋新能源", 150},
                     {"海洋新能源", "低空经济", 0},
                     {"智能家电", "家电零部件", 75},
                     {"家电零部件", "智能家电", 75},
                     {"智能家电", "低空经济", 0},
                     {"炼金", "炼金", 0},
                     {"新兴产业", "低空经济", 0}};
  for (const auto& row : kIndustries) {
    Need need;
    need.industries = {row.need};
    Offer offer = OfferOf("p", {});
    offer.industries = {row.offer};
    EXPECT_EQ(Weigh(*weighing_, rarity, need, offer, kToday).industry, row.points)
        << row.need << row.offer;
  }
  const struct {
    const char* zone;
    const char* region;
    const char* other_zone;
    const char* other_region;
    int points;
  } kPlaces[] = {{"古镇口", "370211", "古镇口", "", 150},
                 {"古镇口", "", "泊里镇", "", 90},
                 {"", "370211", "泊里镇", "", 90},
                 {"古镇口", "", "", "370212", 30},
                 {"青岛高新区", "370212", "", "370212", 90},
                 {"青岛高新区", "", "", "370212", 30},
                 {"", "", "古镇口", "370211", 0},
                 {"", "", "", "", 0},
                 {"别处", "110105", "别处", "110105", 0}};
  for (const auto& row : kPlaces) {
    Need need;
    need.zone = row.zone;
    need.region_code = row.region;
    Offer offer = OfferOf("p", {});
    offer.zone = row.other_zone;
    offer.region_code = row.other_region;
    EXPECT_EQ(Weigh(*weighing_, rarity, need, offer, kToday).place, row.points)
        << row.zone << row.region << row.other_zone << row.other_region;
  }
  for (const auto& [days, points] :
       std::map<int, int>{{-5, 80}, {0, 80}, {100, 80}, {101, 79}, {200, 40}, {299, 0}, {300, 0}}) {
    Offer offer = OfferOf("p", {});
    offer.confirmed = kToday - days;
    EXPECT_EQ(Weigh(*weighing_, rarity, Need(), offer, kToday).freshness, points) << days;
  }
  Need need;
  need.kinds = {"订单班", "中试验证平台"};
  Offer offer = OfferOf("p", {});
  EXPECT_EQ(Weigh(*weighing_, rarity, need, offer, kToday).co_build, 0);
  offer.kind = registry::v1::PLATFORM_KIND_PILOT_TEST;
  EXPECT_EQ(Weigh(*weighing_, rarity, need, offer, kToday).co_build, 120);
}

TEST_F(RecommendRulesTest, ReasonsQuotePhrasesAndAddUpToTheScore) {
  // 海洋 洋装 装备 of 海洋装备 are read as one.
  Need need;
  for (const char* c : {"海", "洋", "装", "备", " ", "腐", "蚀", " ", "海", "洋"}) {
    need.characters.push_back(c);
  }
  need.terms = {{"海洋", 0, 2}, {"洋装", 1, 3}, {"装备", 2, 4}, {"腐蚀", 5, 7}, {"海洋", 8, 10}};
  need.industries = {"海洋新能源"};
  need.zone = "古镇口";
  need.kinds = {"中试验证平台"};
  Offer offer = OfferOf("p", {"海洋", "洋装", "装备", "腐蚀"});
  offer.industries = {"绿色能源"};
  offer.zone = "泊里镇";
  offer.kind = registry::v1::PLATFORM_KIND_PILOT_TEST;
  offer.confirmed = kToday - 1;
  const Rarity rarity = RarityOf({offer, OfferOf("q", {}), OfferOf("r", {})});
  const Points points = Weigh(*weighing_, rarity, need, offer, kToday);
  EXPECT_EQ(points.words, 320);
  std::vector<std::string> texts;
  int sum = 0;
  for (const auto& reason : Reasons(*weighing_, rarity, need, offer, kToday)) {
    texts.push_back(absl::StrCat(reason.text(), " ", reason.points()));
    sum += reason.points();
  }
  EXPECT_EQ(sum, points.Score());
  EXPECT_THAT(texts, ElementsAre("都提到“海洋装备” 240", "“海洋新能源”与“绿色能源”产业相关 150",
                                 "中试验证平台适合共建“中试验证平台” 120", "同在黄岛区 90",
                                 "都提到“腐蚀” 80", "平台信息于2025年3月31日确认 80"));
}

// Adds up by hand, without anything of the rules but the plan's figures.
int ScoreByHand(const Need& need, const Offer& offer, const std::vector<Offer>& all,
                const std::map<std::pair<std::string, std::string>, int>& related,
                const std::map<std::string, std::pair<std::string, std::string>>& districts,
                int* content) {
  std::set<std::string> shared;
  for (const search::PlacedTerm& term : need.terms) {
    if (std::count(offer.terms.begin(), offer.terms.end(), term.term) > 0) shared.insert(term.term);
  }
  int64_t bits = 0;
  for (const std::string& term : shared) {
    int64_t with = 0;
    for (const Offer& other : all) {
      with += std::count(other.terms.begin(), other.terms.end(), term);
    }
    bits += static_cast<int64_t>(
        std::floor(1000 * std::log2(static_cast<double>(all.size() + 1) / with) + 1e-9));
  }
  int industry = 0;
  for (const std::string& a : need.industries) {
    for (const std::string& b : offer.industries) {
      const auto found = related.find(std::minmax(a, b));
      if (found != related.end()) industry = std::max(industry, found->second);
    }
  }
  const bool fits = offer.kind == registry::v1::PLATFORM_KIND_PILOT_TEST &&
                    std::count(need.kinds.begin(), need.kinds.end(), "中试验证平台") > 0;
  *content =
      static_cast<int>(400 * std::min<int64_t>(bits, 10000) / 10000) + industry + (fits ? 120 : 0);
  int place = 0;
  const auto here = districts.find(need.zone), there = districts.find(offer.zone);
  if (here != districts.end() && there != districts.end()) {
    place = need.zone == offer.zone                                                    ? 150
            : here->second.first == there->second.first && !here->second.first.empty() ? 90
                                                                                       : 30;
  }
  const int age = static_cast<int>(kToday - offer.confirmed);
  const int fresh = age <= 100 ? 80 : age >= 300 ? 0 : 80 * (300 - age) / 200;
  return *content + place + fresh;
}

TEST_F(RecommendRulesTest, TheListIsThatOfWeighingEveryPairByHand) {
  const uint32_t seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const std::map<std::pair<std::string, std::string>, int> related = {
      {std::minmax<std::string>("低空经济", "低空经济"), 250},
      {std::minmax<std::string>("绿色能源", "绿色能源"), 250},
      {std::minmax<std::string>("智能家电", "智能家电"), 250},
      {std::minmax<std::string>("海洋新能源", "海洋新能源"), 250},
      {std::minmax<std::string>("低空经济", "绿色能源"), 75},
      {std::minmax<std::string>("海洋新能源", "绿色能源"), 150}};
  const std::map<std::string, std::pair<std::string, std::string>> districts = {
      {"古镇口", {"370211", "3702"}}, {"泊里镇", {"370211", "3702"}}, {"青岛高新区", {"", "3702"}}};
  const std::vector<std::string> zones = {"古镇口", "泊里镇", "青岛高新区", "别处", ""};
  const std::vector<std::string> industries = {"低空经济", "绿色能源", "智能家电", "海洋新能源"};
  const auto draw = [&](size_t below) { return random() % below; };
  for (int round = 0; round < 40; ++round) {
    std::vector<Offer> offers;
    for (size_t i = 0; i < 1 + draw(60); ++i) {
      std::set<std::string> terms;
      for (size_t k = draw(6); k > 0; --k) terms.insert(absl::StrCat("t", draw(12)));
      Offer offer = OfferOf(absl::StrCat("p", i), {terms.begin(), terms.end()});
      // Equal titles and equal scores are frequent.
      offer.title = absl::StrCat("平台", draw(4));
      for (size_t k = draw(3); k > 0; --k) offer.industries.push_back(industries[draw(4)]);
      offer.zone = zones[draw(5)];
      offer.kind = static_cast<registry::v1::PlatformKind>(draw(8));
      offer.confirmed = kToday - static_cast<int>(draw(400));
      offers.push_back(offer);
    }
    const Recommender recommender(*weighing_, offers, kToday);
    for (int i = 0; i < 10; ++i) {
      std::vector<std::string> words;
      for (size_t k = draw(6); k > 0; --k) words.push_back(absl::StrCat("t", draw(14)));
      Need need = NeedOf(words);
      for (size_t k = draw(3); k > 0; --k) need.industries.push_back(industries[draw(4)]);
      need.zone = zones[draw(5)];
      if (draw(2) == 0) need.kinds = {"中试验证平台"};
      std::vector<std::tuple<int, std::string, std::string>> expected;
      for (const Offer& offer : offers) {
        int content = 0;
        const int score = ScoreByHand(need, offer, offers, related, districts, &content);
        const Points points = Weigh(*weighing_, recommender.rarity(), need, offer, kToday);
        ASSERT_EQ(points.Score(), score) << offer.name;
        ASSERT_EQ(points.Content(), content);
        int sum = 0;
        for (const auto& reason : Reasons(*weighing_, recommender.rarity(), need, offer, kToday)) {
          EXPECT_GT(reason.points(), 0);
          sum += reason.points();
        }
        ASSERT_EQ(sum, score) << "reasons are the whole of it";
        if (content >= 20) expected.emplace_back(-score, offer.title, offer.name);
      }
      std::sort(expected.begin(), expected.end());
      const size_t limit = 1 + draw(20);
      if (expected.size() > limit) expected.resize(limit);
      std::vector<std::tuple<int, std::string, std::string>> got;
      for (const Ranked& ranked : recommender.Top(need, limit)) {
        const Offer& offer = recommender.offers()[ranked.offer];
        got.emplace_back(-ranked.score, offer.title, offer.name);
      }
      ASSERT_EQ(got, expected);
    }
  }
}

TEST_F(RecommendRulesTest, NothingFromNothing) {
  EXPECT_THAT(Recommender(*weighing_, {}, kToday).Top(NeedOf({"海洋"}), 10), IsEmpty());
  const Recommender one(*weighing_, {OfferOf("p", {"海洋"})}, kToday);
  EXPECT_THAT(one.Top(Need(), 10), IsEmpty());
  EXPECT_THAT(one.Top(NeedOf({"海洋"}), 0), IsEmpty());
}

}  // namespace
}  // namespace chanyan::pairing
