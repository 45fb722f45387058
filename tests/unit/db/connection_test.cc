// The driver's traps, each against a real server.
#include "common/db/connection.h"

#include <cstdlib>
#include <fstream>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

constexpr char kTable[] = R"(
  CREATE TABLE t (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    whole BIGINT, natural_number BIGINT UNSIGNED, small TINYINT(1), fraction DOUBLE, half FLOAT,
    exact DECIMAL(20,4), moment DATETIME(6), stamp TIMESTAMP(6) NULL, day DATE, clock TIME(6),
    text LONGTEXT, short_text VARCHAR(10), bytes LONGBLOB, flags BIT(9), year_number YEAR,
    json JSON, choice ENUM('a','b')
  ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  INSERT INTO t (id, whole) VALUES ('a', 1), ('b', 2);
)";

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() { database_.Apply(kTable); }

  // Stores and reads back.
  absl::StatusOr<Value> RoundTrip(const std::string& column, const Value& value) {
    auto stored =
        connection().Execute(absl::StrCat("UPDATE t SET ", column, " = ? WHERE id = 'a'"), {value});
    if (!stored.ok()) {
      return stored.status();
    }
    auto rows = connection().Query(absl::StrCat("SELECT ", column, " FROM t WHERE id = 'a'"), {});
    if (!rows.ok()) {
      return rows.status();
    }
    return rows->rows.at(0).at(0);
  }

  int64_t Count(Connection& connection, const std::string& where = "1") {
    return std::get<int64_t>(
        connection.Query(absl::StrCat("SELECT COUNT(*) FROM t WHERE ", where), {})
            ->rows.at(0)
            .at(0));
  }

  void Kill(Connection& victim) {
    const auto id = victim.Query("SELECT CONNECTION_ID()", {});
    ASSERT_TRUE(database_.Connect()
                    ->Run(absl::StrCat("KILL ", std::get<int64_t>(id->rows.at(0).at(0))))
                    .ok());
  }

  Connection& connection() { return *connection_; }

  testing::TestDatabase database_;
  std::unique_ptr<Connection> connection_ = database_.Connect();
};

