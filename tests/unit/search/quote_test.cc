// What texts have in common, as it is quoted.
#include "common/search/quote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace chanyan::search {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// As many phrases as weights are given, of two characters each.
PlacedText TextOfPairs(size_t count) {
  PlacedText text;
  for (size_t i = 0; i < count; ++i) {
    text.characters.push_back("第");
    text.characters.push_back(absl::StrCat(i));
  }
  return text;
}
std::vector<Phrase> Weighing(const std::vector<uint64_t>& weights) {
  std::vector<Phrase> phrases;
  for (uint32_t i = 0; i < weights.size(); ++i) {
    phrases.push_back({2 * i, 2 * i + 2, weights[i]});
  }
  return phrases;
}
int Sum(const std::vector<Quote>& quotes) {
  int sum = 0;
  for (const Quote& quote : quotes) sum += quote.points;
  return sum;
}

TEST(QuoteTest, WhatBringsMostComesFirstAndPointsAddUp) {
  const auto quotes = QuotePhrases(TextOfPairs(3), Weighing({1000, 5000, 1000}), 70);
  ASSERT_THAT(quotes, SizeIs(3));
  EXPECT_EQ(quotes[0].text, "都提到“第1”");
  EXPECT_EQ(quotes[0].points, 50);
  EXPECT_EQ(quotes[1].text, "都提到“第0”");
  EXPECT_EQ(quotes[2].text, "都提到“第2”");
  EXPECT_EQ(Sum(quotes), 70);
}

TEST(QuoteTest, BeyondTheMostThatAreQuotedTheRestIsOne) {
  const auto quotes = QuotePhrases(TextOfPairs(11), Weighing(std::vector<uint64_t>(11, 1000)), 110);
  ASSERT_THAT(quotes, SizeIs(kMaxQuoted + 1));
  EXPECT_EQ(quotes.back().text, "另有 3 处共同用语");
  EXPECT_EQ(quotes.back().points, 30);
  EXPECT_EQ(Sum(quotes), 110);
}

TEST(QuoteTest, WithoutPhrasesOrPointsNothingIsQuoted) {
  EXPECT_THAT(QuotePhrases(TextOfPairs(0), {}, 70), IsEmpty());
  EXPECT_THAT(QuotePhrases(TextOfPairs(1), Weighing({1000}), 0), IsEmpty());
  // One that gets no point of the few that there are.
  EXPECT_THAT(QuotePhrases(TextOfPairs(2), Weighing({1000, 1}), 1), SizeIs(1));
}

}  // namespace
}  // namespace chanyan::search
