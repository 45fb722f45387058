#include "services/cycle/ledger_sheet.h"

#include "absl/strings/str_join.h"
#include "common/sheet/workbook.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cycle/rows.h"

namespace chanyan::cycle {
namespace {

using testing::ElementsAre;

std::vector<std::string> Lines(const std::string& bytes) {
  const auto book = sheet::ReadWorkbook(bytes, "台账.xlsx");
  EXPECT_TRUE(book.ok()) << book.status();
  std::vector<std::string> lines;
  for (const sheet::Row& row : book->FirstVisible()->rows) {
    lines.push_back(absl::StrJoin(
        row.cells, "|", [](std::string* out, const sheet::Cell& cell) { out->append(cell.text); }));
  }
  return lines;
}

TEST(LedgerSheetTest, OneSectionAnEnterpriseWithItsRowsUnmergedAndTotals) {
  const std::vector<v1::Row> rows = {RowOf(1, 1, 3, v1::ROW_CATEGORY_NEW),
                                     RowOf(2, 1, 3, v1::ROW_CATEGORY_ONGOING)};
  Ledger ledger{.quarter = time::Quarter(2025, 2),
                .rehearsal = true,
                .scope_title = "古镇口",
                .as_of = absl::FromUnixSeconds(1'745'366'400),
                .sections = {}};
  ledger.sections.push_back({.enterprise_title = "甲公司",
                             .unified_social_credit_code = "91370211MA3C4EXA0X",
                             .unit_title = "古镇口",
                             .return_time = absl::FromUnixSeconds(1'745'300'000),
                             .on_time = true,
                             .rows = Pointers(rows)});
  ledger.sections.push_back({.enterprise_title = "乙公司",
                             .unified_social_credit_code = "",
                             .unit_title = "古镇口",
                             .return_time = std::nullopt,
                             .on_time = false,
                             .rows = {}});
  const UniversityTitles titles = {{"organizations/u1", "中国海洋大学"}};
  const auto bytes = WriteLedger(ledger, titles);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_THAT(
      Lines(*bytes),
      ElementsAre(
          "科创平台产学研结对共建项目季度报表（演练/补录）管理台账",
          "单位：古镇口　　季度：2025年第二季度　　数据截至：2025年4月23日08:00:00",
          "企业名称|统一社会信用代码|责任单位|报表数|行数|报送时间|是否按时",
          "高校院所|科创平台名称|所属学院|填报类别|共建类型|项目名称|项目内容|签约日期|最新进展|"
          "本季度无变化|痛点难点问题",
          "甲公司|91370211MA3C4EXA0X|古镇口|2|2|2025-04-22 13:33:20|按时",
          "中国海洋大学|平台1-1|新增结对共建项目|否", "u2|平台2-1|在建结对共建项目|否",
          "乙公司|古镇口|0|0|未报送",
          "合计：企业 2 家，已报送 1 家，其中按时 1 家；报表 2 张，共 2 行"));
  EXPECT_EQ(*WriteLedger(ledger, titles), *bytes);
}

}  // namespace
}  // namespace chanyan::cycle
