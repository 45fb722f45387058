// Files that must be refused: whole, fast, with the file's name and what to do.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/sheet/fixtures.h"

namespace chanyan::sheet {
namespace {

using testing::HasSubstr;

constexpr char kName[] = "海洋大学.xlsx";

struct Refusal {
  status::Reason reason = options::v1::ERROR_REASON_UNSPECIFIED;
  std::string place;
  std::string text;
};

Refusal Read(absl::string_view bytes, absl::string_view name = kName, const Limits& limits = {}) {
  const absl::StatusOr<Workbook> book = ReadWorkbook(bytes, name, limits);
  if (book.ok()) {
    return {};
  }
  const auto violations = status::ViolationsOf(book.status());
  if (violations.size() != 1) {
    return {};
  }
  return {status::ReasonOf(book.status()), violations[0].field, violations[0].description};
}

void ExpectBad(const Refusal& refusal, absl::string_view words) {
  EXPECT_EQ(refusal.reason, options::v1::ERROR_REASON_INVALID_FILE) << refusal.text;
  EXPECT_THAT(refusal.place, HasSubstr(kName));
  EXPECT_THAT(refusal.text, HasSubstr(std::string(words)));
}

void ExpectLarge(const Refusal& refusal, absl::string_view words) {
  EXPECT_EQ(refusal.reason, options::v1::ERROR_REASON_FILE_TOO_LARGE) << refusal.text;
  EXPECT_THAT(refusal.place, HasSubstr(kName));
  EXPECT_THAT(refusal.text, HasSubstr(std::string(words)));
}

TEST(HostileFileTest, WhatIsNoWorkbookIsNamedForWhatItIs) {
  std::string locked = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  for (char c : absl::string_view("EncryptedPackage")) {
    locked.push_back(c);
    locked.push_back('\0');
  }
  const struct {
    std::string bytes;
    const char* words;
  } kFiles[] = {
      {"", "空的"},
      {"\xB5\xA5\xCE\xBB,\xC3\xFB\xB3\xC6\r\n", "GBK"},
      {"单位,名称\r\n", "文本（如 .csv）"},
      {"\xEF\xBB\xBF单位,名称\r\n", "文本（如 .csv）"},
      {"\n<html><table></table></html>", "网页"},
      {"<!DOCTYPE html><p>", "网页"},
      {"<?xml version=\"1.0\"?><Workbook/>", "XML"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 biff", "旧版 .xls"},
      {locked, "打开密码"},
      {"%PDF-1.7", "PDF"},
      {std::string("\x00\x01\x02", 3), "不是 Excel 工作簿"},
  };
  for (const auto& file : kFiles) {
    ExpectBad(Read(file.bytes), file.words);
  }
}

TEST(HostileFileTest, AnotherExtensionIsRefused) {
  const Refusal refusal = Read(ExcelFile(""), "名单.xlsm");
  EXPECT_THAT(refusal.text, HasSubstr(".xlsm"));
}

TEST(HostileFileTest, TruncatedFileIsRefusedAtEveryLength) {
  const std::string whole = ExcelFile("<row><c><v>1</v></c></row>");
  for (size_t length = 2; length < whole.size(); length += 7) {
    EXPECT_EQ(Read(whole.substr(0, length)).reason, options::v1::ERROR_REASON_INVALID_FILE)
        << length;
  }
  ExpectBad(Read(whole.substr(0, whole.size() / 2)), "不完整");
}

TEST(HostileFileTest, FlippedBytesNeverCrashAndNeverBecomeAnotherKindOfError) {
  const std::string whole = ExcelFile(R"(<row><c t="inlineStr"><is><t>a</t></is></c></row>)");
  for (size_t i = 0; i < whole.size(); ++i) {
    for (unsigned char flip : {0x01, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ flip);
      const absl::StatusOr<Workbook> book = ReadWorkbook(bytes, kName);
      if (!book.ok()) {
        EXPECT_EQ(book.status().code(), absl::StatusCode::kInvalidArgument) << book.status();
      }
    }
  }
}

TEST(HostileFileTest, BombOf50MegabytesIsStoppedByItsRatio) {
  Parts parts = ExcelParts("");
  parts["xl/worksheets/sheet1.xml"] = absl::StrCat(
      "<worksheet><sheetData>", std::string(size_t{50} << 20, ' '), "</sheetData></worksheet>");
  const std::string bomb = Zip(parts);
  ASSERT_LT(bomb.size(), size_t{1} << 20);
  ExpectLarge(Read(bomb), "膨胀超过 100 倍");
}

TEST(HostileFileTest, SizesInHeadersAreNotBelieved) {
  // Both headers of the entry claim 100 bytes of content.
  constexpr size_t kReal = 0x00345678;
  Parts parts = ExcelParts("");
  parts["xl/worksheets/sheet1.xml"] = std::string(kReal, ' ');
  const std::string lie = Patched(Zip(parts), absl::string_view("\x78\x56\x34\x00", 4),
                                  absl::string_view("d\0\0\0", 4));
  EXPECT_NE(Read(lie).reason, options::v1::ERROR_REASON_UNSPECIFIED);
}

TEST(HostileFileTest, ClaimedSizesAddUpToARefusal) {
  ExpectLarge(Read(ExcelFile(std::string(5'000, ' ')), kName, {.unpacked_bytes = 4'096}),
              "解压后超过");
}

TEST(HostileFileTest, PackedSizeIsLimited) {
  ExpectLarge(Read(std::string(kMaxPackedBytes + 1, 'P')), "10 MB");
}

TEST(HostileFileTest, EntriesAreLimited) {
  Parts parts = ExcelParts("");
  for (size_t i = 0; i < kMaxEntries; ++i) {
    parts[absl::StrCat("xl/media/", i)] = "";
  }
  ExpectLarge(Read(Zip(parts)), "1000 个部件");
}

TEST(HostileFileTest, NestedArchiveIsRefusedByNameAndByContent) {
  for (const char* name : {"xl/embeddings/inner.zip", "xl/media/image1.png"}) {
    Parts parts = ExcelParts("");
    parts[name] = ExcelFile("");
    ExpectBad(Read(Zip(parts)), "内嵌");
  }
}

TEST(HostileFileTest, WhatWpsKeepsBesideTheCellsIsLookedAtToo) {
  ASSERT_EQ(Read(Zip(WpsParts("", ""))).reason, options::v1::ERROR_REASON_UNSPECIFIED);
  Parts parts = WpsParts("", "");
  parts["xl/media/image1.png"] = ExcelFile("");
  ExpectBad(Read(Zip(parts)), "内嵌");
  parts = WpsParts("", "");
  parts["xl/styles.xml"] = "<styleSheet><numFmts>";
  ExpectBad(Read(Zip(parts)), "xl/styles.xml");
  parts = WpsParts(R"(<row r="2"><c r="B2" t="s"><v>1</v></c></row>)", "<si><t>甲</t></si>");
  EXPECT_EQ(Read(Zip(parts)).place, "海洋大学.xlsx / 表 / B2");
}

TEST(HostileFileTest, MacrosAreRefused) {
  Parts parts = ExcelParts("");
  parts["xl/vbaProject.bin"] = "x";
  ExpectBad(Read(Zip(parts)), "宏");
  parts = ExcelParts("");
  parts["[Content_Types].xml"] = R"(<Types><Override ContentType="application/vnd.ms-excel.)"
                                 R"(sheet.macroEnabled.main+xml"/></Types>)";
  ExpectBad(Read(Zip(parts)), "宏");
}

TEST(HostileFileTest, NamesThatLeaveTheirFolderAreRefused) {
  for (const char* name : {"../evil", "xl/../../evil", "/etc/passwd", "..\\evil", "C:/evil"}) {
    Parts parts = ExcelParts("");
    parts[name] = "x";
    ExpectBad(Read(Zip(parts)), "不安全的路径");
  }
}

TEST(HostileFileTest, NamesThatDifferOnlyInCaseAreRefused) {
  Parts parts = ExcelParts("");
  parts["xl/Workbook.xml"] = "x";
  ExpectBad(Read(Zip(parts)), "重名");
}

TEST(HostileFileTest, EncryptedEntryIsRefused) {
  // Bit 0 of the flags, behind the version (20) in local header and directory.
  const std::string plain = ExcelFile("");
  std::string bytes = Patched(plain, absl::string_view("PK\3\4\x14\0\0\x08", 8),
                              absl::string_view("PK\3\4\x14\0\x01\x08", 8));
  bytes = Patched(bytes, absl::string_view("PK\1\2\x14\0\x14\0\0\x08", 10),
                  absl::string_view("PK\1\2\x14\0\x14\0\x01\x08", 10));
  ASSERT_NE(bytes, plain);
  ExpectBad(Read(bytes), "加密");
}

TEST(HostileFileTest, DoctypeAndEntitiesAreRefused) {
  for (const char* part : {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
                           "xl/workbook.xml", "_rels/.rels"}) {
    Parts parts = ExcelParts("");
    parts[part] = R"(<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>)" + parts[part];
    ExpectBad(Read(Zip(parts)), "DOCTYPE");
  }
}

TEST(HostileFileTest, BrokenAndForeignXmlIsRefused) {
  Parts parts = ExcelParts("");
  parts["xl/worksheets/sheet1.xml"] = "<worksheet><sheetData>";
  ExpectBad(Read(Zip(parts)), "已损坏");
  parts["xl/worksheets/sheet1.xml"] = "<worksheet>\xB5\xA5</worksheet>";
  ExpectBad(Read(Zip(parts)), "UTF-8");
  parts["xl/workbook.xml"] = "<document/>";
  ExpectBad(Read(Zip(parts)), "其他 Office 文档");
}

TEST(HostileFileTest, DeepAndNumerousElementsAreRefusedBeforeTheyAreATree) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) {
    deep += "<a>";
  }
  ExpectLarge(Read(ExcelFile(deep), kName, {.ratio = 10'000}), "嵌套过深");
  std::string many;
  for (size_t i = 0; i < 1'000; ++i) {
    many += "<a/>";
  }
  ExpectLarge(Read(ExcelFile(many), kName, {.xml_nodes = 500}), "过大");
}

TEST(HostileFileTest, AMillionRowsOfOneCellAreRefused) {
  std::string rows;
  for (int i = 0; i < 1'000'000; ++i) {
    rows += "<row><c><v>1</v></c></row>";
  }
  ExpectLarge(Read(ExcelFile(rows), kName, {.ratio = 10'000}), "100000 行");
}

TEST(HostileFileTest, CountsOfCellsColumnsStringsAndSheetsAreLimited) {
  const std::string four =
      "<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c><c><v>4</v></c></row>";
  ExpectLarge(Read(ExcelFile(four), kName, {.cells = 3}), "3 个单元格");
  ExpectLarge(Read(ExcelFile(four), kName, {.columns = 3}), "3 列");
  ExpectLarge(Read(ExcelFile("", "<si/><si/><si/>"), kName, {.shared_strings = 2}), "2 项");
  ExpectLarge(Read(ExcelFile(four), kName, {.sheets = 0}), "0 张");
}

TEST(HostileFileTest, OneSharedStringUsedOftenCountsEachTime) {
  std::string rows;
  for (int i = 0; i < 100; ++i) {
    rows += R"(<row><c t="s"><v>0</v></c></row>)";
  }
  const std::string text = absl::StrCat("<si><t>", std::string(1'000, 'x'), "</t></si>");
  ExpectLarge(Read(ExcelFile(rows, text), kName, {.text_bytes = 50'000}), "文字");
  ExpectLarge(Read(ExcelFile(rows, text), kName, {.cell_bytes = 999}), "文字过长");
}

TEST(HostileFileTest, PlacesOutsideTheFormatAreRefused) {
  for (const char* row :
       {R"(<row r="0"/>)", R"(<row r="1048577"/>)", R"(<row r="x"/>)",
        R"(<row><c r="XFE1"/></row>)", R"(<row><c r="A2"/></row>)", R"(<row><c r="1"/></row>)",
        R"(<row><c r="AAAAAAAAAAAAAAAAAA1"/></row>)", R"(<row><c r="A99999999999"/></row>)"}) {
    ExpectBad(Read(ExcelFile(row)), "无法识别");
  }
  ExpectBad(Read(ExcelFile(R"(<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>)")),
            "出现两次");
  ExpectBad(Read(ExcelFile(R"(<row r="1"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>)")),
            "出现两次");
}

TEST(HostileFileTest, ValuesThatCannotBeAreRefusedAtTheirCell) {
  Refusal refusal = Read(ExcelFile(R"(<row r="7"><c r="C7" t="s"><v>5</v></c></row>)"));
  EXPECT_EQ(refusal.place, "海洋大学.xlsx / 表 / C7");
  for (const char* value : {"abc", "nan", "1e999", "-"}) {
    refusal = Read(ExcelFile(absl::StrCat("<row><c><v>", value, "</v></c></row>")));
    EXPECT_EQ(refusal.place, "海洋大学.xlsx / 表 / A1") << value;
  }
}

TEST(HostileFileTest, MissingPartsAreRefusedWithTheirNames) {
  for (const char* part : {"_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml",
                           "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"}) {
    Parts parts = ExcelParts("");
    parts.erase(part);
    ExpectBad(Read(Zip(parts)), part);
  }
  Parts parts = ExcelParts("");
  parts.erase("[Content_Types].xml");
  ExpectBad(Read(Zip(parts)), "压缩包");
}

}  // namespace
}  // namespace chanyan::sheet
