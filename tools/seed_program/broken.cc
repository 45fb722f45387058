#include "tools/seed_program/broken.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/sheet/table.h"
#include "common/sheet/zip_writer.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tools/demo/tsv.h"
#include "tools/seed_program/forms.h"

namespace chanyan::seed {
namespace {

using Cells = std::vector<std::string>;

// Unpacked size of the zip bomb.
constexpr size_t kBombBytes = size_t{50} << 20;
// "科创平台名称,企业名称" and a row, as a Chinese Windows writes a .csv.
constexpr char kGbkCsv[] =
    "\xBF\xC6\xB4\xB4\xC6\xBD\xCC\xA8\xC3\xFB\xB3\xC6,"
    "\xC6\xF3\xD2\xB5\xC3\xFB\xB3\xC6\r\n\xBA\xA3\xD1\xF3\xD7\xB0\xB1\xB8\xCA\xB5\xD1\xE9\xCA\xD2,"
    "\xC7\xE0\xB5\xBA\xC6\xF3\xD2\xB5\r\n";

Cells Headers() {
  Cells cells;
  for (const sheet::TableColumn& column : sheet::TableColumns(cycle::v1::Row::descriptor())) {
    cells.push_back(column.header);
  }
  return cells;
}

size_t Column(absl::string_view header) {
  const Cells headers = Headers();
  for (size_t i = 0; i < headers.size(); ++i) {
    if (headers[i] == header) return i;
  }
  return 0;
}

// "季度报表 / E4": the place of a column in the n-th row below the header, which is row 0.
std::string Place(absl::string_view header, uint32_t row) {
  constexpr uint32_t kHeaderRow = 3;
  return absl::StrCat(kFormSheetName, " / ",
                      sheet::CellName(static_cast<uint32_t>(Column(header)), kHeaderRow + row));
}

// The first platform of the university whose name no other one has: a refusal names its owner.
const Platform& FirstPlatformOf(const City& city, int university) {
  absl::flat_hash_map<absl::string_view, int> namesakes;
  for (const Platform& one : city.platforms) ++namesakes[one.name];
  const Platform* first = nullptr;
  for (const Platform& one : city.platforms) {
    if (one.university != university) continue;
    if (namesakes[one.name] == 1) return one;
    if (first == nullptr) first = &one;
  }
  return first == nullptr ? city.platforms[0] : *first;
}

// What is said of a row of ProjectCells of another university.
std::string Foreign(const City& city, int university) {
  return absl::StrCat("“", FirstPlatformOf(city, university).name, "”属于其他高校（",
                      city.universities[university].name, "），请填在该校的报表上，不要合并表格");
}

// A project as texts, in the order of the columns.
Cells ProjectCells(const City& city, int university) {
  const Platform& platform = FirstPlatformOf(city, university);
  const Company& company = city.companies[0];
  Cells cells(Headers().size());
  cells[Column("科创平台名称")] = platform.name;
  cells[Column("填报类别")] = "新增结对共建项目";
  cells[Column("企业名称")] = company.name;
  cells[Column("统一社会信用代码")] = company.uscc;
  cells[Column("共建类型")] = "技术研发";
  cells[Column("项目名称")] = absl::StrCat(platform.direction, "关键技术攻关");
  cells[Column("签约日期")] = time::FormatDate(city.quarter_begin - 20);
  return cells;
}

absl::StatusOr<std::string> TextFile(const City& city, int university,
                                     const std::vector<Cells>& rows) {
  sheet::Writer writer({.created = time::StartOfDay(city.quarter_begin), .title = kFormTitle});
  sheet::SheetLayout layout;
  layout.columns.resize(Headers().size());
  sheet::SheetWriter& sheet = writer.AddSheet(kFormSheetName, layout);
  for (const std::string& title : TitleBlock(city, city.universities[university].name)) {
    sheet.TitleRow(title);
  }
  for (const Cells& row : rows) {
    sheet.NewRow();
    for (const std::string& cell : row) sheet.Text(cell);
  }
  return std::move(writer).Finish();
}

// The smallest container around one sheet's XML.
absl::StatusOr<std::string> RawFile(absl::string_view sheet_xml) {
  constexpr char kHead[] = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
  constexpr char kTypes[] =
      R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>)";
  constexpr char kRelations[] =
      R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>)";
  constexpr char kBookRelations[] =
      R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>)";
  sheet::ZipWriter zip;
  zip.Add("[Content_Types].xml", absl::StrCat(kHead, kTypes));
  zip.Add("_rels/.rels", absl::StrCat(kHead, kRelations));
  zip.Add(
      "xl/workbook.xml",
      absl::StrCat(
          kHead,
          R"(<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name=")",
          kFormSheetName, R"(" sheetId="1" r:id="rId1"/></sheets></workbook>)"));
  zip.Add("xl/_rels/workbook.xml.rels", absl::StrCat(kHead, kBookRelations));
  zip.Add("xl/worksheets/sheet1.xml", absl::StrCat(kHead, sheet_xml));
  return std::move(zip).Finish();
}

