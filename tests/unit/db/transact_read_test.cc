// Reads, and the pool of connections.
#include <set>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/unit/db/transact_fixture.h"

namespace chanyan::db {
namespace {

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
