// Closure transactions: what may wait and goes with the next statement or the COMMIT.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/unit/db/transact_fixture.h"

namespace chanyan::db {
namespace {

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

}  // namespace
}  // namespace chanyan::db
