// A service starts only on a schema whose every component it knows: its own, common and the
// journal.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/migrate.h"
#include "common/rpc/runtime.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kCommonMigrations[] = CHANYAN_SOURCE "/common/db/migrations";
constexpr char kJournalMigrations[] = CHANYAN_SOURCE "/common/journal/migrations";
constexpr int kNewest = 1000;

class NobodyKnown final : public auth::Authenticator {
 public:
  absl::StatusOr<auth::Principal> Authenticate(absl::string_view) override {
    return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN, "没有登录");
  }
};

class SchemaRangeTest : public ::testing::Test {
 protected:
  SchemaRangeTest()
      : dir_(absl::StrCat(::testing::TempDir(), "/ranges_", database_.config().schema)) {
    std::filesystem::remove_all(dir_);
    for (const char* component : {"common", "journal", "shop"}) {
      std::filesystem::create_directories(Folder(component));
    }
    Write("shop", "0001_shop.sql", "CREATE TABLE shelf (n INT PRIMARY KEY)");
  }
  ~SchemaRangeTest() override { std::filesystem::remove_all(dir_); }

  std::string Folder(const std::string& component) const {
    return absl::StrCat(dir_, "/", component);
  }
  void Write(const std::string& component, const std::string& file, const std::string& sql) {
    std::ofstream(absl::StrCat(Folder(component), "/", file)) << sql;
  }
  // The component's migrations as they are, as far as `version`.
  void Take(const std::string& component, const std::string& from, int version) {
    const auto migrations = db::LoadMigrations({component, from});
    ASSERT_TRUE(migrations.ok()) << migrations.status();
    for (const db::Migration& migration : *migrations) {
      if (migration.version <= version) Write(component, migration.file, migration.sql);
    }
  }
  void Apply() {
    const auto applied = db::Migrate(
        database_.config(),
        {{"common", Folder("common")}, {"journal", Folder("journal")}, {"shop", Folder("shop")}},
        {});
    ASSERT_TRUE(applied.ok()) << applied.status();
  }
  void Migrate(int common, int journal) {
    Take("common", kCommonMigrations, common);
    Take("journal", kJournalMigrations, journal);
    Apply();
  }
  // Of a service that knows version 1 of its own component, or has none.
  absl::Status Start(int own = 1) {
    config::Config config;
    config.service = "shop";
    config.listen = absl::StrCat("unix:", dir_, "/socket");
    config.db = database_.Url();
    config.workers = 2;
    config.log_level = log::Level::kError;
    ServiceSpec spec;
    spec.name = "shop";
    spec.schema_min = own;
    spec.schema_max = own;
    spec.authenticator = [](Runtime&) -> absl::StatusOr<std::unique_ptr<auth::Authenticator>> {
      return std::make_unique<NobodyKnown>();
    };
    spec.build = [](Runtime&) { return absl::OkStatus(); };
    return Runtime::Create(spec, config).status();
  }
  void ExpectRefused(const std::string& component, const std::string& why) {
    const absl::Status status = Start();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(absl::StrCat("组件 ", component, " ")), HasSubstr(why)));
  }

  testing::TestDatabase database_;
  const std::string dir_;
};

TEST_F(SchemaRangeTest, AJournalOfBeforeIsRefusedUntilItIsMigrated) {
  Migrate(kNewest, 1);
  ExpectRefused("journal", "库版本为 1，本程序需要 2 至 2，请先运行 chanyan-migrate");
  Migrate(kNewest, kNewest);
  EXPECT_TRUE(Start().ok()) << Start();
}

TEST_F(SchemaRangeTest, ACommonOfBeforeIsRefusedUntilItIsMigrated) {
  Migrate(3, kNewest);
  ExpectRefused("common", "库版本为 3，本程序需要 4 至 4，请先运行 chanyan-migrate");
  Migrate(kNewest, kNewest);
  EXPECT_TRUE(Start().ok()) << Start();
}

TEST_F(SchemaRangeTest, WhatANewerProgramMadeIsRefused) {
  Migrate(kNewest, kNewest);
  Write("journal", "0003_later.sql", "CREATE TABLE later (n INT PRIMARY KEY)");
  Apply();
  ExpectRefused("journal", "库版本为 3，本程序需要 2 至 2，请使用更新的程序");
}

TEST_F(SchemaRangeTest, ACommonThatANewerProgramMadeIsRefused) {
  Migrate(kNewest, kNewest);
  Write("common", "0005_later.sql", "CREATE TABLE later (n INT PRIMARY KEY)");
  Apply();
  ExpectRefused("common", "库版本为 5，本程序需要 4 至 4，请使用更新的程序");
}

TEST_F(SchemaRangeTest, WhatIsMissingOrStoppedHalfWayIsRefused) {
  Migrate(kNewest, 0);
  ExpectRefused("journal", "库版本为 0");
  Migrate(kNewest, kNewest);
  database_.Apply(
      "UPDATE schema_migration SET applied_at = NULL WHERE component = 'journal' AND version = 2");
  ExpectRefused("journal", "升级中途停止");
}

// The service's own is asked about as before, and one without a schema is asked nothing.
TEST_F(SchemaRangeTest, TheServicesOwnComponentIsCheckedToo) {
  Migrate(kNewest, 1);
  EXPECT_TRUE(Start(0).ok()) << Start(0);
  Migrate(kNewest, kNewest);
  Write("shop", "0002_later.sql", "CREATE TABLE later (n INT PRIMARY KEY)");
  Apply();
  ExpectRefused("shop", "库版本为 2，本程序需要 1 至 1");
}

}  // namespace
}  // namespace chanyan::rpc
