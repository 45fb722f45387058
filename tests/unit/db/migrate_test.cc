#include "common/db/migrate.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/db/connection.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MigrateTest : public ::testing::Test {
 protected:
  MigrateTest()
      : dir_(absl::StrCat(::testing::TempDir(), "/migrations_", database_.config().schema)) {
    std::filesystem::create_directories(dir_);
    std::filesystem::create_directories(empty_dir_);
  }
  ~MigrateTest() override {
    std::filesystem::remove_all(dir_);
    std::filesystem::remove_all(empty_dir_);
  }

  void Write(const std::string& file, const std::string& sql) {
    std::ofstream(absl::StrCat(dir_, "/", file), std::ios::trunc) << sql;
  }
  Component component() { return {"test", dir_}; }
  absl::StatusOr<std::vector<Applied>> Run() {
    return Migrate(database_.config(), {component()}, {});
  }
  absl::Status Check(int min, int max) {
    return database_.db().Read(
        [&](Session& session) { return CheckSchema(session, "test", min, max); });
  }
  // As a run leaves the ledger that ends in the statement of the number `begun`.
  void Note(testing::TestDatabase& database, size_t done, size_t begun) {
    const auto files = LoadMigrations(component());
    ASSERT_TRUE(files.ok()) << files.status();
    database.Apply(absl::StrCat(
        "INSERT INTO schema_migration (component, version, name, sha256, done, begun) "
        "VALUES ('test', 1, '",
        files->at(0).file, "', '", files->at(0).sha256, "', ", done, ", ", begun, ")"));
  }
  // Whose names begin with that of the test's.
  static int64_t Schemas(testing::TestDatabase& database) {
    const auto rows = database.Connect()->Query(
        "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (?, ?)",
        {database.config().schema, database.config().schema + "_replay"});
    return std::get<int64_t>(rows->rows.at(0).at(0));
  }
  std::string Tables() {
    const auto rows = database_.Connect()->Query(
        "SELECT COALESCE(GROUP_CONCAT(TABLE_NAME ORDER BY TABLE_NAME), '') "
        "FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? "
        "AND TABLE_NAME NOT IN ('lease', 'schema_migration')",
        {database_.config().schema});
    return std::get<std::string>(rows->rows.at(0).at(0));
  }

  testing::TestDatabase database_;
  const std::string dir_;
  const std::string empty_dir_ = dir_ + "_empty";
};

TEST_F(MigrateTest, FilesThatAreNotNumberedWithoutAGapAreRefused) {
  Write("0001_a.sql", "SELECT 1");
  Write("0003_c.sql", "SELECT 1");
  EXPECT_THAT(std::string(Run().status().message()), HasSubstr("应为 0002"));
  Write("0002_b.sql", "SELECT 1");
  Write("0002_bb.sql", "SELECT 1");
  EXPECT_THAT(std::string(Run().status().message()), HasSubstr("应为 0003"));
  Write("2_B.sql", "SELECT 1");
  EXPECT_THAT(std::string(Run().status().message()), HasSubstr("2_B.sql"));
  EXPECT_EQ(Migrate(database_.config(), {{"test", "/nowhere"}}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(MigrateTest, AnAppliedFileThatChangedIsRefusedAndNothingIsApplied) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  ASSERT_TRUE(Run().ok());
  Write("0001_a.sql", "CREATE TABLE a (n BIGINT PRIMARY KEY)");
  Write("0002_b.sql", "CREATE TABLE b (n INT PRIMARY KEY)");
  const absl::Status status = Run().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("0001_a.sql"));
  EXPECT_EQ(Tables(), "a");
}

TEST_F(MigrateTest, AnAppliedFileThatIsGoneIsRefused) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  Write("0002_b.sql", "CREATE TABLE b (n INT PRIMARY KEY)");
  ASSERT_TRUE(Run().ok());
  std::filesystem::remove(dir_ + "/0002_b.sql");
  EXPECT_THAT(std::string(Run().status().message()), HasSubstr("0002_b.sql"));
}

