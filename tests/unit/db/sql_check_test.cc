#include "common/db/sql_check.h"

#include "gtest/gtest.h"

namespace chanyan::db {
namespace {

TEST(SqlCheckTest, WhatBreaksATransactionOrTheClusterIsRefused) {
  for (const char* sql : {"",
                          "BEGIN",
                          "START TRANSACTION",
                          "commit",
                          " ROLLBACK",
                          "SET autocommit=0",
                          "CREATE TABLE t (a INT)",
                          "ALTER TABLE t ADD a INT",
                          "DROP TABLE t",
                          "TRUNCATE t",
                          "LOCK TABLES t READ",
                          "CALL p()",
                          "USE other",
                          "LOAD DATA INFILE 'x' INTO TABLE t",
                          "SELECTED",
                          "SAVEPOINT a",
                          "SELECT a FROM t WHERE b = ? lock in\n share  mode",
                          "SELECT a FROM t FOR SHARE",
                          "SELECT GET_LOCK('x', 1)",
                          "SELECT get_lock ('x', 1)"}) {
    EXPECT_EQ(CheckStatement(sql).status().code(), absl::StatusCode::kInternal) << sql;
  }
}

TEST(SqlCheckTest, QueriesAndChangesAreToldApart) {
  for (const char* sql :
       {"SELECT 1", "\n select a\nFROM t FOR UPDATE", "(SELECT 1) UNION (SELECT 2)",
        "WITH x AS (SELECT 1) SELECT * FROM x", "SHOW TABLES", "EXPLAIN SELECT 1",
        "INSERT INTO t (a) VALUES (?) RETURNING id"}) {
    EXPECT_EQ(CheckStatement(sql).value(), StatementShape::kRows) << sql;
  }
  for (const char* sql : {"INSERT INTO t (a) VALUES (?)", "update t SET a=1", "DELETE FROM t",
                          "REPLACE INTO t (a) VALUES (1)"}) {
    EXPECT_EQ(CheckStatement(sql).value(), StatementShape::kCount) << sql;
  }
}

}  // namespace
}  // namespace chanyan::db
