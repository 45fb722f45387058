// What was done before the ladder knew of it (TRI-5): a library with its log as it was at migration
// 0010, brought up to the present schema, against the rule that decides now.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/db/in_chunks.h"
#include "common/db/migrate.h"
#include "common/time/civil.h"
#include "services/triage/follow_up_rules.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::triage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kMigrations[] = CHANYAN_SOURCE "/services/triage/migrations";
constexpr char kBefore[] = "0011";
constexpr absl::CivilDay kFirstDay(2025, 4, 1);

// An entry of a log, as a line of a table.
struct Line {
  v1::FollowUpKind kind;
  // Days after the first on which it happened.
  int day = 0;
  bool counts = true;
  // Of a registration: which line has its contract, from 0.
  int contract = 0;
};

constexpr v1::FollowUpKind kContact = v1::FOLLOW_UP_KIND_CONTACT;
constexpr v1::FollowUpKind kNegotiation = v1::FOLLOW_UP_KIND_NEGOTIATION;
constexpr v1::FollowUpKind kContract = v1::FOLLOW_UP_KIND_CONTRACT;
constexpr v1::FollowUpKind kRegistration = v1::FOLLOW_UP_KIND_REGISTRATION;
constexpr v1::FollowUpKind kSpinout = v1::FOLLOW_UP_KIND_SPINOUT;
constexpr v1::FollowUpKind kFinancing = v1::FOLLOW_UP_KIND_FINANCING;
constexpr v1::FollowUpKind kNote = v1::FOLLOW_UP_KIND_NOTE;

// As it stands in the table.
std::string KindName(v1::FollowUpKind kind) {
  return std::string(absl::StripPrefix(v1::FollowUpKind_Name(kind), "FOLLOW_UP_KIND_"));
}

struct LogCase {
  const char* what;
  std::vector<Line> log;
  bool concluded;
};

const std::vector<LogCase>& LogCases() {
  static const auto& cases = *new std::vector<LogCase>{
      {"nothing", {}, false},
      {"talk alone", {{kContact}, {kNegotiation, 1}}, false},
      {"waits for its registration", {{kContact}, {kContract, 1}}, false},
      {"registered", {{kContact}, {kContract, 1}, {kRegistration, 2, true, 1}}, true},
      {"one of two is registered",
       {{kContract}, {kContract, 1}, {kRegistration, 2, true, 0}},
       false},
      {"both are registered",
       {{kContract}, {kContract, 1}, {kRegistration, 2, true, 0}, {kRegistration, 3, true, 1}},
       true},
      {"the registration does not count", {{kContract}, {kRegistration, 1, false, 0}}, false},
      {"the other contract does not count",
       {{kContract}, {kContract, 1, false}, {kRegistration, 2, true, 0}},
       true},
      {"founded", {{kNegotiation}, {kSpinout, 1}}, true},
      {"founded, and a contract waits", {{kSpinout}, {kContract, 1}}, false},
      {"another way since", {{kSpinout, 1}, {kContact, 2}}, false},
      {"another way on the same day", {{kSpinout, 1}, {kNegotiation, 1}}, false},
      {"another way that does not count", {{kSpinout, 1}, {kContact, 2, false}}, true},
      {"told later of what was before", {{kSpinout, 5}, {kContact, 2}}, true},
      {"money and notes open nothing", {{kSpinout, 1}, {kFinancing, 2}, {kNote, 3}}, true},
      {"and that way ended too",
       {{kContract}, {kRegistration, 1, true, 0}, {kContact, 2}, {kSpinout, 3}},
       true},
  };
  return cases;
}

