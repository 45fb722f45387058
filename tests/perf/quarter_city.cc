#include "tests/perf/quarter_city.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

constexpr int kUniversities = 60;
constexpr int kPlatforms = 2'000;
// Of 20,000 enterprises 50,000 projects: every second has three, the others two.
constexpr int kLeastProjects = 2;
constexpr int kRowsPerTransaction = 1'000;
// Quarters whose work calendar the packs have.
constexpr const char* kQuarters[] = {"2025q1", "2025q2", "2025q3", "2025q4",
                                     "2026q1", "2026q2", "2026q3", "2026q4"};

std::string University(int number) {
  return absl::StrFormat("organizations/quarter-u%02d", number % kUniversities);
}
std::string Enterprise(int number) {
  return absl::StrFormat("organizations/quarter-e%05d", number);
}
std::string Platform(int number) {
  return absl::StrFormat("%s/platforms/p%04d", University(number), number % kPlatforms);
}

registry::v1::Organization OrganizationOf(const std::string& name, const std::string& title,
                                          registry::v1::OrganizationKind kind) {
  registry::v1::Organization row;
  row.set_name(name);
  row.set_display_name(title);
  row.set_kind(kind);
  row.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  row.set_demonstration(true);
  return row;
}

std::vector<registry::v1::Organization> Organizations(int enterprises) {
  using namespace registry::v1;  // NOLINT: the kinds alone
  std::vector<registry::v1::Organization> rows;
  rows.push_back(OrganizationOf(kSecretariat, "秘书处（性能）", ORGANIZATION_KIND_SECRETARIAT));
  for (int i = 0; i < kUniversities; ++i) {
    rows.push_back(OrganizationOf(University(i), absl::StrFormat("性能大学%02d", i),
                                  ORGANIZATION_KIND_UNIVERSITY));
  }
  for (int i = 0; i < kUnits; ++i) {
    rows.push_back(
        OrganizationOf(Unit(i), absl::StrFormat("性能街道%02d", i), ORGANIZATION_KIND_TOWN));
  }
  for (int i = 0; i < enterprises; ++i) {
    rows.push_back(OrganizationOf(Enterprise(i), absl::StrFormat("青岛性能企业%05d有限公司", i),
                                  ORGANIZATION_KIND_ENTERPRISE));
    rows.back().set_unified_social_credit_code(
        demo::InventedUscc("370212", static_cast<uint64_t>(i)));
    rows.back().set_unit(Unit(i * 7));
  }
  return rows;
}

