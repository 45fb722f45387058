#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sheet/field_codec.h"
#include "common/sheet/table.h"
#include "common/sheet/text.h"

namespace chanyan::sheet {
namespace {

using google::protobuf::Message;

// A cell with nothing but blanks is empty to a person.
bool IsBlank(const Cell& cell) {
  return cell.kind == CellKind::kText && TrimBlanks(cell.text).empty();
}

bool IsBlank(const Row& row) {
  return std::all_of(row.cells.begin(), row.cells.end(),
                     [](const Cell& cell) { return IsBlank(cell); });
}

absl::string_view FirstSegment(absl::string_view path) {
  return path.substr(0, path.find_first_of(".["));
}

}  // namespace

std::string TablePlaces::Place(uint32_t row_number, absl::string_view field_path) const {
  const absl::string_view field = FirstSegment(field_path);
  for (const auto& [name, column] : columns_) {
    if (name == field) {
      return PlaceOf(file_name_, sheet_, CellName(column, row_number));
    }
  }
  return PlaceOf(file_name_, sheet_, absl::StrCat("第 ", row_number, " 行"));
}

// Reads one table. Steps: header row, its columns, then row by row.
class TableReader {
 public:
  TableReader(const Workbook& workbook, const Sheet& sheet, const Message& prototype,
              const ReadOptions& options)
      : workbook_(workbook),
        sheet_(sheet),
        prototype_(prototype),
        options_(options),
        columns_(TableColumns(prototype.GetDescriptor())) {
    table_.places.file_name_ = workbook.file_name;
    table_.places.sheet_ = sheet.name;
    for (size_t i = 0; i < columns_.size(); ++i) {
      by_key_.emplace(LabelKey(columns_[i].header), i);
    }
  }

  AnyTable Read() && {
    const Row* header = FindHeader();
    if (header == nullptr) {
      AddSheetViolation(absl::StrCat("找不到表头，第一行应为", HeaderNames()));
    } else {
      MapColumns(*header);
      if (table_.violations.empty()) {
        ReadRows(*header);
      }
    }
    if (unnamed_ > 0) {
      table_.violations.push_back(
          {absl::StrCat(workbook_.file_name, " / ", sheet_.name),
           absl::StrCat("还有 ", unnamed_, " 处错误未列出，请改正后重新上传")});
    }
    return std::move(table_);
  }

 private:
  struct ReadColumn {
    uint32_t column;
    const TableColumn* table_column;
    FieldCodec codec;
  };

  void Add(std::string place, std::string description) {
    if (table_.violations.size() >= options_.max_violations) {
      ++unnamed_;
      return;
    }
    table_.violations.push_back({std::move(place), std::move(description)});
  }
  void AddCellViolation(uint32_t column, uint32_t row, std::string description) {
    Add(PlaceOf(workbook_.file_name, sheet_.name, CellName(column, row)), std::move(description));
  }
  void AddSheetViolation(std::string description) {
    Add(absl::StrCat(workbook_.file_name, " / ", sheet_.name), std::move(description));
  }

  std::string HeaderNames() const {
    return absl::StrCat("「",
                        absl::StrJoin(columns_, "」「",
                                      [](std::string* out, const TableColumn& column) {
                                        absl::StrAppend(out, column.header);
                                      }),
                        "」");
  }

  // The row among the first ones that holds most of the headers.
  const Row* FindHeader() const {
    const Row* best = nullptr;
    size_t best_hits = 0;
    const size_t rows = std::min(sheet_.rows.size(), kHeaderSearchRows);
    for (size_t i = 0; i < rows; ++i) {
      const Row& row = sheet_.rows[i];
      const auto hits = static_cast<size_t>(
          std::count_if(row.cells.begin(), row.cells.end(), [&](const Cell& cell) {
            return cell.kind == CellKind::kText && by_key_.contains(LabelKey(cell.text));
          }));
      if (hits > best_hits) {
        best = &row;
        best_hits = hits;
      }
    }
    return best;
  }

