// What an earlier run made is found by what it is.
#include "tools/demo/again.h"

#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/util/json_util.h"

namespace chanyan::demo {
namespace {

google::protobuf::Struct Json(const std::string& text) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &parsed).ok()) << text;
  return parsed;
}

TEST(AgainTest, AllTextsAsAskedAreTheSameThing) {
  const auto item = Json(
      R"({"name":"demands/a","title":"膜","keywords":["甲","乙"],"kind":"X","validUntil":{"year":2025}})");
  EXPECT_TRUE(IsWhatWasAsked(Json(R"({"title":"膜"})"), item));
  EXPECT_TRUE(IsWhatWasAsked(
      Json(R"({"title":"膜","keywords":["甲","乙"],"validUntil":{"year":2026}})"), item));
}

TEST(AgainTest, OneOtherTextIsAnotherThing) {
  const auto item = Json(R"({"title":"膜","keywords":["甲","乙"]})");
  for (const char* other :
       {R"({"title":"膜二"})", R"({"title":"膜","keywords":["甲"]})",
        R"({"title":"膜","keywords":["乙","甲"]})", R"({"title":"膜","content":"电话"})"}) {
    EXPECT_FALSE(IsWhatWasAsked(Json(other), item)) << other;
  }
}

// A booking is of the time that was free then.
TEST(AgainTest, ATimeIsOfTheRunThatAsked) {
  EXPECT_TRUE(IsWhatWasAsked(Json(R"({"subject":"测试","startTime":"2025-06-03T01:00:00Z"})"),
                             Json(R"({"subject":"测试","startTime":"2025-06-03T03:00:00.5Z"})")));
  EXPECT_FALSE(IsWhatWasAsked(Json(R"({"startTime":"2025-06-03T01:00:00Z"})"),
                              Json(R"({"startTime":"2025-06-03T01:00:00Z"})")));
}

TEST(AgainTest, WithoutATextNothingIsFound) {
  EXPECT_FALSE(IsWhatWasAsked(Json("{}"), Json(R"({"title":"膜"})")));
  EXPECT_FALSE(IsWhatWasAsked(Json(R"({"day":{"year":2025},"amount":3})"),
                              Json(R"({"day":{"year":2025},"amount":3})")));
}

}  // namespace
}  // namespace chanyan::demo
