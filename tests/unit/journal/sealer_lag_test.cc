// How long entries have waited for the sealer, also such as tell of the past.
#include "common/journal/sealer_lag.h"

#include <gtest/gtest.h>

#include "tests/unit/journal/journal_fixture.h"

namespace chanyan::journal {
namespace {

class SealerLagTest : public JournalTest {
 protected:
  // Entries tell of a time that is `behind` the machine's.
  explicit SealerLagTest(absl::Duration behind = absl::ZeroDuration())
      : machine_(now_ + behind), lag_(machine_) {}

  // After so much time.
  absl::Duration LookAfter(absl::Duration passed) {
    machine_ += passed;
    absl::Duration waited = absl::InfiniteDuration();
    const absl::Status read = db().Read([&](db::Session& session) -> absl::Status {
      const auto seen = lag_.Look(session, machine_);
      if (seen.ok()) waited = *seen;
      return seen.status();
    });
    EXPECT_TRUE(read.ok()) << read;
    return waited;
  }

  absl::Time machine_;
  SealerLag lag_;
};

TEST_F(SealerLagTest, NothingThatWaitsHasWaited) {
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::ZeroDuration());
  Write("a");
  SealAll();
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::ZeroDuration());
}

TEST_F(SealerLagTest, AnEntryIsAsOldAsItSaysHoweverManyCameSince) {
  Write("a");
  EXPECT_EQ(LookAfter(absl::Seconds(3)), absl::Seconds(3));
  Write("b");
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::Seconds(8));
  EXPECT_EQ(LookAfter(absl::Hours(2)), absl::Hours(2) + absl::Seconds(8));
}

class SealerLagBehindTest : public SealerLagTest {
 protected:
  SealerLagBehindTest() : SealerLagTest(400 * absl::Hours(24)) {}
};

TEST_F(SealerLagBehindTest, AnEntryOfThePastHasWaitedSinceItWasWritten) {
  LookAfter(absl::Seconds(5));
  Write("a");
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::Seconds(5)) << "no more than since the last look";
  Write("b");
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::Seconds(10)) << "it waits on";
  SealAll();
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::ZeroDuration());
  Write("c");
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::Seconds(5));
}

TEST_F(SealerLagBehindTest, ASealerThatKeepsUpHalfwayIsLateByWhatItHasNotSealed) {
  LookAfter(absl::Seconds(5));
  // A batch, and some that follow in each period; a batch is sealed a look late.
  for (int i = 0; i < kSealBatch; ++i) Write("a");
  LookAfter(absl::Seconds(5));
  Write("b");
  LookAfter(absl::Seconds(5));
  Write("c");
  ASSERT_TRUE(lease_.Acquire().ok());
  ASSERT_EQ(SealOnce(db(), lease_).value(), kSealBatch);
  EXPECT_EQ(LookAfter(absl::Seconds(5)), absl::Seconds(10)) << "b, written after the look before";
}

TEST_F(SealerLagBehindTest, WhatIsThereAtTheStartCountsFromIt) {
  Write("a");
  EXPECT_EQ(LookAfter(absl::Seconds(2)), absl::Seconds(2));
}

}  // namespace
}  // namespace chanyan::journal
