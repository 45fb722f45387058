// Closure transactions beside each other, and what a loss at COMMIT means.
#include <atomic>
#include <thread>
#include <variant>
#include <vector>

#include "absl/time/clock.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/unit/db/transact_fixture.h"

namespace chanyan::db {
namespace {

TEST_F(TransactTest, RealDeadlocksAreRunAgainUntilBothAreDone) {
  std::atomic<int> inside{0};
  const auto crosswise = [&](const char* first, const char* second) {
    return db().Transact([&, first, second](Session& session) {
      CHANYAN_RETURN_IF_ERROR(Increment(session, first));
      // In the first run both hold their first row before either asks for its second.
      ++inside;
      const absl::Time until = absl::Now() + absl::Seconds(1);
      while (inside < 2 && absl::Now() < until) {
        std::this_thread::yield();
      }
      return Increment(session, second);
    });
  };
  absl::Status other;
  std::thread thread([&] { other = crosswise("b", "a"); });
  const absl::Status mine = crosswise("a", "b");
  thread.join();
  EXPECT_TRUE(mine.ok()) << mine;
  EXPECT_TRUE(other.ok()) << other;
  EXPECT_EQ(N("a"), 2);
  EXPECT_EQ(N("b"), 2);
  EXPECT_GE(db().stats().conflicts, 1);
}

// F4: plain read-modify-write, with no lock and no version, loses nothing.
TEST_F(TransactTest, ReadModifyWriteLosesNoUpdate) {
  constexpr int kThreads = 4, kRounds = 25;
  std::atomic<int> acknowledged{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        const absl::Status status = db().Transact([](Session& session) -> absl::Status {
          CHANYAN_ASSIGN_OR_RETURN(const Rows rows,
                                   session.Query("SELECT n FROM t WHERE id = 'a'"));
          const int64_t n = std::get<int64_t>(rows.rows.at(0).at(0));
          return session.Execute("UPDATE t SET n = ? WHERE id = 'a'", {n + 1}).status();
        });
        acknowledged += status.ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_GT(acknowledged, 0);
  EXPECT_EQ(N("a"), acknowledged);
}

// F1: the connection is gone at COMMIT, so nothing is there and nobody is told that it is.
TEST_F(TransactTest, ALossAtCommitIsNotAcknowledged) {
  EXPECT_EQ(db().Transact([&](Session& session) {
                  CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
                  Kill(session);
                  return absl::OkStatus();
                })
                .code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(N("a"), 0);
  EXPECT_EQ(db().stats().ambiguous, 1);
}

TEST_F(TransactTest, ALossAtCommitIsSettledAndRunAgainIfNothingIsThere) {
  int runs = 0, asked = 0;
  TransactOptions options;
  options.committed = [&](Session& session) -> absl::Status {
    ++asked;
    CHANYAN_ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT 1 FROM t WHERE id = 'new'"));
    return rows.rows.empty() ? absl::NotFoundError("") : absl::OkStatus();
  };
  const absl::Status status = db().Transact(options, [&](Session& session) {
    CHANYAN_RETURN_IF_ERROR(session.Execute("INSERT INTO t (id) VALUES ('new')").status());
    if (++runs == 1) {
      Kill(session);
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t WHERE id = 'new'"), 1);
}

TEST_F(TransactTest, AnAmbiguousCommitThatHappenedHasItsEffectOnce) {
  db().InjectFaults({.inject_ambiguous_commit_every = 1});
  EXPECT_EQ(db().Transact([&](Session& session) { return Increment(session, "a"); }).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(N("a"), 1);

  int runs = 0;
  TransactOptions options;
  options.committed = [](Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT n FROM t WHERE id = 'b'"));
    return std::get<int64_t>(rows.rows.at(0).at(0)) == 1 ? absl::OkStatus()
                                                         : absl::NotFoundError("");
  };
  EXPECT_TRUE(db().Transact(options,
                            [&](Session& session) {
                              ++runs;
                              return Increment(session, "b");
                            })
                  .ok());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(N("b"), 1);
}

TEST_F(TransactTest, AnAmbiguousCommitThatDidNotHappenIsRunAgain) {
  db().InjectFaults({.inject_ambiguous_nocommit_every = 2});
  TransactOptions options;
  options.committed = [](Session&) { return absl::NotFoundError(""); };
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(
        db().Transact(options, [&](Session& session) { return Increment(session, "a"); }).ok());
  }
  EXPECT_EQ(N("a"), 4);
}

TEST_F(TransactTest, WhenNobodyCanSayTheCallerIsToldSo) {
  db().InjectFaults({.inject_ambiguous_commit_every = 1});
  TransactOptions options;
  options.committed = [](Session& session) {
    return session.Query("SELECT no_such_column FROM t").status();
  };
  int runs = 0;
  EXPECT_EQ(db().Transact(options,
                          [&](Session& session) {
                            ++runs;
                            return Increment(session, "a");
                          })
                .code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(runs, 1);
}

TEST_F(TransactTest, InjectedConflictsRunAgain) {
  db().InjectFaults({.inject_retry_every = 2});
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(db().Transact([&](Session& session) { return Increment(session, "a"); }).ok());
  }
  EXPECT_EQ(N("a"), 6);
  db().InjectFaults({.inject_retry_every = 1});
  EXPECT_EQ(db().Transact([&](Session& session) { return Increment(session, "a"); }).code(),
            absl::StatusCode::kAborted);
  db().InjectFaults({});
  EXPECT_EQ(N("a"), 6);
}

}  // namespace
}  // namespace chanyan::db
