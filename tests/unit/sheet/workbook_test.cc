// Files of every program's shape are read to the same values.
#include "common/sheet/workbook.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/sheet/number_format.h"
#include "gtest/gtest.h"
#include "tests/unit/sheet/fixtures.h"

namespace chanyan::sheet {
namespace {

Workbook Read(const std::string& bytes) {
  absl::StatusOr<Workbook> book = ReadWorkbook(bytes, "表.xlsx");
  EXPECT_TRUE(book.ok()) << book.status();
  return book.ok() ? *std::move(book) : Workbook{};
}

// Cells as "B2 text 青岛" lines.
std::string Show(const Workbook& book) {
  constexpr const char* kKinds[] = {"empty", "text", "number", "date", "bool", "error", "formula"};
  std::string out;
  for (const Sheet& sheet : book.sheets) {
    for (const Row& row : sheet.rows) {
      for (const Cell& cell : row.cells) {
        absl::StrAppend(&out, CellName(cell.column, row.number), " ",
                        kKinds[static_cast<int>(cell.kind)], " ", cell.text, "\n");
      }
    }
  }
  return out;
}

TEST(WorkbookTest, FormulasAreMarkedAndNeverEvaluated) {
  EXPECT_EQ(Show(Read(ExcelFile(R"(<row r="1"><c r="A1"><f>1+1</f><v>2</v></c>)"
                                R"(<c r="B1" t="str"><f t="shared" si="0"/><v>x</v></c></row>)"))),
            "A1 formula =1+1\nB1 formula =\n");
}

TEST(WorkbookTest, ErrorsAndBoolsAreKinds) {
  EXPECT_EQ(Show(Read(ExcelFile(R"(<row><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c></row>)"))),
            "A1 error #N/A\nB1 bool TRUE\n");
}

TEST(WorkbookTest, ExcelShape) {
  // Shared strings with runs, phonetic guides and kept blanks; gaps; styled empty cells.
  EXPECT_EQ(Show(Read(ExcelFile(
                R"(<row r="2" spans="1:5"><c r="B2" t="s"><v>0</v></c><c r="C2" s="1"/>)"
                R"(<c r="D2" t="s"><v>1</v></c><c r="E2"><v>0.30000000000000004</v></c>)"
                R"(</row><row r="9"/><row r="12"><c r="A12" t="s"><v>2</v></c></row>)",
                R"(<si><r><t>青</t></r><r><rPr><b/></rPr><t xml:space="preserve">岛 </t></r>)"
                R"(<rPh sb="0" eb="1"><t>qing</t></rPh><phoneticPr fontId="1"/></si>)"
                R"(<si><t xml:space="preserve"> a&amp;b&#10;c_x000D_</t></si><si><t/></si>)"))),
            "B2 text 青岛 \nD2 text  a&b\nc\r\nE2 number 0.3\n");
}

TEST(WorkbookTest, ProgramShape) {
  // Inline strings, no references, no styles, no shared strings, CDATA, cells out of order.
  Parts parts = ExcelParts(
      R"(<row><c t="inlineStr"><is><t>甲</t></is></c><c t="str"><v>乙</v></c><c><v>3</v></c></row>)"
      R"(<row r="4"><c r="C4"><v>1</v></c><c r="A4" t="inlineStr"><is><r><t>丙</t></r></is></c></row>)"
      R"(<row><c t="inlineStr"><is><t><![CDATA[<丁>]]></t></is></c></row>)");
  parts.erase("xl/styles.xml");
  parts.erase("xl/sharedStrings.xml");
  parts["xl/_rels/workbook.xml.rels"] =
      R"(<Relationships><Relationship Id="rId1" Type="http://x/worksheet" )"
      R"(Target="worksheets/sheet1.xml"/></Relationships>)";
  EXPECT_EQ(Show(Read(Zip(parts))),
            "A1 text 甲\nB1 text 乙\nC1 number 3\nA4 text 丙\nC4 number 1\nA5 text <丁>\n");
}

TEST(WorkbookTest, WpsShape) {
  const Workbook book = Read(Zip(WpsParts(
      R"(<row r="1" ht="20" customHeight="1" spans="1:4"><c r="A1" s="7" t="s"><v>0</v></c>)"
      R"(<c r="B1" s="1"><v>45734</v></c><c r="C1" s="2"><v>45734.395833333336</v></c>)"
      R"(<c r="D1" s="3"><v>45734</v></c></row><row r="2" s="7" customFormat="1" spans="1:4">)"
      R"(<c r="A2" s="4"><v>45734</v></c><c r="B2" s="5"><v>45734</v></c>)"
      R"(<c r="C2" s="6"><v>1234.5</v></c><c r="D2" s="7"/></row><row r="3" spans="1:4">)"
      R"(<c r="A3" t="str"><f>_xlfn.DISPIMG(&quot;ID_5A&quot;,1)</f>)"
      R"(<v>=DISPIMG(&quot;ID_5A&quot;,1)</v></c><c r="B3" s="8"><v>45734</v></c>)"
      R"(<c r="C3" s="9"><v>0.5</v></c><c r="D3" s="7" t="s"><v>1</v></c></row>)",
      R"(<si><r><rPr><sz val="11"/><rFont val="宋体"/></rPr><t>青</t></r><r><rPr><b/></rPr>)"
      R"(<t xml:space="preserve">岛 </t></r><rPh sb="0" eb="1"><t>qing</t></rPh>)"
      R"(<phoneticPr fontId="1" type="noConversion"/></si><si><t>45734</t><phoneticPr/></si>)")));
  EXPECT_EQ(Show(book),
            "A1 text 青岛 \nB1 date 2025-03-18\nC1 date 2025-03-18 09:30:00\nD1 date 2025-03-18\n"
            "A2 date 2025-03-18\nB2 date 2025-03-18\nC2 number 1234.5\n"
            "A3 formula =_xlfn.DISPIMG(\"ID_5A\",1)\nB3 date 2025-03-18\nC3 number 0.5\n"
            "D3 text 45734\n");
  ASSERT_EQ(book.sheets.size(), 1u);
  EXPECT_FALSE(book.sheets[0].hidden);
}

TEST(WorkbookTest, PrefixesStrictNamespacesAndAbsoluteTargets) {
  Parts parts = ExcelParts("");
  parts["xl/worksheets/sheet1.xml"] =
      R"(<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>)"
      R"(<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>甲</x:t></x:is></x:c>)"
      R"(<x:c r="B1" t="d"><x:v>2025-03-18T00:00:00.000</x:v></x:c>)"
      R"(<x:c r="C1" t="d"><x:v>2025-03-18</x:v></x:c></x:row></x:sheetData></x:worksheet>)";
  parts["xl/_rels/workbook.xml.rels"] =
      absl::StrReplaceAll(parts["xl/_rels/workbook.xml.rels"],
                          {{"Target=\"", "Target=\"/xl/"},
                           {"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                            "http://purl.oclc.org/ooxml/officeDocument/relationships"}});
  EXPECT_EQ(Show(Read(Zip(parts))), "A1 text 甲\nB1 date 2025-03-18\nC1 date 2025-03-18\n");
}

TEST(WorkbookTest, PartNamesInAnotherCaseAndWithBackslashes) {
  Parts parts = ExcelParts("<row><c><v>1</v></c></row>");
  parts["xl\\worksheets\\Sheet1.xml"] = parts["xl/worksheets/sheet1.xml"];
  parts.erase("xl/worksheets/sheet1.xml");
  EXPECT_EQ(Show(Read(Zip(parts))), "A1 number 1\n");
}

TEST(WorkbookTest, ByteOrderMarkBeforeTheXmlIsFine) {
  Parts parts = ExcelParts("<row><c><v>1</v></c></row>");
  for (auto& [name, xml] : parts) {
    xml.insert(0, "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
  }
  EXPECT_EQ(Show(Read(Zip(parts))), "A1 number 1\n");
}

TEST(WorkbookTest, DatesAreToldByTheirStyle) {
  EXPECT_EQ(
      Show(Read(ExcelFile(
          R"(<row><c s="0"><v>45734</v></c><c s="1"><v>45734</v></c><c s="2"><v>45734</v></c>)"
          R"(<c s="3"><v>0.5</v></c><c s="4"><v>45734.395833333336</v></c>)"
          R"(<c s="1"><v>5</v></c><c s="99"><v>1</v></c></row>)"))),
      "A1 number 45734\nB1 date 2025-03-18\nC1 date 2025-03-18\nD1 number 0.5\n"
      "E1 date 2025-03-18 09:30:00\nF1 number 5\nG1 number 1\n");
}

TEST(WorkbookTest, The1904SystemIsFourYearsLater) {
  Parts parts = ExcelParts(R"(<row><c s="1"><v>44272</v></c></row>)");
  parts["xl/workbook.xml"] = absl::StrReplaceAll(
      parts["xl/workbook.xml"], {{"<workbookPr/>", R"(<workbookPr date1904="1"/>)"}});
  const Workbook book = Read(Zip(parts));
  EXPECT_EQ(Show(book), "A1 date 2025-03-18\n");
  EXPECT_EQ(CivilOfSerial(book.sheets[0].rows[0].cells[0].number), absl::CivilSecond(2025, 3, 18));
}

TEST(WorkbookTest, HiddenSheetsAreMarked) {
  Parts parts = ExcelParts("");
  parts["xl/workbook.xml"] = absl::StrReplaceAll(
      parts["xl/workbook.xml"],
      {{"<sheets>", R"(<sheets><sheet name="暗" sheetId="9" state="veryHidden" r:id="rId1"/>)"}});
  const Workbook book = Read(Zip(parts));
  ASSERT_EQ(book.sheets.size(), 2u);
  EXPECT_TRUE(book.sheets[0].hidden);
  EXPECT_EQ(book.FirstVisible()->name, "表");
  EXPECT_EQ(book.Find("暗"), &book.sheets[0]);
  EXPECT_EQ(book.Find("无"), nullptr);
}

TEST(NumberFormatTest, OnlyDatesAreDates) {
  for (const char* code : {"yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]yyyy/m/d", "m/d/yy",
                           "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "yyyy\"年\"m\"月\";@", "mmm-yy",
                           "m\"月\"d\"日\"", "yyyy-mm-dd hh:mm:ss", "e\"年\"m\"月\"", "[Red]d",
                           "[$-804]aaaa;@", "[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\";@", "AAA"}) {
    EXPECT_TRUE(IsDateFormat(code)) << code;
  }
  for (const char* code : {"General",   "0.00",
                           "#,##0",     "0.00E+00",
                           "h:mm",      "mm:ss",
                           "[h]:mm:ss", "\"day\"0",
                           "@",         "[Red]0",
                           "0\\d",      "h:mm AM/PM",
                           "h:mm a/p",  "上午/下午h\"时\"mm\"分\"",
                           "_d0",       "¥#,##0.00",
                           "",          "\"y",
                           "[y",        "0;yyyy"}) {
    EXPECT_FALSE(IsDateFormat(code)) << code;
  }
}

TEST(CellNameTest, LettersFollowExcel) {
  EXPECT_EQ(CellName(0, 1), "A1");
  EXPECT_EQ(CellName(2, 7), "C7");
  EXPECT_EQ(CellName(25, 1), "Z1");
  EXPECT_EQ(CellName(26, 1), "AA1");
  EXPECT_EQ(CellName(701, 1), "ZZ1");
  EXPECT_EQ(CellName(16'383, 1), "XFD1");
}

TEST(SerialTest, CivilTimesSurviveTheRoundTrip) {
  for (absl::CivilSecond time :
       {absl::CivilSecond(1900, 3, 1), absl::CivilSecond(2025, 3, 18, 9, 30, 1),
        absl::CivilSecond(2024, 2, 29, 23, 59, 59), absl::CivilSecond(9999, 12, 31)}) {
    EXPECT_EQ(CivilOfSerial(SerialOfCivil(time)), time);
  }
  EXPECT_EQ(SerialOfCivil(absl::CivilSecond(2025, 3, 18)), 45'734);
}

}  // namespace
}  // namespace chanyan::sheet
