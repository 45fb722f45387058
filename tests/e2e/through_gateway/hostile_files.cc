#include "tests/e2e/through_gateway/hostile_files.h"

#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "tests/unit/sheet/fixtures.h"
#include "tools/demo/uscc.h"

namespace chanyan::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr size_t kBombBytes = size_t{50} << 20;
constexpr uint32_t kHeaderRow = 1;
constexpr uint32_t kDataRow = 2;
constexpr char kNoColumn[] = "没有这一列";
// "科创平台名称,企业名称" as a Chinese Windows writes it.
constexpr char kGbk[] =
    "\xBF\xC6\xB4\xB4\xC6\xBD\xCC\xA8\xC3\xFB\xB3\xC6,\xC6\xF3\xD2\xB5\xC3\xFB\xB3\xC6\r\n";

// Column from 0 → what stands in it as XML.
using Cells = std::map<uint32_t, std::string>;

std::string TextCell(const std::string& text) { return absl::StrCat("<is><t>", text, "</t></is>"); }

std::string RowXml(uint32_t number, const Cells& cells, const char* type) {
  std::string xml = absl::StrCat("<row r=\"", number, "\">");
  for (const auto& [column, content] : cells) {
    absl::StrAppend(&xml, "<c r=\"", sheet::CellName(column, number), "\"", type, ">", content,
                    "</c>");
  }
  return xml + "</row>";
}

// A sheet of the message's kind with these headers and one cell below them.
class Sheets {
 public:
  explicit Sheets(const Descriptor* row) : columns_(sheet::TableColumns(row)) {
    for (const sheet::TableColumn& column : columns_) {
      headers_[static_cast<uint32_t>(headers_.size())] = TextCell(column.header);
    }
  }

  HostileFile WrongColumn() const {
    const auto last = static_cast<uint32_t>(headers_.size() - 1);
    Cells headers = headers_;
    headers[last] = TextCell(kNoColumn);
    return {"a wrong column", File(headers, {}, kInline), Place(last, kHeaderRow)};
  }
  HostileFile Formula() const {
    return {"a formula", File(headers_, {{0, "<f>1+1</f><v>2</v>"}}, ""), Place(0, kDataRow)};
  }
  // In the first column of its kind; nothing if there is none.
  template <class Fits>
  void AddText(const char* what, const std::string& text, Fits fits,
               std::vector<HostileFile>* files) const {
    for (uint32_t i = 0; i < columns_.size(); ++i) {
      if (!fits(columns_[i].field)) continue;
      files->push_back({what, File(headers_, {{i, TextCell(text)}}, kInline), Place(i, kDataRow)});
      return;
    }
  }

 private:
  static constexpr char kInline[] = " t=\"inlineStr\"";

  static std::string File(const Cells& headers, const Cells& row, const char* type) {
    return sheet::ExcelFile(
        absl::StrCat(RowXml(kHeaderRow, headers, kInline), RowXml(kDataRow, row, type)));
  }
  static std::string Place(uint32_t column, uint32_t row) {
    return absl::StrCat(kHostileName, " / 表 / ", sheet::CellName(column, row));
  }

  const std::vector<sheet::TableColumn> columns_;
  Cells headers_;
};

bool IsOfType(const FieldDescriptor* field, const char* name) {
  return !field->is_repeated() && field->message_type() != nullptr &&
         field->message_type()->full_name() == name;
}

bool IsCode(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field).format() == options::v1::FORMAT_USCC;
}

// Made once: it takes its time.
const std::string& Bomb() {
  static const auto& bomb = *new std::string(sheet::ExcelFile(std::string(kBombBytes, ' ')));
  return bomb;
}

std::string BadCode() {
  std::string code = demo::InventedUscc("370211", 77);
  code.back() = code.back() == '0' ? '1' : '0';
  return code;
}

}  // namespace

std::vector<HostileFile> HostileFiles(const Descriptor* row) {
  const std::string good = sheet::ExcelFile(RowXml(1, {{0, TextCell("口令")}}, " t=\"inlineStr\""));
  sheet::Parts with_macros = sheet::ExcelParts("");
  with_macros["xl/vbaProject.bin"] = "x";
  std::vector<HostileFile> files = {
      {"nothing", "", ""},
      {"no archive", "PK not really", kHostileName},
      {"a page", "<html><script>alert(1)</script></html>", kHostileName},
      {"an old workbook",
       std::string("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) + std::string(600, '\0'), kHostileName},
      {"zeros", std::string(100'000, '\0'), kHostileName},
      {"half of a workbook", good.substr(0, good.size() / 2), kHostileName},
      {"a bomb", Bomb(), kHostileName, "FILE_TOO_LARGE"},
      {"text of GBK", kGbk, kHostileName},
      {"macros", sheet::Zip(with_macros), kHostileName},
      {"another sheet", good, absl::StrCat(kHostileName, " / 表")},
  };
  const Sheets sheets(row);
  files.push_back(sheets.WrongColumn());
  files.push_back(sheets.Formula());
  sheets.AddText(
      "an impossible date", "2025-02-30",
      [](const FieldDescriptor* field) { return IsOfType(field, "google.type.Date"); }, &files);
  sheets.AddText(
      "an impossible time", "2025-02-30 09:00",
      [](const FieldDescriptor* field) { return IsOfType(field, "google.protobuf.Timestamp"); },
      &files);
  sheets.AddText("a bad check character", BadCode(), &IsCode, &files);
  return files;
}

}  // namespace chanyan::e2e
