#include "common/sheet/writer.h"

#include <cmath>

#include <zip.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sheet/package.h"
#include "common/sheet/workbook.h"
#include "common/sheet/zip_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::sheet {
namespace {

using testing::HasSubstr;
using testing::Not;

const absl::Time kCreated = absl::FromUnixSeconds(1'742'256'000);

std::string Bytes(Writer writer) {
  absl::StatusOr<std::string> bytes = std::move(writer).Finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? *std::move(bytes) : "";
}

// The XML of one part of the file.
std::string Part(const std::string& bytes, absl::string_view part) {
  absl::StatusOr<Package> package = Package::Open(bytes, "x.xlsx", {});
  EXPECT_TRUE(package.ok()) << package.status();
  return package->Read(part).value();
}

TEST(WriterTest, FileWithoutAVisibleSheetIsAFault) {
  Writer none({.created = kCreated});
  EXPECT_EQ(std::move(none).Finish().status().code(), absl::StatusCode::kInternal);
  Writer hidden({.created = kCreated});
  hidden.AddSheet("暗", {.hidden = true});
  EXPECT_EQ(std::move(hidden).Finish().status().code(), absl::StatusCode::kInternal);
}

TEST(WriterTest, FormulasOfAnyDisguiseAreQuotedTextAndComeBackAsWritten) {
  const std::vector<std::string> kTexts = {
      "=1+1", "+1",     "-1",    "@SUM(A1)", "\t=1", "\r=1", " =1",  "　=1",
      "'=1",  "\"=1\"", "＝1",   "＋1",      "－1",  "＠1",  "＇=1", "=cmd|' /C calc'!A0",
      "\n=1", "-",      "' \"=", "\u00a0=1"};
  Writer writer({.created = kCreated});
  SheetWriter& sheet = writer.AddSheet("表", {});
  for (const std::string& text : kTexts) {
    sheet.NewRow();
    sheet.Text(text);
    sheet.Text(text, Look::kWrapped);
  }
  const std::string bytes = Bytes(std::move(writer));
  const std::string xml = Part(bytes, "xl/worksheets/sheet1.xml");
  EXPECT_THAT(xml, Not(HasSubstr("<f>")));
  EXPECT_THAT(xml, Not(HasSubstr("s=\"0\" t=")));
  EXPECT_THAT(xml, HasSubstr("s=\"1\" t=\"inlineStr\""));
  EXPECT_THAT(Part(bytes, "xl/styles.xml"), HasSubstr("quotePrefix=\"1\""));
  const Workbook book = ReadWorkbook(bytes, "x.xlsx").value();
  ASSERT_EQ(book.sheets[0].rows.size(), kTexts.size());
  for (size_t i = 0; i < kTexts.size(); ++i) {
    for (const Cell& cell : book.sheets[0].rows[i].cells) {
      EXPECT_EQ(cell.kind, CellKind::kText);
      EXPECT_EQ(cell.text, kTexts[i]);
    }
  }
}

TEST(WriterTest, OrdinaryTextIsNotQuoted) {
  Writer writer({.created = kCreated});
  SheetWriter& sheet = writer.AddSheet("表", {});
  sheet.NewRow();
  sheet.Text("青岛大学-材料学院");
  EXPECT_THAT(Part(Bytes(std::move(writer)), "xl/worksheets/sheet1.xml"),
              HasSubstr("s=\"0\" t=\"inlineStr\""));
}

TEST(WriterTest, EveryValueComesBack) {
  Writer writer({.created = kCreated});
  SheetWriter& sheet = writer.AddSheet("表", {});
  sheet.NewRow();
  sheet.Text("<&>\"'\r\n_x000D_ 𠮷");
  sheet.Number(-1234.5);
  sheet.Integer(-42);
  sheet.Integer(1'234'567'890'123'456'789);
  sheet.Date(absl::CivilDay(2025, 3, 18));
  sheet.DateTime(absl::CivilSecond(2025, 3, 18, 9, 30, 59));
  sheet.Empty();
  sheet.Number(std::nan(""));
  sheet.Date(absl::CivilDay(1899, 1, 1));
  const Workbook book = ReadWorkbook(Bytes(std::move(writer)), "x.xlsx").value();
  const Row& row = book.sheets[0].rows[0];
  EXPECT_EQ(row.Find(0)->text, "<&>\"'\r\n_x000D_ 𠮷");
  EXPECT_EQ(row.Find(1)->number, -1234.5);
  EXPECT_EQ(row.Find(2)->number, -42);
  EXPECT_EQ(row.Find(3)->kind, CellKind::kText);
  EXPECT_EQ(row.Find(3)->text, "1234567890123456789");
  EXPECT_EQ(row.Find(4)->kind, CellKind::kDate);
  EXPECT_EQ(row.Find(4)->text, "2025-03-18");
  EXPECT_EQ(row.Find(5)->text, "2025-03-18 09:30:59");
  EXPECT_EQ(row.Find(6), nullptr);
  EXPECT_EQ(row.Find(7), nullptr);
  EXPECT_EQ(row.Find(8)->text, "1899-01-01");
}

TEST(WriterTest, DatesAreShownInChineseAndSoAreThoseThatAreTypedIn) {
  Writer writer({.created = kCreated});
  SheetWriter& sheet = writer.AddSheet(
      "表", {.columns = {{.width = 16, .unlocked = true, .dates = true}, {.dates = true}, {}},
             .protect = true});
  sheet.NewRow();
  sheet.Date(absl::CivilDay(2025, 3, 18));
  sheet.NewRow();
  for (int i = 0; i < 3; ++i) sheet.Empty();
  const std::string bytes = Bytes(std::move(writer));
  const std::string styles = Part(bytes, "xl/styles.xml");
  EXPECT_THAT(styles, HasSubstr("numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;"
                                "d&quot;日&quot;\""));
  EXPECT_THAT(styles, HasSubstr("d&quot;日&quot;\\ hh:mm\""));
  const std::string xml = Part(bytes, "xl/worksheets/sheet1.xml");
  const auto cell = [&xml](const std::string& name) {
    const size_t from = xml.find(absl::StrCat("<c r=\"", name, "\" s=\""));
    return xml.substr(from, xml.find('>', from) - from);
  };
  const std::string dated = cell("A1").substr(cell("A1").find(" s="));
  EXPECT_THAT(cell("A2"), HasSubstr(dated)) << "a date is expected";
  EXPECT_THAT(cell("B2"), Not(HasSubstr(dated))) << "but locked";
  EXPECT_NE(cell("B2").substr(cell("B2").find(" s=")), cell("C2").substr(cell("C2").find(" s=")));
  EXPECT_THAT(cell("C2"), HasSubstr("s=\"0\""));
}

TEST(WriterTest, SameCallsMakeTheSameBytes) {
  const auto make = [](absl::Time created) {
    Writer writer({.created = created, .title = "台账"});
    SheetWriter& sheet = writer.AddSheet("表", {.columns = {{.width = 20}}});
    sheet.TitleRow("标题");
    sheet.NewRow();
    sheet.Text("甲");
    sheet.DropDown(0, 2, 9, std::vector<std::string>(200, "一个选项"));
    return Bytes(std::move(writer));
  };
  EXPECT_EQ(make(kCreated), make(kCreated));
  EXPECT_NE(make(kCreated), make(kCreated + absl::Hours(1)));
}

TEST(WriterTest, LayoutIsWritten) {
  Writer writer({.created = kCreated});
  SheetWriter& sheet =
      writer.AddSheet("张'三:[台账]", {.columns = {{.width = 30}, {.width = 10, .unlocked = true}},
                                       .freeze_rows = 2,
                                       .repeat_rows = 2,
                                       .protect = true});
  sheet.TitleRow("标题");
  sheet.NewRow();
  sheet.Text("甲", Look::kHeader);
  sheet.Text("乙", Look::kHeader);
  sheet.NewRow();
  sheet.Text("1");
  sheet.Text("2");
  sheet.DropDown(1, 3, 100, {"是", "否"});
  const std::string bytes = Bytes(std::move(writer));
  const std::string xml = Part(bytes, "xl/worksheets/sheet1.xml");
  for (const char* piece :
       {"<col min=\"1\" max=\"1\" width=\"30\" style=\"0\"",
        "<pane ySplit=\"2\" topLeftCell=\"A3\"",
        "<col min=\"2\" max=\"2\" width=\"10\" style=\"10\"", "<sheetProtection sheet=\"1\"",
        "<mergeCell ref=\"A1:B1\"/>", "sqref=\"B3:B100\"><formula1>\"是,否\"</formula1>",
        "<c r=\"A3\" s=\"0\"", "<c r=\"B3\" s=\"10\"", "<c r=\"B2\" s=\"2\"",
        "orientation=\"landscape\"", "fitToWidth=\"1\""}) {
    EXPECT_THAT(xml, HasSubstr(piece));
  }
  const std::string book = Part(bytes, "xl/workbook.xml");
  EXPECT_THAT(book, HasSubstr("name=\"张 三  台账\""));
  EXPECT_THAT(book, HasSubstr("'张 三  台账'!$1:$2</definedName>"));
}

TEST(WriterTest, LongListsMoveToAHiddenSheet) {
  std::vector<std::string> choices;
  for (int i = 0; i < 100; ++i) {
    choices.push_back(absl::StrCat("第", i, "个选项"));
  }
  Writer writer({.created = kCreated});
  SheetWriter& sheet = writer.AddSheet("表", {.columns = {{}}});
  sheet.DropDown(0, 2, 9, choices);
  sheet.DropDown(0, 10, 19, {"有,逗号"});
  const std::string bytes = Bytes(std::move(writer));
  const std::string xml = Part(bytes, "xl/worksheets/sheet1.xml");
  EXPECT_THAT(xml, HasSubstr("'选项'!$A$1:$A$100"));
  EXPECT_THAT(xml, HasSubstr("'选项'!$A$101:$A$101"));
  const Workbook book = ReadWorkbook(bytes, "x.xlsx").value();
  ASSERT_NE(book.Find("选项"), nullptr);
  EXPECT_TRUE(book.Find("选项")->hidden);
  EXPECT_EQ(book.Find("选项")->rows[99].cells[0].text, "第99个选项");
}

TEST(WriterTest, SheetNamesAreMadeFitAndUnique) {
  Writer writer({.created = kCreated});
  const std::string longest = absl::StrJoin(std::vector<std::string>(40, "长"), "");
  for (const std::string& name :
       {longest, longest, std::string("a/b"), std::string("A b"), std::string("")}) {
    writer.AddSheet(name, {}).NewRow();
  }
  const Workbook book = ReadWorkbook(Bytes(std::move(writer)), "x.xlsx").value();
  EXPECT_EQ(book.sheets[1].name, absl::StrCat(book.sheets[0].name, " (2)"));
  EXPECT_EQ(book.sheets[2].name, "a b");
  EXPECT_EQ(book.sheets[3].name, "A b (2)");
  EXPECT_EQ(book.sheets[4].name, "Sheet");
}

TEST(ZipWriterTest, NameAddedTwiceIsAFault) {
  ZipWriter zip;
  zip.Add("a", "1");
  zip.Add("a", "2");
  EXPECT_EQ(std::move(zip).Finish().status().code(), absl::StatusCode::kInternal);
}

TEST(ZipWriterTest, EntriesOfBothPackingsReadBackAndPassTheConsistencyCheck) {
  ZipWriter zip;
  const std::string big(100'000, 'x');
  zip.Add("清单.txt", "stored", Packing::kStore);
  zip.Add("表/大.txt", big);
  zip.Add("空", "");
  const std::string bytes = std::move(zip).Finish().value();
  EXPECT_LT(bytes.size(), 1'000u);
  zip_error_t error;
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  ASSERT_NE(archive, nullptr);
  EXPECT_EQ(zip_get_num_entries(archive, 0), 3);
  std::string back(big.size(), '\0');
  zip_file_t* file = zip_fopen(archive, "表/大.txt", 0);
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(zip_fread(file, back.data(), back.size()), static_cast<zip_int64_t>(big.size()));
  EXPECT_EQ(back, big);
  zip_fclose(file);
  zip_discard(archive);
}

}  // namespace
}  // namespace chanyan::sheet
