// All packages of a city-size quarter packed by their units, and all its ledgers written, by the
// cycle service itself; how long a read of a form takes meanwhile, and what memory the process has.
//
// The floor of packing is the least that MariaDB must do with what comes of it: copy the archives
// and move the rows, without a sheet, a check or a journal. That of the ledgers is to read their
// rows; `ledgers` measures their sheets.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/quarter_city.h"
#include "tests/perf/raw_database.h"

namespace chanyan::perf {
namespace {

// A day of the third week, under whichever reading.
constexpr int kThirdWeek = 16;

// As if every enterprise had given all its rows back, and its unit had received them.
void GiveAllBack(const Options& options, const std::string& name) {
  RawConnection raw(options, kCycleSchema);
  const std::pair<const char*, const char*> kMade[] = {{"package_file", "package_version"},
                                                       {"package_version", "name"},
                                                       {"package", "name"},
                                                       {"handover_row", "handover"},
                                                       {"handover", "name"}};
  for (const auto& [table, key] : kMade) {
    raw.Run(absl::StrCat("DELETE FROM ", table, " WHERE ", key, " LIKE '", name, "/%'"));
  }
  raw.Run(absl::StrCat("DELETE FROM enterprise_return WHERE cycle = '", name, "'"));
  raw.Run(absl::StrCat("UPDATE form SET state = 'ACCEPTED' WHERE name LIKE '", name, "/%'"));
  raw.Run(absl::StrCat("UPDATE form_row SET holder = unit, in_transit = '', distributed = 1, ",
                       "delivered = 1, confirmed = 1, sent_back = 0 WHERE cycle = '", name,
                       "' AND unit <> ''"));
  const std::string given =
      absl::StrCat("CONCAT('", name,
                   "/handovers/3-', SUBSTRING(enterprise, 15), '-', SUBSTRING(unit, 15), '-1')");
  raw.Run(absl::StrCat(
      "INSERT INTO handover (name, sender, receiver, step, row_count, row_set_sha256, state, "
      "send_time, receive_time, receipt, reasons, create_time, update_time, version) SELECT ",
      given,
      ", enterprise, unit, 3, COUNT(*), '', 'RECEIVED', NOW(6), NOW(6), '', '[]', NOW(6), NOW(6), "
      "1 "
      "FROM form_row WHERE cycle = '",
      name, "' AND unit <> '' GROUP BY enterprise, unit"));
  raw.Run(absl::StrCat("INSERT INTO handover_row (handover, form_row, hop) SELECT ", given,
                       ", name, 1 FROM form_row WHERE cycle = '", name, "' AND unit <> ''"));
  raw.Run(
      absl::StrCat("INSERT INTO enterprise_return (cycle, enterprise, unit, first_time, on_time) "
                   "SELECT cycle, enterprise, MAX(unit), NOW(6), 1 FROM form_row WHERE cycle = '",
                   name, "' AND unit <> '' GROUP BY cycle, enterprise"));
}

double FloorSeconds(const Options& options, const std::string& name) {
  RawConnection scratch(options, kCycleSchema);
  scratch.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  scratch.Run(absl::StrCat("USE ", kScratchSchema));
  scratch.Run("SET SESSION sql_mode = ''");
  for (const char* table : {"package_file", "form_row"}) {
    scratch.Run(absl::StrCat("DROP TABLE IF EXISTS ", table));
    scratch.Run(absl::StrCat("CREATE TABLE ", table, " LIKE ", kCycleSchema, ".", table));
  }
  scratch.Run(absl::StrCat("INSERT INTO form_row SELECT * FROM ", kCycleSchema,
                           ".form_row WHERE cycle = '", name, "'"));
  const Stopwatch watch;
  scratch.Run(absl::StrCat("INSERT INTO package_file SELECT * FROM ", kCycleSchema,
                           ".package_file WHERE package_version LIKE '", name, "/%'"));
  scratch.Run("UPDATE form_row SET in_transit = 'x', version = version + 1");
  return watch.Seconds();
}

// The rows of each unit's ledger and of the one of all.
double ReadingSeconds(const Options& options, const std::string& name) {
  RawConnection raw(options, kCycleSchema);
  RawStatement of_unit(raw, "SELECT * FROM form_row WHERE cycle = ? AND unit = ?");
  RawStatement of_all(raw, "SELECT * FROM form_row WHERE cycle = ?");
  const Stopwatch watch;
  for (int i = 0; i < kUnits; ++i) of_unit.Query({name, Unit(i)});
  of_all.Query({name});
  return watch.Seconds();
}

}  // namespace

Figures Collection(const Options& options) {
  EnsureCity(options);
  const Cycle cycle(options);
  const auto db = OpenSchema(options, kCycleSchema);
  std::string name = LastOpened(*db);
  if (name.empty()) name = OpenNext(cycle, *db);
  GiveAllBack(options, name);
  AdvanceTo(cycle, name, kThirdWeek);

  Readers before(options, FormOf(name));
  absl::SleepFor(options.time);
  const double quiet = before.Stop();

  ForgetPeak(options);
  Readers beside_packing(options, FormOf(name));
  const Stopwatch packing;
  for (int i = 0; i < kUnits; ++i) {
    cycle::v1::SubmitPackagesRequest request;
    request.set_name(name);
    cycle.Do(&cycle::v1::CycleWorkService::Stub::BeginSubmitPackages, options::v1::ROLE_UNIT,
             Unit(i), request);
  }
  const double seconds = packing.Seconds();
  const double busy = beside_packing.Stop();
  const auto packages = static_cast<double>(
      Count(*db, "SELECT COUNT(*) FROM package WHERE name LIKE CONCAT(?, '/%')", name));
  if (packages == 0) Die("no package was made");
  const double floor = FloorSeconds(options, name);
  Figures figures = WithReads(
      options,
      {{absl::StrFormat("packing of %.0f enterprises by %d units, %.1f s: packages a second of "
                        "BeginSubmitPackages / of copying the archives and moving the rows within "
                        "MariaDB",
                        packages, kUnits, seconds),
        absl::StrFormat("%.0f/s", packages / seconds), absl::StrFormat("%.0f/s", packages / floor),
        floor / seconds, ""}},
      quiet, busy);

  ForgetPeak(options);
  Readers beside_ledgers(options, FormOf(name));
  const Stopwatch writing;
  double bytes = 0;
  for (int i = -1; i < kUnits; ++i) {
    cycle::v1::ExportLedgerRequest request;
    request.set_name(name);
    if (i >= 0) request.set_unit(Unit(i));
    google::api::HttpBody file;
    cycle.Call(cycle.cycles_, &cycle::v1::CycleService::Stub::ExportLedger, cycle.Secretariat(),
               request, &file);
    bytes += static_cast<double>(file.data().size());
  }
  const double took = writing.Seconds();
  const double reading = beside_ledgers.Stop();
  const double least = ReadingSeconds(options, name);
  const Figures ledgers = WithReads(
      options,
      {{absl::StrFormat("ledgers of %d units and one of all, %.1f MiB: ExportLedger / "
                        "reading their rows by the driver",
                        kUnits, bytes / (1 << 20)),
        absl::StrFormat("%.1f s", took), absl::StrFormat("%.1f s", least), took / least, ""}},
      quiet, reading);
  figures.insert(figures.end(), ledgers.begin(), ledgers.end());
  return figures;
}

}  // namespace chanyan::perf
