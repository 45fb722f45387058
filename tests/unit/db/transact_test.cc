// Closure transactions: what is run again, what is not, and what a loss at COMMIT means.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/db/errors.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

constexpr char kTables[] = R"(
  CREATE TABLE t (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
                  n BIGINT NOT NULL DEFAULT 0, CONSTRAINT not_negative CHECK (n >= 0));
  CREATE TABLE child (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
                      CONSTRAINT parent FOREIGN KEY (id) REFERENCES t (id));
  INSERT INTO t (id) VALUES ('a'), ('b');
)";
// Fails with the error number it is asked for, as a query and as a change.
constexpr char kRaise[] =
    "CREATE FUNCTION raise(number INT) RETURNS INT BEGIN "
    "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = number; RETURN 0; END";

class TransactTest : public ::testing::Test {
 protected:
  TransactTest() {
    database_.Apply(kTables);
    EXPECT_TRUE(database_.Connect()->Run(kRaise).ok());
  }

  Database& db() { return database_.db(); }

  int64_t Number(const std::string& sql) {
    return std::get<int64_t>(database_.Connect()->Query(sql, {})->rows.at(0).at(0));
  }
  int64_t N(const std::string& id) {
    return Number(absl::StrCat("SELECT n FROM t WHERE id = '", id, "'"));
  }

  static absl::Status Increment(Session& session, const std::string& id) {
    return session.Execute("UPDATE t SET n = n + 1 WHERE id = ?", {id}).status();
  }

  // Ends the connection that the session works on.
  void Kill(Session& session) {
    const auto id = session.Query("SELECT CONNECTION_ID()");
    ASSERT_TRUE(id.ok());
    ASSERT_TRUE(database_.Connect()
                    ->Run(absl::StrCat("KILL ", std::get<int64_t>(id->rows.at(0).at(0))))
                    .ok());
  }

  testing::TestDatabase database_;
};

TEST_F(TransactTest, ConflictsRunTheClosureAgainAndThenAreAborted) {
  for (const int64_t code : {1213, 1020, 1205}) {
    for (const char* sql : {"SELECT raise(?)", "UPDATE t SET n = raise(?) WHERE id = 'a'"}) {
      const bool query = *sql == 'S';
      int runs = 0;
      const absl::Status status = db().Transact([&](Session& session) {
        ++runs;
        CHANYAN_RETURN_IF_ERROR(Increment(session, "b"));
        return query ? session.Query(sql, {code}).status() : session.Execute(sql, {code}).status();
      });
      EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << code << sql;
      EXPECT_EQ(runs, kMaxAttempts) << code << sql;
    }
  }
  EXPECT_EQ(N("b"), 0);
}

