#include "common/sheet/read_sheet.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/sheet/text.h"
#include "common/sheet/workbook.h"
#include "common/sheet/xml.h"
#include "common/status/status.h"

namespace chanyan::sheet {
namespace {

// 1904-01-01 in the 1900 system.
constexpr double kOffset1904 = 1462;

// All text directly inside a node: plain, CDATA, in pieces.
void AppendText(pugi::xml_node node, std::string& out) {
  out.append(node.value());
  for (pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      out.append(child.value());
    }
  }
}

std::string TextOf(pugi::xml_node node) {
  std::string out;
  AppendText(node, out);
  return out;
}

// "C7" → column 2, row 7; false when it is no reference inside the format.
bool ParseReference(absl::string_view text, uint32_t& column, uint32_t& row) {
  uint32_t letters = 0;
  size_t i = 0;
  for (; i < text.size() && absl::ascii_isalpha(text[i]) && letters <= kFormatColumns; ++i) {
    letters = letters * 26 + static_cast<uint32_t>(absl::ascii_toupper(text[i]) - 'A' + 1);
  }
  if (letters == 0 || letters > kFormatColumns || !absl::SimpleAtoi(text.substr(i), &row) ||
      row == 0 || row > kFormatRows) {
    return false;
  }
  column = letters - 1;
  return true;
}

std::string ShowCivil(absl::CivilSecond time) {
  std::string text = absl::StrFormat("%04d-%02d-%02d", time.year(), time.month(), time.day());
  if (time != absl::CivilSecond(absl::CivilDay(time))) {
    absl::StrAppendFormat(&text, " %02d:%02d:%02d", time.hour(), time.minute(), time.second());
  }
  return text;
}

class SheetReader {
 public:
  SheetReader(const Package& package, SheetContext& context, Sheet& sheet)
      : package_(package), limits_(package.limits()), context_(context), sheet_(sheet) {}

  absl::Status Read(pugi::xml_node worksheet) {
    const pugi::xml_node data = Child(worksheet, "sheetData");
    for (pugi::xml_node node = Child(data, "row"); node; node = Next(node, "row")) {
      CHANYAN_RETURN_IF_ERROR(ReadRow(node));
    }
    return Order();
  }

 private:
  absl::Status Bad(uint32_t column, absl::string_view message) const {
    return BadFile(PlaceOf(package_.file_name(), sheet_.name, CellName(column, row_)), message);
  }
  absl::Status Large(absl::string_view message) const {
    return TooLarge(absl::StrCat(package_.file_name(), " / ", sheet_.name), message);
  }

  absl::Status ReadRow(pugi::xml_node node) {
    ++row_;
    if (const pugi::xml_attribute number = Attribute(node, "r"); number) {
      if (!absl::SimpleAtoi(absl::string_view(number.value()), &row_) || row_ == 0 ||
          row_ > kFormatRows) {
        return BadFile(absl::StrCat(package_.file_name(), " / ", sheet_.name),
                       absl::StrCat("行号 ", number.value(), " 无法识别", kSaveAgain));
      }
    }
    Row row;
    column_ = 0;
    for (pugi::xml_node cell = Child(node, "c"); cell; cell = Next(cell, "c")) {
      CHANYAN_RETURN_IF_ERROR(ReadCell(cell, row));
    }
    if (row.cells.empty()) {
      return absl::OkStatus();
    }
    if (sheet_.rows.size() >= limits_.rows) {
      return Large(
          absl::StrCat("有内容的行超过 ", limits_.rows, " 行，请拆分为几个文件后分别上传"));
    }
    row.number = row_;
    sheet_.rows.push_back(std::move(row));
    return absl::OkStatus();
  }

  absl::Status ReadCell(pugi::xml_node node, Row& row) {
    if (const pugi::xml_attribute reference = Attribute(node, "r"); reference) {
      uint32_t said_row;
      if (!ParseReference(reference.value(), column_, said_row) || said_row != row_) {
        return BadFile(absl::StrCat(package_.file_name(), " / ", sheet_.name),
                       absl::StrCat("单元格位置 ", reference.value(), " 无法识别", kSaveAgain));
      }
    }
    Cell cell;
    cell.column = column_++;
    CHANYAN_RETURN_IF_ERROR(ReadValue(node, cell));
    if (cell.kind == CellKind::kEmpty) {
      return absl::OkStatus();
    }
    context_.text_bytes += cell.text.size();
    if (cell.text.size() > limits_.cell_bytes) {
      return TooLarge(PlaceOf(package_.file_name(), sheet_.name, CellName(cell.column, row_)),
                      "单元格文字过长，请精简后重新上传");
    }
    if (cell.column >= limits_.columns) {
      return Large(absl::StrCat("内容超过 ", limits_.columns, " 列，请删除多余的列后重新上传"));
    }
    if (++context_.cells > limits_.cells || context_.text_bytes > limits_.text_bytes) {
      return Large(absl::StrCat("内容过多（超过 ", limits_.cells, " 个单元格或 ",
                                limits_.text_bytes >> 20,
                                " MB 文字），请拆分为几个文件后分别上传"));
    }
    row.cells.push_back(std::move(cell));
    return absl::OkStatus();
  }

