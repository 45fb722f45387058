// What a job cannot change waits longer and longer, and keeps no other from its turn (OPS-5).
#include "services/registry/held_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "common/status/status.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HeldBackTest, EachFailureWaitsTwiceAsLongUpToAnHour) {
  HeldBack held;
  absl::Time now = absl::UnixEpoch();
  EXPECT_THAT(held.At(now), IsEmpty());
  for (const int minutes : {2, 4, 8, 16, 32, 60, 60}) {
    held.Failed("a", now);
    EXPECT_THAT(held.At(now + absl::Minutes(minutes) - absl::Nanoseconds(1)), ElementsAre("a"));
    now += absl::Minutes(minutes);
    EXPECT_THAT(held.At(now), IsEmpty()) << minutes;
  }
}

TEST(HeldBackTest, WhatIsDoneOrNoLongerDueStartsAnew) {
  HeldBack held;
  const absl::Time now = absl::UnixEpoch();
  held.Failed("b", now);
  held.Failed("a", now);
  EXPECT_THAT(held.At(now), ElementsAre("a", "b"));
  held.Failed("a", now);
  held.Done("a");
  held.Done("never");
  EXPECT_THAT(held.At(now), ElementsAre("b"));
  held.Failed("a", now);
  EXPECT_THAT(held.At(now + absl::Minutes(2)), IsEmpty());
  // Nobody tried it again for an hour: what it was has passed.
  const absl::Time later = now + absl::Minutes(63);
  EXPECT_THAT(held.At(later), IsEmpty());
  held.Failed("a", later);
  EXPECT_THAT(held.At(later + absl::Minutes(2)), IsEmpty());
}

TEST(HeldBackTest, WhatIsAboutAllIsNotTheRowsFault) {
  EXPECT_TRUE(IsAboutAll(absl::UnavailableError("")));
  EXPECT_TRUE(IsAboutAll(absl::AbortedError("")));
  EXPECT_TRUE(IsAboutAll(absl::DeadlineExceededError("")));
  // As a lease says that it is another's (db::Lease::Fence).
  EXPECT_TRUE(IsAboutAll(
      status::FailedPrecondition(options::v1::ERROR_REASON_CONFLICT, "正由另一进程执行")));
  EXPECT_FALSE(IsAboutAll(status::WrongState("不行")));
  EXPECT_FALSE(IsAboutAll(absl::OkStatus()));
  EXPECT_FALSE(IsAboutAll(absl::InternalError("")));
  EXPECT_FALSE(IsAboutAll(absl::NotFoundError("")));
}

}  // namespace
}  // namespace chanyan::registry