TEST_F(TransactTest, LossesRunTheClosureAgainAFewTimesAndThenAreUnavailable) {
  for (const int64_t code : {1047, 1317, 1927, 1053, 1180}) {
    int runs = 0;
    const absl::Status status = db().Transact([&](Session& session) {
      ++runs;
      return session.Query("SELECT raise(?)", {code}).status();
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << code;
    EXPECT_EQ(runs, 1 + kMaxReconnects) << code;
  }
}

// 2006 and 2013 are the client's own: only a connection that is really gone makes them.
TEST_F(TransactTest, AConnectionLostBeforeCommitRunsTheClosureAgain) {
  int runs = 0;
  const auto work = [&](int losses) {
    runs = 0;
    return db().Transact([&, losses](Session& session) {
      CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
      if (++runs <= losses) {
        Kill(session);
      }
      return Increment(session, "a");
    });
  };
  EXPECT_TRUE(work(kMaxReconnects).ok());
  EXPECT_EQ(runs, 1 + kMaxReconnects);
  EXPECT_EQ(N("a"), 2);
  EXPECT_EQ(work(kMaxAttempts).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(N("a"), 2);
}

TEST_F(TransactTest, OtherErrorsEndItAtOnce) {
  const struct {
    int64_t code;
    absl::StatusCode status;
  } kCases[] = {
      {1969, absl::StatusCode::kDeadlineExceeded},   {1062, absl::StatusCode::kAlreadyExists},
      {1451, absl::StatusCode::kFailedPrecondition}, {4025, absl::StatusCode::kFailedPrecondition},
      {1406, absl::StatusCode::kInvalidArgument},    {1054, absl::StatusCode::kInternal},
      {1146, absl::StatusCode::kInternal},           {2014, absl::StatusCode::kInternal},
      {2057, absl::StatusCode::kInternal},           {1021, absl::StatusCode::kUnavailable},
      {1026, absl::StatusCode::kUnavailable},        {1114, absl::StatusCode::kUnavailable},
  };
  for (const auto& c : kCases) {
    int runs = 0;
    const absl::Status status = db().Transact([&](Session& session) {
      ++runs;
      return session.Query("SELECT raise(?)", {c.code}).status();
    });
    EXPECT_EQ(status.code(), c.status) << c.code;
    EXPECT_EQ(runs, 1) << c.code;
  }
}

TEST_F(TransactTest, AFullDiskIsNotCommittedAndCostsNoConnection) {
  const int open = db().stats().open;
  const absl::Status status = db().Transact([&](Session& session) {
    CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
    session.Execute("UPDATE t SET n = raise(1114) WHERE id = 'a'").IgnoreError();
    EXPECT_EQ(Increment(session, "b").code(), absl::StatusCode::kUnavailable);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(N("a") + N("b"), 0);
  EXPECT_EQ(db().stats().open, std::max(open, 1));
  EXPECT_EQ(db().stats().losses, 0);
}

// After a deadlock the server has ended the transaction: what follows would commit by itself.
TEST_F(TransactTest, NothingRunsAfterAConflictEvenIfTheClosureGoesOn) {
  int runs = 0;
  const absl::Status status = db().Transact([&](Session& session) {
    ++runs;
    session.Query("SELECT raise(1213)").IgnoreError();
    EXPECT_EQ(Increment(session, "a").code(), absl::StatusCode::kAborted);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(runs, kMaxAttempts);
  EXPECT_EQ(N("a"), 0);
}

TEST_F(TransactTest, AFaultOfOursIsNotCommittedEvenIfTheClosureSwallowsIt) {
  const absl::Status status = db().Transact([&](Session& session) {
    CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
    session.Query("SELECT no_such_column FROM t").IgnoreError();
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(N("a"), 0);
}

TEST_F(TransactTest, ADuplicateLeavesTheTransactionAliveAndNamesItsKey) {
  ASSERT_TRUE(db().Transact([&](Session& session) -> absl::Status {
                    CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
                    const auto twice = session.Execute("INSERT INTO t (id) VALUES ('b')");
                    EXPECT_EQ(DuplicateKey(twice.status()), "PRIMARY");
                    return Increment(session, "b");
                  })
                  .ok());
  EXPECT_EQ(N("a") + N("b"), 2);
}

TEST_F(TransactTest, ConstraintsArePreconditions) {
  const char* const kSql[] = {"INSERT INTO child (id) VALUES ('nobody')",
                              "UPDATE t SET n = -1 WHERE id = 'a'", "DELETE FROM t WHERE id = 'a'"};
  database_.Apply("INSERT INTO child (id) VALUES ('a')");
  for (const char* sql : kSql) {
    const absl::Status status =
        db().Transact([&](Session& session) { return session.Execute(sql).status(); });
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << sql << status;
    EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_REFERENCED) << sql;
  }
}

TEST_F(TransactTest, AnErrorOfTheClosureRollsBack) {
  EXPECT_EQ(db().Transact([&](Session& session) {
                  CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
                  return absl::PermissionDeniedError("no");
                })
                .code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(N("a"), 0);
  EXPECT_TRUE(db().Transact([&](Session& session) { return Increment(session, "a"); }).ok());
  EXPECT_EQ(N("a"), 1);
}

TEST_F(TransactTest, WhatMayWaitGoesWithTheCommitOrTheNextStatement) {
  const std::string add = "INSERT INTO t (id, n) VALUES (?, ?)";
  EXPECT_TRUE(db().Transact([&](Session& session) -> absl::Status {
                    CHANYAN_RETURN_IF_ERROR(session.Later(add, {"c", int64_t{1}}));
                    return session.Later("UPDATE t SET n = n + ? WHERE id = 'c'", {int64_t{2}});
                  })
                  .ok());
  EXPECT_EQ(N("c"), 3);
  EXPECT_TRUE(db().Transact([&](Session& session) -> absl::Status {
                    CHANYAN_RETURN_IF_ERROR(session.Later(add, {"d", int64_t{1}}));
                    CHANYAN_ASSIGN_OR_RETURN(const Rows rows,
                                             session.Query("SELECT n FROM t WHERE id = 'd'"));
                    EXPECT_EQ(rows.rows.size(), 1u);
                    CHANYAN_RETURN_IF_ERROR(session.Later(add, {"e", int64_t{1}}));
                    CHANYAN_ASSIGN_OR_RETURN(
                        const int64_t found,
                        session.Execute("UPDATE t SET n = n + 5 WHERE id IN ('d', 'e')"));
                    EXPECT_EQ(found, 2);
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(N("d"), 6);
  EXPECT_EQ(N("e"), 6);
  // More than are kept back at once.
  EXPECT_TRUE(
      db().Transact([&](Session& session) -> absl::Status {
            for (int i = 0; i < 100; ++i) {
              CHANYAN_RETURN_IF_ERROR(session.Later(add, {absl::StrCat("many", i), int64_t{i}}));
            }
            return absl::OkStatus();
          })
          .ok());
  EXPECT_EQ(Number("SELECT CAST(SUM(n) AS SIGNED) FROM t WHERE id LIKE 'many%'"), 4950);
}

TEST_F(TransactTest, TheFirstChangeSaysWhatItFoundThoughTheTransactionBeginsWithIt) {
  for (const auto& [where, count] :
       std::vector<std::pair<std::string, int64_t>>{{"id IN ('a', 'b')", 2}, {"id = 'none'", 0}}) {
    EXPECT_TRUE(db().Transact([&where = where, count = count](Session& session) -> absl::Status {
                      // Twice the same value: found, not changed.
                      for (int i = 0; i < 2; ++i) {
                        CHANYAN_ASSIGN_OR_RETURN(
                            const int64_t found,
                            session.Execute(absl::StrCat("UPDATE t SET n = 7 WHERE ", where)));
                        EXPECT_EQ(found, count) << where;
                      }
                      return absl::OkStatus();
                    })
                    .ok());
  }
}

TEST_F(TransactTest, ARefusalOfWhatWaitedUndoesTheTransactionAndKeepsTheConnection) {
  for (const bool asks : {false, true}) {
    const absl::Status status = db().Transact([&](Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
      CHANYAN_RETURN_IF_ERROR(session.Later("INSERT INTO t (id) VALUES (?)", {"new"}));
      CHANYAN_RETURN_IF_ERROR(session.Later("INSERT INTO t (id) VALUES (?)", {"b"}));
      // Whoever swallows the error commits nothing either.
      if (asks) session.Query("SELECT n FROM t").status().IgnoreError();
      return absl::OkStatus();
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(DuplicateKey(status), "PRIMARY");
  }
  EXPECT_EQ(N("a"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 2);
  EXPECT_EQ(db().stats().losses, 0);
  EXPECT_EQ(db().stats().open, 1);
}

TEST_F(TransactTest, AConflictOfWhatWaitedRunsTheClosureAgain) {
  int runs = 0;
  const absl::Status status = db().Transact([&](Session& session) -> absl::Status {
    if (++runs > 2) return Increment(session, "a");
    CHANYAN_RETURN_IF_ERROR(Increment(session, "b"));
    return session.Later("UPDATE t SET n = raise(?) WHERE id = 'a'", {int64_t{1213}});
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(N("a"), 1);
  EXPECT_EQ(N("b"), 0);
}

TEST_F(TransactTest, ALossOfWhatWentWithTheCommitIsOneAtTheCommit) {
  int asked = 0;
  TransactOptions options;
  options.committed = [&](Session& session) -> absl::Status {
    ++asked;
    CHANYAN_ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT 1 FROM t WHERE id = 'new'"));
    return rows.rows.empty() ? absl::NotFoundError("") : absl::OkStatus();
  };
  int runs = 0;
  const absl::Status status = db().Transact(options, [&](Session& session) -> absl::Status {
    if (++runs == 1) Kill(session);
    return session.Later("INSERT INTO t (id) VALUES (?)", {"new"});
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(db().stats().ambiguous, 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t WHERE id = 'new'"), 1);
}

TEST_F(TransactTest, AHopefulInsertGoesWithTheCommitAndIfRefusedTheClosureLearnsIt) {
  constexpr char kAdd[] = "INSERT INTO t (id) VALUES (?)";
  TransactOptions options;
  options.hopeful = true;
  int runs = 0;
  // Of a row that is there already the closure makes a change.
  const auto add = [&](const std::string& id, bool asks) {
    return db().Transact(options, [&, asks](Session& session) -> absl::Status {
      ++runs;
      const absl::Status added = session.Insert(kAdd, {id});
      if (absl::IsAlreadyExists(added)) return Increment(session, id.c_str());
      CHANYAN_RETURN_IF_ERROR(added);
      if (asks) CHANYAN_RETURN_IF_ERROR(session.Query("SELECT n FROM t").status());
      return absl::OkStatus();
    });
  };
  for (const bool asks : {false, true}) {
    runs = 0;
    const std::string fresh = asks ? "asked" : "new";
    EXPECT_TRUE(add(fresh, asks).ok());
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(N(fresh), 0);
    EXPECT_TRUE(add(fresh, asks).ok());
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(N(fresh), 1);
  }
  EXPECT_EQ(db().stats().open, 1);
}

TEST_F(TransactTest, WhatARefusedCommitHadWrittenIsNotCommittedByWhoComesNext) {
  for (const bool hopeful : {false, true}) {
    TransactOptions options;
    options.hopeful = hopeful;
    const absl::Status status = db().Transact(options, [&](Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(session.Later("INSERT INTO t (id) VALUES (?)", {"new"}));
      return session.Later("INSERT INTO t (id, n) VALUES (?, ?)", {"a", int64_t{1}});
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << hopeful;
    // On the same connection, of which there is one.
    EXPECT_TRUE(db().Transact([&](Session& session) { return Increment(session, "b"); }).ok());
    EXPECT_EQ(db().stats().open, 1);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM t WHERE id = 'new'"), 0) << hopeful;
  }
  EXPECT_EQ(N("b"), 2);
}

TEST_F(TransactTest, WithoutHopeAnInsertAnswersAtOnce) {
  int runs = 0;
  const absl::Status status = db().Transact([&](Session& session) -> absl::Status {
    ++runs;
    EXPECT_EQ(session.Insert("INSERT INTO t (id) VALUES (?)", {"a"}).code(),
              absl::StatusCode::kAlreadyExists);
    return Increment(session, "a");
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(N("a"), 1);
}

TEST_F(TransactTest, MoreValuesThanAStatementTakesWaitInSeveral) {
  std::string add = "INSERT INTO t (id, n) VALUES (?, ?)";
  for (int i = 1; i < 5'000; ++i) add += ", (?, ?)";
  const absl::Status status = db().Transact([&](Session& session) -> absl::Status {
    for (int batch = 0; batch < 8; ++batch) {
      Values values;
      for (int i = 0; i < 5'000; ++i) {
        values.insert(values.end(), {absl::StrCat("id", batch, "-", i), int64_t{1}});
      }
      CHANYAN_RETURN_IF_ERROR(session.Later(add, std::move(values)));
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Number("SELECT CAST(SUM(n) AS SIGNED) FROM t"), 40'000);
}

TEST_F(TransactTest, OnlyAChangeMayWait) {
  for (const char* sql : {"SELECT 1", "COMMIT", "DROP TABLE t", "SET autocommit = 0"}) {
    const absl::Status status =
        db().Transact([&](Session& session) { return session.Later(sql, {}); });
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << sql;
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 2);
}

TEST_F(TransactTest, TransactionControlIsNotForClosures) {
  for (const char* sql : {"COMMIT", "ROLLBACK", "SET autocommit=0", "CREATE TABLE x (a INT)"}) {
    const absl::Status status = db().Transact([&](Session& session) {
      CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
      session.Execute(sql).IgnoreError();
      return absl::OkStatus();
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << sql;
  }
  EXPECT_EQ(N("a"), 0);
}

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

TEST_F(TransactTest, NoAttemptStartsAfterTheDeadline) {
  int runs = 0;
  const auto work = [&](Session& session) {
    ++runs;
    return Increment(session, "a");
  };
  EXPECT_EQ(db().Transact({.deadline = absl::Now() - absl::Seconds(1)}, work).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(db().Read(absl::InfinitePast(), [&](Session&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(runs, 0);
}

TEST_F(TransactTest, AClosureThatRunsOutOfTimeEndsAtItsNextStatement) {
  int statements = 0;
  const absl::Time deadline = absl::Now() + absl::Milliseconds(50);
  const absl::Status status = db().Transact({.deadline = deadline}, [&](Session& session) {
    while (Increment(session, "a").ok()) ++statements;
    EXPECT_GE(absl::Now(), deadline);
    // Also if the closure does not mind.
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_DEADLINE);
  EXPECT_EQ(N("a"), 0) << statements << " statements were undone";
  EXPECT_EQ(db().stats().losses, 0);
}

// Read.

TEST_F(TransactTest, AReadThatRunsOutOfTimeEndsAtItsNextQuery) {
  const absl::Time deadline = absl::Now() + absl::Milliseconds(50);
  const absl::Status status = db().Read(deadline, [&](Session& session) -> absl::Status {
    for (;;) CHANYAN_RETURN_IF_ERROR(session.Query("SELECT n FROM t WHERE id = 'a'").status());
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_GE(absl::Now(), deadline);
}

TEST_F(TransactTest, AReadChangesNothing) {
  EXPECT_EQ(db().Read([&](Session& session) { return Increment(session, "a"); }).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(N("a"), 0);
}

TEST_F(TransactTest, AReadGoesOnWhenItsConnectionIsLost) {
  int runs = 0;
  EXPECT_TRUE(db().Read([&](Session& session) {
                    ++runs;
                    Kill(session);
                    return session.Query("SELECT n FROM t").status();
                  })
                  .ok());
  EXPECT_EQ(runs, 1);
}

TEST_F(TransactTest, LostConnectionsInThePoolCostNobodyAnything) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(db().Transact([&](Session& session) { return Increment(session, "a"); }).ok());
    const auto killer = database_.Connect();
    const auto ids = killer->Query(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> CONNECTION_ID()",
        {database_.config().schema});
    for (const Values& row : ids->rows) {
      killer->Run(absl::StrCat("KILL ", std::get<int64_t>(row[0]))).IgnoreError();
    }
  }
  EXPECT_TRUE(db().Transact([&](Session& session) { return Increment(session, "a"); }).ok());
  EXPECT_EQ(N("a"), 4);
}

// Pool.

TEST_F(TransactTest, AFullPoolIsUnavailableAfterTheWaitAndNotSooner) {
  Config config = database_.config();
  config.pool_size = 1;
  config.acquire_timeout = absl::Milliseconds(50);
  const auto small = Database::Open(config);
  ASSERT_TRUE(small.ok());
  EXPECT_TRUE((*small)
                  ->Read([&](Session& session) {
                    CHANYAN_RETURN_IF_ERROR(session.Query("SELECT 1").status());
                    const absl::Time started = absl::Now();
                    EXPECT_EQ((*small)->Transact([](Session&) { return absl::OkStatus(); }).code(),
                              absl::StatusCode::kUnavailable);
                    EXPECT_GE(absl::Now() - started, config.acquire_timeout);
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE((*small)->Transact([](Session&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ((*small)->stats().open, 1);
}

TEST_F(TransactTest, ConnectionsAreUsedAgain) {
  std::set<int64_t> connections;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(db().Transact([&](Session& session) -> absl::Status {
                      CHANYAN_ASSIGN_OR_RETURN(const Rows rows,
                                               session.Query("SELECT CONNECTION_ID()"));
                      connections.insert(std::get<int64_t>(rows.rows.at(0).at(0)));
                      return absl::OkStatus();
                    })
                    .ok());
  }
  EXPECT_EQ(connections.size(), 1u);
}

TEST_F(TransactTest, AServerThatIsNotThereIsUnavailable) {
  Config config = database_.config();
  config.socket = "/nowhere/mariadb.sock";
  EXPECT_EQ(Database::Open(config).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(TransactTest, PingSaysThatAWritableServerAnswers) { EXPECT_TRUE(db().Ping().ok()); }

}  // namespace
}  // namespace chanyan::db
