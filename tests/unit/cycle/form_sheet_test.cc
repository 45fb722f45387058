#include "services/cycle/form_sheet.h"

#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/unit/cycle/rows.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::HasSubstr;

FormSheet Head() {
  return {.quarter = time::Quarter(2025, 2),
          .rehearsal = false,
          .university_title = "中国海洋大学",
          .enterprise_title = "",
          .kinds = {"技术研发平台", "订单班"},
          .filed = false,
          .created = absl::FromUnixSeconds(1'743'465'600)};
}

sheet::Workbook Open(const absl::StatusOr<std::string>& bytes) {
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  const absl::StatusOr<sheet::Workbook> book = sheet::ReadWorkbook(*bytes, "报表.xlsx");
  EXPECT_TRUE(book.ok()) << book.status();
  return *book;
}

// What a sheet has columns for.
v1::Row Shown(const v1::Row& row) {
  v1::Row shown;
  const auto* reflection = v1::Row::GetReflection();
  v1::Row copy = row;
  for (const sheet::TableColumn& column : sheet::TableColumns(v1::Row::descriptor())) {
    reflection->SwapFields(&shown, &copy, {column.field});
  }
  return shown;
}

TEST(FormSheetTest, WhatIsWrittenReadsBackWithoutLoss) {
  std::vector<v1::Row> rows = {FullRow(), RowOf(1, 1, 0, v1::ROW_CATEGORY_INTENT),
                               RowOf(1, 1, 4, v1::ROW_CATEGORY_NEW)};
  for (const bool filed : {false, true}) {
    FormSheet head = Head();
    head.filed = filed;
    const sheet::Workbook book = Open(WriteFormSheet(head, Pointers(rows)));
    const auto table = sheet::ReadTable<v1::Row>(book, *book.FirstVisible());
    ASSERT_TRUE(table.Check().ok()) << table.Check();
    ASSERT_EQ(table.rows.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_TRUE(MessageDifferencer::Equals(table.rows[i].message, Shown(rows[i])))
          << table.rows[i].message.DebugString();
    }
  }
}

TEST(FormSheetTest, AnEmptyFormIsReadAsOneWithoutRows) {
  const sheet::Workbook book = Open(WriteFormSheet(Head(), {}));
  const auto table = sheet::ReadTable<v1::Row>(book, *book.FirstVisible());
  EXPECT_TRUE(table.Check().ok()) << table.Check();
  EXPECT_TRUE(table.rows.empty());
}

TEST(FormSheetTest, TheTitleSaysWhoseFormItIsAndOfWhichQuarter) {
  FormSheet head = Head();
  head.rehearsal = true;
  head.enterprise_title = "青岛某公司";
  const sheet::Workbook book = Open(WriteFormSheet(head, {}));
  const sheet::Sheet& sheet = *book.FirstVisible();
  EXPECT_EQ(sheet.rows[0].cells[0].text, "科创平台产学研结对共建项目季度报表（演练/补录）");
  EXPECT_EQ(sheet.rows[1].cells[0].text,
            "高校院所：中国海洋大学　　填报企业：青岛某公司　　填报季度：2025年第二季度");
  EXPECT_THAT(sheet.rows[3].cells[0].text, HasSubstr("不要合并表格"));
  EXPECT_THAT(sheet.rows[4].cells[0].text, HasSubstr("技术研发平台、订单班"));
}

TEST(FormSheetTest, TheSameRowsMakeTheSameBytes) {
  const std::vector<v1::Row> rows = {FullRow()};
  EXPECT_EQ(*WriteFormSheet(Head(), Pointers(rows)), *WriteFormSheet(Head(), Pointers(rows)));
}

TEST(FormSheetTest, RowsStandByPlatformCategoryAndEnterprise) {
  const std::vector<v1::Row> rows = {
      RowOf(1, 2, 1, v1::ROW_CATEGORY_INTENT), RowOf(1, 1, 2, v1::ROW_CATEGORY_ONGOING),
      RowOf(1, 1, 3, v1::ROW_CATEGORY_NEW), RowOf(1, 1, 1, v1::ROW_CATEGORY_NEW)};
  std::vector<const v1::Row*> sorted = Pointers(rows);
  SortForSheet(&sorted);
  EXPECT_THAT(sorted, ElementsAre(&rows[3], &rows[2], &rows[1], &rows[0]));
}

}  // namespace
}  // namespace chanyan::cycle
