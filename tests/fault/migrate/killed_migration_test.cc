// kill -9 of chanyan-migrate at each statement of every component's migrations in turn, before it
// and after it but before it was noted (OPS-5): the runs that follow end at the schema that an
// undisturbed one makes, and nothing is done twice. With migrations of no service that is done
// CHANYAN_KILLS times over (1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/db/migrate.h"
#include "common/db/sql_script.h"
#include "tests/fault/migrate/gate.h"
#include "tests/support/kills.h"
#include "tests/support/test_database.h"

namespace chanyan::fault {
namespace {

using db::Component;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TestDatabase;

constexpr int kKilled = 128 + SIGKILL;
// Of no service: what is done twice here shows, in rows and in columns.
constexpr char kTally[] =
    "CREATE TABLE tally (n BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT '');\n"
    "INSERT INTO tally (n) VALUES (1);\n"
    "INSERT INTO tally (n) VALUES (2);\n"
    "UPDATE tally SET n = n * 10 + 1 ORDER BY n DESC;\n"
    "ALTER TABLE tally ADD COLUMN more INT NULL, ADD KEY tally_more (more);\n"
    "UPDATE tally SET n = n * 10 + 2 ORDER BY n DESC;\n";
constexpr char kEvents[] =
    "CREATE TABLE event (round INT NOT NULL, n BIGINT NOT NULL);\n"
    "INSERT INTO event SELECT 1, n FROM tally;\n"
    "ALTER TABLE event ADD CONSTRAINT event_n CHECK (n > 0);\n"
    "ALTER TABLE event ADD CONSTRAINT event_tally FOREIGN KEY (n) REFERENCES tally (n);\n"
    "ALTER TABLE tally DROP KEY tally_more;\n"
    "ALTER TABLE tally DROP COLUMN more;\n"
    "INSERT INTO event SELECT 2, n FROM tally;\n"
    "CREATE TABLE gone (n INT PRIMARY KEY);\n"
    "DROP TABLE gone;\n";

// One is sealed and two are not.
constexpr char kEntries[] =
    "INSERT INTO journal (seq, event_id, resource, type, kind, method, actor, organization,"
    " request_id, trace_id, time, before_json, after_json)"
    " SELECT IF(seq = 1, 1, NULL), CONCAT('event-', seq), 'organizations/a', 'Organization',"
    " 'created', 'm', 'accounts/a', 'organizations/a', CONCAT('r', seq), '', '2026-01-05', '{}', "
    "'{}'"
    " FROM seq_1_to_3";

std::string Text(const db::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
  if (const auto* real = std::get_if<double>(&value)) return absl::StrCat(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* time = std::get_if<absl::Time>(&value)) return absl::FormatTime(*time);
  return "NULL";
}

// What a query gives, a line a row.
std::vector<std::string> Lines(TestDatabase& database, const std::string& sql) {
  std::vector<std::string> lines;
  const auto rows = database.Connect()->Query(sql, {});
  EXPECT_TRUE(rows.ok()) << sql << ": " << rows.status();
  if (!rows.ok()) return lines;
  for (const db::Values& row : rows->rows) {
    std::string& line = lines.emplace_back();
    for (const db::Value& value : row) absl::StrAppend(&line, line.empty() ? "" : "|", Text(value));
  }
  return lines;
}

// All that a schema is: tables as they are declared, what is in them, and what was noted.
std::vector<std::string> Picture(TestDatabase& database) {
  std::vector<std::string> picture =
      Lines(database,
            "SELECT component, version, name, sha256, done, applied_at IS NOT NULL "
            "FROM schema_migration ORDER BY component, version");
  for (const std::string& table :
       Lines(database,
             absl::StrCat("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '",
                          database.config().schema,
                          "' AND TABLE_NAME NOT IN ('lease', 'schema_migration') ORDER BY 1"))) {
    for (std::string& line : Lines(database, absl::StrCat("SHOW CREATE TABLE `", table, "`"))) {
      picture.push_back(std::move(line));
    }
    std::vector<std::string> rows = Lines(database, absl::StrCat("SELECT * FROM `", table, "`"));
    std::sort(rows.begin(), rows.end());
    for (const std::string& row : rows) picture.push_back(absl::StrCat(table, ": ", row));
  }
  return picture;
}

// Of a test's name.
Blow BlowOf(const std::string& name) { return name == "before" ? Blow::kBefore : Blow::kAfter; }

std::vector<std::string> StatementsOf(const std::vector<Component>& components) {
  std::vector<std::string> statements;
  for (const Component& component : components) {
    const auto migrations = db::LoadMigrations(component);
    EXPECT_TRUE(migrations.ok()) << migrations.status();
    if (!migrations.ok()) continue;
    for (const db::Migration& migration : *migrations) {
      const auto script = db::SplitScript(migration.sql);
      EXPECT_TRUE(script.ok()) << script.status();
      if (!script.ok()) continue;
      for (const db::ScriptStatement& one : *script) statements.push_back(one.text);
    }
  }
  return statements;
}

class KilledMigrationTest : public ::testing::Test {
 protected:
  KilledMigrationTest()
      : dir_(absl::StrCat(::testing::TempDir(), "/killed_migration_", getpid())),
        server_socket_(database_->server().ConfigFor("").socket) {
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_ + "/drill");
  }
  ~KilledMigrationTest() override {
    if (!HasFailure()) std::filesystem::remove_all(dir_);
  }
  void SetUp() override {
    if (server_socket_.empty()) GTEST_SKIP() << "the gate stands at a socket of the server's";
  }

