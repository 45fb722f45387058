// All replicas go by the database's time, whatever their own clocks say (CYC-2, CYC-9).
#include "services/cycle/database_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kLive[] = "cycles/2026q1";

absl::Time January(int day, int hour, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, 1, day, hour, minute, second), time::Shanghai());
}

CycleDeps DepsWith(World& world, const time::Clock& clock) {
  return {{world.database.db(), clock, nullptr}, *world.pack, world.fakes.peers()};
}

// A process on a machine whose clock is wrong by so much. The world's clock is the database's.
class ClockedReplica {
 public:
  ClockedReplica(World& world, absl::Duration wrong)
      : world_(world),
        wrong_(wrong),
        clock_([&world]() -> absl::StatusOr<absl::Time> { return world.clock.now; }, own_),
        notifier_(DepsWith(world, clock_)),
        service_(CycleService::Deps{
            {world.database.db(), clock_, nullptr}, *world.pack, world.fakes.peers()}) {}

  // One look, as its jobs take it.
  void Look() {
    Wake();
    LookBy(notifier_);
  }
  // The same without asking the database what time it is.
  void LookByItsOwnClock() {
    Wake();
    Notifier alone(DepsWith(world_, own_));
    LookBy(alone);
  }
  CycleService& service() {
    Wake();
    return service_;
  }

 private:
  void Wake() {
    own_.now = world_.clock.now + wrong_;
    const absl::Status aligned = clock_.Align();
    EXPECT_TRUE(aligned.ok()) << aligned;
  }
  void LookBy(Notifier& notifier) {
    db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
    ASSERT_TRUE(lease.Acquire().ok());
    const absl::Status done = notifier.Run(lease);
    EXPECT_TRUE(done.ok()) << done;
    ASSERT_TRUE(lease.Release().ok());
  }

  World& world_;
  const absl::Duration wrong_;
  FakeClock own_;
  DatabaseClock clock_;
  Notifier notifier_;
  CycleService service_;
};

class DatabaseClockTest : public ::testing::Test {
 protected:
  DatabaseClockTest() {
    world_.clock.now = January(4, 8);
    world_.SignUp("ouc-office", kOuc, {ROLE_RESEARCH_OFFICE});
    world_.SignUp("upc-office", kUpc, {ROLE_RESEARCH_OFFICE});
    const auto opened = world_.OpenLive(kLive);
    EXPECT_TRUE(opened.ok()) << opened.status();
  }
  std::vector<std::string> Fired() {
    return testing::Texts(world_.database.db(),
                          "SELECT SUBSTR(name, 25) FROM reminder ORDER BY schedule_time, name");
  }
  // Both universities have until the end of 8 January.
  absl::Status Report(CycleService& service) {
    v1::ImportFormRequest request;
    request.set_name(absl::StrCat(kLive, "/forms/ouc"));
    request.mutable_file()->set_data(World::Sheet({World::Ongoing(kOucLab, 0)}));
    request.set_request_id(World::Uuid());
    return service.ImportForm(world_.CallOf("ImportForm", ROLE_RESEARCH_OFFICE, kOuc), request)
        .status();
  }
  absl::Status Distribute(CycleService& service) {
    v1::DistributeFormsRequest request;
    request.set_name(kLive);
    request.set_request_id(World::Uuid());
    return service
        .DistributeForms(world_.CallOf("DistributeForms", ROLE_SECRETARIAT, kSecretariat), request)
        .status();
  }

  World world_;
};

TEST_F(DatabaseClockTest, AReplicaThatIsThreeHoursAheadRemindsNobodyEarlyAndNobodyTwice) {
  ClockedReplica ahead(world_, absl::Hours(3));
  ClockedReplica right(world_, absl::ZeroDuration());
  world_.clock.now = January(6, 8, 59, 59);
  ahead.Look();
  right.Look();
  EXPECT_THAT(Fired(), IsEmpty()) << "people are reminded from nine on";
  world_.clock.now = January(6, 9);
  ahead.Look();
  right.Look();
  ahead.Look();
  EXPECT_THAT(Fired(), ElementsAre("1-before-2026010609"));
  EXPECT_EQ(world_.Count("notification"), 2);
  // The day of the deadline, at six: by its own clock it would be told of what is due at nine.
  world_.clock.now = January(8, 6);
  right.Look();
  ahead.Look();
  EXPECT_THAT(Fired(), ElementsAre("1-before-2026010609"));
  ahead.LookByItsOwnClock();
  EXPECT_THAT(Fired(), ElementsAre("1-before-2026010609", "1-before-2026010809"))
      << "this is what would be";
}

