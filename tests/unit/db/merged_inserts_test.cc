#include "common/db/merged_inserts.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"

namespace chanyan::db {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Texts(const std::vector<Statement>& statements) {
  std::vector<std::string> texts;
  for (const Statement& statement : statements) texts.push_back(statement.sql);
  return texts;
}

TEST(MergedInsertsTest, RowsOfTheSameColumnsGoTogetherInTheirOrder) {
  const std::vector<Statement> merged = MergedInserts({
      {"INSERT INTO t (a, b) VALUES (?, ?)", {int64_t{1}, "一"}},
      {"INSERT INTO k (a) VALUES (?), (?)", {int64_t{2}, int64_t{3}}},
      {"INSERT INTO t (a, b) VALUES (?, ?)", {int64_t{4}, "四"}},
      {"INSERT INTO k (a) VALUES (?)", {int64_t{5}}},
      {"INSERT INTO k (a, c) VALUES (?, 'done')", {int64_t{6}}},
  });
  EXPECT_THAT(Texts(merged), ElementsAre("INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
                                         "INSERT INTO k (a) VALUES (?), (?), (?)",
                                         "INSERT INTO k (a, c) VALUES (?, 'done')"));
}

TEST(MergedInsertsTest, ValuesStayWithTheirRows) {
  const std::vector<Statement> merged = MergedInserts({
      {"INSERT INTO t (a, b) VALUES (?, ?)", {int64_t{1}, "一"}},
      {"INSERT INTO t (a, b) VALUES (?, ?)", {int64_t{2}, "二"}},
  });
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_THAT(merged[0].params, ElementsAre(Value(int64_t{1}), Value(std::string("一")),
                                            Value(int64_t{2}), Value(std::string("二"))));
}

TEST(MergedInsertsTest, WhatIsNoPlainInsertLeavesAllAsTheyAre) {
  for (const char* other :
       {"UPDATE t SET a = ?", "DELETE FROM t WHERE a IN (?)", "INSERT IGNORE INTO t (a) VALUES (?)",
        "INSERT INTO t (a) VALUES (?) ON DUPLICATE KEY UPDATE a = VALUES(a)",
        "INSERT INTO t (a) SELECT a FROM s WHERE b IN (?)", "INSERT INTO t (a) VALUES (NOW(6))",
        "INSERT INTO t (a) VALUES (?) RETURNING (a)"}) {
    const std::vector<Statement> merged =
        MergedInserts({{"INSERT INTO t (a) VALUES (?)", {int64_t{1}}},
                       {other, {int64_t{2}}},
                       {"INSERT INTO t (a) VALUES (?)", {int64_t{3}}}});
    EXPECT_THAT(Texts(merged),
                ElementsAre("INSERT INTO t (a) VALUES (?)", other, "INSERT INTO t (a) VALUES (?)"));
  }
}

}  // namespace
}  // namespace chanyan::db
