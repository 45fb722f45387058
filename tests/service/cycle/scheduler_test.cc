// The running quarter is opened once, whoever loses the lease, whatever becomes of the COMMIT's
// answer and whatever a clock says (CYC-2).
#include "services/cycle/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {
namespace {

using ::testing::HasSubstr;

// A clock that is wrong by so much.
class WrongClock final : public time::Clock {
 public:
  explicit WrongClock(absl::Duration by) : by_(by) {}
  absl::Time Now() const override { return absl::Now() + by_; }

 private:
  const absl::Duration by_;
};

class SchedulerTest : public ::testing::Test {
 protected:
  using Before = std::function<void(const db::Lease&)>;
  // `before` runs when the replica is about to open; what it answered last is in `last_`.
  std::unique_ptr<Scheduler> Replica(const time::Clock& clock, Before before = nullptr) {
    return std::make_unique<Scheduler>(Scheduler::Deps{
        world_.database.db(), clock, log::Logger("cycle", log::Level::kError), metrics_,
        [this, before = std::move(before)](const db::Lease& lease, absl::Time deadline) {
          if (before != nullptr) before(lease);
          const absl::Status status = world_.service->OpenRunningQuarter(lease, deadline);
          if (status.ok()) ++opened_;
          return status;
        }});
  }
  // What an opening leaves: all of it or nothing.
  void Opened(int times) {
    EXPECT_EQ(world_.Count("cycle WHERE name = 'cycles/2026q1' AND rehearsal = 0"), times);
    EXPECT_EQ(world_.Count("journal WHERE kind = 'opened'"), times);
    EXPECT_EQ(world_.Count("form"), 2 * times);
    EXPECT_EQ(world_.Count("form_row"), 2 * times);
    EXPECT_EQ(world_.Count("row_birth"), 2 * times);
    EXPECT_EQ(world_.Count("journal WHERE kind = 'born'"), 2 * times);
  }
  // Another replica takes the lease over: the token grows, the owner is another.
  void Steal() {
    world_.database.Apply(
        "UPDATE lease SET owner = 'another', token = token + 1, "
        "expires_at = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND WHERE name = 'cycle-scheduler'");
  }
  void LeaveToOthers() {
    world_.database.Apply(
        "UPDATE lease SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND "
        "WHERE name = 'cycle-scheduler'");
  }

  World world_;
  metrics::Registry metrics_;
  const time::SystemClock wall_;
  std::atomic<int> opened_ = 0;
};

TEST_F(SchedulerTest, WhoHasLostTheLeaseOpensNothing) {
  const auto late = Replica(wall_, [this](const db::Lease&) { Steal(); });
  EXPECT_TRUE(absl::IsFailedPrecondition(late->Tick()));
  Opened(0);
  // It goes on while the other holds it, and opens nothing either.
  EXPECT_TRUE(late->Tick().ok()) << "another replica is at work";
  Opened(0);
  LeaveToOthers();
  const auto next = Replica(wall_);
  ASSERT_TRUE(next->Tick().ok());
  Opened(1);
  EXPECT_EQ(opened_, 1);
}

TEST_F(SchedulerTest, ACommitWhoseAnswerIsLostIsFoundAndNotRepeated) {
  const auto replica = Replica(wall_, [this](const db::Lease&) {
    world_.database.db().InjectFaults({.inject_ambiguous_commit_every = 1});
  });
  const absl::Status lost = replica->Tick();
  world_.database.db().InjectFaults({});
  EXPECT_TRUE(lost.ok()) << "what was committed is what was wanted: " << lost;
  Opened(1);
  EXPECT_TRUE(replica->Tick().ok());
  Opened(1);
}

TEST_F(SchedulerTest, ACommitThatIsLostIsDoneAgain) {
  const auto replica = Replica(wall_);
  ASSERT_TRUE(replica->Tick().ok());
  Opened(1);
  world_.clock.now = absl::FromCivil(absl::CivilSecond(2026, 4, 1, 9), time::Shanghai());
  world_.database.db().InjectFaults({.inject_ambiguous_nocommit_every = 3});
  for (int i = 0; i < 5; ++i) (void)replica->Tick();
  world_.database.db().InjectFaults({});
  ASSERT_TRUE(replica->Tick().ok());
  EXPECT_EQ(world_.Count("cycle"), 2);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'opened'"), 2);
  EXPECT_EQ(world_.Count("form WHERE name LIKE 'cycles/2026q2/%'"), 2);
  EXPECT_EQ(world_.Count("form_row WHERE name LIKE 'cycles/2026q2/%'"), 2);
}

TEST_F(SchedulerTest, ManyReplicasUnderFaultsAndStolenLeasesOpenOnce) {
  world_.database.db().InjectFaults({.inject_retry_every = 3,
                                     .inject_ambiguous_commit_every = 5,
                                     .inject_ambiguous_nocommit_every = 7});
  std::atomic<int> steals = 0;
  std::vector<std::unique_ptr<Scheduler>> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.push_back(Replica(wall_, [&](const db::Lease&) {
      if (++steals % 2 == 1) LeaveToOthers();
    }));
  }
  std::vector<std::thread> threads;
  for (auto& replica : replicas) {
    threads.emplace_back([&replica] {
      for (int i = 0; i < 6; ++i) (void)replica->Tick();
    });
  }
  for (std::thread& thread : threads) thread.join();
  world_.database.db().InjectFaults({});
  LeaveToOthers();
  EXPECT_TRUE(replicas.front()->Tick().ok());
  Opened(1);
}

TEST_F(SchedulerTest, AClockThatIsAQuarterAheadOrBehindOpensNothing) {
  for (const absl::Duration by : {absl::Hours(24 * 100), -absl::Hours(24 * 100)}) {
    const WrongClock clock(by);
    const auto wrong = Replica(clock);
    const absl::Status refused = wrong->Tick();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("请校准时钟"));
    Opened(0);
    LeaveToOthers();
  }
  // One that is right opens, whatever the others say meanwhile.
  const WrongClock ahead(absl::Hours(24 * 100));
  const auto wrong = Replica(ahead);
  const auto right = Replica(wall_);
  ASSERT_FALSE(wrong->Tick().ok());
  LeaveToOthers();
  ASSERT_TRUE(right->Tick().ok());
  Opened(1);
}

}  // namespace
}  // namespace chanyan::cycle
