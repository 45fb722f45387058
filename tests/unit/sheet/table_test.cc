#include "common/sheet/table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/sheet/cell_parse.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/unit/sheet/fixtures.h"
#include "tests/unit/sheet/test_messages.h"

namespace chanyan::sheet {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::HasSubstr;

class TableTest : public testing::Test {
 protected:
  // Rows of text cells: {{"单位名称"}, {"青岛大学"}}; an empty string is an empty cell.
  static Workbook Book(std::vector<std::vector<std::string>> rows) {
    Workbook book{.file_name = "海洋大学.xlsx", .sheets = {{.name = "表"}}};
    for (size_t r = 0; r < rows.size(); ++r) {
      Row row{.number = static_cast<uint32_t>(r + 1)};
      for (size_t c = 0; c < rows[r].size(); ++c) {
        if (!rows[r][c].empty()) {
          row.cells.push_back({CellKind::kText, static_cast<uint32_t>(c), 0, rows[r][c]});
        }
      }
      if (!row.cells.empty()) {
        book.sheets[0].rows.push_back(std::move(row));
      }
    }
    return book;
  }

  AnyTable Read(const Workbook& book, const ReadOptions& options = {}) const {
    return ReadAnyTable(book, book.sheets[0], types_.thing(), options);
  }

  // "C7 what is wrong" of every violation, without file and sheet.
  static std::vector<std::string> Wrongs(const AnyTable& table) {
    std::vector<std::string> out;
    for (const status::Violation& violation : table.violations) {
      absl::string_view place = violation.field;
      EXPECT_TRUE(absl::ConsumePrefix(&place, "海洋大学.xlsx / 表")) << place;
      absl::ConsumePrefix(&place, " / ");
      out.push_back(absl::StrCat(place, " ", violation.description));
    }
    return out;
  }

  // The one violation of a table with one cell below the header.
  std::string Wrong(const std::string& header, Cell cell) const {
    Workbook book = Book({{"单位名称", header}, {"青岛大学"}});
    cell.column = 1;
    book.sheets[0].rows[1].cells.push_back(std::move(cell));
    const auto wrongs = Wrongs(Read(book));
    EXPECT_EQ(wrongs.size(), 1u) << header;
    return wrongs.empty() ? "" : wrongs[0];
  }
  std::string WrongText(const std::string& header, const std::string& text) const {
    return Wrong(header, {CellKind::kText, 1, 0, text});
  }

