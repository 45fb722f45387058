#include "common/sheet/text.h"

#include "gtest/gtest.h"

namespace chanyan::sheet {
namespace {

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