class ConcludedBackfillTest : public ::testing::Test {
 protected:
  ConcludedBackfillTest() : before_(absl::StrCat(::testing::TempDir(), "/concluded-", getpid())) {
    fs::create_directories(before_);
    for (const auto& file : fs::directory_iterator(kMigrations)) {
      const std::string name = file.path().filename().string();
      if (absl::EndsWith(name, ".sql") && name < kBefore) {
        fs::copy_file(file.path(), fs::path(before_) / name, fs::copy_options::overwrite_existing);
      }
    }
    Migrate(before_);
  }
  ~ConcludedBackfillTest() override { fs::remove_all(before_); }

  void Migrate(const std::string& triage) {
    const std::vector<db::Component> components = {
        {"common", CHANYAN_SOURCE "/common/db/migrations"},
        {"journal", CHANYAN_SOURCE "/common/journal/migrations"},
        {"triage", triage}};
    const auto applied = db::Migrate(database_.config(), components, {});
    ASSERT_TRUE(applied.ok()) << applied.status();
  }

  // A row as the program of then wrote it; what is not said has nothing in it.
  absl::Status Insert(db::Session& session, const std::string& table,
                      std::map<std::string, db::Value> row) {
    const auto columns = session.Query(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = "
        "DATABASE() AND table_name = ? AND is_nullable = 'NO' AND column_default IS NULL",
        {table});
    if (!columns.ok()) return columns.status();
    for (const db::Values& column : columns->rows) {
      const auto& type = std::get<std::string>(column[1]);
      db::Value nothing = std::string();
      if (absl::EndsWith(type, "int")) nothing = int64_t{0};
      if (type == "longtext") nothing = std::string("[]");
      if (type == "datetime") nothing = time::StartOfDay(kFirstDay);
      row.try_emplace(std::get<std::string>(column[0]), std::move(nothing));
    }
    db::Values values;
    for (const auto& [name, value] : row) values.push_back(value);
    return session
        .Execute(absl::StrCat("INSERT INTO ", table, " (",
                              absl::StrJoin(row, ", ",
                                            [](std::string* out, const auto& cell) {
                                              absl::StrAppend(out, cell.first);
                                            }),
                              ") VALUES ", db::Marks(row.size())),
                 values)
        .status();
  }
  // A result that stands on one rung, with its log; what the rule of today says of it.
  bool Keep(const std::string& name, const std::vector<Line>& log,
            const std::string& state = "PUBLISHED") {
    std::vector<v1::FollowUp> counted;
    const absl::Status kept = database_.db().Transact([&](db::Session& session) -> absl::Status {
      counted.clear();
      absl::Status done = Insert(session, "result",
                                 {{"name", name},
                                  {"title", name},
                                  {"state", state},
                                  {"rungs", std::string(R"(["department"])")},
                                  {"version", int64_t{1}}});
      for (size_t i = 0; i < log.size() && done.ok(); ++i) {
        v1::FollowUp row;
        row.set_name(absl::StrCat(name, "/followUps/", i));
        row.set_kind(log[i].kind);
        const absl::CivilDay day = kFirstDay + log[i].day;
        *row.mutable_happen_date() = time::ToProto(day);
        const bool registers = log[i].kind == kRegistration;
        if (registers) {
          row.set_contract_follow_up(absl::StrCat(name, "/followUps/", log[i].contract));
          row.set_registration_number(absl::StrCat(name, "-", i));
        }
        done = Insert(session, "follow_up",
                      {{"name", row.name()},
                       {"kind", KindName(row.kind())},
                       {"happen_date", absl::FormatCivilTime(day)},
                       {"contract_follow_up", row.contract_follow_up()},
                       {"registration_number", row.registration_number()},
                       {"state", std::string(log[i].counts ? "RECORDED" : "VOIDED")},
                       // In the order of the lines, after all that happened.
                       {"create_time", time::StartOfDay(kFirstDay + 100) + absl::Minutes(i)},
                       {"version", int64_t{1}}});
        if (log[i].counts) counted.push_back(row);
      }
      return done;
    });
    EXPECT_TRUE(kept.ok()) << kept;
    return IsConcluded(counted);
  }
  std::vector<std::string> Texts(absl::string_view sql) {
    return testing::Texts(database_.db(), sql);
  }
  // "1 [] NULL" or "0 [\"department\"] 1": whether it is concluded, its rungs, and how many the
  // ladder counts.
  std::vector<std::string> Standing(const std::string& name) {
    return Texts(
        absl::StrCat("SELECT CONCAT(concluded, ' ', rungs, ' ', COALESCE(rung_count, "
                     "'NULL')) FROM result WHERE name = '",
                     name, "'"));
  }