// F1.
TEST_F(ConnectionTest, CommitOnAKilledConnectionFails) {
  ASSERT_TRUE(connection().Run("START TRANSACTION").ok());
  ASSERT_TRUE(connection().Execute("INSERT INTO t (id) VALUES ('c')", {}).ok());
  Kill(connection());
  EXPECT_EQ(connection().Commit().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(connection().last_error_kind(), ErrorKind::kLost);
  EXPECT_FALSE(connection().usable());
  EXPECT_EQ(Count(*database_.Connect(), "id = 'c'"), 0);
}

// F1 too: RollBack and BEGIN tell the truth.
TEST_F(ConnectionTest, TransactionControlOnAKilledConnectionFails) {
  Kill(connection());
  EXPECT_EQ(connection().Run("START TRANSACTION").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(connection().Run("ROLLBACK").code(), absl::StatusCode::kUnavailable);
}

// F2: would hang until the read timeout, and then kill the connection.
TEST_F(ConnectionTest, AFailedSelectDoesNotHangTheNextStatement) {
  const auto holder = database_.Connect();
  ASSERT_TRUE(holder->Run("START TRANSACTION").ok());
  ASSERT_TRUE(holder->Query("SELECT id FROM t WHERE id = 'a' FOR UPDATE", {}).ok());
  ASSERT_TRUE(connection().Run("SET innodb_lock_wait_timeout=0").ok());
  ASSERT_TRUE(connection().Run("START TRANSACTION").ok());

  const absl::Time started = absl::Now();
  EXPECT_EQ(connection().Query("SELECT id FROM t WHERE id = ? FOR UPDATE", {"a"}).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_TRUE(connection().Run("ROLLBACK").ok());
  EXPECT_TRUE(connection().usable());
  EXPECT_EQ(Count(connection()), 2);
  EXPECT_LT(absl::Now() - started, database_.config().read_timeout / 2);
}

// F2 after a migration: the statement was prepared, then its column went away.
TEST_F(ConnectionTest, ASelectPreparedBeforeADropFailsWithoutHanging) {
  const std::string sql = "SELECT half FROM t WHERE id = ?";
  ASSERT_TRUE(connection().Query(sql, {"a"}).ok());
  database_.Apply("ALTER TABLE t DROP COLUMN half");
  const absl::Time started = absl::Now();
  EXPECT_EQ(connection().Query(sql, {"a"}).status().code(), absl::StatusCode::kInternal);
  EXPECT_FALSE(connection().usable());
  EXPECT_TRUE(connection().Run("ROLLBACK").ok());
  EXPECT_LT(absl::Now() - started, database_.config().read_timeout / 2);
}

TEST_F(ConnectionTest, AStatementSurvivesAnAddedColumn) {
  const std::string sql = "SELECT id, whole FROM t WHERE id = ?";
  ASSERT_TRUE(connection().Query(sql, {"a"}).ok());
  database_.Apply("ALTER TABLE t ADD COLUMN extra INT NOT NULL DEFAULT 1 FIRST");
  const auto rows = connection().Query(sql, {"a"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->rows.at(0), (Values{"a", int64_t{1}}));
}

// F4 and the rest of the session contract.
TEST_F(ConnectionTest, TheSessionIsSetUpAsPromised) {
  const auto rows = connection().Query(
      "SELECT @@innodb_snapshot_isolation, @@time_zone, @@tx_isolation, @@autocommit, "
      "@@character_set_client, @@character_set_results, @@innodb_lock_wait_timeout, "
      "@@lock_wait_timeout, @@sql_mode, @@max_statement_time",
      {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  const Values& row = rows->rows.at(0);
  EXPECT_EQ(row[0], Value(int64_t{1}));
  EXPECT_EQ(row[1], Value("+00:00"));
  EXPECT_EQ(row[2], Value("REPEATABLE-READ"));
  EXPECT_EQ(row[3], Value(int64_t{1}));
  EXPECT_EQ(row[4], Value("utf8mb4"));
  EXPECT_EQ(row[5], Value("utf8mb4"));
  EXPECT_EQ(row[6], Value(int64_t{2}));
  EXPECT_EQ(row[7], Value(int64_t{5}));
  EXPECT_THAT(std::get<std::string>(row[8]), ::testing::HasSubstr("STRICT_ALL_TABLES"));
  EXPECT_EQ(row[9], Value(absl::ToDoubleSeconds(database_.config().read_timeout) - 0.5));
}

// F4: without snapshot isolation the second writer would overwrite what it never saw.
TEST_F(ConnectionTest, AnUpdateOfARowChangedSinceTheSnapshotIsAConflict) {
  ASSERT_TRUE(connection().Run("START TRANSACTION").ok());
  ASSERT_TRUE(connection().Query("SELECT whole FROM t WHERE id = 'a'", {}).ok());
  ASSERT_TRUE(database_.Connect()->Execute("UPDATE t SET whole = 5 WHERE id = 'a'", {}).ok());
  EXPECT_EQ(connection().Execute("UPDATE t SET whole = 2 WHERE id = 'a'", {}).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(connection().last_error().code, 1020);
}

// F5.
TEST_F(ConnectionTest, WithACaTheConnectionIsEncryptedOrRefused) {
  Config config = database_.config();
  config.ca_file = "/nowhere/ca.pem";
  EXPECT_EQ(Connection::Open(config).status().code(), absl::StatusCode::kUnavailable);

  config.ca_file = ::testing::TempDir() + "/not_a_ca.pem";
  std::ofstream(config.ca_file) << "not a certificate\n";
  EXPECT_EQ(Connection::Open(config).status().code(), absl::StatusCode::kUnavailable);

  if (std::getenv("CHANYAN_TEST_DB") != nullptr) {
    GTEST_SKIP() << "the running server's certificate is not known";
  }
  config.ca_file = database_.server().dir() + "/ca.pem";
  const auto encrypted = Connection::Open(config);
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  const auto rows = (*encrypted)->Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", {});
  EXPECT_NE(rows->rows.at(0).at(1), Value(""));
}

// F15: nothing reconnects behind our back, so nothing is written outside its transaction.
TEST_F(ConnectionTest, ALostConnectionStaysLost) {
  ASSERT_TRUE(connection().Run("START TRANSACTION").ok());
  Kill(connection());
  EXPECT_FALSE(connection().Execute("INSERT INTO t (id) VALUES ('c')", {}).ok());
  EXPECT_FALSE(connection().usable());
  EXPECT_FALSE(connection().Execute("INSERT INTO t (id) VALUES ('c')", {}).ok());
  EXPECT_FALSE(connection().Run("ROLLBACK").ok());
  EXPECT_EQ(Count(*database_.Connect(), "id = 'c'"), 0);
}

TEST_F(ConnectionTest, ASlowStatementIsStoppedByTheServer) {
  ASSERT_TRUE(connection().Run("SET max_statement_time=0.05").ok());
  EXPECT_EQ(
      connection().Query("SELECT COUNT(*) FROM t a, t b WHERE SLEEP(10) = 0", {}).status().code(),
      absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(connection().usable());
  EXPECT_EQ(Count(connection()), 2);
}

// A server that hangs (a full disk, a stopped process) is given up, whatever it promised.
TEST_F(ConnectionTest, AServerThatDoesNotAnswerIsGivenUpAtTheReadTimeout) {
  Config config = database_.config();
  config.read_timeout = absl::Seconds(1);
  const auto impatient = Connection::Open(config);
  ASSERT_TRUE(impatient.ok()) << impatient.status();
  ASSERT_TRUE((*impatient)->Run("SET max_statement_time=0").ok());
  EXPECT_EQ((*impatient)->Query("SELECT SLEEP(10)", {}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_FALSE((*impatient)->usable());
}

TEST_F(ConnectionTest, AnUnchangedRowIsStillFound) {
  EXPECT_EQ(connection().Execute("UPDATE t SET whole = 1 WHERE id = 'a'", {}).value(), 1);
  EXPECT_EQ(connection().Execute("UPDATE t SET whole = 1 WHERE id = 'z'", {}).value(), 0);
}

TEST_F(ConnectionTest, ParametersOfTheLastExecutionAreNotUsedAgain) {
  const std::string sql = "SELECT id FROM t WHERE id IN (?, ?)";
  ASSERT_EQ(connection().Query(sql, {"a", "b"})->rows.size(), 2u);
  EXPECT_EQ(connection().Query(sql, {"a"}).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(connection().Query(sql, {"a", "b", "c"}).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(connection().Query(sql, {"a", Value()})->rows.size(), 1u);
}

TEST_F(ConnectionTest, OnlyOneStatementAtATime) {
  EXPECT_FALSE(connection().Run("SELECT 1; SELECT 2").ok());
  EXPECT_FALSE(database_.Connect()->Query("SELECT 1; SELECT 2", {}).ok());
}

TEST_F(ConnectionTest, QueryAndExecuteAreNotInterchangeable) {
  EXPECT_EQ(connection().Execute("SELECT 1", {}).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(connection().Query("DELETE FROM t", {}).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Count(connection()), 2);
}

TEST_F(ConnectionTest, PreparedStatementsAreBounded) {
  for (int i = 0; i < 2 * kMaxPreparedStatements; ++i) {
    ASSERT_TRUE(connection().Query(absl::StrCat("SELECT ", i, " + ?"), {int64_t{1}}).ok());
  }
  EXPECT_EQ(connection().prepared_statements(), kMaxPreparedStatements);
}

// D13.
TEST_F(ConnectionTest, ValuesComeBackAsTheyWere) {
  const absl::Time moment = absl::FromUnixMicros(1'740'801'296'123'456);
  const struct {
    const char* column;
    Value value;
  } kCases[] = {
      {"whole", int64_t{0}},
      {"whole", std::numeric_limits<int64_t>::max()},
      {"whole", std::numeric_limits<int64_t>::min()},
      {"natural_number", std::numeric_limits<int64_t>::max()},
      {"small", int64_t{1}},
      {"fraction", 0.1},
      {"fraction", -1.7976931348623157e308},
      {"half", 0.5},
      {"exact", "12345678901234.5678"},
      {"moment", moment},
      {"moment", absl::UnixEpoch() - absl::Microseconds(1)},
      {"stamp", moment},
      {"day", "2025-03-01"},
      {"clock", "23:59:59.000001"},
      {"text", ""},
      {"text", "海洋大学😀𠮷"},
      {"text", std::string("a\0b\0", 4)},
      {"text", std::string(kLongDataBytes, 'x')},
      {"text", std::string(kLongDataBytes + 1, 'y')},
      {"text", absl::StrCat(std::string(300'000, 'z'), "海")},
      // A lone surrogate: MariaDB takes it for a character.
      {"text", std::string("\xed\xa0\x80", 3)},
      {"bytes", std::string("\xff\xfe\0\x80", 4)},
      {"bytes", std::string(65'537, '\xff')},
      {"bytes", std::string(kMaxValueBytes, '\xee')},
      {"flags", int64_t{257}},
      {"year_number", int64_t{2025}},
      {"json", R"({"名称": "海"})"},
      {"choice", "b"},
      {"text", Value()},
      {"moment", Value()},
      {"whole", Value()},
  };
  for (const auto& c : kCases) {
    const auto back = RoundTrip(c.column, c.value);
    ASSERT_TRUE(back.ok()) << c.column << ": " << back.status();
    EXPECT_TRUE(*back == c.value) << c.column;
  }
}

TEST_F(ConnectionTest, WhatCannotComeBackIsRefusedAndTheConnectionIsGood) {
  const struct {
    const char* column;
    Value value;
  } kCases[] = {
      {"text", std::string("\xff\xfe", 2)},
      {"text", std::string(300'000, '\xff')},
      {"short_text", "12345678901"},
      {"id", "海"},
      {"small", int64_t{300}},
      {"natural_number", int64_t{-1}},
      {"moment", "2025-13-01"},
      {"moment", "0000-00-00"},
      {"moment", absl::InfiniteFuture()},
      {"choice", "z"},
      {"json", "{"},
      {"bytes", std::string(kMaxValueBytes + 1, 'x')},
      {"bytes", std::string(20 << 20, 'x')},
  };
  for (const auto& c : kCases) {
    const absl::StatusCode code = RoundTrip(c.column, c.value).status().code();
    EXPECT_TRUE(code == absl::StatusCode::kInvalidArgument ||
                code == absl::StatusCode::kFailedPrecondition)
        << c.column << ": " << absl::StatusCodeToString(code) << " "
        << connection().last_error().message;
    EXPECT_TRUE(connection().usable()) << c.column;
  }
}

TEST_F(ConnectionTest, AQuestionTheColumnsCharactersCannotAnswerIsTheCallersFault) {
  EXPECT_EQ(connection().Query("SELECT id FROM t WHERE id = ?", {"海"}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Count(connection()), 2);
}

TEST_F(ConnectionTest, AnUnsignedNumberBeyondInt64IsAnErrorAndNotMinusOne) {
  ASSERT_TRUE(connection().Execute("UPDATE t SET natural_number = 18446744073709551615", {}).ok());
  EXPECT_EQ(connection().Query("SELECT natural_number FROM t", {}).status().code(),
            absl::StatusCode::kInternal);
}

// Kinds are learnt at a statement's first execution, which may bring no row, or NULL alone.
TEST_F(ConnectionTest, CellsKeepTheirKindsFromOneExecutionToTheNext) {
  constexpr char kSql[] = "SELECT whole, moment, short_text, fraction FROM t WHERE id = ?";
  EXPECT_TRUE(connection().Query(kSql, {"nobody"})->rows.empty());
  EXPECT_EQ(connection().Query(kSql, {"b"})->rows[0][1], Value());
  const absl::Time moment = absl::FromUnixMicros(1'700'000'000'000'001);
  ASSERT_TRUE(connection()
                  .Execute("UPDATE t SET moment = ?, short_text = '1', fraction = 0.5", {moment})
                  .ok());
  EXPECT_THAT(connection().Query(kSql, {"b"})->rows[0],
              ::testing::ElementsAre(Value(int64_t{2}), Value(moment), Value("1"), Value(0.5)));
}

}  // namespace
}  // namespace chanyan::db
