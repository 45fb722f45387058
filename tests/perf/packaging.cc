// All packages of a city-size quarter by the cycle's own pure functions, against libxlsxwriter
// writing the cells of such forms into as many workbooks of its own.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/sheet/workbook.h"
#include "services/cycle/form_sheet.h"
#include "services/cycle/package_archive.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/quarter_rows.h"
#include "tests/perf/raw_workbook.h"

namespace chanyan::perf {
namespace {

using cycle::v1::Row;

// Workbooks that libxlsxwriter writes a round.
constexpr size_t kFloorWorkbooks = 400;

std::vector<const Row*> Pointers(const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  for (const Row& row : rows) pointers.push_back(&row);
  return pointers;
}

// What stands in the form of these rows, read back from the file.
sheet::Sheet FormCells(const QuarterRows& quarter, const std::vector<const Row*>& rows) {
  const cycle::FormSheet form = {.quarter = Require(time::Quarter::Parse("2025q2"), "quarter"),
                                 .university_title = quarter.titles.at(rows.front()->university()),
                                 .enterprise_title = rows.front()->enterprise_title(),
                                 .filed = true,
                                 .created = quarter.packed_at};
  const std::string bytes = Require(cycle::WriteFormSheet(form, rows), "writing a form");
  return Require(sheet::ReadWorkbook(bytes, "form.xlsx"), "reading a form").sheets.front();
}

// The rows of one enterprise as forms, in any order.
std::vector<std::vector<const Row*>> FormsOf(const std::vector<Row>& rows) {
  std::map<std::string, std::vector<const Row*>> grouped;
  for (const Row& row : rows) grouped[row.university()].push_back(&row);
  std::vector<std::vector<const Row*>> forms;
  for (auto& [university, form] : grouped) forms.push_back(std::move(form));
  return forms;
}

// Forms of as many rows have as many cells: all rows fill the same fields.
class CellCounter {
 public:
  explicit CellCounter(const QuarterRows& quarter) : quarter_(quarter) {}

  int64_t Count(const std::vector<Row>& enterprise) {
    int64_t cells = 0;
    for (const auto& form : FormsOf(enterprise)) {
      auto [known, fresh] = by_rows_.try_emplace(form.size(), 0);
      if (fresh) known->second = CellsOf(FormCells(quarter_, form));
      cells += known->second;
    }
    return cells;
  }

 private:
  const QuarterRows& quarter_;
  absl::flat_hash_map<size_t, int64_t> by_rows_;
};

struct Rate {
  double ours_cells = 0, ours_seconds = 0;
  int forms = 0, rows = 0;
  size_t bytes = 0;
};

// Packs enterprises first..last−1.
double PackSlice(const QuarterRows& quarter, size_t first, size_t last, CellCounter& counter,
                 Rate& total) {
  int64_t cells = 0;
  for (size_t i = first; i < last; ++i) cells += counter.Count(quarter.rows[i]);
  const Stopwatch watch;
  for (size_t i = first; i < last; ++i) {
    const Row& row = quarter.rows[i].front();
    const cycle::PackageHead head = {
        .cycle = "cycles/2025q2",
        .unit = "organizations/zone",
        .enterprise = absl::StrCat("organizations/", row.unified_social_credit_code()),
        .enterprise_title = row.enterprise_title(),
        .unified_social_credit_code = row.unified_social_credit_code(),
        .packed_at = quarter.packed_at};
    const cycle::PackageArchive archive =
        Require(cycle::PackForms(head, Pointers(quarter.rows[i]), quarter.titles), "packing");
    total.forms += archive.form_count;
    total.rows += archive.row_count;
    total.bytes += archive.bytes.size();
  }
  const double seconds = watch.Seconds();
  total.ours_cells += static_cast<double>(cells);
  total.ours_seconds += seconds;
  return static_cast<double>(cells) / seconds;
}

double FloorSlice(const std::vector<sheet::Sheet>& sample, const std::string& path) {
  int64_t cells = 0;
  for (const sheet::Sheet& sheet : sample) cells += CellsOf(sheet);
  const Stopwatch watch;
  for (const sheet::Sheet& sheet : sample) WriteRawWorkbook(path, {&sheet});
  return static_cast<double>(cells) / watch.Seconds();
}

}  // namespace

Figures Packaging(const Options& options) {
  const QuarterRows quarter = MakeQuarterRows(options.enterprises);
  const std::string path = absl::StrCat(kMemoryFolder, "/chanyan-perf-", getpid(), ".xlsx");
  std::vector<sheet::Sheet> sample;
  for (const auto& rows : quarter.rows) {
    for (const auto& form : FormsOf(rows)) {
      if (sample.size() < kFloorWorkbooks) sample.push_back(FormCells(quarter, form));
    }
  }
  CellCounter counter(quarter);
  Rate total;
  std::vector<Compared> rounds;
  // Every enterprise is packed once, so no round is left out.
  for (size_t i = 0; i < kRounds; ++i) {
    const size_t first = quarter.rows.size() * i / kRounds;
    const size_t last = quarter.rows.size() * (i + 1) / kRounds;
    Compared round;
    round.floor = FloorSlice(sample, path);
    round.ours = PackSlice(quarter, first, last, counter, total);
    rounds.push_back(round);
  }
  std::filesystem::remove(path);
  const Compared rates = MedianOf(rounds);
  const double peak = PeakMib();
  constexpr double kBoundMib = 1024;
  return {
      {absl::StrFormat("packaging, %d enterprises, %d rows, %d forms, %.0f cells: cells a second "
                       "of packages / of libxlsxwriter",
                       options.enterprises, total.rows, total.forms, total.ours_cells),
       absl::StrFormat("%.0f/s", rates.ours), absl::StrFormat("%.0f/s", rates.floor), rates.ratio,
       "≥ 0.5"},
      {absl::StrFormat("… most memory of the process, the quarter's rows included; all took "
                       "%.1f s, %.0f MiB of .zip",
                       total.ours_seconds, static_cast<double>(total.bytes) / (1 << 20)),
       absl::StrFormat("%.0f MiB", peak), absl::StrFormat("%.0f MiB", kBoundMib), peak / kBoundMib,
       "< 1"}};
}

}  // namespace chanyan::perf