  absl::Status ReadValue(pugi::xml_node node, Cell& cell) {
    const absl::string_view type = AttributeText(node, "t");
    const pugi::xml_node value = Child(node, "v");
    if (const pugi::xml_node formula = Child(node, "f"); formula) {
      cell.kind = CellKind::kFormula;
      cell.text = absl::StrCat("=", TextOf(formula));
    } else if (type == "inlineStr") {
      SetText(RichText(Child(node, "is")), cell);
    } else if (!value) {
      return absl::OkStatus();
    } else if (type == "s") {
      return ReadShared(TextOf(value), cell);
    } else if (type == "str") {
      SetText(DecodeEscapes(TextOf(value)), cell);
    } else if (type == "e") {
      cell.kind = CellKind::kError;
      cell.text = TextOf(value);
    } else if (type == "d") {
      return ReadIsoDate(TextOf(value), cell);
    } else {
      return ReadNumber(node, TextOf(value), type == "b", cell);
    }
    return absl::OkStatus();
  }

  static void SetText(std::string text, Cell& cell) {
    if (!text.empty()) {
      cell.kind = CellKind::kText;
      cell.text = std::move(text);
    }
  }

  absl::Status ReadShared(const std::string& text, Cell& cell) {
    uint32_t index;
    if (!absl::SimpleAtoi(text, &index) || index >= context_.shared_strings.size()) {
      return Bad(cell.column, absl::StrCat("单元格引用的文字不存在，文件可能已损坏", kSaveAgain));
    }
    SetText(context_.shared_strings[index], cell);
    return absl::OkStatus();
  }

  absl::Status ReadNumber(pugi::xml_node node, const std::string& text, bool is_bool, Cell& cell) {
    if (TrimBlanks(text).empty()) {
      return absl::OkStatus();
    }
    if (!absl::SimpleAtod(text, &cell.number) || !std::isfinite(cell.number)) {
      return Bad(cell.column, absl::StrCat("「", text, "」不是数字，文件可能已损坏", kSaveAgain));
    }
    if (is_bool) {
      cell.kind = CellKind::kBool;
      cell.text = cell.number != 0 ? "TRUE" : "FALSE";
      return absl::OkStatus();
    }
    uint32_t style = 0;
    const bool dated = absl::SimpleAtoi(AttributeText(node, "s"), &style) &&
                       style < context_.date_styles.size() && context_.date_styles[style];
    const double serial = cell.number + (context_.system_1904 ? kOffset1904 : 0);
    if (dated && serial >= kMinSerial && serial < kEndSerial) {
      SetDate(serial, cell);
      return absl::OkStatus();
    }
    cell.kind = CellKind::kNumber;
    cell.text = absl::StrFormat("%.15g", cell.number);
    return absl::OkStatus();
  }

  static void SetDate(double serial, Cell& cell) {
    cell.kind = CellKind::kDate;
    cell.number = serial;
    cell.text = ShowCivil(CivilOfSerial(serial));
  }

  // "2025-03-18" or "2025-03-18T09:30:00.000Z"; whatever else is left to be read as text.
  absl::Status ReadIsoDate(const std::string& text, Cell& cell) {
    absl::CivilSecond time;
    absl::CivilDay day;
    const std::string whole = text.substr(0, text.find_first_of(".Z"));
    if (absl::ParseCivilTime(whole, &time) ||
        (absl::ParseCivilTime(whole, &day) && (time = absl::CivilSecond(day), true))) {
      const double serial = SerialOfCivil(time);
      if (serial >= kMinSerial && serial < kEndSerial) {
        SetDate(serial, cell);
        return absl::OkStatus();
      }
    }
    SetText(text, cell);
    return absl::OkStatus();
  }

  // Programs may write rows and cells in any order, but one place has one value.
  absl::Status Order() {
    const auto by_number = [](const Row& a, const Row& b) { return a.number < b.number; };
    const auto by_column = [](const Cell& a, const Cell& b) { return a.column < b.column; };
    if (!std::is_sorted(sheet_.rows.begin(), sheet_.rows.end(), by_number)) {
      std::stable_sort(sheet_.rows.begin(), sheet_.rows.end(), by_number);
    }
    uint32_t last_row = 0;
    for (Row& row : sheet_.rows) {
      if (!std::is_sorted(row.cells.begin(), row.cells.end(), by_column)) {
        std::stable_sort(row.cells.begin(), row.cells.end(), by_column);
      }
      const auto twin =
          std::adjacent_find(row.cells.begin(), row.cells.end(),
                             [](const Cell& a, const Cell& b) { return a.column == b.column; });
      row_ = row.number;
      if (row.number == last_row || twin != row.cells.end()) {
        const uint32_t column = twin == row.cells.end() ? 0 : twin->column;
        return Bad(column, absl::StrCat("同一位置出现两次，文件可能已损坏", kSaveAgain));
      }
      last_row = row.number;
    }
    return absl::OkStatus();
  }

  const Package& package_;
  const Limits& limits_;
  SheetContext& context_;
  Sheet& sheet_;
  uint32_t row_ = 0;
  uint32_t column_ = 0;
};

}  // namespace

std::string RichText(pugi::xml_node item) {
  std::string text;
  for (pugi::xml_node child : item.children()) {
    const absl::string_view name = LocalName(child.name());
    if (name == "t") {
      AppendText(child, text);
    } else if (name == "r") {
      AppendText(Child(child, "t"), text);
    }
  }
  return DecodeEscapes(text);
}

absl::Status ReadSheet(Package& package, absl::string_view part, SheetContext& context,
                       Sheet& sheet) {
  CHANYAN_ASSIGN_OR_RETURN(const XmlPart xml, XmlPart::Read(package, part));
  return SheetReader(package, context, sheet).Read(xml.root());
}

}  // namespace chanyan::sheet
