// Writes .xlsx files in memory, the same bytes for the same calls.
//
// Text is always a string cell, never a formula: what starts with = + - @ or their full-width
// twins, a tab, a quote or a blank carries Excel's quote prefix besides, so that editing the cell
// does not turn it into a formula either. Rows are written in order and streamed into one buffer;
// nothing is kept per cell.
//
//   Writer writer({.created = clock.Now(), .title = "第二季度台账"});
//   SheetWriter& sheet = writer.AddSheet("台账", {.columns = {{.width = 24}, {.width = 12}},
//                                                 .freeze_rows = 1, .repeat_rows = 1});
//   sheet.NewRow();
//   sheet.Text("单位名称", Look::kHeader);
//   sheet.Text("日期", Look::kHeader);
//   sheet.NewRow();
//   sheet.Text("青岛大学");
//   sheet.Date(absl::CivilDay(2025, 3, 18));
//   absl::StatusOr<std::string> bytes = std::move(writer).Finish();
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace chanyan::sheet {

// How a cell looks. Date() and DateTime() add their number format by themselves.
enum class Look : uint8_t {
  kPlain,
  // Bold, grey, bordered, centred, wrapped.
  kHeader,
  // Large, bold, centred; for the merged rows on top.
  kTitle,
  // Wrapped, top-aligned: long text.
  kWrapped,
};

struct ColumnLayout {
  // In characters of the default font; a Chinese character takes two.
  double width = 12;
  // Stays editable when the sheet is protected, including rows that are still empty.
  bool unlocked = false;
  // Holds dates: one that is typed into a cell without a value is a date and looks like the others.
  bool dates = false;
};

struct SheetLayout {
  std::vector<ColumnLayout> columns;
  // Rows on top that stay when scrolling, title block included; 0 = none.
  uint32_t freeze_rows = 0;
  // Rows on top repeated on each printed page; 0 = none.
  uint32_t repeat_rows = 0;
  bool landscape = true;
  // Guards against slips of the hand, not against people: it has no password.
  bool protect = false;
  bool hidden = false;
};

class SheetWriter {
 public:
  // Made by Writer::AddSheet.
  SheetWriter(absl::string_view name, SheetLayout layout);

  // Every cell goes to the next column of the current row.
  void NewRow();
  void Text(absl::string_view utf8, Look look = Look::kPlain);
  // NaN and infinity have no place in a sheet and become an empty cell.
  void Number(double value);
  // Shown without decimals; beyond 15 digits, which Excel cannot hold, it is written as text.
  void Integer(int64_t value);
  // A true date, shown as 2025年3月18日, with a time as 2025年3月18日 09:30.
  void Date(absl::CivilDay day);
  void DateTime(absl::CivilSecond time);
  void Empty();
  // A row of its own across all columns of the layout.
  void TitleRow(absl::string_view utf8, Look look = Look::kTitle);

  // A list to choose from in one column, rows first..last from 1; other values are refused by
  // Excel. Long lists go to a hidden sheet named 选项.
  void DropDown(uint32_t column, uint32_t first_row, uint32_t last_row,
                std::vector<std::string> choices);

  // Rows written so far, which is also the number of the current row.
  uint32_t rows() const { return row_; }

 private:
  friend class Writer;
  struct List {
    uint32_t column, first_row, last_row;
    std::vector<std::string> choices;
  };

  void OpenCell(uint32_t style);
  bool FitsFormat() const;
  // What stands before and behind the rows.
  std::string HeadXml(bool selected) const;
  std::string TailXml(const std::vector<std::string>& list_sources) const;

  std::string name_;
  SheetLayout layout_;
  std::string body_;
  std::string row_text_;
  std::vector<std::string> column_names_;
  std::vector<std::string> merges_;
  std::vector<List> lists_;
  uint32_t row_ = 0;
  uint32_t column_ = 0;
};

struct BookProperties {
  // Given, never taken from a clock, so that the same data makes the same bytes.
  absl::Time created;
  std::string title;
  std::string creator = "产研";
};

// One file; not thread-safe.
class Writer {
 public:
  explicit Writer(BookProperties properties);
  ~Writer();
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;

  // The reference lives as long as the writer. Characters that Excel forbids in a name ([]:*?/\)
  // become blanks, it is cut to 31 characters, and a taken name gets a number.
  SheetWriter& AddSheet(absl::string_view name, SheetLayout layout);

  // The file. INTERNAL if it outgrew the format (1,048,576 rows, 16,384 columns, 4 GiB) or has no
  // visible sheet. The writer is used up.
  absl::StatusOr<std::string> Finish() &&;

 private:
  std::vector<std::vector<std::string>> PlaceLists();

  BookProperties properties_;
  std::vector<std::unique_ptr<SheetWriter>> sheets_;
};

}  // namespace chanyan::sheet