TEST_F(MigrateTest, AFailedStatementIsNamedAndTheNextRunGoesOnFromThere) {
  Write("0001_a.sql",
        "CREATE TABLE a (n INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\n"
        "INSERT INTO missing VALUES (1);\nINSERT INTO a VALUES (2);");
  const absl::Status failed = Run().status();
  EXPECT_EQ(failed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("0001_a.sql 第 3 行"));
  EXPECT_THAT(std::string(Check(1, 1).message()), HasSubstr("中途停止"));

  database_.Apply("CREATE TABLE missing (n INT PRIMARY KEY)");
  const auto resumed = Run();
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(resumed->at(0).statements, 2);
  EXPECT_EQ(database_.Connect()->Query("SELECT n FROM a", {})->rows.size(), 2u);
  EXPECT_TRUE(Check(1, 1).ok());
}

// Cut short between a statement that commits by itself and the note that it was done.
TEST_F(MigrateTest, AStatementThatWasDoneButNotNotedIsNotDoneTwice) {
  Write("0001_a.sql",
        "CREATE TABLE a (n INT PRIMARY KEY);\nALTER TABLE a ADD COLUMN m INT;\n"
        "ALTER TABLE a ADD COLUMN k INT;");
  ASSERT_TRUE(Run().ok());
  database_.Apply(
      "ALTER TABLE a DROP COLUMN k; "
      "UPDATE schema_migration SET done = 1, begun = 2, applied_at = NULL");
  const auto resumed = Run();
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(database_.Connect()->Query("SELECT n, m, k FROM a", {}).ok());
}

// Each kind of statement that commits by itself, as its run was cut off after it.
TEST_F(MigrateTest, WhatACutOffStatementMadeIsKnownByTheSchemaAsAWhole) {
  const std::vector<std::string> statements = {
      "CREATE TABLE a (n INT AUTO_INCREMENT PRIMARY KEY, m INT NOT NULL, KEY a_m (m))",
      "CREATE TABLE b (n INT PRIMARY KEY, m INT NULL)",
      "INSERT INTO a (m) VALUES (1), (2)",
      "ALTER TABLE a ADD COLUMN k VARCHAR(20) NOT NULL DEFAULT '',\n  ADD KEY a_k (k)",
      "ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (m) REFERENCES a (n)",
      "CREATE UNIQUE INDEX b_m ON b (m, n)",
      "DROP INDEX a_m ON a",
      "CREATE SQL SECURITY INVOKER VIEW v AS SELECT a.k, b.m FROM a JOIN b ON b.m = a.n",
      "DROP VIEW v",
      "ALTER TABLE a CHANGE COLUMN k l VARCHAR(20) NOT NULL DEFAULT ''",
      "ALTER TABLE a DROP COLUMN l",
      "CREATE TABLE `c` (n INT PRIMARY KEY)",
      "DROP TABLE c"};
  Write("0001_a.sql", absl::StrJoin(statements, ";\n"));
  for (size_t done = 0; done < statements.size(); ++done) {
    if (done == 2) continue;
    const std::string& cut_off = statements[done];
    testing::TestDatabase database;
    ASSERT_TRUE(Migrate(database.config(), {{"none", empty_dir_}}, {}).ok());
    for (size_t i = 0; i <= done; ++i) database.Apply(statements[i]);
    Note(database, done, done + 1);
    const auto resumed = Migrate(database.config(), {component()}, {});
    ASSERT_TRUE(resumed.ok()) << cut_off << ": " << resumed.status();
    EXPECT_EQ(resumed->at(0).statements, static_cast<int>(statements.size() - done));
    EXPECT_EQ(Schemas(database), 1) << "what it was compared with is gone";
  }
}

