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

}  // namespace
}  // namespace chanyan::rpc