  TestTypes types_;
};

TEST_F(TableTest, MissingHeaderRowIsRefusedWithTheHeadersWanted) {
  EXPECT_THAT(Wrongs(Read(Book({{"甲", "乙"}, {"1", "2"}}))),
              ElementsAre(HasSubstr("找不到表头，第一行应为「单位名称」「类型」")));
  EXPECT_THAT(Wrongs(Read(Book({}))), ElementsAre(HasSubstr("找不到表头")));
}

TEST_F(TableTest, UnknownRepeatedAndMissingHeadersAreRefusedTogether) {
  EXPECT_THAT(
      Wrongs(Read(Book({{"类型", "面积", "类 型", "电话"}, {"高校"}}))),
      ElementsAre(HasSubstr("C1 表头「类 型」与 A1 重复"), HasSubstr("D1 表头「电话」无法识别"),
                  HasSubstr("第 1 行 表头缺少必填列「单位名称」")));
}

TEST_F(TableTest, ValueUnderNoHeaderIsRefused) {
  EXPECT_THAT(Wrongs(Read(Book({{"单位名称"}, {"青岛大学", "备注"}}))),
              ElementsAre(HasSubstr("B2 「备注」所在的列没有表头")));
}

TEST_F(TableTest, FormulaAndErrorCellsAreRefusedAtTheirPlace) {
  EXPECT_THAT(Wrong("面积", {CellKind::kFormula, 1, 0, "=A1+1"}),
              HasSubstr("B2 面积：不接受公式（=A1+1）"));
  EXPECT_THAT(Wrong("面积", {CellKind::kError, 1, 0, "#N/A"}), HasSubstr("错误值 #N/A"));
}

TEST_F(TableTest, APictureInACellIsRefusedForWhatItIs) {
  for (const char* formula : {"=_xlfn.DISPIMG(\"ID_5A\",1)", "=DISPIMG(\"ID_5A\",1)",
                              "=@_xlfn.DISPIMG(\"ID_5A\",1)", "=_xlfn.dispimg(\"ID_5A\",1)"}) {
    EXPECT_THAT(Wrong("说明", {CellKind::kFormula, 1, 0, formula}),
                HasSubstr("B2 说明：单元格里是嵌入的图片"))
        << formula;
  }
  EXPECT_THAT(Wrong("说明", {CellKind::kFormula, 1, 0, "=A1&\"DISPIMG\""}),
              HasSubstr("不接受公式"));
}

TEST_F(TableTest, ASheetOfWpsIsReadWholeAndItsPictureIsNamed) {
  constexpr char kHeader[] =
      R"(<row r="1" spans="1:4"><c r="A1" s="7" t="s"><v>0</v></c><c r="B1" s="7" t="s"><v>1</v></c>)"
      R"(<c r="C1" s="7" t="s"><v>2</v></c><c r="D1" s="7" t="s"><v>3</v></c></row>)"
      R"(<row r="2" spans="1:4"><c r="A2" s="7" t="s"><v>4</v></c><c r="B2" s="3"><v>45734</v></c>)"
      R"(<c r="C2" s="6"><v>1234.56</v></c><c r="D2" s="7"/></row>)";
  constexpr char kStrings[] =
      R"(<si><t>单位名称</t><phoneticPr fontId="1"/></si><si><r><rPr><b/></rPr><t>签约</t></r>)"
      R"(<r><t>日期</t></r></si><si><t>经费</t></si><si><t>说明</t></si><si><t>青岛大学</t></si>)";
  Workbook book = ReadWorkbook(Zip(WpsParts(kHeader, kStrings)), "海洋大学.xlsx").value();
  AnyTable table = Read(book);
  EXPECT_THAT(Wrongs(table), ElementsAre());
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_TRUE(MessageDifferencer::Equals(
      *table.rows[0].first,
      *types_.NewThing(R"(name: '青岛大学' signed_on { year: 2025 month: 3 day: 18 }
                          funds { currency_code: 'CNY' units: 1234 nanos: 560000000 })")));
  const std::string pictured = absl::StrCat(
      kHeader, R"(<row r="3"><c r="A3" s="7" t="s"><v>4</v></c><c r="D3" t="str">)",
      R"(<f>_xlfn.DISPIMG(&quot;ID_5A&quot;,1)</f><v>=DISPIMG(&quot;ID_5A&quot;,1)</v></c></row>)");
  book = ReadWorkbook(Zip(WpsParts(pictured, kStrings)), "海洋大学.xlsx").value();
  table = Read(book);
  EXPECT_THAT(Wrongs(table), ElementsAre(HasSubstr("D3 说明：单元格里是嵌入的图片")));
}

TEST_F(TableTest, ValuesOfTheWrongKindAreRefusedAsShown) {
  EXPECT_THAT(WrongText("类型", "大学"),
              HasSubstr("「大学」不在可选值中，应为「高校」「企业」「院所、中心」之一"));
  EXPECT_THAT(WrongText("多类型", "高校、大学"), HasSubstr("「大学」不在可选值中"));
  EXPECT_THAT(WrongText("是否有效", "也许"), HasSubstr("应为「是」或「否」"));
  EXPECT_THAT(WrongText("人数（人）", "12.5"), HasSubstr("不是整数"));
  EXPECT_THAT(WrongText("人数（人）", "12人"), HasSubstr("不是整数"));
  EXPECT_THAT(WrongText("人数（人）", "1,23"), HasSubstr("不是整数"));
  EXPECT_THAT(WrongText("人数（人）", "3000000000"), HasSubstr("超出了范围"));
  EXPECT_THAT(Wrong("人数（人）", {CellKind::kNumber, 1, 1.5, "1.5"}), HasSubstr("不是整数"));
  EXPECT_THAT(WrongText("面积", "1e5"), HasSubstr("不是数字"));
  EXPECT_THAT(WrongText("经费", "100万元"), HasSubstr("不是金额"));
  EXPECT_THAT(WrongText("经费", "1.234"), HasSubstr("最多两位小数"));
  EXPECT_THAT(WrongText("签约日期", "三月"), HasSubstr("「三月」不是日期"));
  for (const char* without : {"3月18日", "3月18号", "３月１８日", "3/18", "3-18", "3.18"}) {
    EXPECT_THAT(WrongText("签约日期", without),
                HasSubstr(absl::StrCat("「", without, "」没有年份，请填写如 2025年3月18日")));
  }
  EXPECT_THAT(WrongText("签约日期", "13月18日"), HasSubstr("不是日期"));
  EXPECT_THAT(WrongText("签约日期", "25年3月18日"), HasSubstr("年份 25 应在"));
  EXPECT_THAT(WrongText("签约日期", "2025年2月30日"),
              HasSubstr("2025年2月没有 30 日，该月共 28 天"));
  EXPECT_THAT(Wrong("签约日期", {CellKind::kNumber, 1, 45'734, "45734"}), HasSubstr("不是日期"));
  EXPECT_THAT(WrongText("最后更新", "2025-03-18 25:00"), HasSubstr("不是日期"));
}

TEST_F(TableTest, NumberTooLongForExcelIsRefusedWhereTextIsMeant) {
  EXPECT_THAT(Wrong("标签", {CellKind::kFormula, 1, 0, "="}), HasSubstr("公式"));
  Workbook book = Book({{"单位名称"}});
  book.sheets[0].rows.push_back({2, {{CellKind::kNumber, 0, 9.1370200e17, "9.13702e+17"}}});
  EXPECT_THAT(Wrongs(Read(book)), ElementsAre(HasSubstr("后面的位数已丢失")));
}

TEST_F(TableTest, EveryViolationIsNamedUpToTheLimitAndTheRestIsCounted) {
  std::vector<std::vector<std::string>> rows = {{"单位名称", "人数（人）"}};
  for (int i = 0; i < 10; ++i) {
    rows.push_back({"甲", "x"});
  }
  const auto wrongs = Wrongs(Read(Book(rows), {.max_violations = 4}));
  ASSERT_EQ(wrongs.size(), 5u);
  EXPECT_THAT(wrongs[3], HasSubstr("B5"));
  EXPECT_THAT(wrongs[4], HasSubstr("还有 6 处错误"));
}

TEST_F(TableTest, ViolationsOfTheShapeCheckAreMovedToTheirCells) {
  const ReadOptions options = {.check = [](Message&, uint32_t row) {
    return std::vector<status::Violation>{{"people", "人数应大于 0"},
                                          {"signed_on.day", "缺少日"},
                                          {"hidden", absl::StrCat("第", row, "行缺所属")}};
  }};
  // The date's own violation stands; the check's one for the same cell would only repeat it.
  EXPECT_THAT(
      Wrongs(Read(Book({{"签约日期", "人数（人）", "单位名称"}, {"x", "0", "甲"}}), options)),
      ElementsAre(HasSubstr("A2 签约日期：「x」"), "B2 人数应大于 0", "第 2 行 第2行缺所属"));
}

TEST_F(TableTest, CheckMakesAnErrorOfTheViolations) {
  TableData<options::v1::Label> data;
  EXPECT_TRUE(data.Check().ok());
  data.violations.push_back({"x.xlsx / 表 / A1", "错"});
  EXPECT_EQ(status::ReasonOf(data.Check()), options::v1::ERROR_REASON_INVALID_FILE);
}

TEST_F(TableTest, ColumnsMayMoveAndTitleRowsStandAbove) {
  const AnyTable table = Read(Book({{"青岛市科创平台"},
                                    {"单位名称：某大学"},
                                    {"类 型", "", "单位\n名称*", "人数(人)"},
                                    {"企业", "", "　海尔 ", "1，200"},
                                    {" ", "　"},
                                    {"高校", "", "青岛大学", ""}}));
  EXPECT_THAT(Wrongs(table), ElementsAre());
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_TRUE(MessageDifferencer::Equals(
      *table.rows[0].first,
      *types_.NewThing("name: '海尔' kind: THING_KIND_ENTERPRISE people: 1200")));
  EXPECT_EQ(table.rows[1].second, 6u);
  EXPECT_EQ(table.places.Place(6, "kind"), "海洋大学.xlsx / 表 / A6");
  EXPECT_EQ(table.places.Place(6, "area"), "海洋大学.xlsx / 表 / 第 6 行");
}

TEST_F(TableTest, EveryFieldComesBackAsWritten) {
  const char* const kThings[] = {
      R"(name: "=HYPERLINK[A1]" kind: THING_KIND_LAB active: true people: -5 area: 0.1
         signed_on { year: 2025 month: 3 day: 18 } seen_at { seconds: 1742261459 }
         funds { currency_code: "CNY" units: 1234 nanos: 560000000 } tags: "a" tags: "b"
         kinds: THING_KIND_UNIVERSITY kinds: THING_KIND_LAB notes: " 一\r\n 二 " code: 0)",
      R"(name: "甲" kinds: THING_KIND_LAB tags: "有、号" code: 1234567890123456789
         funds { currency_code: "CNY" units: -1 nanos: -10000000 })",
      R"(name: "乙" tags: "有、号" tags: "无")",
  };
  std::vector<std::unique_ptr<Message>> things;
  Writer writer({.created = absl::UnixEpoch()});
  TableWriter table(writer, "表", types_.thing().GetDescriptor(),
                    {.title_rows = {"标题", "填表说明：逐行填写"}, .protect = true});
  for (const char* thing : kThings) {
    things.push_back(types_.NewThing(thing));
    table.Add(*things.back());
  }
  table.Finish();
  const std::string bytes = std::move(writer).Finish().value();
  const Workbook book = ReadWorkbook(bytes, "海洋大学.xlsx").value();
  const AnyTable back = Read(book);
  EXPECT_THAT(Wrongs(back), ElementsAre());
  ASSERT_EQ(back.rows.size(), things.size());
  for (size_t i = 0; i < things.size(); ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(*back.rows[i].first, *things[i]))
        << back.rows[i].first->ShortDebugString();
    EXPECT_EQ(back.rows[i].second, i + 4);
  }
}

TEST_F(TableTest, ColumnsFollowTheirNumbersAndUnnumberedFieldsStayOut) {
  std::string headers;
  for (const TableColumn& column : TableColumns(types_.thing().GetDescriptor())) {
    absl::StrAppend(&headers, column.header, column.required ? "*|" : "|");
  }
  EXPECT_EQ(
      headers,
      "单位名称*|类型|是否有效|人数（人）|面积|签约日期|最后更新|经费|标签|多类型|说明|编号|");
}

TEST(CellParseTest, DatesAsPeopleTypeThem) {
  for (const char* text :
       {"2025-03-18", "2025-3-18", "2025/3/18", "2025.03.18", "2025年3月18日", "2025 年 3 月 18 号",
        "20250318", "２０２５－０３－１８", " 2025-03-18　", "2025-03-18 00:00:00",
        "2025-03-18T00:00:00", "2025-03-18 0:00"}) {
    absl::CivilDay day;
    EXPECT_EQ(ParseDate(text, day), "") << text;
    EXPECT_EQ(day, absl::CivilDay(2025, 3, 18)) << text;
  }
}

TEST(CellParseTest, WhatIsNoDateIsRefused) {
  for (const char* text : {"",
                           "2025",
                           "2025-03",
                           "2025年3月",
                           "2025-3/18",
                           "25-03-18",
                           "2025-13-01",
                           "2025-00-01",
                           "2025-02-29",
                           "2025-04-31",
                           "2025-03-00",
                           "2025031",
                           "202503188",
                           "2025-03-18x",
                           "2025-03-18 09:30",
                           "2025年3月18",
                           "0225-03-18",
                           "2025--3-18",
                           "-2025-03-18",
                           "2025-03-181",
                           "2025-03-18 00:00:00:00",
                           "3月18日"}) {
    absl::CivilDay day;
    EXPECT_NE(ParseDate(text, day), "") << text;
  }
}

TEST(CellParseTest, NumbersWithSeparators) {
  int64_t whole;
  double value;
  EXPECT_EQ(ParseInteger("-1,234,567", whole), "");
  EXPECT_EQ(whole, -1'234'567);
  EXPECT_EQ(ParseDecimal("1,234.50", value), "");
  EXPECT_EQ(value, 1234.5);
  for (const char* text : {"", "-", ".", "1.", ".5", "1,2,3", ",123", "1,234,", "1.2.3", "--1",
                           "1-", "nan", "inf", "0x10", "1 2", "1.234,567", "5%"}) {
    EXPECT_NE(ParseDecimal(text, value), "") << text;
  }
}

}  // namespace
}  // namespace chanyan::sheet
