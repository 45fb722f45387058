#include "common/api/json_scan.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

TEST(JsonScanTest, WhatIsNotStrictJsonIsRefused) {
  using std::string_literals::operator""s;
  const std::vector<std::string> corpus = {
      "",
      " ",
      "{",
      "}",
      "[",
      "]",
      "{]",
      "[1,]",
      "[,1]",
      "[1 2]",
      "{\"a\":1,}",
      "{\"a\" 1}",
      "{\"a\":}",
      "{,}",
      "{a:1}",
      "{'a':1}",
      "{\"a\":'b'}",
      "{\"a\":1}x",
      "{}{}",
      "{} //",
      "/**/{}",
      "\xef\xbb\xbf{}",
      "{\"a\":1,\"a\":2}",
      "{\"a\":1,\"\\u0061\":2}",
      "{\"a\":+1}",
      "{\"a\":01}",
      "{\"a\":-01}",
      "{\"a\":.5}",
      "{\"a\":1.}",
      "{\"a\":1e}",
      "{\"a\":1e+}",
      "{\"a\":0x1}",
      "{\"a\":NaN}",
      "{\"a\":Infinity}",
      "{\"a\":-}",
      "{\"a\":--1}",
      "{\"a\":True}",
      "{\"a\":nul}",
      "{\"a\":undefined}",
      "{\"a\":\"\n\"}",
      "{\"a\":\"\t\"}",
      "{\"a\":\"\0\"}"s,
      "{\"a\":\"\\u0000\"}",
      "{\"\\u0000\":1}",
      "{\"a\":\"\\x41\"}",
      "{\"a\":\"\\u12\"}",
      "{\"a\":\"\\u12g4\"}",
      "{\"a\":\"\\ud800\"}",
      "{\"a\":\"\\ud800\\u0041\"}",
      "{\"a\":\"\\udc00\"}",
      "{\"a\":\"\\",
      "{\"a\":\"x",
      "{\"a\":\"\\u",
      "{\"a\":\"\xff\"}",
      "{\"a\":\"\xed\xa0\x80\"}",
      "{\"a\":\"\xc0\xaf\"}",
      "\0{}"s,
      "{}\0"s,
      "{\"a\":1\f}",
      absl::StrCat("[", std::string(70, '1'), "]"),
  };
  for (const std::string& text : corpus) {
    const auto fault = ScanJson(text);
    ASSERT_TRUE(fault.has_value()) << text;
    EXPECT_FALSE(fault->message.empty()) << text;
    EXPECT_LE(fault->offset, text.size()) << text;
  }
}

TEST(JsonScanTest, DepthElementsAndBytesAreBounded) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_FALSE(ScanJson(nested(kMaxJsonDepth)));
  EXPECT_TRUE(ScanJson(nested(kMaxJsonDepth + 1)));
  const auto flat = [](size_t items) {
    std::string text = "[0";
    for (size_t i = 1; i < items; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_FALSE(ScanJson(flat(kMaxJsonElements - 1)));
  EXPECT_TRUE(ScanJson(flat(kMaxJsonElements)));
  EXPECT_TRUE(ScanJson(absl::StrCat("\"", std::string(kMaxJsonBytes, 'a'), "\"")));
}

TEST(JsonScanTest, AMegabyteOfBracketsOrKeysTakesNoTime) {
  const absl::Time start = absl::Now();
  EXPECT_TRUE(ScanJson(std::string(kMaxJsonBytes, '[')));
  std::string keys = "{";
  for (int i = 0; i < 4900; ++i) absl::StrAppend(&keys, i == 0 ? "" : ",", "\"k", i, "\":0");
  EXPECT_FALSE(ScanJson(keys + "}"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
}

TEST(JsonScanTest, TheFaultIsPointedAt) {
  const auto fault = ScanJson("{\"a\": 1, \"a\": 2}");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->offset, 9u);
  EXPECT_EQ(fault->message, "字段名重复");
}

TEST(JsonScanTest, StrictJsonPasses) {
  for (const char* text :
       {"{}", "[]", " null ", "-0", "0", "1e5", "1.5E-3", "\"\"",
        "{\"a\":{\"a\":1},\"b\":[true,false]}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u4ea7\"",
        "\"\\ud83d\\ude00\"", "\"产研\"", "\"\x7f\""}) {
    EXPECT_FALSE(ScanJson(text)) << text;
  }
}

TEST(JsonScanTest, EscapesAreUndone) {
  EXPECT_EQ(UnescapeJson("a\\n\\\"\\u4ea7\\ud83d\\ude00\\/"), "a\n\"产\xf0\x9f\x98\x80/");
}

}  // namespace
}  // namespace chanyan::api