constexpr char kSheetOpen[] =
    R"(<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>)";
constexpr char kSheetClose[] = "</sheetData></worksheet>";

// The table with a formula in place of the project's name.
absl::StatusOr<std::string> FormulaFile(const Cells& row) {
  std::string xml = kSheetOpen;
  const auto add = [&](uint32_t number, const Cells& cells, size_t formula) {
    absl::StrAppend(&xml, "<row r=\"", number, "\">");
    for (uint32_t i = 0; i < cells.size(); ++i) {
      const std::string name = sheet::CellName(i, number);
      if (i == formula) {
        absl::StrAppend(&xml, "<c r=\"", name, "\"><f>1+1</f><v>2</v></c>");
      } else if (!cells[i].empty()) {
        absl::StrAppend(&xml, "<c r=\"", name, "\" t=\"inlineStr\"><is><t>", cells[i],
                        "</t></is></c>");
      }
    }
    xml += "</row>";
  };
  add(3, Headers(), row.size());
  add(4, row, Column("项目名称"));
  return RawFile(absl::StrCat(xml, kSheetClose));
}

std::vector<BrokenFile> BrokenForms(const City& city, int own, int foreign) {
  const Cells headers = Headers();
  const Cells good = ProjectCells(city, own);
  Cells wrong_headers = headers;
  wrong_headers[Column("填报类别")] = "类别（大类）";
  Cells bad_date = good;
  const std::string day = absl::StrCat(city.quarter_begin.year(), "-02-30");
  bad_date[Column("签约日期")] = day;
  Cells bad_code = good;
  std::string& code = bad_code[Column("统一社会信用代码")];
  const char check = code.back();
  code.back() = check == '0' ? '1' : '0';
  const auto file = [&](const Cells& head, const std::vector<Cells>& rows) {
    std::vector<Cells> all = {head};
    all.insert(all.end(), rows.begin(), rows.end());
    return TextFile(city, own, all);
  };
  absl::StatusOr<std::string> cut = file(headers, {good});
  if (cut.ok()) cut->resize(cut->size() * 3 / 5);
  std::vector<BrokenFile> files;
  const auto add = [&](const char* name, absl::StatusOr<std::string> bytes, std::string place,
                       std::string words, const char* reason) {
    files.push_back({name, std::move(bytes), "form", city.universities[own].id, "",
                     std::move(place), std::move(words), reason});
  };
  add("wrong-header.xlsx", file(wrong_headers, {good}), Place("填报类别", 0),
      "表头「类别（大类）」无法识别，应为「科创平台名称」", "表头写错");
  add("foreign-university.xlsx", file(headers, {good, ProjectCells(city, foreign)}),
      Place("科创平台名称", 2), Foreign(city, foreign), "填了其他高校的平台");
  add("duplicate-row.xlsx", file(headers, {good, good}), Place("科创平台名称", 2),
      "与第 4 行是同一平台和同一企业，请合为一行", "同一平台和企业填了两行");
  add("impossible-date.xlsx", file(headers, {bad_date}), Place("签约日期", 1),
      absl::StrCat("「", day, "」：日期不存在：", city.quarter_begin.year(), "年2月没有 30 日"),
      "不存在的日期");
  add("formula.xlsx", FormulaFile(good), Place("项目名称", 1),
      "不接受公式（=1+1），请复制后「选择性粘贴」为数值", "单元格是公式");
  add("bad-code.xlsx", file(headers, {bad_code}), Place("统一社会信用代码", 1),
      absl::StrCat("“统一社会信用代码”校验位不正确，第 18 位应为“", std::string(1, check), "”"),
      "信用代码校验位错误");
  add("zip-bomb.xlsx", RawFile(absl::StrCat(kSheetOpen, std::string(kBombBytes, ' '), kSheetClose)),
      "", "文件解压后膨胀超过 100 倍", "解开后 50 MB 的压缩炸弹");
  add("truncated.xlsx", std::move(cut), "", "文件不完整或已损坏", "文件不完整");
  add("gbk.csv", std::string(kGbkCsv), "", "文件是 GBK 等编码的文本（如 .csv），不是 .xlsx 工作簿",
      "GBK 编码的 .csv");
  return files;
}

