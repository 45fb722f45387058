// Opening and distribution of a city-size quarter by the cycle service itself, over registry and
// pairing with a city in their tables; and how long a read of a form takes meanwhile.
//
// The floor is the least that MariaDB must do for the same rows: copy them into tables of the same
// shape, and move them there, without a client, a check or a journal.
#include <string>

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

// Empty tables of the same shape.
void MakeCopies(RawConnection& scratch) {
  scratch.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  scratch.Run(absl::StrCat("USE ", kScratchSchema));
  // The cycle of a form_row is generated from its name: a value for it is passed over, not refused.
  scratch.Run("SET SESSION sql_mode = ''");
  for (const char* table : {"form_row", "row_birth", "handover_row"}) {
    scratch.Run(absl::StrCat("DROP TABLE IF EXISTS ", table));
    scratch.Run(absl::StrCat("CREATE TABLE ", table, " LIKE ", kCycleSchema, ".", table));
  }
}

double CopyRows(RawConnection& scratch, const std::string& cycle_name) {
  const Stopwatch watch;
  scratch.Run("BEGIN");
  for (const char* table : {"form_row", "row_birth"}) {
    scratch.Run(absl::StrCat("INSERT INTO ", table, " SELECT * FROM ", kCycleSchema, ".", table,
                             " WHERE cycle = '", cycle_name, "'"));
  }
  scratch.Run("COMMIT");
  return watch.Seconds();
}

}  // namespace

Figures Opening(const Options& options) {
  EnsureCity(options);
  const Cycle cycle(options);
  const auto db = OpenSchema(options, kCycleSchema);
  // Something to read before the first one is there.
  std::string read = LastOpened(*db);
  if (read.empty()) read = OpenNext(cycle, *db);
  Readers before(options, FormOf(read));
  absl::SleepFor(options.time);
  const double quiet = before.Stop();

  ForgetPeak(options);
  Readers meanwhile(options, FormOf(read));
  const Stopwatch watch;
  const std::string name = OpenNext(cycle, *db);
  const double seconds = watch.Seconds();
  const double busy = meanwhile.Stop();
  const auto rows =
      static_cast<double>(Count(*db, "SELECT COUNT(*) FROM form_row WHERE cycle = ?", name));
  if (rows == 0) Die("the quarter that was opened has no rows");

  RawConnection scratch(options, kCycleSchema);
  MakeCopies(scratch);
  const double floor = CopyRows(scratch, name);
  return WithReads(
      options,
      {{absl::StrFormat("opening with %.0f carried rows, %.1f s: rows a second of BeginOpenCycle / "
                        "of copying them within MariaDB",
                        rows, seconds),
        absl::StrFormat("%.0f/s", rows / seconds), absl::StrFormat("%.0f/s", rows / floor),
        floor / seconds, ""}},
      quiet, busy);
}

Figures Distribution(const Options& options) {
  EnsureCity(options);
  const Cycle cycle(options);
  const auto db = OpenSchema(options, kCycleSchema);
  std::string name = LastOpened(*db);
  if (name.empty()) name = OpenNext(cycle, *db);
  // As if all forms had been accepted: the secretariat holds everything, nothing is on its way.
  RawConnection raw(options, kCycleSchema);
  raw.Run(absl::StrCat("UPDATE form SET state = 'ACCEPTED' WHERE name LIKE '", name, "/%'"));
  raw.Run(absl::StrCat("DELETE FROM handover_row WHERE handover LIKE '", name, "/%'"));
  raw.Run(absl::StrCat("DELETE FROM handover WHERE name LIKE '", name, "/%'"));
  raw.Run(absl::StrCat("UPDATE form_row SET holder = '", kSecretariat,
                       "', in_transit = '', distributed = 0, delivered = 0 WHERE cycle = '", name,
                       "'"));
  // A day of the second week, under whichever reading.
  AdvanceTo(cycle, name, 9);
  const auto rows =
      static_cast<double>(Count(*db, "SELECT COUNT(*) FROM form_row WHERE cycle = ?", name));

  Readers before(options, FormOf(name));
  absl::SleepFor(options.time);
  const double quiet = before.Stop();

  ForgetPeak(options);
  Readers meanwhile(options, FormOf(name));
  const Stopwatch watch;
  cycle::v1::DistributeFormsRequest to_units;
  to_units.set_name(name);
  cycle.Do(&cycle::v1::CycleWorkService::Stub::BeginDistributeForms, options::v1::ROLE_SECRETARIAT,
           kSecretariat, to_units);
  for (int i = 0; i < kUnits; ++i) {
    cycle::v1::ReceiveHandoversRequest receive;
    receive.set_parent(name);
    cycle::v1::ReceiveHandoversResponse received;
    cycle.Call(cycle.cycles_, &cycle::v1::CycleService::Stub::ReceiveHandovers,
               cycle.TokenFor(options::v1::ROLE_UNIT, Unit(i)), receive, &received);
    cycle::v1::DistributeToEnterprisesRequest to_enterprises;
    to_enterprises.set_name(name);
    cycle.Do(&cycle::v1::CycleWorkService::Stub::BeginDistributeToEnterprises,
             options::v1::ROLE_UNIT, Unit(i), to_enterprises);
  }
  const double seconds = watch.Seconds();
  const double busy = meanwhile.Stop();
  const int64_t delivered =
      Count(*db, "SELECT COUNT(*) FROM form_row WHERE delivered = 1 AND cycle = ?", name);
  if (static_cast<double>(delivered) != rows) {
    Die(absl::StrCat(delivered, " rows of ", rows, " were delivered"));
  }

  // Three times each row moves: to its unit, received there, on to its enterprise.
  RawConnection scratch(options, kCycleSchema);
  MakeCopies(scratch);
  CopyRows(scratch, name);
  const Stopwatch least;
  for (const char* move : {"in_transit = 'x', distributed = 1", "holder = unit, in_transit = ''",
                           "in_transit = 'y', delivered = 1"}) {
    scratch.Run(absl::StrCat("UPDATE form_row SET ", move, ", version = version + 1"));
  }
  scratch.Run(absl::StrCat("INSERT INTO handover_row SELECT * FROM ", kCycleSchema,
                           ".handover_row WHERE handover LIKE '", name, "/%'"));
  const double floor = least.Seconds();
  return WithReads(
      options,
      {{absl::StrFormat(
            "distribution of %.0f rows to %d units and their enterprises, %.1f s: rows a "
            "second of the calls / of moving them within MariaDB",
            rows, kUnits, seconds),
        absl::StrFormat("%.0f/s", rows / seconds), absl::StrFormat("%.0f/s", rows / floor),
        floor / seconds, ""}},
      quiet, busy);
}

}  // namespace chanyan::perf
