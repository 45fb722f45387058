// What comes in of W3C's Trace Context, and what goes on.
#include "common/rpc/trace.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::rpc {
namespace {

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kSpan[] = "b7ad6b7169203331";

std::string Incoming(const std::string& version, const std::string& rest = "") {
  return absl::StrCat(version, "-", kTrace, "-", kSpan, "-01", rest);
}

TEST(TraceTest, GoesOnWithASpanOfItsOwn) {
  const std::string next = ContinueTrace(Incoming("00"));
  EXPECT_EQ(TraceId(next), kTrace);
  EXPECT_THAT(next, testing::MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
  EXPECT_THAT(next, testing::Not(testing::HasSubstr(kSpan)));
}

TEST(TraceTest, AVersionToComeIsReadAsOurs) {
  for (const char* rest : {"", "-", "-what.comes"}) {
    const std::string next = ContinueTrace(Incoming("01", rest));
    EXPECT_EQ(TraceId(next), kTrace) << rest;
    EXPECT_THAT(next, testing::MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01")) << rest;
  }
}

TEST(TraceTest, WhatIsNoneBeginsATraceOfItsOwn) {
  const std::string zeros(32, '0');
  for (const std::string& wrong :
       {std::string(), Incoming("ff"), Incoming("0A"), Incoming("00", "-more"),
        Incoming("01", "more"), Incoming("00").substr(0, 54),
        absl::StrCat("00-", zeros, "-", kSpan, "-01"),
        absl::StrCat("00-", kTrace, "-", zeros.substr(0, 16), "-01"),
        absl::StrCat("00-", kTrace, "_", kSpan, "-01"),
        absl::StrCat("00-", kTrace, "-", kSpan, "-zz")}) {
    const std::string next = ContinueTrace(wrong);
    EXPECT_NE(TraceId(next), kTrace) << wrong;
    EXPECT_THAT(next, testing::MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-00")) << wrong;
  }
}

}  // namespace
}  // namespace chanyan::rpc
