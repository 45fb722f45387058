// Messages as rows of a sheet, by descriptor: fields with (chanyan.options.v1.field).sheet_column
// are columns in ascending order, their label is the header.
//
// | field | written | read |
// | string | text | text, or a number of up to 15 digits; blanks around it go unless FORMAT_TEXT |
// | enum | Chinese label, with a drop-down | Chinese label, or the value's name |
// | bool | 是 / 否, with a drop-down | 是 / 否, TRUE / FALSE, √ / × |
// | integers | number | number, also as text with separators of thousands |
// | double | number | as integers |
// | google.type.Date | date | date, or 2025-03-18 2025/3/18 2025.3.18 2025年3月18日 20250318 |
// | google.protobuf.Timestamp | date and time of Asia/Shanghai | the same, with 09:30[:00] |
// | google.type.Money | number, in yuan | as double, at most two decimals |
// | repeated string, enum | joined by 、 | split at 、 or, if there is one, at line breaks |
//
// Dates are shown as 2025年3月18日; one that is typed without its year is refused. An empty cell
// leaves the field unset. Fields of other types are no columns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/sheet/workbook.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "google/protobuf/message.h"

namespace chanyan::sheet {

// --- Columns

struct TableColumn {
  const google::protobuf::FieldDescriptor* field;
  // The label, or the field's name where it has none.
  std::string header;
  // REQUIRED by google.api.field_behavior: the column must be there.
  bool required;
};

std::vector<TableColumn> TableColumns(const google::protobuf::Descriptor* descriptor);

// --- Reading

// Header rows are looked for among this many rows with a value from the top.
inline constexpr size_t kHeaderSearchRows = 20;
// Violations of one sheet that are spelled out; one more says how many there are besides.
inline constexpr size_t kMaxViolations = 50;

// The shape check of one row, called when its cells could be read: fill in what the sheet does not
// hold (parent, cycle, …) and return what is wrong, fields as api::Validate names them
// ("leader.phone"). Each is placed on the cell of its first path segment, or on the row.
using RowCheck = std::function<std::vector<status::Violation>(google::protobuf::Message& message,
                                                              uint32_t row_number)>;

struct ReadOptions {
  RowCheck check;
  size_t max_violations = kMaxViolations;
};

template <typename M>
struct TableRow {
  M message;
  // From 1, as people see it.
  uint32_t number = 0;
};

// What a sheet's rows were read from, to name a cell in later errors (unknown reference, rule).
class TablePlaces {
 public:
  // "海洋大学.xlsx / 季度报表 / C7" for the first segment of a field path; for a field that is no
  // column "海洋大学.xlsx / 季度报表 / 第 7 行".
  std::string Place(uint32_t row_number, absl::string_view field_path) const;
  // Whether the sheet has a column for the field; where it has none, an empty value says nothing.
  bool HasColumn(absl::string_view field) const {
    for (const auto& [name, column] : columns_) {
      if (name == field) return true;
    }
    return false;
  }

 private:
  friend class TableReader;
  std::string file_name_;
  std::string sheet_;
  // Field name → column from 0.
  std::vector<std::pair<std::string, uint32_t>> columns_;
};

template <typename M>
struct TableData {
  // Every row with a value, in order. Rows with violations are here too, half filled: look at
  // `violations` first.
  std::vector<TableRow<M>> rows;
  // Empty = the sheet is good. In reading order; `field` is the place.
  std::vector<status::Violation> violations;
  TablePlaces places;

  // OK, or INVALID_ARGUMENT with reason INVALID_FILE and the violations.
  absl::Status Check() const {
    if (violations.empty()) {
      return absl::OkStatus();
    }
    return status::InvalidFields(violations, options::v1::ERROR_REASON_INVALID_FILE);
  }
};

// As TableData, for a message type known at run time only.
struct AnyTable {
  std::vector<std::pair<std::unique_ptr<google::protobuf::Message>, uint32_t>> rows;
  std::vector<status::Violation> violations;
  TablePlaces places;
};
AnyTable ReadAnyTable(const Workbook& workbook, const Sheet& sheet,
                      const google::protobuf::Message& prototype, const ReadOptions& options = {});

// Reads the sheet's one table: finds the header row (columns in any order; title rows above it are
// skipped), refuses unknown, repeated and missing required headers, then reads every row below.
// All that is wrong is collected. Formula and error cells are refused at their place.
template <typename M>
TableData<M> ReadTable(const Workbook& workbook, const Sheet& sheet,
                       const ReadOptions& options = {}) {
  AnyTable any = ReadAnyTable(workbook, sheet, M::default_instance(), options);
  TableData<M> data;
  data.rows.reserve(any.rows.size());
  for (auto& [message, number] : any.rows) {
    data.rows.push_back({std::move(static_cast<M&>(*message)), number});
  }
  data.violations = std::move(any.violations);
  data.places = std::move(any.places);
  return data;
}

// --- Writing

struct TableLayout {
  // Merged rows above the header, the first one large.
  std::vector<std::string> title_rows;
  // With protection only these fields can be edited; all others are locked.
  bool protect = false;
  absl::flat_hash_set<std::string> unlocked_fields;
  // Fields to choose from a list besides enums and bools (field name, choices).
  std::vector<std::pair<std::string, std::vector<std::string>>> drop_downs;
  // Drop-downs reach this many rows below the header, or the last message if that is further.
  uint32_t drop_down_rows = 1000;
};

// Writes one table onto a new sheet of the writer, messages of one type.
class TableWriter {
 public:
  TableWriter(Writer& writer, absl::string_view sheet_name,
              const google::protobuf::Descriptor* descriptor, const TableLayout& layout = {});
  ~TableWriter();

  void Add(const google::protobuf::Message& message);
  // Adds the drop-downs; call once, before the writer's Finish.
  void Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

template <typename Range>
void WriteTable(Writer& writer, absl::string_view sheet_name,
                const google::protobuf::Descriptor* descriptor, const Range& messages,
                const TableLayout& layout = {}) {
  TableWriter table(writer, sheet_name, descriptor, layout);
  for (const auto& message : messages) {
    table.Add(message);
  }
  table.Finish();
}

}  // namespace chanyan::sheet
