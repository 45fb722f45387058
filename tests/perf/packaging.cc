// All packages of a city-size quarter by the cycle's own pure functions, against libxlsxwriter
// writing the cells of such forms into as many workbooks of its own.
#include <unistd.h>
#include <xlsxwriter.h>

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
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

using cycle::v1::Row;

constexpr int kUniversities = 60;
constexpr int kPlatformsOfUniversity = 33;
// 50,000 rows of 20,000 enterprises: every second has three, the others two.
constexpr int kLeastRows = 2;
// Workbooks that libxlsxwriter writes a round.
constexpr size_t kFloorWorkbooks = 400;
// Its own temporary files stay in memory, as ours are never written at all.
constexpr char kMemoryFolder[] = "/dev/shm";

std::string UniversityName(int number) { return absl::StrFormat("organizations/u%02d", number); }

// The third row of an enterprise is of the first row's university: 40,000 forms in all.
Row MakeRow(int enterprise, int index) {
  const int university = (enterprise + (index % kLeastRows) * 17) % kUniversities;
  Row row;
  row.set_name(
      absl::StrFormat("cycles/2025q2/forms/u%02d/rows/r%05d-%d", university, enterprise, index));
  row.set_university(UniversityName(university));
  row.set_platform_title(absl::StrFormat("演示大学%02d海洋装备重点实验室%02d", university,
                                         (enterprise + index) % kPlatformsOfUniversity));
  row.set_college("工程学院");
  row.set_category(cycle::v1::ROW_CATEGORY_ONGOING);
  row.set_enterprise_title(absl::StrFormat("青岛演示企业%05d有限公司", enterprise));
  row.set_unified_social_credit_code(
      demo::InventedUscc("370211", static_cast<uint64_t>(enterprise)));
  row.add_kinds("联合研发");
  row.add_kinds("共建实验室");
  row.set_title(absl::StrFormat("演示项目%05d-%d海洋装备轻量化", enterprise, index));
  row.set_content(
      "二〇二五年三月与本企业签约，结对共建海洋装备轻量化联合实验室，开展材料、结构和工艺研究，"
      "提供仪器共享、检测和人才培养。");
  row.mutable_sign_date()->set_year(2025);
  row.mutable_sign_date()->set_month(3);
  row.mutable_sign_date()->set_day(1 + enterprise % 28);
  row.set_progress("完成样件试制和第一轮疲劳试验，正在编制中试方案。");
  row.set_problem("中试场地不足，希望协调园区厂房。");
  return row;
}

int RowsOf(int enterprise) { return kLeastRows + enterprise % 2; }

struct Quarter {
  // By enterprise.
  std::vector<std::vector<Row>> rows;
  cycle::UniversityTitles titles;
  absl::Time packed_at = absl::FromUnixSeconds(1'750'000'000);
};

Quarter MakeQuarter(int enterprises) {
  Quarter quarter;
  for (int i = 0; i < kUniversities; ++i) {
    quarter.titles.emplace(UniversityName(i), absl::StrFormat("演示大学%02d", i));
  }
  quarter.rows.resize(static_cast<size_t>(enterprises));
  for (int i = 0; i < enterprises; ++i) {
    for (int k = 0; k < RowsOf(i); ++k)
      quarter.rows[static_cast<size_t>(i)].push_back(MakeRow(i, k));
  }
  return quarter;
}

std::vector<const Row*> Pointers(const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  for (const Row& row : rows) pointers.push_back(&row);
  return pointers;
}

// What stands in the form of these rows, read back from the file.
sheet::Sheet FormCells(const Quarter& quarter, const std::vector<const Row*>& rows) {
  const cycle::FormSheet form = {.quarter = Require(time::Quarter::Parse("2025q2"), "quarter"),
                                 .university_title = quarter.titles.at(rows.front()->university()),
                                 .enterprise_title = rows.front()->enterprise_title(),
                                 .filed = true,
                                 .created = quarter.packed_at};
  const std::string bytes = Require(cycle::WriteFormSheet(form, rows), "writing a form");
  return Require(sheet::ReadWorkbook(bytes, "form.xlsx"), "reading a form").sheets.front();
}

int64_t CellsOf(const sheet::Sheet& sheet) {
  int64_t cells = 0;
  for (const sheet::Row& row : sheet.rows) cells += static_cast<int64_t>(row.cells.size());
  return cells;
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
  explicit CellCounter(const Quarter& quarter) : quarter_(quarter) {}

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
  const Quarter& quarter_;
  absl::flat_hash_map<size_t, int64_t> by_rows_;
};

void WriteCell(lxw_worksheet* worksheet, lxw_row_t row, const sheet::Cell& cell) {
  const auto column = static_cast<lxw_col_t>(cell.column);
  switch (cell.kind) {
    case sheet::CellKind::kNumber:
    case sheet::CellKind::kDate:
      worksheet_write_number(worksheet, row, column, cell.number, nullptr);
      break;
    case sheet::CellKind::kBool:
      worksheet_write_boolean(worksheet, row, column, cell.number != 0, nullptr);
      break;
    default:
      worksheet_write_string(worksheet, row, column, cell.text.c_str(), nullptr);
  }
}

void WriteFloor(const std::string& path, const sheet::Sheet& sheet) {
  std::string folder = kMemoryFolder;
  lxw_workbook_options options = {};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = folder.data();
  lxw_workbook* workbook = workbook_new_opt(path.c_str(), &options);
  lxw_worksheet* worksheet = workbook_add_worksheet(workbook, sheet.name.c_str());
  for (const sheet::Row& row : sheet.rows) {
    for (const sheet::Cell& cell : row.cells) WriteCell(worksheet, row.number - 1, cell);
  }
  if (workbook_close(workbook) != LXW_NO_ERROR) Die("libxlsxwriter cannot write its file");
}

struct Rate {
  double ours_cells = 0, ours_seconds = 0;
  int forms = 0, rows = 0;
  size_t bytes = 0;
};

// Packs enterprises first..last−1.
double PackSlice(const Quarter& quarter, size_t first, size_t last, CellCounter& counter,
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
  for (const sheet::Sheet& sheet : sample) WriteFloor(path, sheet);
  return static_cast<double>(cells) / watch.Seconds();
}

}  // namespace

Figures Packaging(const Options& options) {
  const Quarter quarter = MakeQuarter(options.enterprises);
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
