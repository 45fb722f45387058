#include "common/sheet/text.h"

#include "gtest/gtest.h"

namespace chanyan::sheet {
namespace {

TEST(TextTest, MalformedUtf8IsFound) {
  for (absl::string_view bad :
       {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xBD", "a\x80"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << testing::PrintToString(std::string(bad));
  }
  EXPECT_TRUE(IsValidUtf8("产研 ✓ 𠮷"));
  EXPECT_TRUE(IsValidUtf8("产\xE7\xA0", /*may_be_cut=*/true));
}

TEST(TextTest, LabelsCompareAsPeopleWriteThem) {
  EXPECT_EQ(LabelKey("单位\n名称 *"), LabelKey("单位　名称"));
  EXPECT_EQ(LabelKey("金额（万元）"), LabelKey("金额(万元)"));
  EXPECT_EQ(LabelKey("ＩＤ"), "id");
}

TEST(TextTest, WidthIsFolded) { EXPECT_EQ(FoldWidth("１，２３４　＝产"), "1,234 =产"); }

TEST(TextTest, BlanksOfEveryKindGo) {
  EXPECT_EQ(TrimBlanks("\u3000\u00a0 产 研\t\n\ufeff"), "产 研");
}

TEST(TextTest, EscapesSurviveTheRoundTrip) {
  for (absl::string_view text : {absl::string_view("a_x000D_b"), absl::string_view("\r\n\x01"),
                                 absl::string_view("_x005F_"), absl::string_view("_x12_ _")}) {
    std::string xml;
    AppendXmlText(xml, text);
    EXPECT_EQ(DecodeEscapes(xml), text);
  }
}

TEST(TextTest, WhatXmlCannotCarryIsReplaced) {
  std::string xml;
  AppendXmlText(xml, "<a>&\xFF");
  EXPECT_EQ(xml, "&lt;a&gt;&amp;\xEF\xBF\xBD");
}

}  // namespace
}  // namespace chanyan::sheet
