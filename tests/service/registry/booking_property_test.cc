// No two bookings of one instrument overlap, whatever comes at once (REG-4): many threads that
// book, move, approve, decline and cancel at random on the real database, with conflicts and lost
// COMMITs thrown in; afterwards the table is looked at.
#include <gmock/gmock.h>

#include <atomic>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/registry/booking_life.h"
#include "services/registry/booking_rules.h"
#include "tests/service/registry/instrument_world.h"
#include "tests/support/seed.h"

namespace chanyan::registry {
namespace {

constexpr int kThreads = 8;
constexpr int kActs = 60;
constexpr int kInstruments = 2;
// Slots of fifteen minutes in three days of twelve hours: few enough that most requests collide.
constexpr int kSlotsOfDay = 48;

class BookingPropertyTest : public InstrumentWorld {
 protected:
  struct Outcomes {
    std::atomic<int> booked{0}, moved{0}, refused{0}, decided{0}, unknown{0};
  };

  // A time within one day's opening hours.
  static Interval Draw(std::mt19937& random) {
    const absl::Time morning = InChina(4, 3 + static_cast<int>(random() % 3), 8);
    const int first = static_cast<int>(random() % kSlotsOfDay);
    const int length = 1 + static_cast<int>(random() % 12);
    const int last = std::min(first + length, kSlotsOfDay);
    return {morning + absl::Minutes(15 * first), morning + absl::Minutes(15 * last)};
  }

  std::string Known(std::mt19937& random) {
    absl::MutexLock lock(&mutex_);
    return known_.empty() ? "" : known_[random() % known_.size()];
  }

  void Note(const absl::Status& status, std::atomic<int>* done, Outcomes* outcomes) {
    if (status.ok()) {
      ++*done;
    } else if (absl::IsUnavailable(status) || absl::IsAborted(status)) {
      ++outcomes->unknown;
    } else {
      ++outcomes->refused;
      EXPECT_TRUE(absl::IsAlreadyExists(status) || absl::IsFailedPrecondition(status) ||
                  absl::IsNotFound(status))
          << status;
    }
  }

  void Act(std::mt19937& random, const std::vector<std::string>& instruments, Outcomes* outcomes) {
    const int what = static_cast<int>(random() % 10);
    if (what < 5) {
      const Interval time = Draw(random);
      const auto made = Book(random() % 2 == 0 ? kE1 : kE2,
                             instruments[random() % instruments.size()], time.begin, time.end);
      Note(made.status(), &outcomes->booked, outcomes);
      if (!made.ok()) return;
      absl::MutexLock lock(&mutex_);
      known_.push_back(made->name());
      acknowledged_.insert(made->name());
      return;
    }
    const std::string name = Known(random);
    if (name.empty()) return;
    if (what < 8) {
      const Interval time = Draw(random);
      Note(Move(kOuc, name, time.begin, time.end).status(), &outcomes->moved, outcomes);
    } else {
      const char* verbs[] = {"approve", "decline", "cancel"};
      Note(DoAs(kOuc, verbs[random() % 3], name).status(), &outcomes->decided, outcomes);
    }
  }

  // Pairs of bookings that hold the same moment of one instrument.
  std::vector<std::string> Overlaps() {
    return Texts(
        "SELECT CONCAT(a.name, ' ', b.name) FROM booking AS a JOIN booking AS b"
        " ON a.instrument = b.instrument AND a.name < b.name"
        " AND a.start_time < b.end_time AND b.start_time < a.end_time"
        " WHERE a.state NOT IN ('DECLINED', 'CANCELLED')"
        " AND b.state NOT IN ('DECLINED', 'CANCELLED')");
  }