std::vector<registry::v1::Platform> Platforms() {
  std::vector<registry::v1::Platform> rows;
  for (int i = 0; i < kPlatforms; ++i) {
    registry::v1::Platform row;
    row.set_name(Platform(i));
    row.set_organization(University(i));
    row.set_organization_title(absl::StrFormat("性能大学%02d", i % kUniversities));
    row.set_display_name(absl::StrFormat("性能海洋装备实验室%04d", i));
    row.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
    row.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<pairing::v1::Project> Projects(int enterprises) {
  std::vector<pairing::v1::Project> rows;
  for (int e = 0; e < enterprises; ++e) {
    for (int k = 0; k < kLeastProjects + e % 2; ++k) {
      // Neighbouring platforms: an enterprise has each once.
      const int platform = e + k * 331;
      pairing::v1::Project row;
      row.set_name(absl::StrFormat("projects/quarter%05d-%d", e, k));
      row.set_platform(Platform(platform));
      row.set_platform_title(absl::StrFormat("性能海洋装备实验室%04d", platform % kPlatforms));
      row.set_university(University(platform));
      row.set_enterprise(Enterprise(e));
      row.set_enterprise_title(absl::StrFormat("青岛性能企业%05d有限公司", e));
      row.set_unit(Unit(e * 7));
      row.set_title("海洋装备轻量化联合实验室（演示）");
      row.add_kinds("技术研发");
      row.set_content("共建中试线，联合开展材料与结构的研究和检测。");
      row.set_state(pairing::v1::PROJECT_STATE_BUILDING);
      row.mutable_sign_date()->set_year(2024);
      row.mutable_sign_date()->set_month(9);
      row.mutable_sign_date()->set_day(1 + e % 28);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

// Writes those that are not there.
template <class T>
void Ensure(db::Database& db, std::vector<T> rows) {
  const db::Table<T> table;
  for (size_t first = 0; first < rows.size(); first += kRowsPerTransaction) {
    const size_t last = std::min(rows.size(), first + kRowsPerTransaction);
    Require(db.Transact([&](db::Session& session) -> absl::Status {
      std::vector<std::string> names;
      for (size_t i = first; i < last; ++i) names.push_back(rows[i].name());
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<T> there, table.GetAll(session, names));
      std::vector<T> missing;
      for (size_t i = first; i < last; ++i) {
        if (std::none_of(there.begin(), there.end(),
                         [&](const T& row) { return row.name() == rows[i].name(); })) {
          missing.push_back(rows[i]);
        }
      }
      if (missing.empty()) return absl::OkStatus();
      return table.InsertAll(session, absl::Now(), &missing);
    }),
            "writing a city");
  }
}

std::string PidOfCycle(const Options& options) {
  std::string pid;
  std::ifstream(absl::StrCat(options.run_dir, "/cycle.pid")) >> pid;
  if (pid.empty()) Die("cycle.pid says nothing");
  return pid;
}

}  // namespace

std::string Unit(int number) {
  return absl::StrFormat("organizations/quarter-w%02d", number % kUnits);
}

std::unique_ptr<db::Database> OpenSchema(const Options& options, absl::string_view schema) {
  const std::string url =
      absl::StrCat("mysql://root@localhost/", schema, "?read-timeout=60s&socket=", options.run_dir,
                   "/mariadb.sock");
  return Require(db::Database::Open(Require(db::Config::FromUrl(url), "url")), "connecting");
}

void EnsureCity(const Options& options) {
  const auto registry = OpenSchema(options, kRegistrySchema);
  Ensure(*registry, Organizations(options.enterprises));
  Ensure(*registry, Platforms());
  Ensure(*OpenSchema(options, "chanyan_pairing"), Projects(options.enterprises));
}

google::protobuf::Timestamp DayOf(const std::string& quarter, int day) {
  const int year = std::stoi(quarter.substr(0, 4));
  const int month = (quarter[5] - '1') * 3 + 1;
  google::protobuf::Timestamp time;
  time.set_seconds(absl::ToUnixSeconds(absl::FromCivil(
      absl::CivilSecond(year, month, 1, 1, 0, 0) + 86'400 * day, absl::UTCTimeZone())));
  return time;
}

int64_t Count(db::Database& db, const std::string& sql, const std::string& value) {
  int64_t count = 0;
  Require(db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, {value}));
    count = std::get<int64_t>(rows.rows.at(0).at(0));
    return absl::OkStatus();
  }),
          "counting");
  return count;
}

std::string OpenNext(const Cycle& cycle, db::Database& db) {
  for (const char* quarter : kQuarters) {
    const std::string name = absl::StrCat("cycles/", quarter);
    if (Count(db, "SELECT COUNT(*) FROM cycle WHERE name = ?", name) > 0) continue;
    cycle::v1::OpenCycleRequest request;
    request.set_name(name);
    *request.mutable_rehearsal_clock() = DayOf(quarter, 0);
    cycle.Do(&cycle::v1::CycleWorkService::Stub::BeginOpenCycle, options::v1::ROLE_SECRETARIAT,
             kSecretariat, request);
    return name;
  }
  Die("all quarters are open: run with --fresh");
}

std::string LastOpened(db::Database& db) {
  std::string name;
  for (const char* quarter : kQuarters) {
    const std::string one = absl::StrCat("cycles/", quarter);
    if (Count(db, "SELECT COUNT(*) FROM form_row WHERE cycle = ?", one) > 0) name = one;
  }
  return name;
}

std::string FormOf(const std::string& cycle_name) {
  return absl::StrCat(cycle_name, "/forms/", api::IdOfName(University(0)));
}

void AdvanceTo(const Cycle& cycle, const std::string& name, int day) {
  cycle::v1::GetCycleRequest get;
  get.set_name(name);
  cycle::v1::Cycle present;
  cycle.Call(cycle.cycles_, &cycle::v1::CycleService::Stub::GetCycle, cycle.Secretariat(), get,
             &present);
  if (present.clock().seconds() >= DayOf(std::string(api::IdOfName(name)), day).seconds()) return;
  cycle::v1::AdvanceClockRequest advance;
  advance.set_name(name);
  *advance.mutable_clock() = DayOf(std::string(api::IdOfName(name)), day);
  cycle::v1::Cycle moved;
  cycle.Call(cycle.cycles_, &cycle::v1::CycleService::Stub::AdvanceClock, cycle.Secretariat(),
             advance, &moved);
}

void ForgetPeak(const Options& options) {
  std::ofstream(absl::StrCat("/proc/", PidOfCycle(options), "/clear_refs")) << "5";
}

double PeakOfCycleMib(const Options& options) {
  std::ifstream status(absl::StrCat("/proc/", PidOfCycle(options), "/status"));
  for (std::string line; std::getline(status, line);) {
    if (!absl::StartsWith(line, "VmHWM:")) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    double kib = 0;
    if (words.size() > 1 && absl::SimpleAtod(words[1], &kib)) return kib / 1024;
  }
  Die("the cycle's process does not say what memory it has had");
}

Figures WithReads(const Options& options, Figures figures, double before, double meanwhile) {
  figures.push_back({"… GetForm by four readers: 99th of 100 times meanwhile / before",
                     absl::StrFormat("%.1f ms", meanwhile), absl::StrFormat("%.1f ms", before),
                     meanwhile / before, "< 2"});
  constexpr double kBoundMib = 1024;
  const double peak = PeakOfCycleMib(options);
  figures.push_back({"… most memory of chanyan-cycle meanwhile", absl::StrFormat("%.0f MiB", peak),
                     absl::StrFormat("%.0f MiB", kBoundMib), peak / kBoundMib, "< 1"});
  return figures;
}

}  // namespace chanyan::perf
