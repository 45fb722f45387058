// Forms, packages' files and ledgers in the hands of people who use LibreOffice (CYC-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sheet/table.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cycle/form_sheet.h"
#include "services/cycle/ledger_sheet.h"
#include "tests/support/office.h"
#include "tests/support/table_cells.h"
#include "tests/unit/cycle/rows.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;

FormSheet Head() {
  return {.quarter = time::Quarter(2025, 2),
          .rehearsal = false,
          .university_title = "中国海洋大学",
          .enterprise_title = "",
          .kinds = {"技术研发平台", "订单班"},
          .filed = false,
          .created = absl::FromUnixSeconds(1'743'465'600)};
}

sheet::Workbook Open(const std::string& bytes) {
  const absl::StatusOr<sheet::Workbook> book = sheet::ReadWorkbook(bytes, "报表.xlsx");
  EXPECT_TRUE(book.ok()) << book.status();
  return book.ok() ? *book : sheet::Workbook();
}

testing::TableCells CellsOf(const std::string& bytes) { return {Open(bytes), "科创平台名称"}; }

TEST(OfficeTest, AFormThatIsFilledInByHandReadsBackWithoutLoss) {
  const std::vector<v1::Row> rows = {FullRow()};
  const auto form = WriteFormSheet(Head(), Pointers(rows));
  ASSERT_TRUE(form.ok()) << form.status();
  const testing::TableCells columns = CellsOf(*form);
  const auto filled =
      testing::FilledInOffice(*form, {{columns.At("最新进展", 1), "样机已交付，正在验收"},
                                      {columns.At("科创平台名称", 2), "海洋装备中试平台"},
                                      {columns.At("填报类别", 2), "新增结对共建项目"},
                                      {columns.At("企业名称", 2), "青岛某某装备有限公司"},
                                      {columns.At("统一社会信用代码", 2), "91370211MA3C4EXA0X"},
                                      {columns.At("共建类型", 2), "技术研发平台、订单班"},
                                      {columns.At("项目名称", 2), "耐压舱“深蓝”一号"},
                                      {columns.At("签约日期", 2), "2025年4月7日"},
                                      {columns.At("本季度无变化", 2), "否"},
                                      {columns.At("科创平台名称", 3), "海洋装备中试平台"},
                                      {columns.At("填报类别", 3), "结对共建意向"},
                                      {columns.At("签约日期", 3), "2025-04-08"},
                                      {columns.At("科创平台名称", 4), "海洋装备中试平台"},
                                      {columns.At("签约日期", 4), "2025.4.9"}});
  ASSERT_TRUE(filled.ok()) << filled.status();
  const sheet::Workbook book = Open(*filled);
  const auto table = sheet::ReadTable<v1::Row>(book, *book.FirstVisible());
  ASSERT_TRUE(table.Check().ok()) << table.Check();
  ASSERT_EQ(table.rows.size(), 4u);

  // What was there and was not touched is what it was.
  v1::Row kept = table.rows[0].message;
  EXPECT_EQ(kept.progress(), "样机已交付，正在验收");
  EXPECT_EQ(kept.content(), rows[0].content());
  EXPECT_EQ(kept.title(), rows[0].title());
  EXPECT_EQ(kept.problem(), rows[0].problem());
  EXPECT_TRUE(kept.no_change());
  EXPECT_TRUE(MessageDifferencer::Equals(kept.sign_date(), rows[0].sign_date()));
  EXPECT_EQ(kept.kinds_size(), 2);

  const v1::Row& added = table.rows[1].message;
  EXPECT_EQ(added.platform_title(), "海洋装备中试平台");
  EXPECT_EQ(added.category(), v1::ROW_CATEGORY_NEW);
  EXPECT_EQ(added.unified_social_credit_code(), "91370211MA3C4EXA0X");
  ASSERT_EQ(added.kinds_size(), 2);
  EXPECT_EQ(added.kinds(1), "订单班");
  EXPECT_EQ(added.title(), "耐压舱“深蓝”一号");
  EXPECT_EQ(added.sign_date().month(), 4);
  EXPECT_EQ(added.sign_date().day(), 7);
  EXPECT_FALSE(added.no_change());
  EXPECT_EQ(table.rows[2].message.category(), v1::ROW_CATEGORY_INTENT);
  EXPECT_EQ(table.rows[2].message.sign_date().day(), 8);
  EXPECT_EQ(table.rows[3].message.sign_date().day(), 9);
  const auto shown =
      testing::ShownInOffice(*filled, {columns.At("签约日期", 1), columns.At("签约日期", 3)});
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_THAT(*shown, ElementsAre("2025年4月3日", "2025年4月8日"))
      << "what was typed in is a date like the others";
}

TEST(OfficeTest, WhatNobodyIsToChangeIsLocked) {
  const std::vector<v1::Row> rows = {FullRow()};
  const auto form = WriteFormSheet(Head(), Pointers(rows));
  ASSERT_TRUE(form.ok()) << form.status();
  const testing::TableCells columns = CellsOf(*form);
  EXPECT_EQ(testing::FilledInOffice(*form, {{columns.At("企业名称", 0), "别的列"}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  FormSheet head = Head();
  head.filed = true;
  const auto filed = WriteFormSheet(head, Pointers(rows));
  ASSERT_TRUE(filed.ok()) << filed.status();
  EXPECT_EQ(
      testing::FilledInOffice(*filed, {{CellsOf(*filed).At("最新进展", 1), "改"}}).status().code(),
      absl::StatusCode::kFailedPrecondition);
}

// Everything that a sheet shows, by its place.
std::set<std::string> Cells(const sheet::Workbook& book) {
  std::set<std::string> cells;
  for (const sheet::Row& row : book.FirstVisible()->rows) {
    for (const sheet::Cell& cell : row.cells) {
      if (!cell.text.empty()) {
        cells.insert(absl::StrCat(row.number, "/", cell.column, " ", cell.text));
      }
    }
  }
  return cells;
}

TEST(OfficeTest, FilesOfPackagesAndLedgersOpenAsTheyWereWritten) {
  const std::vector<v1::Row> rows = {FullRow(), RowOf(1, 2, 4, v1::ROW_CATEGORY_NEW)};
  FormSheet head = Head();
  head.filed = true;
  const auto form = WriteFormSheet(head, Pointers(rows));
  Ledger ledger{.quarter = time::Quarter(2025, 2),
                .rehearsal = false,
                .scope_title = "古镇口",
                .as_of = absl::FromUnixSeconds(1'745'366'400),
                .sections = {}};
  ledger.sections.push_back({.enterprise_title = "甲公司",
                             .unified_social_credit_code = "91370211MA3C4EXA0X",
                             .unit_title = "古镇口",
                             .return_time = absl::FromUnixSeconds(1'745'300'000),
                             .on_time = true,
                             .rows = Pointers(rows)});
  const auto book = WriteLedger(ledger, {{"organizations/u1", "中国海洋大学"}});
  for (const auto& bytes : {form, book}) {
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    const auto saved = testing::FilledInOffice(*bytes, {});
    ASSERT_TRUE(saved.ok()) << saved.status();
    EXPECT_EQ(Cells(Open(*saved)), Cells(Open(*bytes)));
  }
  const auto signed_on = testing::ShownInOffice(*form, {CellsOf(*form).At("签约日期", 1)});
  ASSERT_TRUE(signed_on.ok()) << signed_on.status();
  EXPECT_THAT(*signed_on, ElementsAre("2025年4月3日"));
  // The enterprise's line is the first below the two lines of headers.
  const auto given = testing::ShownInOffice(*book, {"F5", "H6"});
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_THAT(*given, ElementsAre("2025年4月22日 13:33", "2025年4月3日"));
}

}  // namespace
}  // namespace chanyan::cycle