  absl::Mutex mutex_;
  std::vector<std::string> known_;
  std::set<std::string> acknowledged_;
};

TEST_F(BookingPropertyTest, WhateverComesAtOnceNoTwoBookingsOverlap) {
  const uint32_t seed = testing::Seed();
  std::vector<std::string> instruments;
  for (int i = 0; i < kInstruments; ++i) {
    instruments.push_back(Opened(absl::StrCat("A", i), [](v1::Instrument* row) {
                            row->mutable_terms()->set_notice_hours(0);
                          }).name());
  }
  database_.db().InjectFaults({.inject_retry_every = 17,
                               .inject_ambiguous_commit_every = 23,
                               .inject_ambiguous_nocommit_every = 29});
  Outcomes outcomes;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(seed + static_cast<unsigned>(i));
      for (int act = 0; act < kActs; ++act) Act(random, instruments, &outcomes);
    });
  }
  for (std::thread& thread : threads) thread.join();
  database_.db().InjectFaults({});
  std::cout << "booked " << outcomes.booked << ", moved " << outcomes.moved << ", decided "
            << outcomes.decided << ", refused " << outcomes.refused << ", unknown "
            << outcomes.unknown << "\n";

  EXPECT_THAT(Overlaps(), ::testing::IsEmpty());
  // The test says something only if much was booked and much was in the way.
  EXPECT_GT(outcomes.booked.load(), kThreads);
  EXPECT_GT(outcomes.refused.load(), kThreads);
  // What was acknowledged is there, with as many journal entries as it has versions.
  const auto stored = Texts("SELECT name FROM booking");
  EXPECT_THAT(stored, ::testing::IsSupersetOf(acknowledged_));
  EXPECT_THAT(Texts("SELECT name FROM booking WHERE version <> (SELECT COUNT(*) FROM journal"
                    " WHERE journal.resource = booking.name)"),
              ::testing::IsEmpty());
  // And nothing but bookings holds time: what is shown as free can be booked.
  auto request = Named<v1::QueryAvailabilityRequest>(instruments[0]);
  *request.mutable_start_time() = time::ToTimestamp(InChina(4, 3));
  *request.mutable_end_time() = time::ToTimestamp(InChina(4, 6));
  const auto free = service_.QueryAvailability(Of(kE1, "QueryAvailability"), request);
  ASSERT_TRUE(free.ok()) << free.status();
  for (const auto& one : free->free_times()) {
    Booked(kE1, instruments[0], time::ToTime(one.start_time()), time::ToTime(one.end_time()));
  }
  EXPECT_THAT(Overlaps(), ::testing::IsEmpty());
}

TEST_F(BookingPropertyTest, ManyForOneTimeGetItOnce) {
  const std::string instrument = Opened("A1").name();
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> got{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        // Each wants a little more than its neighbour, all of them the same half hour.
        const auto made =
            Book(i % 2 == 0 ? kE1 : kE2, instrument, InChina(4, 3 + round, 12) - absl::Minutes(i),
                 InChina(4, 3 + round, 12, 30) + absl::Minutes(i));
        got += made.ok();
        if (!made.ok()) {
          EXPECT_TRUE(absl::IsAlreadyExists(made.status()) || absl::IsAborted(made.status()))
              << made.status();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(got.load(), 1) << round;
  }
}

TEST_F(BookingPropertyTest, WhoComesWhileAnotherIsAboutToCommitWaitsAndSeesIt) {
  const std::string instrument = Opened("A1").name();
  // A booking that was given up, and that somebody is about to take back: its time is free until
  // then for everybody who does not wait.
  const std::string name = Booked(kE1, instrument, InChina(4, 3, 9), InChina(4, 3, 11)).name();
  ASSERT_TRUE(DoAs(kE1, "cancel", name).ok());
  const auto other = database_.Connect();
  ASSERT_TRUE(other->Run("START TRANSACTION").ok());
  ASSERT_TRUE(
      other->Execute("UPDATE diary SET changes = changes + 1 WHERE subject = ?", {instrument})
          .ok());
  ASSERT_TRUE(other->Execute("UPDATE booking SET state = 'APPROVED' WHERE name = ?", {name}).ok());
  absl::Status second;
  std::thread booking(
      [&] { second = Book(kE2, instrument, InChina(4, 3, 10), InChina(4, 3, 12)).status(); });
  const auto watcher = database_.Connect();
  while (true) {
    const auto waiting = watcher->Query(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE()"
        " AND INFO LIKE 'INSERT INTO diary%'",
        {});
    ASSERT_TRUE(waiting.ok()) << waiting.status();
    if (std::get<int64_t>(waiting->rows.at(0).at(0)) > 0) break;
    std::this_thread::yield();
  }
  ASSERT_TRUE(other->Run("COMMIT").ok());
  booking.join();
  EXPECT_EQ(second.code(), absl::StatusCode::kAlreadyExists) << second;
  EXPECT_THAT(Overlaps(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace chanyan::registry
