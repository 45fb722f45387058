#include "common/db/migrate.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/db/connection.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MigrateTest : public ::testing::Test {
 protected:
  MigrateTest()
      : dir_(absl::StrCat(::testing::TempDir(), "/migrations_", database_.config().schema)) {
    std::filesystem::create_directories(dir_);
  }
  ~MigrateTest() override { std::filesystem::remove_all(dir_); }

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
      "ALTER TABLE a DROP COLUMN k; UPDATE schema_migration SET done = 1, applied_at = NULL");
  const auto resumed = Run();
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(database_.Connect()->Query("SELECT n, m, k FROM a", {}).ok());
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
      common.db().Read([](Session& session) { return CheckSchema(session, "common", 3, 3); }).ok());
}

TEST(ComponentTest, IsNameAndDirectory) {
  EXPECT_EQ(Component::Parse("common:common/db/migrations")->dir, "common/db/migrations");
  for (const char* text : {"", "common", "common:", ":dir", "Common:dir", "a b:dir"}) {
    EXPECT_FALSE(Component::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace chanyan::db
