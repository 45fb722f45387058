// Coverage of a whole city: 20,000 enterprises of a roster and 50,000 projects in one answer. Held
// against the least that can be asked of the same rows: how many the join has, counted by the
// driver.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/perf/clients.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"

namespace chanyan::perf {
namespace {

constexpr char kPairingSchema[] = "chanyan_pairing";
constexpr char kRoster[] = "rosters/2025-01-01";
constexpr int kEnterprises = 20'000;
constexpr int kProjects = 50'000;
constexpr int kUnits = 40;
constexpr int kUniversities = 60;
constexpr int kPlatforms = 2'000;
constexpr int kRowsPerTransaction = 1'000;
// Answers of one round.
constexpr int kAnswers = 10;
constexpr char kFloor[] =
    "SELECT COUNT(*) FROM roster_entry LEFT JOIN project"
    " ON project.enterprise = roster_entry.enterprise"
    " WHERE roster_entry.name >= ? AND roster_entry.name < ?";

std::string EnterpriseName(int number) {
  return absl::StrFormat("organizations/perf%014d", number);
}

pairing::v1::RosterEntry MakeEntry(int number) {
  pairing::v1::RosterEntry row;
  row.set_name(absl::StrFormat("%s/entries/perf%014d", kRoster, number));
  row.set_enterprise(EnterpriseName(number));
  row.set_enterprise_title(absl::StrFormat("演示海洋装备科技有限公司第%05d号", number));
  row.set_unified_social_credit_code(absl::StrFormat("91370211%010d", number));
  // Neighbours in the roster are of different units.
  const int unit = number * 7 % kUnits;
  row.set_unit(absl::StrFormat("organizations/perf-unit%02d", unit));
  row.set_unit_title(absl::StrFormat("演示功能区第%02d号", unit));
  row.set_zone(absl::StrFormat("功能区%02d", number % 30));
  row.set_industry(absl::StrFormat("产业%02d", number % 18));
  return row;
}

// Some enterprises have many projects and some none, as in a city.
pairing::v1::Project MakeProject(int number) {
  constexpr pairing::v1::ProjectState kStates[] = {
      pairing::v1::PROJECT_STATE_INTENT,    pairing::v1::PROJECT_STATE_NEGOTIATING,
      pairing::v1::PROJECT_STATE_SIGNED,    pairing::v1::PROJECT_STATE_BUILDING,
      pairing::v1::PROJECT_STATE_COMPLETED, pairing::v1::PROJECT_STATE_TERMINATED};
  pairing::v1::Project row;
  row.set_name(absl::StrFormat("projects/perf%08d", number));
  // A pair of its own: the open one is unique.
  row.set_platform(absl::StrFormat("organizations/perf-u%03d/platforms/p%04d-%d",
                                   number % kUniversities, number % kPlatforms, number));
  row.set_university(absl::StrFormat("organizations/perf-u%03d", number % kUniversities));
  row.set_enterprise(EnterpriseName(static_cast<int>(int64_t{number} * 7'919 % 17'000)));
  row.set_title("演示共建项目");
  row.add_kinds("技术研发");
  row.set_content("演示数据：共建中试线，联合开展材料与结构的研究和检测。");
  row.set_state(kStates[number % 6]);
  return row;
}

template <class T, class Make>
void Ensure(db::Database& db, int wanted, Make make) {
  const db::Table<T> table;
  int64_t there = 0;
  Require(db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(there,
                             table.Count(session, {"enterprise LIKE 'organizations/perf%'", {}}));
    return absl::OkStatus();
  }),
          "counting");
  for (int first = static_cast<int>(there); first < wanted; first += kRowsPerTransaction) {
    const int last = std::min(first + kRowsPerTransaction, wanted);
    Require(db.Transact([&](db::Session& session) {
      std::vector<T> rows;
      for (int i = first; i < last; ++i) rows.push_back(make(i));
      return table.InsertAll(session, absl::Now(), &rows);
    }),
            "writing rows");
  }
}

void EnsureCity(const Options& options) {
  const std::string url =
      absl::StrCat("mysql://root@localhost/", kPairingSchema,
                   "?read-timeout=60s&socket=", options.run_dir, "/mariadb.sock");
  const auto db =
      Require(db::Database::Open(Require(db::Config::FromUrl(url), "url")), "connecting");
  const db::Table<pairing::v1::Roster> rosters;
  const absl::Status head = db->Transact([&](db::Session& session) -> absl::Status {
    if (rosters.Get(session, kRoster).ok()) return absl::OkStatus();
    pairing::v1::Roster row;
    row.set_name(kRoster);
    *row.mutable_effective_date() = time::ToProto(absl::CivilDay(2025, 1, 1));
    row.set_entry_count(kEnterprises);
    return rosters.Insert(session, absl::Now(), &row);
  });
  Require(head, "writing the roster");
  Ensure<pairing::v1::RosterEntry>(*db, kEnterprises, MakeEntry);
  Ensure<pairing::v1::Project>(*db, kProjects, MakeProject);
}

// Milliseconds of one answer, over some.
template <class Ask>
double MillisecondsOf(Ask ask) {
  const Stopwatch watch;
  for (int i = 0; i < kAnswers; ++i) ask();
  return watch.Seconds() * 1000 / kAnswers;
}

}  // namespace

Figures Coverage(const Options& options) {
  EnsureCity(options);
  RawConnection connection(options, kPairingSchema);
  connection.Run("ANALYZE TABLE roster_entry, project");
  RawStatement count(connection, kFloor);
  const std::vector<std::string> ends = {absl::StrCat(kRoster, "/entries/"),
                                         absl::StrCat(kRoster, "/entries0")};
  const auto floor = [&] { return MillisecondsOf([&] { count.Query(ends); }); };

  PairingClient client(options);
  pairing::v1::QueryCoverageRequest request;
  request.set_roster(kRoster);
  Figures figures;
  const auto measure = [&](absl::string_view what, pairing::v1::CoverageGrouping grouping,
                           absl::string_view bound) {
    request.set_group_by(grouping);
    const Compared compared = Compare(
        [&] {
          const std::string token = SecretariatToken(options);
          return MillisecondsOf([&] {
            const pairing::v1::Coverage coverage = client.QueryCoverage(token, request);
            if (coverage.total().enterprise_count() != kEnterprises) Die("coverage is not whole");
          });
        },
        floor);
    figures.push_back({std::string(what), absl::StrFormat("%.1f ms", compared.ours),
                       absl::StrFormat("%.1f ms", compared.floor), compared.ratio,
                       std::string(bound)});
  };
  measure(absl::StrFormat("coverage of %d enterprises and %d projects by unit: QueryCoverage by "
                          "gRPC / COUNT(*) of the same join",
                          kEnterprises, kProjects),
          pairing::v1::COVERAGE_GROUPING_UNIT, "≤ 3, < 100 ms");
  measure("… the total alone", pairing::v1::COVERAGE_GROUPING_UNSPECIFIED, "");
  return figures;
}

}  // namespace chanyan::perf
