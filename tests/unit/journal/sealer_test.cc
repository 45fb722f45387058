// Order without gaps, whatever the order of commits and whoever thinks he is the sealer.
#include "common/journal/sealer.h"

#include <atomic>
#include <set>
#include <thread>

#include "absl/synchronization/notification.h"
#include "common/db/migrate.h"
#include "gmock/gmock.h"
#include "tests/unit/journal/journal_fixture.h"

namespace chanyan::journal {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Resources(const std::vector<v1::Entry>& entries) {
  std::vector<std::string> names;
  for (const v1::Entry& entry : entries) names.push_back(entry.resource());
  return names;
}

void ExpectGapless(const std::vector<v1::Entry>& entries) {
  for (size_t i = 0; i < entries.size(); ++i) {
    ASSERT_EQ(entries[i].seq(), static_cast<int64_t>(i + 1));
  }
}

// A holds id 1 and has not committed when B, with id 2, is sealed.
TEST_F(JournalTest, AnEntryThatCommitsAfterALaterIdIsNotLost) {
  absl::Notification appended, sealed;
  std::thread slow([&] {
    const auto after = Organization("slow");
    const absl::Status written = db().Transact([&](db::Session& session) {
      absl::Status done = Append(session, now_, Anybody(), "created", nullptr, &after);
      // A question, so that the entry does not wait for the COMMIT.
      if (done.ok()) done = session.Query("SELECT 1").status();
      if (!appended.HasBeenNotified()) appended.Notify();
      sealed.WaitForNotification();
      return done;
    });
    EXPECT_TRUE(written.ok()) << written;
  });
  appended.WaitForNotification();
  Write("quick");
  SealAll();
  EXPECT_THAT(Resources(Sealed()), ElementsAre("organizations/quick"));
  sealed.Notify();
  slow.join();
  SealAll();
  EXPECT_THAT(Resources(Sealed()), ElementsAre("organizations/quick", "organizations/slow"));
  // By id it is the other way round: the case is the one that is meant.
  EXPECT_EQ(Number("SELECT seq FROM journal ORDER BY id LIMIT 1"), 2);
  EXPECT_FALSE(Verified().broken.has_value());
}

// A journal as it was before migration 0002, with entries of both kinds.
TEST_F(JournalTest, EntriesThatWereOpenBeforeOpenOnesHadAPlaceOfTheirOwnAreSealedBehindTheOthers) {
  for (const char* id : {"a", "b", "c"}) Write(id);
  SealAll();
  for (const char* id : {"d", "e"}) Write(id);
  database_.Apply(
      "ALTER TABLE journal MODIFY seq BIGINT UNSIGNED NULL DEFAULT NULL;"
      "UPDATE journal SET seq = NULL WHERE seq = 0;"
      "ALTER TABLE journal DROP KEY journal_seq, ADD UNIQUE KEY journal_seq (seq),"
      " ADD UNIQUE KEY journal_event (event_id)");
  Write("f");
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal WHERE seq IS NULL"), 3);

  const auto migrations =
      db::LoadMigrations({"journal", CHANYAN_SOURCE "/common/journal/migrations"});
  ASSERT_TRUE(migrations.ok()) << migrations.status();
  database_.Apply(migrations->at(1).sql);
  Write("g");
  SealAll();
  const std::vector<v1::Entry> all = Sealed();
  EXPECT_EQ(all.size(), 7U);
  ExpectGapless(all);
  const Verification found = Verified();
  EXPECT_FALSE(found.broken.has_value());
  EXPECT_EQ(found.unsealed, 0);
}

TEST_F(JournalTest, ConcurrentWritersAndTwoSealersLeaveNoGapAndNothingTwice) {
  constexpr int kWriters = 4;
  constexpr int kEach = 60;
  std::atomic<int> writing{kWriters};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < kEach; ++i) {
        const auto after = Organization(absl::StrCat("w", writer, "-", i));
        const absl::Status written = db().Transact([&](db::Session& session) {
          return Append(session, now_, Anybody(), "created", nullptr, &after);
        });
        EXPECT_TRUE(written.ok()) << written;
      }
      --writing;
    });
  }
  for (int sealer = 0; sealer < 2; ++sealer) {
    threads.emplace_back([&] {
      // So short that it changes hands all the time.
      db::Lease lease(db(), "sealer", db::NewLeaseOwner(), absl::Milliseconds(2));
      while (writing > 0) {
        if (lease.Acquire().ok()) SealOnce(db(), lease).status().IgnoreError();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (!lease_.Acquire().ok()) std::this_thread::yield();
  SealAll();
  const std::vector<v1::Entry> entries = Sealed();
  ASSERT_EQ(entries.size(), size_t{kWriters * kEach});
  ExpectGapless(entries);
  const std::vector<std::string> names = Resources(entries);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_FALSE(Verified().broken.has_value());
}

// As after SIGSTOP: the process wakes up and still believes in its lease.
TEST_F(JournalTest, ASealerThatSleptThroughItsLeaseWritesNothing) {
  ASSERT_TRUE(lease_.Acquire().ok());
  Write("a");
  database_.Apply("UPDATE lease SET expires_at = '2000-01-01'");
  db::Lease next(db(), "sealer", db::NewLeaseOwner(), absl::Seconds(60));
  ASSERT_TRUE(next.Acquire().ok());
  EXPECT_TRUE(lease_.Held());
  EXPECT_EQ(SealOnce(db(), lease_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Sealed().empty());
  EXPECT_EQ(SealOnce(db(), next).value(), 1);
}

TEST_F(JournalTest, ASealerWithoutALeaseWritesNothing) {
  Write("a");
  EXPECT_EQ(SealOnce(db(), lease_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Sealed().empty());
}

// Whether the lost COMMIT took place or not, the next round goes on from what is there.
TEST_F(JournalTest, ALossAtTheSealersCommitNeitherSkipsNorRepeats) {
  for (int i = 0; i < 5; ++i) Write(absl::StrCat("o", i));
  ASSERT_TRUE(lease_.Acquire().ok());
  db().InjectFaults({.inject_ambiguous_nocommit_every = 1});
  EXPECT_FALSE(SealOnce(db(), lease_).ok());
  EXPECT_TRUE(Sealed().empty());
  db().InjectFaults({.inject_ambiguous_commit_every = 1});
  EXPECT_FALSE(SealOnce(db(), lease_).ok());
  db().InjectFaults({});
  EXPECT_EQ(Sealed().size(), 5u);
  Write("last");
  SealAll();
  ExpectGapless(Sealed());
  EXPECT_FALSE(Verified().broken.has_value());
}

TEST_F(JournalTest, MoreThanABatchIsSealedInSeveral) {
  std::vector<registry::v1::Organization> all;
  for (int i = 0; i < kSealBatch + 3; ++i) all.push_back(Organization(absl::StrCat("o", i)));
  std::vector<Alteration> alterations;
  for (const auto& one : all) alterations.push_back({nullptr, &one});
  ASSERT_TRUE(db().Transact([&](db::Session& session) {
                    return AppendAll(session, now_, Anybody(), "created", alterations);
                  })
                  .ok());
  ASSERT_TRUE(lease_.Acquire().ok());
  EXPECT_EQ(SealOnce(db(), lease_).value(), kSealBatch);
  EXPECT_EQ(SealOnce(db(), lease_).value(), 3);
  EXPECT_EQ(SealOnce(db(), lease_).value(), 0);
  ExpectGapless(Sealed());
}

TEST_F(JournalTest, HistoryShowsAResourceAloneInOrderAndInPages) {
  Write("a", "一");
  Write("b");
  Write("a", "二");
  SealAll();
  Write("a", "三");  // Not sealed: shown all the same.
  ASSERT_TRUE(db().Read([&](db::Session& session) {
                    int64_t last = 0;
                    const auto first = HistoryOf(session, "organizations/a", 0, 2, &last);
                    EXPECT_EQ(first->size(), 2u);
                    EXPECT_EQ(first->at(0).seq(), 1);
                    EXPECT_EQ(first->at(1).seq(), 3);
                    const auto second = HistoryOf(session, "organizations/a", last, 2, &last);
                    EXPECT_EQ(second->size(), 1u);
                    EXPECT_EQ(second->at(0).seq(), 0);
                    EXPECT_EQ(second->at(0).hash(), "");
                    EXPECT_TRUE(HistoryOf(session, "organizations/none", 0, 2, &last)->empty());
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST_F(JournalTest, WhatWaitsForTheSealerIsCountedAndDated) {
  const auto look = [&](int64_t count, absl::Time oldest) {
    EXPECT_TRUE(db().Read([&](db::Session& session) {
                      EXPECT_EQ(UnsealedCount(session).value(), count);
                      EXPECT_EQ(OldestUnsealed(session).value(), oldest);
                      return absl::OkStatus();
                    })
                    .ok());
  };
  look(0, absl::InfiniteFuture());
  Write("a");
  Write("b");
  look(2, now_);
  SealAll();
  look(0, absl::InfiniteFuture());
}

TEST_F(JournalTest, TheSealersThreadSealsWhenRungAndWhatIsLeftAtTheEnd) {
  absl::Notification first;
  std::atomic<int> rounds{0};
  Sealer sealer(db(), log::Logger("test", log::Level::kError),
                {.poll = absl::Hours(1), .sealed = [&] {
                   if (++rounds == 1) first.Notify();
                 }});
  sealer.Start();
  Write("a");
  sealer.Ring();
  first.WaitForNotification();
  Write("b");
  sealer.Stop();
  EXPECT_EQ(Sealed().size(), 2u);
  // The lease was given up: the next replica need not wait.
  EXPECT_TRUE(lease_.Acquire().ok());
}

}  // namespace
}  // namespace chanyan::journal
