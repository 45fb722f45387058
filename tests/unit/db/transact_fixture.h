// What tests of transactions have in common: two rows, a function that fails as it is asked to, and
// connections that are killed.
#pragma once

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {

class TransactTest : public ::testing::Test {
 protected:
  static constexpr char kTables[] = R"(
  CREATE TABLE t (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
                  n BIGINT NOT NULL DEFAULT 0, CONSTRAINT not_negative CHECK (n >= 0));
  CREATE TABLE child (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
                      CONSTRAINT parent FOREIGN KEY (id) REFERENCES t (id));
  INSERT INTO t (id) VALUES ('a'), ('b');
)";
  // Fails with the error number it is asked for, as a query and as a change.
  static constexpr char kRaise[] =
      "CREATE FUNCTION raise(number INT) RETURNS INT BEGIN "
      "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = number; RETURN 0; END";

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

}  // namespace chanyan::db