TEST_F(MigrateTest, WhatACutOffStatementFindsButDidNotMakeIsRefused) {
  struct Case {
    const char* file;
    // What somebody else did in place of the statement.
    const char* other;
    int done;
  };
  for (const Case& c : std::vector<Case>{
           {"CREATE TABLE a (n INT PRIMARY KEY)", "CREATE TABLE a (n BIGINT PRIMARY KEY)", 0},
           {"CREATE TABLE a (n INT PRIMARY KEY);\nALTER TABLE a ADD COLUMN m INT, ADD KEY a_m (m)",
            "CREATE TABLE a (n INT PRIMARY KEY, m INT)", 1},
           {"CREATE TABLE a (n INT PRIMARY KEY);\nALTER TABLE a ADD COLUMN m INT NOT NULL",
            "CREATE TABLE a (n INT PRIMARY KEY, m INT NULL)", 1},
           {"CREATE TABLE a (n INT PRIMARY KEY, m INT, KEY a_m (m));\nDROP INDEX a_m ON a",
            "CREATE TABLE a (n INT PRIMARY KEY, m INT, KEY other (m))", 1},
           {"CREATE TABLE a (n INT PRIMARY KEY, m INT);\nALTER TABLE a CHANGE COLUMN m k INT",
            "CREATE TABLE a (n INT PRIMARY KEY)", 1},
           {"CREATE TABLE a (n INT PRIMARY KEY);\nCREATE VIEW v AS SELECT n FROM a",
            "CREATE TABLE a (n INT PRIMARY KEY); CREATE VIEW v AS SELECT 1 AS n", 1},
       }) {
    Write("0001_a.sql", c.file);
    testing::TestDatabase database;
    ASSERT_TRUE(Migrate(database.config(), {{"none", empty_dir_}}, {}).ok());
    database.Apply(c.other);
    Note(database, c.done, c.done + 1);
    for (int run = 0; run < 2; ++run) {
      const absl::Status refused = Migrate(database.config(), {component()}, {}).status();
      EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << c.file;
      EXPECT_THAT(std::string(refused.message()),
                  AllOf(HasSubstr(absl::StrCat("0001_a.sql 第 ", c.done + 1, " 行")),
                        HasSubstr("的结构与该语句执行之后应有的不同")));
    }
    EXPECT_EQ(Schemas(database), 1);
  }
}

// What is in the way was there before: the run after it may not take it for its own.
TEST_F(MigrateTest, AStatementThatFailedIsNeverTakenAsDone) {
  Write("0001_a.sql",
        "CREATE TABLE a (n INT PRIMARY KEY);\nALTER TABLE a ADD COLUMN m INT;\n"
        "CREATE TABLE b (n INT PRIMARY KEY);");
  // Just as the statement would make it.
  database_.Apply("CREATE TABLE b (n INT PRIMARY KEY)");
  for (int run = 0; run < 3; ++run) {
    EXPECT_THAT(std::string(Run().status().message()),
                AllOf(HasSubstr("0001_a.sql 第 3 行执行失败"), HasSubstr("1050")));
  }
  database_.Apply("DROP TABLE b");
  EXPECT_TRUE(Run().ok());
  EXPECT_EQ(Tables(), "a,b");
}

TEST_F(MigrateTest, ALedgerThatDoesNotSayWhatWasBegunIsBroughtUpToDateAndNotBelieved) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY);\nALTER TABLE a ADD COLUMN m INT");
  ASSERT_TRUE(Run().ok());
  database_.Apply(
      "UPDATE schema_migration SET done = 1, applied_at = NULL; "
      "ALTER TABLE schema_migration DROP COLUMN begun");
  EXPECT_THAT(std::string(Run().status().message()), HasSubstr("1060"));
  database_.Apply("ALTER TABLE a DROP COLUMN m");
  EXPECT_TRUE(Run().ok());
}

TEST_F(MigrateTest, ASchemaOfThatNameThatIsSomebodyElsesIsLeftAlone) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  ASSERT_TRUE(Run().ok());
  database_.Apply("UPDATE schema_migration SET done = 0, begun = 1, applied_at = NULL");
  const std::string other = database_.config().schema + "_replay";
  database_.Apply(absl::StrCat("CREATE DATABASE `", other, "`; CREATE TABLE `", other,
                               "`.kept (n INT PRIMARY KEY)"));
  EXPECT_THAT(std::string(Run().status().message()), HasSubstr("不是升级程序所建"));
  EXPECT_TRUE(
      database_.Connect()->Query(absl::StrCat("SELECT n FROM `", other, "`.kept"), {}).ok());
  database_.Apply(absl::StrCat("DROP DATABASE `", other, "`"));
  EXPECT_TRUE(Run().ok());
}