// What the first company that gives something back might do wrong; nothing if none does.
std::vector<BrokenFile> BrokenReturns(const City& city) {
  const PlannedRow* first = nullptr;
  for (const PlannedRow& row : city.rows) {
    if (first == nullptr && row.company >= 0 && city.companies[row.company].returns) first = &row;
  }
  if (first == nullptr) return {};
  const Company& company = city.companies[first->company];
  const int university = city.platforms[first->platform].university;
  const int foreign = university == 0 ? 1 : 0;
  Cells merged = ProjectCells(city, foreign);
  merged[Column("企业名称")] = company.name;
  merged[Column("统一社会信用代码")] = company.uscc;
  const Company& other = city.companies[first->company == 0 ? 1 : 0];
  Cells of_another = ProjectCells(city, university);
  of_another[Column("企业名称")] = other.name;
  of_another[Column("统一社会信用代码")] = other.uscc;
  std::vector<BrokenFile> files;
  const auto add = [&](const char* name, const Cells& row, std::string place, std::string words,
                       const char* reason) {
    files.push_back({name, TextFile(city, university, {Headers(), row}), "return",
                     city.universities[university].id, company.id, std::move(place),
                     std::move(words), reason});
  };
  add("return-merged.xlsx", merged, Place("科创平台名称", 1), Foreign(city, foreign),
      "企业把其他高校的行并入一张表");
  add("return-of-another.xlsx", of_another, Place("统一社会信用代码", 1),
      absl::StrCat("该行属于其他企业；本表只填“", company.name, "”的行"), "企业填了其他企业的行");
  return files;
}

}  // namespace

absl::Status WriteBroken(const Catalog&, const City& city, const std::string& out) {
  constexpr int kOwn = 0;
  constexpr int kForeign = 1;
  std::vector<BrokenFile> files = BrokenForms(city, kOwn, kForeign);
  for (const std::vector<BrokenFile>& more : {BrokenLists(city), BrokenReturns(city)}) {
    files.insert(files.end(), more.begin(), more.end());
  }
  std::string expected =
      demo::TsvLine({"file", "list", "university", "enterprise", "place", "words", "reason"});
  for (const BrokenFile& one : files) {
    CHANYAN_RETURN_IF_ERROR(one.bytes.status());
    CHANYAN_RETURN_IF_ERROR(demo::WriteFile(absl::StrCat(out, "/broken/", one.name), *one.bytes));
    expected += demo::TsvLine(
        {one.name, one.list, one.university, one.enterprise, one.place, one.words, one.reason});
  }
  return demo::WriteFile(out + "/broken/expected.tsv", expected);
}

}  // namespace chanyan::seed
