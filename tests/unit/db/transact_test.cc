// Closure transactions: what is run again, and what is not.
#include <algorithm>

#include "absl/time/clock.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/db/errors.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/unit/db/transact_fixture.h"

namespace chanyan::db {
namespace {

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

}  // namespace
}  // namespace chanyan::db
