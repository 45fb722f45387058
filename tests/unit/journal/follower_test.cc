// Exactly once: the effect and the cursor are one transaction.
#include "common/journal/follower.h"

#include <functional>

#include "absl/synchronization/notification.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "gmock/gmock.h"
#include "tests/unit/journal/journal_fixture.h"

namespace chanyan::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FollowerTest : public JournalTest {
 protected:
  FollowerTest() {
    // Without a key on seq: a second application would show.
    database_.Apply("CREATE TABLE effect (id BIGINT AUTO_INCREMENT PRIMARY KEY, seq BIGINT)");
  }

  EntrySource Source(int most = 100) {
    return [this, most](int64_t after, int limit) {
      absl::StatusOr<std::vector<v1::Entry>> entries;
      const absl::Status read = db().Read([&](db::Session& session) {
        entries = SealedAfter(session, after, std::min(most, limit));
        return entries.status();
      });
      return read.ok() ? entries : read;
    };
  }

  std::unique_ptr<Follower> NewFollower(EntrySource source, Follower::Options options = {}) {
    options.name = "test<registry";
    return std::make_unique<Follower>(
        Follower::Deps{
            db(), clock_, log::Logger("test", log::Level::kError, devnull_), std::move(source),
            [this](db::Session& session, absl::Time, const v1::Entry& entry) {
              CHANYAN_RETURN_IF_ERROR(
                  session.Execute("INSERT INTO effect (seq) VALUES (?)", {entry.seq()}).status());
              return after_write_ == nullptr ? absl::OkStatus() : after_write_(entry);
            }},
        options);
  }

  void WriteSealed(int count) {
    for (int i = 0; i < count; ++i) Write(absl::StrCat("o", i));
    SealAll();
  }

  std::vector<int64_t> Effects() {
    std::vector<int64_t> seqs;
    const auto found = database_.Connect()->Query("SELECT seq FROM effect ORDER BY id", {});
    for (const db::Values& row : found->rows) {
      seqs.push_back(std::get<int64_t>(row[0]));
    }
    return seqs;
  }
  int64_t Cursor() { return Number("SELECT COALESCE(MAX(seq), 0) FROM `cursor`"); }

  time::SystemClock clock_;
  // An error is what these tests make; their log lines say nothing.
  const int devnull_ = fileno(std::fopen("/dev/null", "w"));
  std::function<absl::Status(const v1::Entry&)> after_write_;
};

TEST_F(FollowerTest, AnEffectThatFailsAfterItsWriteLeavesNothingAndComesAgain) {
  WriteSealed(3);
  // Each round together and then alone.
  int failures = 4;
  after_write_ = [&](const v1::Entry& entry) {
    return entry.seq() == 2 && failures-- > 0 ? absl::InternalError("broken") : absl::OkStatus();
  };
  auto follower = NewFollower(Source());
  EXPECT_FALSE(follower->FollowOnce().ok());
  EXPECT_THAT(Effects(), ElementsAre(1));
  EXPECT_EQ(Cursor(), 1);
  EXPECT_FALSE(follower->FollowOnce().ok());
  EXPECT_EQ(follower->FollowOnce().value(), 2);
  EXPECT_THAT(Effects(), ElementsAre(1, 2, 3));
  EXPECT_EQ(Cursor(), 3);
}