  const std::string before_;
  testing::TestDatabase database_;
};

constexpr char kDone[] = "1 [] NULL";
constexpr char kWaits[] = R"(0 ["department"] 1)";

TEST_F(ConcludedBackfillTest, WhatWasDoneIsConcludedAndNothingElse) {
  for (size_t i = 0; i < LogCases().size(); ++i) {
    const LogCase& one = LogCases()[i];
    EXPECT_EQ(Keep(absl::StrCat("results/r", i), one.log), one.concluded) << one.what;
  }
  const std::vector<Line> founded = {{kSpinout}};
  Keep("results/withdrawn", founded, "WITHDRAWN");
  Keep("results/merged", founded, "MERGED");
  ASSERT_THAT(
      Texts("SELECT name FROM schema_migration WHERE component = 'triage' AND version > 10"),
      IsEmpty());
  Migrate(kMigrations);
  for (size_t i = 0; i < LogCases().size(); ++i) {
    const LogCase& one = LogCases()[i];
    EXPECT_THAT(Standing(absl::StrCat("results/r", i)), ElementsAre(one.concluded ? kDone : kWaits))
        << one.what;
  }
  // Those that are closed do not stand on the ladder anyway.
  EXPECT_THAT(Standing("results/withdrawn"), ElementsAre(R"(0 ["department"] NULL)"));
  EXPECT_THAT(Standing("results/merged"), ElementsAre(R"(0 ["department"] NULL)"));
}

TEST_F(ConcludedBackfillTest, OfAnyLogItSaysWhatTheRuleSays) {
  uint64_t seed = std::random_device()();
  if (const char* wanted = std::getenv("CHANYAN_SEED")) {
    ASSERT_TRUE(absl::SimpleAtoi(wanted, &seed)) << wanted;
  }
  std::cout << "CHANYAN_SEED=" << seed << "\n";
  std::mt19937_64 random(seed);
  constexpr v1::FollowUpKind kKinds[] = {kContact, kNegotiation, kContract, kRegistration,
                                         kSpinout, kFinancing,   kNote};
  constexpr int kResults = 200;
  std::vector<bool> concluded;
  for (int i = 0; i < kResults; ++i) {
    std::vector<Line> log;
    std::vector<int> waiting;
    const int lines = static_cast<int>(random() % 7);
    for (int at = 0; at < lines; ++at) {
      Line line = {kKinds[random() % std::size(kKinds)], static_cast<int>(random() % 5),
                   random() % 5 != 0};
      if (line.kind == kRegistration) {
        if (waiting.empty()) line.kind = kContract;
      }
      if (line.kind == kRegistration) {
        line.contract = waiting.back();
        if (line.counts) waiting.pop_back();
      }
      if (line.kind == kContract && line.counts) waiting.push_back(at);
      log.push_back(line);
    }
    concluded.push_back(Keep(absl::StrCat("results/r", i), log));
  }
  Migrate(kMigrations);
  int done = 0;
  for (int i = 0; i < kResults; ++i) {
    done += concluded[i];
    EXPECT_THAT(Standing(absl::StrCat("results/r", i)), ElementsAre(concluded[i] ? kDone : kWaits))
        << "seed " << seed << ", result " << i;
  }
  EXPECT_GT(done, kResults / 20);
  EXPECT_LT(done, kResults / 2);
}

}  // namespace
}  // namespace chanyan::triage
