// The ledgers of all zones, and the secretariat's of all enterprises, of a city-size quarter by the
// cycle's own pure function, against libxlsxwriter writing the same cells.
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/sheet/workbook.h"
#include "services/cycle/ledger_sheet.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/quarter_rows.h"
#include "tests/perf/raw_workbook.h"

namespace chanyan::perf {
namespace {

constexpr int kUnits = 40;

cycle::Ledger EmptyLedger(const QuarterRows& quarter, const std::string& title) {
  return {.quarter = Require(time::Quarter::Parse("2025q2"), "quarter"),
          .scope_title = title,
          .as_of = quarter.packed_at};
}

cycle::LedgerSection SectionOf(const QuarterRows& quarter, size_t enterprise,
                               const std::string& unit) {
  const std::vector<cycle::v1::Row>& rows = quarter.rows[enterprise];
  cycle::LedgerSection section{
      .enterprise_title = rows.front().enterprise_title(),
      .unified_social_credit_code = rows.front().unified_social_credit_code(),
      .unit_title = unit,
      .return_time = quarter.packed_at,
      .on_time = enterprise % 10 != 0};
  for (const cycle::v1::Row& row : rows) section.rows.push_back(&row);
  return section;
}

// Each unit's, and last the one of all.
std::vector<cycle::Ledger> LedgersOf(const QuarterRows& quarter) {
  std::vector<cycle::Ledger> ledgers;
  for (int i = 0; i < kUnits; ++i) {
    ledgers.push_back(EmptyLedger(quarter, absl::StrFormat("性能街道%02d", i)));
  }
  ledgers.push_back(EmptyLedger(quarter, "全部责任单位"));
  for (size_t i = 0; i < quarter.rows.size(); ++i) {
    cycle::Ledger& own = ledgers[i * 7 % kUnits];
    own.sections.push_back(SectionOf(quarter, i, own.scope_title));
    ledgers.back().sections.push_back(own.sections.back());
  }
  return ledgers;
}

struct Written {
  int64_t cells = 0;
  int64_t sections = 0;
  size_t bytes = 0;
  std::vector<sheet::Workbook> books;
};

// What there is to write, read back once from the files.
Written WriteOnce(const QuarterRows& quarter, const std::vector<cycle::Ledger>& ledgers) {
  Written written;
  for (const cycle::Ledger& ledger : ledgers) {
    const std::string bytes =
        Require(cycle::WriteLedger(ledger, quarter.titles), "writing a ledger");
    written.books.push_back(Require(sheet::ReadWorkbook(bytes, "ledger.xlsx"), "reading it"));
    for (const sheet::Sheet& sheet : written.books.back().sheets) written.cells += CellsOf(sheet);
    written.sections += static_cast<int64_t>(ledger.sections.size());
    written.bytes += bytes.size();
  }
  return written;
}

double OursSeconds(const QuarterRows& quarter, const std::vector<cycle::Ledger>& ledgers) {
  const Stopwatch watch;
  for (const cycle::Ledger& ledger : ledgers) {
    Require(cycle::WriteLedger(ledger, quarter.titles), "writing a ledger");
  }
  return watch.Seconds();
}

double FloorSeconds(const std::vector<sheet::Workbook>& books, const std::string& path) {
  const Stopwatch watch;
  for (const sheet::Workbook& book : books) {
    std::vector<const sheet::Sheet*> sheets;
    for (const sheet::Sheet& sheet : book.sheets) sheets.push_back(&sheet);
    WriteRawWorkbook(path, sheets);
  }
  return watch.Seconds();
}

}  // namespace

Figures Ledgers(const Options& options) {
  const QuarterRows quarter = MakeQuarterRows(options.enterprises);
  const std::vector<cycle::Ledger> ledgers = LedgersOf(quarter);
  const Written written = WriteOnce(quarter, ledgers);
  const std::string path = absl::StrCat(kMemoryFolder, "/chanyan-perf-", getpid(), ".xlsx");
  const auto cells = static_cast<double>(written.cells);
  const Compared rates = Compare([&] { return cells / OursSeconds(quarter, ledgers); },
                                 [&] { return cells / FloorSeconds(written.books, path); });
  std::filesystem::remove(path);
  return {{absl::StrFormat("ledgers of %d units and one of all, %d sections, %.0f cells, %.1f MiB, "
                           "%.1f s: cells a second of ledgers / of libxlsxwriter",
                           kUnits, written.sections, cells,
                           static_cast<double>(written.bytes) / (1 << 20), cells / rates.ours),
           absl::StrFormat("%.0f/s", rates.ours), absl::StrFormat("%.0f/s", rates.floor),
           rates.ratio, "≥ 0.5"}};
}

}  // namespace chanyan::perf