  static Component OfTheSuite(const std::string& name, const std::string& folder) {
    return {name, absl::StrCat(CHANYAN_SOURCE, "/", folder, "/migrations")};
  }
  static std::vector<Component> ComponentsOf(const std::string& service) {
    return {OfTheSuite("common", "common/db"), OfTheSuite("journal", "common/journal"),
            OfTheSuite(service, "services/" + service)};
  }
  void Write(const std::string& file, const std::string& sql) {
    std::ofstream(absl::StrCat(dir_, "/drill/", file)) << sql;
  }

  testing::Process::Options Program(const std::vector<Component>& components,
                                    const Gate& gate) const {
    std::vector<std::string> command = {
        CHANYAN_MIGRATE, absl::StrCat("--db=mysql://root@localhost/", database_->config().schema,
                                      "?socket=", gate.socket())};
    for (const Component& component : components) {
      command.push_back(absl::StrCat("--component=", component.name, ":", component.dir));
    }
    return {command, dir_ + "/log", {}};
  }
  std::string Log() const {
    std::ifstream stream(dir_ + "/log");
    return std::string{std::istreambuf_iterator<char>(stream), {}};
  }

  // Kills one run after the other at the next statement that none was killed at yet, until one
  // comes to its end. The first `done` statements have been applied.
  void KillAtEach(const std::vector<Component>& components, Blow blow, size_t done = 0) {
    std::vector<std::string> statements = StatementsOf(components);
    ASSERT_GT(statements.size(), done);
    statements.erase(statements.begin(), statements.begin() + static_cast<std::ptrdiff_t>(done));
    const std::set<std::string> watched(statements.begin(), statements.end());
    ASSERT_THAT(watched, SizeIs(statements.size())) << "two statements are the same";
    Gate gate(dir_ + "/gate", server_socket_);
    std::vector<std::string> struck;
    while (struck.size() <= statements.size()) {
      // A run begins with the statement at which the one before it was killed.
      const Passage passage =
          gate.Run(Program(components, gate), watched, blow, struck.empty() ? 1 : 2);
      if (passage.struck.empty()) {
        EXPECT_EQ(passage.exit_code, 0) << Log();
        break;
      }
      ASSERT_EQ(passage.exit_code, kKilled) << Log();
      struck.push_back(passage.struck);
      // Its time goes by.
      database_->Apply("UPDATE lease SET expires_at = '2000-01-01'");
    }
    EXPECT_EQ(struck, statements);
  }

