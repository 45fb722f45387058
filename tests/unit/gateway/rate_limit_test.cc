// How many requests a caller may make (RELIABILITY 3).
#include "services/gateway/rate_limit.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace chanyan::gateway {
namespace {

constexpr absl::Time kNoon = absl::FromUnixSeconds(1'743'469'200);

// Requests that pass at once, of at most `tries`.
int Passed(RateLimiter& limiter, int tries, auto address, auto credential) {
  int passed = 0;
  for (int i = 0; i < tries; ++i) {
    passed += limiter.Take(address(i), credential(i), kNoon) == absl::ZeroDuration() ? 1 : 0;
  }
  return passed;
}

const RateLimits kLimits{.address_per_second = 10,
                         .address_burst = 20,
                         .credential_per_second = 2,
                         .credential_burst = 5};
const auto kNobody = [](int) { return ""; };

TEST(RateLimiterTest, AnAddressHasItsBurstAndThenItsRate) {
  RateLimiter limiter(kLimits);
  const auto one = [](int) { return "10.0.0.1"; };
  EXPECT_EQ(Passed(limiter, 100, one, kNobody), 20);
  EXPECT_EQ(limiter.Take("10.0.0.1", "", kNoon), absl::Milliseconds(100));
  EXPECT_EQ(limiter.Take("10.0.0.2", "", kNoon), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take("10.0.0.1", "", kNoon + absl::Milliseconds(100)), absl::ZeroDuration());
  EXPECT_NE(limiter.Take("10.0.0.1", "", kNoon + absl::Milliseconds(100)), absl::ZeroDuration());
  EXPECT_NE(limiter.Take("::ffff:10.0.0.1", "", kNoon), absl::ZeroDuration()) << "the same one";
}

TEST(RateLimiterTest, WhoHasANetworkOfIpv6HasOneBucketForAllOfIt) {
  RateLimiter limiter(kLimits);
  EXPECT_EQ(Passed(
                limiter, 100, [](int i) { return absl::StrCat("2001:db8:0:1::", i); }, kNobody),
            20);
  EXPECT_EQ(Passed(
                limiter, 30, [](int i) { return absl::StrCat("2001:db8:0:2::", i); }, kNobody),
            20)
      << "the neighbour's are another";
}

TEST(RateLimiterTest, ACredentialHasItsOwnWhereverItComesFrom) {
  RateLimiter limiter(kLimits);
  const auto anywhere = [](int i) { return absl::StrCat("10.0.1.", i); };
  EXPECT_EQ(Passed(limiter, 100, anywhere, [](int) { return "Bearer a"; }), 5);
  EXPECT_EQ(Passed(limiter, 100, anywhere, [](int i) { return absl::StrCat("Bearer ", i); }), 100);
}

}  // namespace
}  // namespace chanyan::gateway
