// An .xlsx file as plain values, whoever wrote it: Excel, WPS, LibreOffice or a program.
//
// The bytes come from strangers. Nothing is written to disk, no formula is evaluated, no external
// reference is followed, and every counter counts what was really unpacked, never what a header
// claims. A file that is refused is refused whole, with its name, what is wrong and what to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace chanyan::sheet {

// Bounds of the format, of one sheet.
inline constexpr uint32_t kFormatRows = 1'048'576;
inline constexpr uint32_t kFormatColumns = 16'384;

enum class CellKind : uint8_t {
  kEmpty,
  kText,
  kNumber,
  // A number whose format shows a date; `number` is its serial, see CivilOfSerial.
  kDate,
  kBool,
  // Excel's own error value such as #N/A.
  kError,
  // Never evaluated; `text` is the formula with its equals sign.
  kFormula,
};

struct Cell {
  CellKind kind = CellKind::kEmpty;
  // From 0.
  uint32_t column = 0;
  // kNumber; kDate (serial in the 1900 system, also for files of the 1904 system); kBool (0 or 1).
  double number = 0;
  // What a person sees, near enough to quote in a message: the text itself, the number in up to 15
  // digits, 2025-03-18 or 2025-03-18 09:30:00, TRUE or FALSE, #N/A, =A1+B1.
  std::string text;
};

struct Row {
  // From 1, as people see it.
  uint32_t number = 0;
  // Ascending columns; empty cells are left out.
  std::vector<Cell> cells;

  // Null when the cell is empty.
  const Cell* Find(uint32_t column) const;
};

struct Sheet {
  std::string name;
  bool hidden = false;
  // Ascending numbers; rows without a value are left out.
  std::vector<Row> rows;
};

struct Workbook {
  // As given by the person who sent the file; for messages only.
  std::string file_name;
  // In the order of the tabs.
  std::vector<Sheet> sheets;

  // The first tab a person sees, or null.
  const Sheet* FirstVisible() const;
  // By name, or null.
  const Sheet* Find(absl::string_view name) const;
};

inline constexpr size_t kMaxPackedBytes = size_t{10} << 20;
inline constexpr size_t kMaxUnpackedBytes = size_t{100} << 20;
inline constexpr size_t kMaxEntries = 1000;
// Unpacked to packed bytes of one entry, looked at once it has unpacked kRatioFloorBytes.
inline constexpr size_t kMaxRatio = 100;
inline constexpr size_t kRatioFloorBytes = size_t{1} << 20;
// Elements and attributes of one XML part: bounds the memory of its tree to about 400 MB.
inline constexpr size_t kMaxXmlNodes = 6'000'000;
inline constexpr size_t kMaxXmlDepth = 64;
inline constexpr size_t kMaxSheets = 64;
// Rows with a value in one sheet.
inline constexpr size_t kMaxRows = 100'000;
// Rightmost column with a value.
inline constexpr size_t kMaxColumns = 256;
// Cells with a value in the whole file.
inline constexpr size_t kMaxCells = 1'000'000;
inline constexpr size_t kMaxSharedStrings = 500'000;
// Text of all cells together: a shared string counts each time it is used.
inline constexpr size_t kMaxTextBytes = size_t{64} << 20;
// Text of one cell; Excel's own limit in characters, times the bytes of a Chinese one.
inline constexpr size_t kMaxCellBytes = 32'767 * 3;

// Tests and callers with smaller needs lower these; they are never raised by input.
struct Limits {
  size_t packed_bytes = kMaxPackedBytes;
  size_t unpacked_bytes = kMaxUnpackedBytes;
  size_t entries = kMaxEntries;
  size_t ratio = kMaxRatio;
  size_t ratio_floor_bytes = kRatioFloorBytes;
  size_t xml_nodes = kMaxXmlNodes;
  size_t xml_depth = kMaxXmlDepth;
  size_t sheets = kMaxSheets;
  size_t rows = kMaxRows;
  size_t columns = kMaxColumns;
  size_t cells = kMaxCells;
  size_t shared_strings = kMaxSharedStrings;
  size_t text_bytes = kMaxTextBytes;
  size_t cell_bytes = kMaxCellBytes;
};

// Errors: INVALID_ARGUMENT with reason INVALID_FILE or FILE_TOO_LARGE and one violation whose field
// is the file's name, followed by sheet and cell where there is one. Thread-safe.
absl::StatusOr<Workbook> ReadWorkbook(absl::string_view bytes, absl::string_view file_name,
                                      const Limits& limits = {});

// (2, 7) is "C7": column from 0, row from 1.
std::string CellName(uint32_t column, uint32_t row);

// "海洋大学.xlsx / 季度报表 / C7".
std::string PlaceOf(absl::string_view file_name, absl::string_view sheet, absl::string_view cell);

// The serials that are dates: from 1900-03-01, before which Excel's calendar is wrong, to the end
// of 9999. A cell outside is kNumber whatever its format.
inline constexpr double kMinSerial = 61;
inline constexpr double kEndSerial = 2'958'466;

// The civil time of a serial of the 1900 system, rounded to seconds: 45734 is 2025-03-18.
// `serial` must be within the bounds above. SerialOfCivil is the inverse.
absl::CivilSecond CivilOfSerial(double serial);
double SerialOfCivil(absl::CivilSecond time);

}  // namespace chanyan::sheet
