// What is kept of an answer: all of it, or what is not repeated of one that is too long.
#include "common/operation/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "chanyan/cycle/v1/cycle.pb.h"

namespace chanyan::operation {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

cycle::v1::Leaderboard BoardOf(int entries) {
  cycle::v1::Leaderboard version;
  version.set_name("cycles/2025q2/leaderboards/v1");
  cycle::v1::Board* board = version.add_boards();
  board->set_title("企业榜");
  for (int i = 0; i < entries; ++i) {
    board->add_entries()->set_title(std::string(100, 'x'));
  }
  return version;
}

TEST(OperationResultTest, WhatIsTooLongIsKeptWithoutItsListsAndStillNamesWhatItIs) {
  const std::string kept = ResultOf(BoardOf(20'000));
  EXPECT_LE(kept.size(), kLongestResult);
  EXPECT_THAT(kept, HasSubstr("cycles/2025q2/leaderboards/v1"));
  EXPECT_THAT(kept, Not(HasSubstr("企业榜")));
}

TEST(OperationResultTest, WhatIsShortIsKeptWhole) {
  const std::string kept = ResultOf(BoardOf(2));
  EXPECT_THAT(kept, HasSubstr("cycles/2025q2/leaderboards/v1"));
  EXPECT_THAT(kept, HasSubstr("企业榜"));
}

}  // namespace
}  // namespace chanyan::operation