TEST_F(FollowerTest, WhatIsReadTogetherIsCommittedTogether) {
  WriteSealed(5);
  db().InjectFaults({});
  auto follower = NewFollower(Source());
  const int64_t before = db().stats().transactions;
  EXPECT_EQ(follower->FollowOnce().value(), 5);
  // One reads the cursor.
  EXPECT_EQ(db().stats().transactions - before, 2);
  EXPECT_THAT(Effects(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(Cursor(), 5);
}

TEST_F(FollowerTest, ALossAtCommitAppliesNothingTwiceAndSkipsNothing) {
  WriteSealed(12);
  for (const db::Faults& faults :
       {db::Faults{.inject_ambiguous_commit_every = 3},
        db::Faults{.inject_ambiguous_nocommit_every = 3}, db::Faults{.inject_retry_every = 2}}) {
    database_.Apply("DELETE FROM effect; DELETE FROM `cursor`");
    auto follower = NewFollower(Source());
    db().InjectFaults(faults);
    for (int round = 0; round < 60 && Cursor() < 12; ++round) {
      follower->FollowOnce().status().IgnoreError();
    }
    db().InjectFaults({});
    EXPECT_THAT(Effects(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM dead_letter"), 0);
  }
}

TEST_F(FollowerTest, TwoFollowersOfOneNameDoTheWorkOfOne) {
  WriteSealed(5);
  auto first = NewFollower(Source()), second = NewFollower(Source(2));
  EXPECT_EQ(second->FollowOnce().value(), 2);
  // The second read the same entries before the first moved the cursor.
  const auto stale = Source()(0, 2).value();
  EXPECT_EQ(first->FollowOnce().value(), 3);
  auto late = NewFollower([&](int64_t, int) { return stale; });
  EXPECT_FALSE(late->FollowOnce().ok());
  EXPECT_THAT(Effects(), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(FollowerTest, AnEntryThatAlwaysFailsIsParkedAndTheRestGoesOn) {
  WriteSealed(3);
  after_write_ = [](const v1::Entry& entry) {
    return entry.seq() == 2 ? absl::InvalidArgumentError("不认识的内容") : absl::OkStatus();
  };
  auto follower = NewFollower(Source());
  for (int attempt = 1; attempt < kMaxEntryAttempts; ++attempt) {
    EXPECT_FALSE(follower->FollowOnce().ok()) << attempt;
    EXPECT_EQ(Cursor(), 1);
  }
  EXPECT_EQ(follower->FollowOnce().value(), 2);
  EXPECT_THAT(Effects(), ElementsAre(1, 3));
  const db::Rows parked =
      *database_.Connect()->Query("SELECT seq, attempts, error, entry FROM dead_letter", {});
  ASSERT_EQ(parked.rows.size(), 1u);
  EXPECT_EQ(std::get<int64_t>(parked.rows[0][0]), 2);
  EXPECT_EQ(std::get<int64_t>(parked.rows[0][1]), kMaxEntryAttempts);
  EXPECT_EQ(std::get<std::string>(parked.rows[0][2]), "不认识的内容");
  v1::Entry entry;
  ASSERT_TRUE(entry.ParseFromString(std::get<std::string>(parked.rows[0][3])));
  EXPECT_EQ(entry.resource(), "organizations/o1");
}

TEST_F(FollowerTest, AfterALossAtParkingTheNextEntryHasAllItsAttempts) {
  WriteSealed(2);
  after_write_ = [](const v1::Entry&) { return absl::InvalidArgumentError("broken"); };
  auto follower = NewFollower(Source());
  for (int attempt = 1; attempt < kMaxEntryAttempts; ++attempt) {
    EXPECT_FALSE(follower->FollowOnce().ok());
  }
  // Of this round only the first transaction and the parking commit; the parking's answer is lost.
  db().InjectFaults({.inject_ambiguous_commit_every = 2});
  EXPECT_FALSE(follower->FollowOnce().ok());
  db().InjectFaults({});
  EXPECT_EQ(Cursor(), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM dead_letter"), 1);
  for (int attempt = 1; attempt < kMaxEntryAttempts; ++attempt) {
    EXPECT_FALSE(follower->FollowOnce().ok()) << attempt;
  }
  EXPECT_EQ(Cursor(), 1);
  EXPECT_EQ(follower->FollowOnce().value(), 1);
}

TEST_F(FollowerTest, WhatPassesByItselfIsNeverParked) {
  WriteSealed(1);
  after_write_ = [](const v1::Entry&) { return absl::UnavailableError("later"); };
  auto follower = NewFollower(Source());
  for (int i = 0; i < 3 * kMaxEntryAttempts; ++i) EXPECT_FALSE(follower->FollowOnce().ok());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM dead_letter"), 0);
  after_write_ = nullptr;
  EXPECT_EQ(follower->FollowOnce().value(), 1);
}

TEST_F(FollowerTest, ASourceWithAGapIsRefused) {
  WriteSealed(4);
  const std::vector<v1::Entry> all = Sealed();
  auto follower = NewFollower([&](int64_t after, int) -> absl::StatusOr<std::vector<v1::Entry>> {
    return std::vector<v1::Entry>{all[0], all[2], all[3]};
  });
  EXPECT_EQ(follower->FollowOnce().status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Effects(), IsEmpty()) << "nothing of such a page is believed";
}

TEST_F(FollowerTest, ASourceThatIsAwayChangesNothing) {
  WriteSealed(1);
  auto follower = NewFollower([](int64_t, int) -> absl::StatusOr<std::vector<v1::Entry>> {
    return absl::UnavailableError("peer away");
  });
  EXPECT_EQ(follower->FollowOnce().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Cursor(), 0);
}

TEST_F(FollowerTest, TheThreadFollowsAllPagesWhenRungAndGivesTheLeaseUp) {
  WriteSealed(7);
  absl::Notification seventh;
  after_write_ = [&](const v1::Entry& entry) {
    if (entry.seq() == 7 && !seventh.HasBeenNotified()) seventh.Notify();
    return absl::OkStatus();
  };
  // A page is shorter than asked for, as with great resources.
  auto follower = NewFollower(Source(2), {.poll = absl::Hours(1)});
  follower->Start();
  follower->Ring();
  seventh.WaitForNotification();
  follower->Stop();
  EXPECT_THAT(Effects(), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  db::Lease next(db(), "follower:test<registry", db::NewLeaseOwner(), absl::Seconds(10));
  EXPECT_TRUE(next.Acquire().ok());
}

}  // namespace
}  // namespace chanyan::journal
