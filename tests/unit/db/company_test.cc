// Changes of several callers in one transaction: all of them or each alone.
#include "common/db/company.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/connection.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

using ::testing::Each;

constexpr char kTables[] = R"(
  CREATE TABLE t (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
                  n BIGINT NOT NULL DEFAULT 0);
  CREATE TABLE child (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
                      CONSTRAINT parent FOREIGN KEY (id) REFERENCES t (id));
  INSERT INTO t (id) VALUES ('a');
)";

// Callers that add a row and what belongs to it.
class CompanyTest : public ::testing::Test {
 protected:
  using Code = absl::StatusCode;

  CompanyTest() { database_.Apply(kTables); }

  Database& db() { return database_.db(); }
  int64_t Number(const std::string& sql) {
    return std::get<int64_t>(database_.Connect()->Query(sql, {})->rows.at(0).at(0));
  }

  static absl::Status Add(Session& session, const std::string& id) {
    CHANYAN_RETURN_IF_ERROR(session.Insert("INSERT INTO t (id, n) VALUES (?, 1)", {id}));
    return session.Later("INSERT INTO child (id) VALUES (?)", {id});
  }
  std::vector<Code> Told(std::vector<Companion> all, absl::Time deadline) {
    TransactTogether(db(), deadline, absl::MakeSpan(all));
    std::vector<Code> told;
    for (const Companion& one : all) told.push_back(one.status.code());
    return told;
  }
  std::vector<Code> AddAll(const std::vector<std::string>& ids,
                           absl::Time deadline = absl::InfiniteFuture()) {
    std::vector<Companion> all;
    for (const std::string& id : ids) {
      all.push_back({[id](Session& session) { return Add(session, id); }, absl::OkStatus()});
    }
    return Told(std::move(all), deadline);
  }
  static std::vector<std::string> Ids(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back(absl::StrCat("id", i));
    return ids;
  }

  testing::TestDatabase database_;
};

TEST_F(CompanyTest, EachIsThereOnceWithWhatBelongsToItInFewTransactions) {
  const int64_t before = db().stats().transactions;
  EXPECT_THAT(AddAll(Ids(kMostInCompany + 6)), Each(Code::kOk));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t JOIN child USING (id) WHERE n = 1"), kMostInCompany + 6);
  // Of 32, 4 and 2.
  EXPECT_EQ(db().stats().transactions - before, 3);
}

TEST_F(CompanyTest, WhoSaysSomethingElseHasATransactionOfItsOwn) {
  const auto other = [](Session& session) {
    return session.Later("INSERT INTO t (id, n) VALUES (?, 2)", {"other"});
  };
  std::vector<Companion> all;
  for (const std::string& id : Ids(4)) {
    all.push_back({[id](Session& session) { return Add(session, id); }, absl::OkStatus()});
  }
  all.insert(all.begin() + 1, {other, absl::OkStatus()});
  const int64_t before = db().stats().transactions;
  EXPECT_THAT(Told(std::move(all), absl::InfiniteFuture()), Each(Code::kOk));
  EXPECT_EQ(db().stats().transactions - before, 2);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM child"), 4);
  EXPECT_EQ(Number("SELECT n FROM t WHERE id = 'other'"), 2);
}

TEST_F(CompanyTest, OneThatIsRefusedTakesAlongWhoSharedItsTransactionAndNobodyElse) {
  std::vector<std::string> ids = Ids(kMostInCompany + 8);
  ids[7] = "a";
  const std::vector<Code> told = AddAll(ids);
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(told[i], i < kMostInCompany ? Code::kAlreadyExists : Code::kOk) << i;
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM child"), 8);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 9);
}

TEST_F(CompanyTest, TheSameTwiceIsNotThere) {
  EXPECT_THAT(AddAll({"new", "other", "new", "more"}), Each(Code::kAlreadyExists));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 1);
}

TEST_F(CompanyTest, OnceTimeIsUpNothingBegins) {
  EXPECT_THAT(AddAll(Ids(3), absl::Now() - absl::Seconds(1)), Each(Code::kDeadlineExceeded));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 1);
}

TEST_F(CompanyTest, OneThatAsksTheDatabaseIsLeftAloneEvenIfItHidesTheAnswer) {
  const auto asks = [](Session& session) {
    CHANYAN_RETURN_IF_ERROR(session.Insert("INSERT INTO t (id) VALUES (?)", {"asks"}));
    return session.Query("SELECT COUNT(*) FROM t").status();
  };
  const auto hides = [asks](Session& session) {
    asks(session).IgnoreError();
    return absl::OkStatus();
  };
  std::vector<Companion> all = {
      {asks, absl::OkStatus()},
      {hides, absl::OkStatus()},
      {[](Session& session) { return Add(session, "new"); }, absl::OkStatus()}};
  EXPECT_THAT(Told(std::move(all), absl::InfiniteFuture()),
              ::testing::ElementsAre(Code::kAborted, Code::kAborted, Code::kOk));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 2);
}

TEST_F(CompanyTest, ARefusalOfTheClosureItselfIsItsOwn) {
  std::vector<Companion> all = {
      {[](Session& session) {
         CHANYAN_RETURN_IF_ERROR(Add(session, "refused"));
         return absl::FailedPreconditionError("不可以");
       },
       absl::OkStatus()},
      {[](Session& session) { return Add(session, "new"); }, absl::OkStatus()}};
  EXPECT_THAT(Told(std::move(all), absl::InfiniteFuture()),
              ::testing::ElementsAre(Code::kFailedPrecondition, Code::kOk));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM t"), 2);
}

TEST_F(CompanyTest, WhatIsLostAtTheCommitIsUnknownToAllOfIt) {
  for (const bool committed : {false, true}) {
    database_.Apply("DELETE FROM child; DELETE FROM t");
    db().InjectFaults(committed ? Faults{.inject_ambiguous_commit_every = 1}
                                : Faults{.inject_ambiguous_nocommit_every = 1});
    EXPECT_THAT(AddAll(Ids(4)), Each(Code::kUnavailable));
    db().InjectFaults({});
    EXPECT_EQ(Number("SELECT COUNT(*) FROM child"), committed ? 4 : 0);
  }
}

TEST_F(CompanyTest, AConflictIsTriedAgainTogether) {
  db().InjectFaults({.inject_retry_every = 2});
  EXPECT_THAT(AddAll(Ids(4)), Each(Code::kOk));
  EXPECT_THAT(AddAll({"x", "y"}), Each(Code::kOk));
  db().InjectFaults({});
  EXPECT_GT(db().stats().conflicts, 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM child"), 6);
}

}  // namespace
}  // namespace chanyan::db
