// The cut into words, also against Xapian's own n-grams.
#include "common/search/terms.h"

#include <xapian.h>
#include <algorithm>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/search/doc_set.h"
#include "common/search/highlight.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Words(absl::string_view text, Cut cut = Cut::kAll) {
  std::vector<std::string> words;
  for (const Term& term : CutTerms(api::Normalize(text).text, cut)) words.push_back(term.text);
  return words;
}

TEST(TermsTest, ChineseIsCutIntoCharactersAndPairs) {
  EXPECT_THAT(Words("海洋装备"), ElementsAre("海", "海洋", "洋", "洋装", "装", "装备", "备"));
  EXPECT_THAT(Words("5G通信"), ElementsAre("5g", "通", "通信", "信"));
  EXPECT_THAT(Words("海，洋"), ElementsAre("海", "洋"));
  EXPECT_THAT(Words("GB/T 4754-2017"), ElementsAre("gb", "t", "4754", "2017"));
  EXPECT_THAT(Words(""), IsEmpty());
  EXPECT_THAT(Words("——！？（）\n\t \"'*:^~"), IsEmpty());
}

TEST(TermsTest, TheLongestArePairsAndWhatStandsAlone) {
  EXPECT_THAT(Words("海洋装备", Cut::kLongest), ElementsAre("海洋", "洋装", "装备"));
  EXPECT_THAT(Words("海 洋装 5G", Cut::kLongest), ElementsAre("海", "洋装", "5g"));
}

TEST(TermsTest, ALongWordCountsByItsBeginningAndStaysUtf8) {
  const std::string word(200, 'a');
  EXPECT_EQ(Words(word), std::vector<std::string>{std::string(kMaxTermBytes, 'a')});
  std::string accented;
  for (int i = 0; i < 60; ++i) accented += "é";
  EXPECT_EQ(Words(accented).at(0).size(), kMaxTermBytes);
  accented = absl::StrCat("x", accented);
  EXPECT_EQ(Words(accented).at(0).size(), kMaxTermBytes - 1) << "no half of a character";
}

TEST(TermsTest, PlacesAreThoseOfTheFoldedText) {
  const std::u32string text = api::Normalize("在海洋").text;
  for (const Term& term : CutTerms(text, Cut::kAll)) {
    EXPECT_EQ(term.text,
              api::ToUtf8(std::u32string_view(text).substr(term.begin, term.end - term.begin)));
  }
}

TEST(TermsTest, HanIsCutAsXapianCutsIt) {
  std::mt19937 random(20250402);
  int compared = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (int i = 0; i < 30; ++i) {
      const auto c = static_cast<char32_t>(0x4E00 + random() % 0x5000);
      if (random() % 7 == 0) {
        text += "，";
      } else {
        api::AppendUtf8(c, &text);
      }
    }
    const std::u32string normal = api::Normalize(text).text;
    // Of the newest planes, to which some simplified characters belong, Xapian knows nothing.
    if (std::any_of(normal.begin(), normal.end(), [](char32_t c) { return c > 0xFFFF; })) continue;
    ++compared;
    const std::string folded = api::ToUtf8(normal);
    Xapian::Document document;
    Xapian::TermGenerator generator;
    generator.set_flags(Xapian::TermGenerator::FLAG_CJK_NGRAM);
    generator.set_document(document);
    generator.index_text(folded);
    std::set<std::string> theirs;
    for (auto at = document.termlist_begin(); at != document.termlist_end(); ++at) {
      theirs.insert(*at);
    }
    const std::vector<std::string> ours = Words(text);
    EXPECT_EQ(std::set<std::string>(ours.begin(), ours.end()), theirs) << text;
  }
  EXPECT_GT(compared, 100);
}

TEST(HighlightTest, AQueryIsItsWordsEachOnce) {
  EXPECT_THAT(QueryTerms("海洋 海洋装備"), ElementsAre("海洋", "洋装", "装备"));
  std::string many;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&many, "w", i, " ");
  EXPECT_EQ(QueryTerms(many).size(), kMaxQueryTerms);
}

TEST(HighlightTest, MarksAreCharactersOfTheOriginal) {
  const Snippet snippet = MakeSnippet("㎡的海洋裝備，海洋", {"海洋", "洋装", "装备"}, 100);
  EXPECT_EQ(snippet.text, "㎡的海洋裝備，海洋");
  EXPECT_THAT(snippet.marks, ElementsAre(Mark{2, 6}, Mark{7, 9}));
  EXPECT_THAT(MakeSnippet("没有", {"海洋"}, 100).marks, IsEmpty());
}

TEST(HighlightTest, ALongTextIsShownWhereMostIsMarked) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "前";
  text += "海洋";
  for (int i = 0; i < 100; ++i) text += "中";
  text += "海洋装备腐蚀";
  for (int i = 0; i < 100; ++i) text += "后";
  const Snippet snippet = MakeSnippet(text, {"海洋", "装备", "腐蚀"}, 30);
  const std::u32string shown = api::FromUtf8(snippet.text);
  EXPECT_EQ(shown.size(), 32u) << "thirty and two signs of what is left out";
  EXPECT_EQ(shown.front(), U'…');
  EXPECT_EQ(shown.back(), U'…');
  ASSERT_EQ(snippet.marks.size(), 1u);
  EXPECT_EQ(api::ToUtf8(shown.substr(snippet.marks[0].begin,
                                     snippet.marks[0].end - snippet.marks[0].begin)),
            "海洋装备腐蚀");
}

TEST(DocSetTest, SetsOfUnequalLengthAreCombinedAsSets) {
  std::mt19937 random(20250403);
  for (int round = 0; round < 200; ++round) {
    const uint32_t last = 1 + random() % 400;
    DocSet a(random() % 400), b(random() % 400);
    std::set<uint32_t> in_a, in_b;
    for (int i = 0; i < 60; ++i) {
      const uint32_t doc = 1 + random() % last;
      (random() % 2 == 0 ? a : b).Add(doc);
      (a.Has(doc) ? in_a : in_b).insert(doc);
      if (b.Has(doc)) in_b.insert(doc);
    }
    std::set<uint32_t> both, either = in_a;
    for (const uint32_t doc : in_b) {
      either.insert(doc);
      if (in_a.count(doc) > 0) both.insert(doc);
    }
    const auto listed = [](const DocSet& set) {
      std::set<uint32_t> docs;
      for (uint32_t doc = set.NextFrom(1); doc != 0; doc = set.NextFrom(doc + 1)) docs.insert(doc);
      return docs;
    };
    EXPECT_EQ(DocSet::CountBoth(a, b), both.size());
    DocSet meet = a, join = a;
    meet &= b;
    join |= b;
    EXPECT_EQ(listed(meet), both);
    EXPECT_EQ(listed(join), either);
    EXPECT_EQ(join.Count(), either.size());
    EXPECT_EQ(meet.Empty(), both.empty());
  }
}

}  // namespace
}  // namespace chanyan::search
