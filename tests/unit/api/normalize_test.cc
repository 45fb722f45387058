// Folding of text: what people write differently and mean the same.
#include "common/api/normalize.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

using ::testing::ElementsAre;

std::string Folded(absl::string_view text) { return ToUtf8(Normalize(text).text); }

TEST(NormalizeTest, TablesAreThere) { EXPECT_TRUE(CheckTables().ok()) << CheckTables(); }

TEST(NormalizeTest, WidthCaseAndTraditionalCharactersAreFolded) {
  const struct {
    const char* text;
    const char* folded;
  } kCases[] = {
      {"", ""},
      {"海洋装备", "海洋装备"},
      {"海洋裝備", "海洋装备"},
      {"機器人與雲計算", "机器人与云计算"},
      {"ＡＢＣ１２３", "abc123"},
      {"GB/T 4754", "gb/t 4754"},
      {"ﾃｽﾄ", "テスト"},
      {"①㈱㎡", "1(株)m2"},
      {"ＣＯ２（二氧化碳）", "co2(二氧化碳)"},
      {"Straße İ", "strasse i̇"},
      // Composed and not.
      {"caf\u00E9", "café"},
      {"cafe\u0301", "café"},
      // Invisible: zero width space, soft hyphen, byte order mark.
      {"海\u200B洋\u00AD装\uFEFF备", "海洋装备"},
      {"豈更", "岂更"},
      {"\U00020000", "\U00020000"},
  };
  for (const auto& [text, folded] : kCases) EXPECT_EQ(Folded(text), folded) << text;
}

TEST(NormalizeTest, WhatIsNoUtf8BelongsToNoWord) {
  EXPECT_EQ(Folded("海\xFF洋"), "海\uFFFD洋");
  EXPECT_EQ(Folded("\xE6\xB5"), "\uFFFD");
  EXPECT_EQ(Folded(absl::string_view("a\0b", 3)), absl::string_view("a\0b", 3));
}

TEST(NormalizeTest, EveryCharacterKnowsWhereItComesFrom) {
  // ㎡ becomes two, e and its accent one, the zero width space none.
  const Normalized folded = Normalize("5㎡e\u0301\u200B海");
  EXPECT_EQ(ToUtf8(folded.text), "5m2é海");
  EXPECT_THAT(folded.begin, ElementsAre(0, 1, 1, 2, 5));
  EXPECT_EQ(folded.end[0], 1u);
  EXPECT_EQ(folded.end[1], 2u);
  EXPECT_EQ(folded.end[2], 2u);
  EXPECT_EQ(folded.end[4], 6u);
}

TEST(NormalizeTest, APartOfATextIsFoldedAsItIsWithinTheText) {
  std::mt19937 random(20250401);
  // 乾坤 and 乾燥: by phrases 乾 would be two characters.
  const std::u32string alphabet = U"乾坤燥隆後台臺海洋装備机機器";
  for (int round = 0; round < 500; ++round) {
    std::u32string text;
    for (int i = 0; i < 12; ++i) text += alphabet[random() % alphabet.size()];
    const size_t begin = random() % 10, length = 1 + random() % 3;
    const std::u32string whole = Normalize(ToUtf8(text)).text;
    EXPECT_EQ(Normalize(ToUtf8(text.substr(begin, length))).text, whole.substr(begin, length));
    // What is folded stays as it is.
    EXPECT_EQ(Normalize(ToUtf8(whole)).text, whole);
  }
}

TEST(TextKeyTest, WidthCaseAndTraditionalCharactersAreFoldedAndSignsAreGone) {
  EXPECT_EQ(TextKey("ＡＩ與機器人（一期）"), TextKey("ai与机器人 一期"));
  EXPECT_EQ(TextKey("海水淡化《装置》"), TextKey("海水淡化装置"));
  EXPECT_NE(TextKey("海水淡化装置"), TextKey("海水淡化方法"));
  EXPECT_EQ(TextKey("——"), "");
  std::string longer;
  for (int i = 0; i < 200; ++i) longer += "海";
  EXPECT_LE(TextKey(longer).size(), 255u);
  EXPECT_EQ(TextKey(longer).size() % 3, 0u);
}

}  // namespace
}  // namespace chanyan::api
