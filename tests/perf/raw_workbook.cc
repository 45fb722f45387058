#include "tests/perf/raw_workbook.h"

#include <xlsxwriter.h>

#include "tests/perf/perf.h"

namespace chanyan::perf {
namespace {

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

}  // namespace

int64_t CellsOf(const sheet::Sheet& sheet) {
  int64_t cells = 0;
  for (const sheet::Row& row : sheet.rows) cells += static_cast<int64_t>(row.cells.size());
  return cells;
}

void WriteRawWorkbook(const std::string& path, const std::vector<const sheet::Sheet*>& sheets) {
  std::string folder = kMemoryFolder;
  lxw_workbook_options options = {};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = folder.data();
  lxw_workbook* workbook = workbook_new_opt(path.c_str(), &options);
  for (const sheet::Sheet* sheet : sheets) {
    lxw_worksheet* worksheet = workbook_add_worksheet(workbook, sheet->name.c_str());
    for (const sheet::Row& row : sheet->rows) {
      for (const sheet::Cell& cell : row.cells) WriteCell(worksheet, row.number - 1, cell);
    }
  }
  if (workbook_close(workbook) != LXW_NO_ERROR) Die("libxlsxwriter cannot write its file");
}

}  // namespace chanyan::perf
