#include "tests/unit/sheet/fixtures.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/sheet/zip_writer.h"

namespace chanyan::sheet {
namespace {

constexpr char kRelations[] =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)";
constexpr char kType[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
constexpr char kMain[] = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

}  // namespace

Parts ExcelParts(absl::string_view sheet_data, absl::string_view shared_strings) {
  Parts parts;
  parts["[Content_Types].xml"] =
      R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
      R"(<Default Extension="xml" ContentType="application/xml"/></Types>)";
  parts["_rels/.rels"] =
      absl::StrCat(kRelations, R"(<Relationship Id="rId1" Type=")", kType,
                   R"(officeDocument" Target="xl/workbook.xml"/></Relationships>)");
  parts["xl/workbook.xml"] = absl::StrCat(
      R"(<workbook xmlns=")", kMain,
      R"(" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">)",
      R"(<workbookPr/><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>)");
  parts["xl/_rels/workbook.xml.rels"] =
      absl::StrCat(kRelations, R"(<Relationship Id="rId1" Type=")", kType,
                   R"(worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type=")",
                   kType, R"(styles" Target="styles.xml"/><Relationship Id="rId3" Type=")", kType,
                   R"(sharedStrings" Target="sharedStrings.xml"/></Relationships>)");
  parts["xl/styles.xml"] = absl::StrCat(
      R"(<styleSheet xmlns=")", kMain,
      R"("><numFmts count="2"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;)"
      R"(d&quot;日&quot;;@"/><numFmt numFmtId="177" formatCode="[$-804]yyyy-mm-dd hh:mm"/>)"
      R"(</numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/>)"
      R"(<xf numFmtId="20"/><xf numFmtId="177"/></cellXfs></styleSheet>)");
  parts["xl/sharedStrings.xml"] =
      absl::StrCat(R"(<sst xmlns=")", kMain, R"(">)", shared_strings, "</sst>");
  parts["xl/worksheets/sheet1.xml"] = absl::StrCat(
      R"(<worksheet xmlns=")", kMain, R"("><sheetData>)", sheet_data, "</sheetData></worksheet>");
  return parts;
}

std::string Zip(const Parts& parts) {
  ZipWriter zip;
  for (const auto& [name, bytes] : parts) {
    zip.Add(name, bytes);
  }
  return std::move(zip).Finish().value();
}

std::string ExcelFile(absl::string_view sheet_data, absl::string_view shared_strings) {
  return Zip(ExcelParts(sheet_data, shared_strings));
}

std::string Patched(std::string bytes, absl::string_view from, absl::string_view to) {
  absl::StrReplaceAll({{from, to}}, &bytes);
  return bytes;
}

}  // namespace chanyan::sheet