  void MapColumns(const Row& header) {
    std::vector<const Cell*> found(columns_.size(), nullptr);
    for (const Cell& cell : header.cells) {
      if (IsBlank(cell)) {
        continue;
      }
      const auto known = by_key_.find(LabelKey(cell.text));
      if (known == by_key_.end()) {
        AddCellViolation(cell.column, header.number,
                         absl::StrCat("表头「", cell.text, "」无法识别，应为", HeaderNames()));
        continue;
      }
      const Cell*& first = found[known->second];
      if (first != nullptr) {
        AddCellViolation(cell.column, header.number,
                         absl::StrCat("表头「", cell.text, "」与 ",
                                      CellName(first->column, header.number), " 重复，请保留一列"));
        continue;
      }
      first = &cell;
      const TableColumn& column = columns_[known->second];
      read_columns_.push_back({cell.column, &column, FieldCodec(column.field)});
      table_.places.columns_.emplace_back(column.field->name(), cell.column);
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].required && found[i] == nullptr) {
        Add(PlaceOf(workbook_.file_name, sheet_.name, absl::StrCat("第 ", header.number, " 行")),
            absl::StrCat("表头缺少必填列「", columns_[i].header, "」"));
      }
    }
  }

  void ReadRows(const Row& header) {
    const size_t start = static_cast<size_t>(&header - sheet_.rows.data()) + 1;
    table_.rows.reserve(sheet_.rows.size() - start);
    for (size_t i = start; i < sheet_.rows.size(); ++i) {
      if (!IsBlank(sheet_.rows[i])) {
        ReadRow(sheet_.rows[i]);
      }
    }
  }

  void ReadRow(const Row& row) {
    std::unique_ptr<Message> message(prototype_.New());
    // Columns with a violation already: the check would only repeat it in other words.
    std::vector<uint32_t> spoiled;
    auto column = read_columns_.begin();
    for (const Cell& cell : row.cells) {
      // Both lists ascend.
      while (column != read_columns_.end() && column->column < cell.column) {
        ++column;
      }
      if (IsBlank(cell)) {
        continue;
      }
      if (column == read_columns_.end() || column->column != cell.column) {
        AddCellViolation(cell.column, row.number,
                         absl::StrCat("「", cell.text, "」所在的列没有表头，请删除或移入对应的列"));
        continue;
      }
      std::string reason = column->codec.Read(cell, *message);
      if (!reason.empty()) {
        spoiled.push_back(cell.column);
        AddCellViolation(cell.column, row.number,
                         absl::StrCat(column->table_column->header, "：", reason));
      }
    }
    if (options_.check) {
      for (status::Violation& violation : options_.check(*message, row.number)) {
        AddChecked(row, spoiled, violation);
      }
    }
    table_.rows.emplace_back(std::move(message), row.number);
  }

  void AddChecked(const Row& row, const std::vector<uint32_t>& spoiled,
                  status::Violation& violation) {
    const absl::string_view field = FirstSegment(violation.field);
    const bool repeated =
        std::any_of(read_columns_.begin(), read_columns_.end(), [&](const ReadColumn& column) {
          return column.table_column->field->name() == field &&
                 std::find(spoiled.begin(), spoiled.end(), column.column) != spoiled.end();
        });
    if (!repeated) {
      Add(table_.places.Place(row.number, violation.field), std::move(violation.description));
    }
  }

  const Workbook& workbook_;
  const Sheet& sheet_;
  const Message& prototype_;
  const ReadOptions& options_;
  const std::vector<TableColumn> columns_;
  absl::flat_hash_map<std::string, size_t> by_key_;
  // Ascending columns of the sheet.
  std::vector<ReadColumn> read_columns_;
  AnyTable table_;
  size_t unnamed_ = 0;
};

AnyTable ReadAnyTable(const Workbook& workbook, const Sheet& sheet, const Message& prototype,
                      const ReadOptions& options) {
  return TableReader(workbook, sheet, prototype, options).Read();
}

}  // namespace chanyan::sheet