  // As `undisturbed`, where nobody is killed; and nothing is left to do.
  void ExpectAs(TestDatabase& undisturbed, const std::vector<Component>& components) {
    const auto applied = db::Migrate(undisturbed.config(), components, {});
    ASSERT_TRUE(applied.ok()) << applied.status();
    EXPECT_EQ(Picture(*database_), Picture(undisturbed));
    const auto again = db::Migrate(database_->config(), components, {});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_THAT(*again, IsEmpty());
  }

  // So often, each time on an empty database.
  template <class Round>
  void Repeat(int times, Round round) {
    for (int i = 0; i < times && !HasFailure(); ++i) {
      SCOPED_TRACE(absl::StrCat("round ", i));
      if (i > 0) database_ = std::make_unique<TestDatabase>();
      round();
    }
  }

  std::unique_ptr<TestDatabase> database_ = std::make_unique<TestDatabase>();
  const std::string dir_;
  const std::string server_socket_;
};

// Statements that commit by themselves and such that do not, in one migration and across two.
class KilledDrillTest : public KilledMigrationTest,
                        public ::testing::WithParamInterface<std::string> {};

TEST_P(KilledDrillTest, NoRowIsChangedTwiceAndNoColumnMadeTwice) {
  Write("0001_tally.sql", kTally);
  Write("0002_events.sql", kEvents);
  const std::vector<Component> components = {{"drill", dir_ + "/drill"}};
  Repeat(testing::Kills(), [&] {
    KillAtEach(components, BlowOf(GetParam()));
    EXPECT_EQ(Lines(*database_, "SELECT round, n FROM event ORDER BY round, n"),
              (std::vector<std::string>{"1|112", "1|212", "2|112", "2|212"}));
    TestDatabase undisturbed;
    ExpectAs(undisturbed, components);
  });
  std::fprintf(stdout, "%s: %d statements, each killed %d times\n", GetParam().c_str(),
               static_cast<int>(StatementsOf(components).size()), testing::Kills());
}

// Entries that were open when the journal said NULL of them are open afterwards, each once.
TEST_P(KilledDrillTest, AJournalOfBeforeIsMovedOnce) {
  const Component journal = OfTheSuite("journal", "common/journal");
  const auto migrations = db::LoadMigrations(journal);
  ASSERT_TRUE(migrations.ok()) << migrations.status();
  Write(migrations->at(0).file, migrations->at(0).sql);
  const std::vector<Component> before = {{"journal", dir_ + "/drill"}};
  Repeat(testing::Kills(), [&] {
    TestDatabase undisturbed;
    for (TestDatabase* database : {database_.get(), &undisturbed}) {
      ASSERT_TRUE(db::Migrate(database->config(), before, {}).ok());
      database->Apply(kEntries);
    }
    KillAtEach({journal}, BlowOf(GetParam()), StatementsOf(before).size());
    EXPECT_EQ(Lines(*database_, "SELECT id, seq FROM journal ORDER BY id"),
              (std::vector<std::string>{"1|1", "2|0", "3|0"}));
    ExpectAs(undisturbed, {journal});
  });
}

INSTANTIATE_TEST_SUITE_P(Blows, KilledDrillTest, ::testing::Values("before", "after"),
                         [](const auto& info) { return info.param; });

// Every migration that the suite has.
class KilledServiceTest
    : public KilledMigrationTest,
      public ::testing::WithParamInterface<std::tuple<std::string, std::string>> {};

TEST_P(KilledServiceTest, ItsSchemaIsAsUndisturbed) {
  const auto [service, blow] = GetParam();
  const std::vector<Component> components = ComponentsOf(service);
  KillAtEach(components, BlowOf(blow));
  TestDatabase undisturbed;
  ExpectAs(undisturbed, components);
}

INSTANTIATE_TEST_SUITE_P(Services, KilledServiceTest,
                         ::testing::Combine(::testing::Values("identity", "registry", "pairing",
                                                              "cycle", "triage", "consortium"),
                                            ::testing::Values("before", "after")),
                         [](const auto& info) {
                           return absl::StrCat(std::get<0>(info.param), "_",
                                               std::get<1>(info.param));
                         });

}  // namespace
}  // namespace chanyan::fault
