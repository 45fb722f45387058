// What comes in of W3C's Trace Context, and what goes on.
#include "common/rpc/trace.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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
    EXPECT_EQ(ContinueTracestate(wrong, "a=1"), "") << wrong;
  }
}

// `count` members of `bytes` each.
std::string Members(size_t count, size_t bytes) {
  return absl::StrJoin(std::vector<std::string>(count, "a=" + std::string(bytes - 2, 'x')), ",");
}

TEST(TraceTest, WhatOthersKeepBesideItGoesOnAsItCame) {
  const std::string longest = absl::StrCat("a=", std::string(256, 'x'));
  for (const std::string& state :
       {std::string("rojo=00f067aa0ba902b7"), std::string("a=1,b=2"), std::string("a=1 ,  b=2 "),
        std::string("a=1,,b=2,"), std::string("fw529a3039@dt=FfffffffF8"), std::string("0-_*/@=1"),
        std::string("a= two words"), std::string("a=1,a=2"), longest, Members(32, 10),
        Members(2, 255) + ","}) {
    EXPECT_EQ(ContinueTracestate(Incoming("00"), state), state);
    EXPECT_EQ(ContinueTracestate(Incoming("01", "-more"), state), state);
  }
  EXPECT_EQ(ContinueTracestate(Incoming("00"), "a=1\t,\tb=2"), "a=1 , b=2");
}

TEST(TraceTest, WhatIsNoTracestateOrTooLongIsLeftOut) {
  for (const std::string& state : {std::string(),
                                   std::string("a"),
                                   std::string("a="),
                                   std::string("=1"),
                                   std::string("a= "),
                                   std::string("a=1,b"),
                                   std::string("A=1"),
                                   std::string("_a=1"),
                                   std::string("@a=1"),
                                   std::string("a b=1"),
                                   std::string("a =1"),
                                   std::string("a=b=c"),
                                   std::string("a=\x7f"),
                                   std::string("a=\xe4\xba\xa7"),
                                   std::string("a=1\r\nb: 2"),
                                   std::string("a=\0b", 4),
                                   std::string("a=1\t2"),
                                   std::string(257, 'a') + "=1",
                                   absl::StrCat("a=", std::string(257, 'x')),
                                   Members(33, 3),
                                   std::string(33, ','),
                                   Members(2, 255) + ",,"}) {
    EXPECT_EQ(ContinueTracestate(Incoming("00"), state), "") << state;
  }
}

TEST(TraceTest, LinesOfATracestateAreOneList) {
  std::string state;
  JoinTracestate("a=1,b=2", &state);
  JoinTracestate("c=3", &state);
  EXPECT_EQ(state, "a=1,b=2,c=3");
}

}  // namespace
}  // namespace chanyan::rpc
