#include "tools/demo/draw.h"

#include <array>

#include "gtest/gtest.h"

namespace chanyan::demo {
namespace {

TEST(DrawTest, SameSeedPurposeAndNumbersGiveTheSameBitsOnEveryMachine) {
  // Golden: a change here would make another city of every seed.
  EXPECT_EQ(Draw(1, "company").Bits(7, 3), 11964956136765302276u);
}

TEST(DrawTest, SeedPurposeAndNumbersAreKeptApart) {
  const uint64_t base = Draw(1, "company").Bits(1, 2);
  EXPECT_NE(base, Draw(2, "company").Bits(1, 2));
  EXPECT_NE(base, Draw(1, "name").Bits(1, 2));
  EXPECT_NE(base, Draw(1, "company").Bits(2, 1));
  EXPECT_NE(base, Draw(1, "company").Bits(1, 3));
}

TEST(DrawTest, BelowReachesEveryValueAboutEquallyOften) {
  constexpr int kDraws = 60'000;
  const Draw draw(5, "dice");
  std::array<int, 6> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts[draw.Below(6, i)];
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 6, kDraws / 100);
}

TEST(DrawTest, ChanceOfNoneAndOfAll) {
  const Draw draw(5, "chance");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(draw.Chance(0, i));
    EXPECT_TRUE(draw.Chance(100, i));
  }
}

}  // namespace
}  // namespace chanyan::demo