TEST_F(MigrateTest, WhatFailedBeforeItBeganMayBeCorrected) {
  Write("0001_a.sql", "CREATE TABEL a (n INT PRIMARY KEY)");
  ASSERT_FALSE(Run().ok());
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  EXPECT_TRUE(Run().ok());
  EXPECT_EQ(Tables(), "a");
}

TEST_F(MigrateTest, TwoRunnersAtOnceApplyEverythingOnce) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY); INSERT INTO a VALUES (1)");
  Write("0002_b.sql", "INSERT INTO a VALUES (2)");
  std::atomic<size_t> applied{0}, failed{0};
  std::vector<std::thread> runners;
  for (int i = 0; i < 2; ++i) {
    runners.emplace_back([&] {
      const auto result = Run();
      applied += result.ok() ? result->size() : 0;
      failed += result.ok() ? 0 : 1;
    });
  }
  for (std::thread& runner : runners) {
    runner.join();
  }
  EXPECT_EQ(failed, 0u);
  EXPECT_EQ(applied, 2u);
  EXPECT_EQ(database_.Connect()->Query("SELECT n FROM a", {})->rows.size(), 2u);
}

TEST_F(MigrateTest, ASecondRunHasNothingToDo) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(Run().value(), IsEmpty());
}

TEST_F(MigrateTest, TheSchemaIsMadeOnlyWhenAsked) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  Config config = database_.config();
  config.schema += "_made";
  EXPECT_FALSE(Migrate(config, {component()}, {}).ok());
  EXPECT_TRUE(Migrate(config, {component()}, {.create = true}).ok());
  EXPECT_TRUE(Migrate(config, {component()}, {.create = true}).ok());
  database_.Apply(absl::StrCat("DROP DATABASE `", config.schema, "`"));
}

TEST_F(MigrateTest, AServiceStartsOnlyInsideItsRange) {
  EXPECT_THAT(std::string(Check(1, 1).message()), HasSubstr("chanyan-migrate"));
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  Write("0002_b.sql", "CREATE TABLE b (n INT PRIMARY KEY)");
  ASSERT_TRUE(Run().ok());
  EXPECT_TRUE(Check(1, 2).ok());
  EXPECT_TRUE(Check(2, 3).ok());
  EXPECT_EQ(Check(3, 4).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Check(1, 1).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MigrateTest, EachComponentOfASchemaHasAVersionAndARangeOfItsOwn) {
  Write("0001_a.sql", "CREATE TABLE a (n INT PRIMARY KEY)");
  ASSERT_TRUE(Run().ok());
  Write("0001_a.sql", "CREATE TABLE b (n INT PRIMARY KEY)");
  Write("0002_c.sql", "CREATE TABLE c (n INT PRIMARY KEY)");
  ASSERT_TRUE(Migrate(database_.config(), {{"other", dir_}}, {}).ok());
  const auto check = [this](const char* component, int version) {
    return database_.db().Read(
        [&](Session& session) { return CheckSchema(session, component, version, version); });
  };
  EXPECT_TRUE(check("test", 1).ok());
  EXPECT_TRUE(check("other", 2).ok());
  EXPECT_THAT(std::string(check("test", 2).message()), HasSubstr("组件 test 的库版本为 1"));
  EXPECT_THAT(std::string(check("other", 1).message()), HasSubstr("组件 other 的库版本为 2"));
  EXPECT_THAT(std::string(check("third", 1).message()), HasSubstr("组件 third 的库版本为 0"));
}

TEST_F(MigrateTest, TheCommonComponentApplies) {
  testing::TestDatabase common({"common:common/db/migrations"});
  EXPECT_TRUE(
      common.db().Read([](Session& session) { return CheckSchema(session, "common", 4, 4); }).ok());
}

TEST(ComponentTest, IsNameAndDirectory) {
  EXPECT_EQ(Component::Parse("common:common/db/migrations")->dir, "common/db/migrations");
  for (const char* text : {"", "common", "common:", ":dir", "Common:dir", "a b:dir"}) {
    EXPECT_FALSE(Component::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace chanyan::db
