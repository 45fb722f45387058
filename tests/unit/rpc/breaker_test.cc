#include "common/rpc/breaker.h"

#include "gtest/gtest.h"

namespace chanyan::rpc {
namespace {

using Result = Breaker::Result;
using State = Breaker::State;

class ManualClock final : public time::Clock {
 public:
  absl::Time Now() const override { return now_; }
  void Advance(absl::Duration by) { now_ += by; }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

class BreakerTest : public ::testing::Test {
 protected:
  void Calls(int count, Result result) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(breaker_.Allow());
      breaker_.Record(result);
    }
  }

  ManualClock clock_;
  Breaker breaker_{clock_};
};

TEST_F(BreakerTest, OpensAtHalfOfTwentyFailures) {
  Calls(10, Result::kAnswered);
  Calls(9, Result::kFailed);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  Calls(1, Result::kFailed);
  EXPECT_EQ(breaker_.state(), State::kOpen);
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(BreakerTest, OpensAfterFiveCallsInARowThatCouldNotConnect) {
  Calls(4, Result::kNotConnected);
  Calls(1, Result::kAnswered);
  Calls(4, Result::kNotConnected);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  Calls(1, Result::kNotConnected);
  EXPECT_EQ(breaker_.state(), State::kOpen);
}

TEST_F(BreakerTest, ForgetsWhatIsOlderThanItsWindow) {
  Calls(9, Result::kFailed);
  clock_.Advance(absl::Seconds(kBreakerWindowSeconds + 1));
  Calls(11, Result::kAnswered);
  Calls(8, Result::kFailed);
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(BreakerTest, LetsAFewProbesThroughAndClosesAtTheFirstAnswer) {
  Calls(5, Result::kNotConnected);
  clock_.Advance(kBreakerOpenFor - absl::Milliseconds(1));
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(absl::Milliseconds(1));
  for (int i = 0; i < kBreakerProbes; ++i) EXPECT_TRUE(breaker_.Allow());
  EXPECT_FALSE(breaker_.Allow());
  breaker_.Record(Result::kAnswered);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  Calls(4, Result::kNotConnected);
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(BreakerTest, ProbeThatFailsOpensItAgain) {
  Calls(5, Result::kNotConnected);
  clock_.Advance(kBreakerOpenFor);
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Record(Result::kFailed);
  EXPECT_EQ(breaker_.state(), State::kOpen);
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(kBreakerOpenFor);
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(BreakerTest, ProbeThatSaysNothingGivesItsPlaceBack) {
  Calls(5, Result::kNotConnected);
  clock_.Advance(kBreakerOpenFor);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(breaker_.Allow());
    breaker_.Record(Result::kUnknown);
  }
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
}

TEST(RetryBudgetTest, RepeatsAreATenthOfSuccesses) {
  RetryBudget budget;
  int taken = 0;
  while (budget.Take()) ++taken;
  EXPECT_EQ(taken, 10);
  for (int i = 0; i < 9; ++i) budget.Succeeded();
  EXPECT_FALSE(budget.Take());
  for (int i = 0; i < 2; ++i) budget.Succeeded();
  EXPECT_TRUE(budget.Take());
  EXPECT_FALSE(budget.Take());
}

}  // namespace
}  // namespace chanyan::rpc
