// The server stops a statement when the time of what it is part of is over, be it that it works or
// that it waits for others; the connection goes on.
#include <memory>
#include <string>
#include <variant>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/unit/db/transact_fixture.h"

namespace chanyan::db {
namespace {

// Shorter than the shortest wait for a lock that the server itself ends (2 s).
constexpr absl::Duration kCallTime = absl::Milliseconds(300);
constexpr absl::Duration kSlack = absl::Seconds(1);

class StatementTimeTest : public TransactTest {
 protected:
  StatementTimeTest() : holder_(database_.Connect()) {}

  TransactOptions Shortly() {
    TransactOptions options;
    options.deadline = absl::Now() + kCallTime;
    // As of a request that is remembered: asked only where nobody knows what became of it.
    options.committed = [this](Session&) {
      ++asked_;
      return absl::NotFoundError("");
    };
    return options;
  }

  void ExpectEnded(const absl::Status& status, const TransactOptions& options) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
    EXPECT_GE(absl::Now(), options.deadline);
    EXPECT_LT(absl::Now(), options.deadline + kSlack);
    EXPECT_EQ(asked_, 0) << "it is known that nothing was committed";
  }

  // The one connection of the pool was neither lost nor given up, and has the limit it began with.
  void ExpectWholePool() {
    double limit = 0;
    ASSERT_TRUE(db().Read([&](Session& session) -> absl::Status {
                      CHANYAN_ASSIGN_OR_RETURN(const Rows rows,
                                               session.Query("SELECT @@max_statement_time"));
                      limit = std::get<double>(rows.rows.at(0).at(0));
                      return absl::OkStatus();
                    })
                    .ok());
    EXPECT_EQ(limit, absl::ToDoubleSeconds(database_.config().read_timeout) - 0.5);
    const Stats stats = db().stats();
    EXPECT_EQ(stats.open, 1);
    EXPECT_EQ(stats.losses, 0);
    EXPECT_EQ(stats.ambiguous, 0);
  }

  void HoldRow() {
    ASSERT_TRUE(holder_->Run("START TRANSACTION").ok());
    ASSERT_TRUE(holder_->Execute("UPDATE t SET n = 0 WHERE id = 'a'", {}).ok());
    ASSERT_TRUE(holder_->Execute("INSERT INTO t (id) VALUES ('new')", {}).ok());
  }
  void LetGo() { ASSERT_TRUE(holder_->Run("ROLLBACK").ok()); }

