#include "common/sheet/writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "common/sheet/text.h"
#include "common/sheet/workbook.h"
#include "common/sheet/writer_parts.h"
#include "common/sheet/zip_writer.h"
#include "common/status/status.h"

namespace chanyan::sheet {
namespace {

// Sizes of paper by their numbers in the format, and what fits across A4 at a readable size.
constexpr int kPaperA3 = 8;
constexpr int kPaperA4 = 9;
constexpr double kA4Characters = 150;

// Bounds of the format.
constexpr size_t kSheetNameCharacters = 31;
// Beyond it a list in a cell's rule is refused by Excel.
constexpr size_t kInlineListCharacters = 255;
// 15 digits: what a cell's number holds exactly and Excel shows whole.
constexpr int64_t kMaxWholeCell = 999'999'999'999'999;
constexpr char kListSheet[] = "选项";

// Of cells without a value.
uint32_t EmptyStyle(const ColumnLayout& column) { return column.dates ? kStyleDate : kStylePlain; }

size_t Characters(absl::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// Text that a program could take for a formula once the cell is edited or saved as .csv.
bool LooksLikeFormula(absl::string_view text) {
  text = TrimBlanks(text);
  while (absl::ConsumePrefix(&text, "'") || absl::ConsumePrefix(&text, "\"") ||
         absl::ConsumePrefix(&text, "＇") || absl::ConsumePrefix(&text, "＂")) {
    text = TrimBlanks(text);
  }
  for (absl::string_view sign : {"=", "+", "-", "@", "＝", "＋", "－", "＠"}) {
    if (absl::StartsWith(text, sign)) {
      return true;
    }
  }
  return false;
}

void AppendInteger(std::string& out, int64_t value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  out.append(buffer, static_cast<size_t>(end - buffer));
}

std::string SheetName(absl::string_view wanted,
                      const std::vector<std::unique_ptr<SheetWriter>>& taken,
                      const std::function<absl::string_view(const SheetWriter&)>& name_of) {
  std::string base;
  size_t characters = 0;
  // Room for " (99)".
  constexpr size_t kRoom = kSheetNameCharacters - 5;
  for (char c : absl::StrReplaceAll(wanted, {{"[", " "},
                                             {"]", " "},
                                             {":", " "},
                                             {"*", " "},
                                             {"?", " "},
                                             {"/", " "},
                                             {"\\", " "},
                                             {"'", " "}})) {
    characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (characters > kRoom) {
      break;
    }
    base.push_back(absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? ' ' : c);
  }
  base = std::string(TrimBlanks(base));
  if (base.empty()) {
    base = "Sheet";
  }
  std::string name = base;
  for (int n = 2; std::any_of(
           taken.begin(), taken.end(),
           [&](const auto& sheet) { return absl::EqualsIgnoreCase(name_of(*sheet), name); });
       ++n) {
    name = absl::StrCat(base, " (", n, ")");
  }
  return name;
}

}  // namespace

SheetWriter::SheetWriter(absl::string_view name, SheetLayout layout)
    : name_(name), layout_(std::move(layout)) {}

void SheetWriter::NewRow() {
  if (row_ > 0) {
    body_.append("</row>");
  }
  ++row_;
  column_ = 0;
  row_text_.clear();
  AppendInteger(row_text_, row_);
  absl::StrAppend(&body_, "<row r=\"", row_text_, "\">");
}

void SheetWriter::OpenCell(uint32_t style) {
  while (column_names_.size() <= column_) {
    std::string name = CellName(static_cast<uint32_t>(column_names_.size()), 0);
    name.pop_back();
    column_names_.push_back(std::move(name));
  }
  const bool unlocked = column_ < layout_.columns.size() && layout_.columns[column_].unlocked &&
                        style != kStyleHeader && style != kStyleTitle;
  body_.append("<c r=\"");
  body_.append(column_names_[column_]);
  body_.append(row_text_);
  body_.append("\" s=\"");
  AppendInteger(body_, style + (unlocked ? kUnlockedOffset : 0));
  body_.push_back('"');
  ++column_;
}

void SheetWriter::Text(absl::string_view utf8, Look look) {
  const bool quoted = LooksLikeFormula(utf8);
  uint32_t style = kStylePlain;
  switch (look) {
    case Look::kPlain:
      style = quoted ? kStyleQuoted : kStylePlain;
      break;
    case Look::kHeader:
      style = kStyleHeader;
      break;
    case Look::kTitle:
      style = kStyleTitle;
      break;
    case Look::kWrapped:
      style = quoted ? kStyleWrappedQuoted : kStyleWrapped;
      break;
  }
  OpenCell(style);
  if (utf8.empty()) {
    body_.append("/>");
    return;
  }
  body_.append(" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
  AppendXmlText(body_, utf8);
  body_.append("</t></is></c>");
}

void SheetWriter::Number(double value) {
  OpenCell(kStyleNumber);
  if (!std::isfinite(value)) {
    body_.append("/>");
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  body_.append("><v>");
  body_.append(buffer, static_cast<size_t>(end - buffer));
  body_.append("</v></c>");
}

void SheetWriter::Integer(int64_t value) {
  if (value > kMaxWholeCell || value < -kMaxWholeCell) {
    Text(absl::StrCat(value));
    return;
  }
  OpenCell(kStyleInteger);
  body_.append("><v>");
  AppendInteger(body_, value);
  body_.append("</v></c>");
}

void SheetWriter::Date(absl::CivilDay day) {
  const double serial = SerialOfCivil(absl::CivilSecond(day));
  if (serial < kMinSerial || serial >= kEndSerial) {
    Text(absl::FormatCivilTime(day));
    return;
  }
  OpenCell(kStyleDate);
  body_.append("><v>");
  AppendInteger(body_, static_cast<int64_t>(serial));
  body_.append("</v></c>");
}

void SheetWriter::DateTime(absl::CivilSecond time) {
  const double serial = SerialOfCivil(time);
  if (serial < kMinSerial || serial >= kEndSerial) {
    Text(absl::FormatCivilTime(time));
    return;
  }
  OpenCell(kStyleDateTime);
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), serial).ptr;
  body_.append("><v>");
  body_.append(buffer, static_cast<size_t>(end - buffer));
  body_.append("</v></c>");
}

void SheetWriter::Empty() {
  OpenCell(column_ < layout_.columns.size() ? EmptyStyle(layout_.columns[column_]) : kStylePlain);
  body_.append("/>");
}

void SheetWriter::TitleRow(absl::string_view utf8, Look look) {
  NewRow();
  Text(utf8, look);
  const uint32_t columns = static_cast<uint32_t>(layout_.columns.size());
  if (columns > 1) {
    merges_.push_back(absl::StrCat(CellName(0, row_), ":", CellName(columns - 1, row_)));
  }
}

void SheetWriter::DropDown(uint32_t column, uint32_t first_row, uint32_t last_row,
                           std::vector<std::string> choices) {
  if (!choices.empty() && first_row <= last_row) {
    lists_.push_back({column, first_row, last_row, std::move(choices)});
  }
}

bool SheetWriter::FitsFormat() const {
  return row_ <= kFormatRows && column_names_.size() <= kFormatColumns;
}

std::string SheetWriter::HeadXml(bool selected) const {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
      "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">"
      "<sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView";
  absl::StrAppend(&xml, selected ? " tabSelected=\"1\"" : "", " workbookViewId=\"0\">");
  if (layout_.freeze_rows > 0) {
    absl::SubstituteAndAppend(&xml,
                              R"(<pane ySplit="$0" topLeftCell="A$1" activePane="bottomLeft" )"
                              R"(state="frozen"/><selection pane="bottomLeft"/>)",
                              layout_.freeze_rows, layout_.freeze_rows + 1);
  }
  absl::StrAppend(&xml, "</sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>");
  if (!layout_.columns.empty()) {
    absl::StrAppend(&xml, "<cols>");
    for (size_t i = 0; i < layout_.columns.size(); ++i) {
      const ColumnLayout& column = layout_.columns[i];
      absl::SubstituteAndAppend(
          &xml, R"(<col min="$0" max="$0" width="$1" style="$2" customWidth="1"/>)", i + 1,
          column.width, EmptyStyle(column) + (column.unlocked ? kUnlockedOffset : 0));
    }
    absl::StrAppend(&xml, "</cols>");
  }
  absl::StrAppend(&xml, "<sheetData>");
  return xml;
}

std::string SheetWriter::TailXml(const std::vector<std::string>& list_sources) const {
  std::string xml = row_ > 0 ? "</row></sheetData>" : "</sheetData>";
  if (layout_.protect) {
    absl::StrAppend(&xml,
                    "<sheetProtection sheet=\"1\" objects=\"1\" scenarios=\"1\" "
                    "formatColumns=\"0\" formatRows=\"0\"/>");
  }
  if (!merges_.empty()) {
    absl::StrAppend(&xml, "<mergeCells count=\"", merges_.size(), "\">");
    for (const std::string& merge : merges_) {
      absl::StrAppend(&xml, "<mergeCell ref=\"", merge, "\"/>");
    }
    absl::StrAppend(&xml, "</mergeCells>");
  }
  if (!lists_.empty()) {
    absl::StrAppend(&xml, "<dataValidations count=\"", lists_.size(), "\">");
    for (size_t i = 0; i < lists_.size(); ++i) {
      const List& list = lists_[i];
      absl::StrAppend(&xml,
                      "<dataValidation type=\"list\" allowBlank=\"1\" showErrorMessage=\"1\" "
                      "errorTitle=\"请从列表中选择\" error=\"该值不在列表中，请从下拉列表中选择\" "
                      "sqref=\"",
                      CellName(list.column, list.first_row), ":",
                      CellName(list.column, list.last_row), "\"><formula1>");
      AppendXmlText(xml, list_sources[i]);
      absl::StrAppend(&xml, "</formula1></dataValidation>");
    }
    absl::StrAppend(&xml, "</dataValidations>");
  }
  double width = 0;
  for (const ColumnLayout& column : layout_.columns) width += column.width;
  absl::StrAppend(&xml,
                  "<pageMargins left=\"0.5\" right=\"0.5\" top=\"0.6\" bottom=\"0.6\" "
                  "header=\"0.3\" footer=\"0.3\"/><pageSetup paperSize=\"",
                  width > kA4Characters ? kPaperA3 : kPaperA4, "\" orientation=\"",
                  layout_.landscape ? "landscape" : "portrait",
                  "\" fitToWidth=\"1\" fitToHeight=\"0\"/><headerFooter><oddFooter>"
                  "&amp;C第 &amp;P 页，共 &amp;N 页</oddFooter></headerFooter></worksheet>");
  return xml;
}

Writer::Writer(BookProperties properties) : properties_(std::move(properties)) {}
Writer::~Writer() = default;
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;

SheetWriter& Writer::AddSheet(absl::string_view name, SheetLayout layout) {
  const std::string free_name = SheetName(
      name, sheets_, [](const SheetWriter& sheet) { return absl::string_view(sheet.name_); });
  sheets_.push_back(std::make_unique<SheetWriter>(free_name, std::move(layout)));
  return *sheets_.back();
}

// Lists that do not fit into a rule stand one below the other in the first column of one sheet.
std::vector<std::vector<std::string>> Writer::PlaceLists() {
  std::vector<std::vector<std::string>> sources(sheets_.size());
  SheetWriter* list_sheet = nullptr;
  for (size_t i = 0; i < sources.size(); ++i) {
    for (const SheetWriter::List& list : sheets_[i]->lists_) {
      const std::string joined = absl::StrJoin(list.choices, ",");
      const bool splits = std::any_of(list.choices.begin(), list.choices.end(), [](const auto& c) {
        return absl::StrContains(c, ',') || absl::StrContains(c, '"');
      });
      if (!splits && Characters(joined) <= kInlineListCharacters) {
        sources[i].push_back(absl::StrCat("\"", joined, "\""));
        continue;
      }
      if (list_sheet == nullptr) {
        list_sheet = &AddSheet(kListSheet, {.columns = {{.width = 40}}, .hidden = true});
      }
      const uint32_t first = list_sheet->rows() + 1;
      for (const std::string& choice : list.choices) {
        list_sheet->NewRow();
        list_sheet->Text(choice);
      }
      sources[i].push_back(
          absl::Substitute("'$0'!$$A$$$1:$$A$$$2", list_sheet->name_, first, list_sheet->rows()));
    }
  }
  sources.resize(sheets_.size());
  return sources;
}

absl::StatusOr<std::string> Writer::Finish() && {
  const std::vector<std::vector<std::string>> sources = PlaceLists();
  std::vector<SheetEntry> entries;
  size_t selected = sheets_.size();
  for (size_t i = 0; i < sheets_.size(); ++i) {
    const SheetWriter& sheet = *sheets_[i];
    if (!sheet.FitsFormat()) {
      return status::Internal(absl::StrCat("sheet ", sheet.name_, " outgrew the .xlsx format"));
    }
    if (!sheet.layout_.hidden && selected == sheets_.size()) {
      selected = i;
    }
    entries.push_back({sheet.name_, sheet.layout_.hidden, sheet.layout_.repeat_rows});
  }
  if (selected == sheets_.size()) {
    return status::Internal("an .xlsx needs a visible sheet");
  }
  ZipWriter zip;
  zip.Add("[Content_Types].xml", ContentTypesXml(entries.size()));
  zip.Add("_rels/.rels", RootRelationsXml());
  zip.Add("docProps/core.xml",
          CorePropertiesXml(properties_.title, properties_.creator, properties_.created));
  zip.Add("xl/workbook.xml", WorkbookXml(entries));
  zip.Add("xl/_rels/workbook.xml.rels", WorkbookRelationsXml(entries.size()));
  zip.Add("xl/styles.xml", StylesXml());
  for (size_t i = 0; i < sheets_.size(); ++i) {
    SheetWriter& sheet = *sheets_[i];
    std::string xml = sheet.HeadXml(i == selected);
    xml.append(sheet.body_);
    sheet.body_ = {};
    xml.append(sheet.TailXml(sources[i]));
    zip.Add(absl::StrCat("xl/worksheets/sheet", i + 1, ".xml"), xml);
  }
  return std::move(zip).Finish();
}

}  // namespace chanyan::sheet
