// The board that is matched on (TRI-9): who asks while it is read, and what is done when it cannot
// be.
#include <atomic>
#include <future>
#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "tests/service/triage/match_world.h"

namespace chanyan::triage {
namespace {

using registry::v1::Platform;

class CatalogueTest : public MatchTest {
 protected:
  CatalogueTest() : weights_(*MatchWeights::Make(*pack)) {}

  const std::unique_ptr<const MatchWeights> weights_;
};

TEST_F(CatalogueTest, WhoAsksWhileTheJobReadsGetsTheBoardThatThereIs) {
  std::atomic<bool> hold = false;
  absl::Notification reading, go_on;
  PlatformSource source = PlatformsHere();
  source.version = [&]() -> absl::StatusOr<std::string> {
    if (hold.exchange(false)) {
      reading.Notify();
      go_on.WaitForNotification();
    }
    return "1";
  };
  MatchCatalogue catalogue(*weights_, database.db(), source);
  const auto first = catalogue.Board();
  ASSERT_TRUE(first.ok()) << first.status();
  hold = true;
  std::future<absl::Status> job = std::async(std::launch::async, [&] {
    // It rests for a while when the look before took long.
    absl::Status looked = catalogue.Refresh();
    while (!reading.HasBeenNotified()) {
      absl::SleepFor(absl::Milliseconds(20));
      looked = catalogue.Refresh();
    }
    return looked;
  });
  reading.WaitForNotification();
  auto asked = std::async(std::launch::async, [&] { return catalogue.Board(); });
  EXPECT_EQ(asked.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  go_on.Notify();
  EXPECT_TRUE(job.get().ok());
  const auto second = asked.get();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(*second, *first);
}

TEST_F(CatalogueTest, ABoardThatCannotBeBroughtUpToDateIsBetterThanNone) {
  bool broken = true;
  PlatformSource source = PlatformsHere();
  source.version = [&]() -> absl::StatusOr<std::string> {
    if (broken) return absl::InternalError("broken");
    return "1";
  };
  MatchCatalogue catalogue(*weights_, database.db(), source);
  EXPECT_EQ(catalogue.Board().status().code(), absl::StatusCode::kInternal);
  broken = false;
  const auto first = catalogue.Board();
  ASSERT_TRUE(first.ok()) << first.status();
  broken = true;
  const auto second = catalogue.Board();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(*second, *first);
}

TEST_F(CatalogueTest, TheJobRestsAfterALookThatFoundNothing) {
  std::string version = "1";
  PlatformSource source = PlatformsHere();
  source.version = [&]() -> absl::StatusOr<std::string> {
    ++looks_;
    return version;
  };
  // One that takes long to make.
  const absl::Duration kMaking = 2 * MatchCatalogue::kAtOnce;
  source.each = [&](absl::FunctionRef<void(const Platform&)>) {
    absl::SleepFor(kMaking);
    return absl::OkStatus();
  };
  MatchCatalogue catalogue(*weights_, database.db(), source);
  ASSERT_TRUE(catalogue.Refresh().ok());
  EXPECT_EQ(looks_, 1);
  ASSERT_TRUE(catalogue.Refresh().ok());
  EXPECT_EQ(looks_, 1);
  // Its time has come: it looks once, finds nothing, and rests again.
  const absl::Time until = absl::Now() + absl::Seconds(60);
  while (looks_ == 1 && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(20));
    ASSERT_TRUE(catalogue.Refresh().ok());
  }
  EXPECT_EQ(looks_, 2);
  ASSERT_TRUE(catalogue.Refresh().ok());
  EXPECT_EQ(looks_, 2);
}

}  // namespace
}  // namespace chanyan::triage