  const std::unique_ptr<Connection> holder_;
  int asked_ = 0;
};

TEST_F(StatementTimeTest, AStatementHasWhatIsLeftAndOneWithMoreTheSessionsLimit) {
  const auto limit_within = [&](absl::Duration left) {
    double limit = 0;
    EXPECT_TRUE(db().Read(absl::Now() + left,
                          [&](Session& session) -> absl::Status {
                            CHANYAN_ASSIGN_OR_RETURN(const Rows rows,
                                                     session.Query("SELECT @@max_statement_time"));
                            limit = std::get<double>(rows.rows.at(0).at(0));
                            return absl::OkStatus();
                          })
                    .ok());
    return limit;
  };
  // The same statement, prepared once, with another limit each time.
  EXPECT_GT(limit_within(absl::Seconds(3)), 2);
  EXPECT_LE(limit_within(absl::Seconds(3)), 3);
  EXPECT_LE(limit_within(absl::Seconds(2)), 2);
  EXPECT_GT(limit_within(absl::Seconds(3)), 2);
  const double whole = absl::ToDoubleSeconds(database_.config().read_timeout) - 0.5;
  EXPECT_EQ(limit_within(absl::Hours(1)), whole);
  ExpectWholePool();
}

TEST_F(StatementTimeTest, AQueryThatTakesLongEndsWithItsCall) {
  const TransactOptions options = Shortly();
  ExpectEnded(db().Read(options.deadline,
                        [](Session& session) {
                          return session.Query("SELECT SLEEP(?), n FROM t", {int64_t{10}}).status();
                        }),
              options);
  ExpectWholePool();
}

TEST_F(StatementTimeTest, SoDoesOneInATransactionOfWhichNothingStays) {
  const TransactOptions options = Shortly();
  ExpectEnded(db().Transact(options,
                            [](Session& session) -> absl::Status {
                              CHANYAN_RETURN_IF_ERROR(Increment(session, "a"));
                              CHANYAN_RETURN_IF_ERROR(session.Query("SELECT SLEEP(10)").status());
                              ADD_FAILURE() << "it went on";
                              return absl::OkStatus();
                            }),
              options);
  EXPECT_EQ(N("a"), 0);
  ExpectWholePool();
}

// innodb_lock_wait_timeout is of whole seconds.
TEST_F(StatementTimeTest, WhoWaitsForARowWaitsNoLongerThanItsCall) {
  HoldRow();
  const std::string read = "SELECT n FROM t WHERE id = ? FOR UPDATE";
  for (const bool reads : {true, false}) {
    const TransactOptions options = Shortly();
    ExpectEnded(db().Transact(options,
                              [&](Session& session) {
                                return reads ? session.Query(read, {"a"}).status()
                                             : Increment(session, "a");
                              }),
                options);
  }
  LetGo();
  EXPECT_TRUE(db().Transact([](Session& session) { return Increment(session, "a"); }).ok());
  EXPECT_EQ(N("a"), 1);
  ExpectWholePool();
}

TEST_F(StatementTimeTest, WhatWaitsInTheCommitIsKnownNotToBeCommitted) {
  HoldRow();
  const std::string add = "INSERT INTO t (id) VALUES (?)";
  for (const bool hopeful : {true, false}) {
    TransactOptions options = Shortly();
    options.hopeful = hopeful;
    ExpectEnded(db().Transact(options,
                              [&](Session& session) -> absl::Status {
                                CHANYAN_RETURN_IF_ERROR(session.Later(add, {"before"}));
                                return session.Insert(add, {"new"});
                              }),
                options);
  }
  LetGo();
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 2);
  EXPECT_TRUE(db().Transact([&](Session& session) { return session.Later(add, {"before"}); }).ok());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 3);
  ExpectWholePool();
}

// As of a migration or a backup that has the table.
TEST_F(StatementTimeTest, WhoWaitsForATableWaitsNoLongerThanItsCall) {
  ASSERT_TRUE(holder_->Run("LOCK TABLES t WRITE").ok());
  const TransactOptions reading = Shortly();
  ExpectEnded(db().Read(reading.deadline,
                        [](Session& session) { return session.Query("SELECT n FROM t").status(); }),
              reading);
  const TransactOptions writing = Shortly();
  ExpectEnded(db().Transact(writing, [](Session& session) { return Increment(session, "a"); }),
              writing);
  ASSERT_TRUE(holder_->Run("UNLOCK TABLES").ok());
  ExpectWholePool();
}

TEST_F(StatementTimeTest, LargeValuesAndRefusalsAreAsEverBehindTheLimit) {
  ASSERT_TRUE(holder_->Run("ALTER TABLE t ADD COLUMN text LONGTEXT NULL").ok());
  const std::string large(kLongDataBytes + 1, 'x');
  TransactOptions options;
  options.deadline = absl::Now() + absl::Seconds(10);
  EXPECT_TRUE(db().Transact(options,
                            [&](Session& session) -> absl::Status {
                              CHANYAN_RETURN_IF_ERROR(
                                  session
                                      .Execute("UPDATE t SET text = ?, n = ? WHERE id = ?",
                                               {large, int64_t{3}, "a"})
                                      .status());
                              const absl::Status taken =
                                  session.Execute("INSERT INTO t (id) VALUES (?)", {"a"}).status();
                              EXPECT_TRUE(absl::IsAlreadyExists(taken)) << taken;
                              return absl::OkStatus();
                            })
                  .ok());
  EXPECT_EQ(N("a"), 3);
  EXPECT_EQ(db().Read(options.deadline,
                      [](Session& session) {
                        return session.Query("SELECT n FROM t WHERE id = ?").status();
                      })
                .code(),
            absl::StatusCode::kInternal)
      << "the limit is no parameter of the caller's";
  EXPECT_EQ(Number("SELECT LENGTH(text) FROM t WHERE id = 'a'"), kLongDataBytes + 1);
}

}  // namespace
}  // namespace chanyan::db
