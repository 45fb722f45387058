#include "common/rpc/trace.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace chanyan::rpc {
namespace {

constexpr char kGood[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceTest, MalformedTraceBeginsANewOne) {
  const std::string kCases[] = {
      "",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
      "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      "00-0af7651916cd43dd8448eb211c80319c\nb7ad6b7169203331-01",
      std::string(kGood) + "-extra",
  };
  for (const std::string& incoming : kCases) {
    const std::string trace = ContinueTrace(incoming);
    EXPECT_EQ(trace.size(), 55u) << incoming;
    EXPECT_NE(TraceId(trace), "0af7651916cd43dd8448eb211c80319c") << incoming;
    EXPECT_EQ(TraceId(ContinueTrace(trace)), TraceId(trace));
  }
}

TEST(TraceTest, GoodTraceGoesOnUnderANewSpan) {
  const std::string trace = ContinueTrace(kGood);
  EXPECT_EQ(TraceId(trace), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace.substr(52), "-01");
  EXPECT_NE(trace, kGood);
}

TEST(TraceTest, UuidsAreOfVersionFourAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = NewUuid();
    EXPECT_TRUE(IsUuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(TraceTest, WhatIsNoUuidIsSeen) {
  EXPECT_TRUE(IsUuid("0af76519-16cd-43dd-8448-eb211c80319c"));
  EXPECT_FALSE(IsUuid("0af7651916cd43dd8448eb211c80319c"));
  EXPECT_FALSE(IsUuid("0af76519-16cd-43dd-8448-eb211c80319g"));
  EXPECT_FALSE(IsUuid("0af76519-16cd-43dd-8448-eb211c80319c "));
}

}  // namespace
}  // namespace chanyan::rpc
