#include "common/time/pause.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace chanyan::time {
namespace {

constexpr absl::Duration kFirst = absl::Minutes(1);
constexpr absl::Duration kLongest = absl::Hours(1);

TEST(PauseTest, APauseGrowsWithEachFailureUpToTheLongest) {
  EXPECT_EQ(PauseAfter(1, kFirst, kLongest), kFirst);
  EXPECT_EQ(PauseAfter(2, kFirst, kLongest), 2 * kFirst);
  EXPECT_EQ(PauseAfter(3, kFirst, kLongest), 4 * kFirst);
  EXPECT_EQ(PauseAfter(60, kFirst, kLongest), kLongest);
  EXPECT_EQ(PauseAfter(int64_t{1} << 40, kFirst, kLongest), kLongest);
}

}  // namespace
}  // namespace chanyan::time