TEST_F(DatabaseClockTest, AReplicaThatIsBehindKeepsNobodyWaiting) {
  ClockedReplica behind(world_, -absl::Hours(3));
  world_.clock.now = January(6, 9);
  behind.Look();
  EXPECT_THAT(Fired(), ElementsAre("1-before-2026010609"));
}

TEST_F(DatabaseClockTest, StepsEndAndBeginForAllReplicasInTheSameSecond) {
  ClockedReplica ahead(world_, absl::Hours(3));
  ClockedReplica behind(world_, -absl::Hours(3));
  world_.clock.now = January(8, 23, 59, 59);
  EXPECT_EQ(status::ReasonOf(Distribute(ahead.service())), ERROR_REASON_WINDOW_CLOSED)
      << "the second step has not begun";
  const absl::Status in_time = Report(ahead.service());
  EXPECT_TRUE(in_time.ok()) << in_time;
  world_.clock.now += absl::Seconds(1);
  EXPECT_EQ(status::ReasonOf(Report(behind.service())), ERROR_REASON_WINDOW_CLOSED)
      << "the first is over";
  EXPECT_NE(status::ReasonOf(Distribute(behind.service())), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(DatabaseClockTest, ARehearsalGoesByTheClockThatItWasGiven) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 7)).ok());
  ClockedReplica ahead(world_, absl::Hours(24 * 30));
  v1::GetCycleRequest request;
  request.set_name(kCycle);
  const auto call = world_.CallOf("GetCycle", ROLE_SECRETARIAT, kSecretariat);
  const auto shown = ahead.service().GetCycle(call, request);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->steps(0).state(), v1::STEP_STATE_OPEN);
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  EXPECT_EQ(ahead.service().GetCycle(call, request)->steps(0).state(), v1::STEP_STATE_CLOSED);
}

TEST_F(DatabaseClockTest, BetweenTwoLooksTimeGoesOnByTheTicks) {
  FakeClock ticks;
  absl::StatusOr<absl::Time> its = January(6, 9);
  DatabaseClock clock([&its] { return its; }, ticks);
  ASSERT_TRUE(clock.Align().ok());
  ticks.now += absl::Seconds(7);
  EXPECT_EQ(clock.Now(), January(6, 9, 0, 7));
  // It does not answer: what was known stays.
  its = absl::UnavailableError("away");
  EXPECT_FALSE(clock.Align().ok());
  EXPECT_EQ(clock.Now(), January(6, 9, 0, 7));
  // An answer that took longer sets nothing back, a clock that was set does.
  its = January(6, 9, 0, 7) - absl::Milliseconds(20);
  ASSERT_TRUE(clock.Align().ok());
  EXPECT_EQ(clock.Now(), January(6, 9, 0, 7));
  its = January(6, 8);
  ASSERT_TRUE(clock.Align().ok());
  EXPECT_EQ(clock.Now(), January(6, 8));
  its = January(6, 8) + absl::Milliseconds(20);
  ASSERT_TRUE(clock.Align().ok());
  EXPECT_EQ(clock.Now(), January(6, 8) + absl::Milliseconds(20));
}

TEST_F(DatabaseClockTest, TheDatabaseIsAskedInUtc) {
  const absl::Time before = absl::Now();
  const absl::StatusOr<absl::Time> its = DatabaseTime(world_.database.db());
  ASSERT_TRUE(its.ok()) << its.status();
  EXPECT_LT(absl::AbsDuration(*its - before), absl::Minutes(1)) << "it is on this machine";
  const SteadyClock ticks;
  const absl::Time first = ticks.Now();
  EXPECT_LE(first, ticks.Now());
}

}  // namespace
}  // namespace chanyan::cycle
