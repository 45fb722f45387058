// A platform's part in the hands of somebody who uses LibreOffice: exported, filled in, imported,
// without loss (CYC-6).
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/service/cycle/part_world.h"
#include "tests/support/office.h"
#include "tests/support/table_cells.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::util::MessageDifferencer;

class PartOfficeTest : public PartWorld {
 protected:
  std::string ExportOf(const std::string& platform, int revision = 0) {
    v1::ExportPartRequest request;
    request.set_name(Part(platform));
    request.set_revision(revision);
    const auto body = parts_.ExportPart(Manager("ExportPart"), request);
    EXPECT_TRUE(body.ok()) << body.status();
    return body.ok() ? body->data() : "";
  }
  absl::StatusOr<v1::ImportFormResponse> ImportFile(const std::string& platform,
                                                    const std::string& bytes) {
    auto request = Of<v1::ImportPartRequest>(platform);
    request.mutable_file()->set_data(bytes);
    request.set_file_name("平台填报.xlsx");
    return parts_.ImportPart(Manager("ImportPart"), request);
  }
  static testing::TableCells CellsOfPart(const std::string& bytes) {
    const auto book = sheet::ReadWorkbook(bytes, "平台填报.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    return {*book, "科创平台名称"};
  }
  // What the columns of a sheet say of each row of a platform, by its project's title; what the
  // service adds to a row (names, custody, times) is left out.
  std::map<std::string, v1::Row> SaidOf(const std::string& platform) {
    std::set<int> columns;
    for (const sheet::TableColumn& column : sheet::TableColumns(v1::Row::descriptor())) {
      columns.insert(column.field->number());
    }
    std::map<std::string, v1::Row> said;
    for (v1::Row& row : world_.Rows(absl::StrCat("platform_title = \"", platform, "\""))) {
      for (int i = 0; i < v1::Row::descriptor()->field_count(); ++i) {
        const auto* field = v1::Row::descriptor()->field(i);
        if (!columns.contains(field->number())) v1::Row::GetReflection()->ClearField(&row, field);
      }
      said[row.title()] = row;
    }
    return said;
  }
};

TEST_F(PartOfficeTest, APartThatIsFilledInByHandReadsBackWithoutLoss) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(Issue({kLab}).ok());
  const std::string sheet = ExportOf(kLab);
  const auto carried = SaidOf(kOucLab);
  ASSERT_EQ(carried.size(), 1u) << "the project under way is there already";

  const testing::TableCells cells = CellsOfPart(sheet);
  const auto filled =
      testing::FilledInOffice(sheet, {{cells.At("最新进展", 1), "-40℃冷启动通过；=验收中"},
                                      {cells.At("痛点难点问题", 1), "缺少“中试”场地，@园区协调"},
                                      {cells.At("科创平台名称", 2), kOucLab},
                                      {cells.At("填报类别", 2), "新增结对共建项目"},
                                      {cells.At("企业名称", 2), World::TitleOf(1)},
                                      {cells.At("统一社会信用代码", 2), World::CodeOf(1)},
                                      {cells.At("共建类型", 2), "技术研发"},
                                      {cells.At("项目名称", 2), "耐压舱“深蓝”一号"},
                                      {cells.At("签约日期", 2), "2025年4月1日"},
                                      {cells.At("科创平台名称", 3), kOucLab},
                                      {cells.At("填报类别", 3), "结对共建意向"},
                                      {cells.At("项目名称", 3), "面向全体企业的意向"}});
  ASSERT_TRUE(filled.ok()) << filled.status();
  const auto imported = ImportFile(kLab, *filled);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->created(), 2);
  EXPECT_EQ(imported->updated(), 1);
  EXPECT_EQ(imported->removed(), 0);

  const auto said = SaidOf(kOucLab);
  ASSERT_EQ(said.size(), 3u);
  v1::Row expected = carried.begin()->second;
  expected.set_progress("-40℃冷启动通过；=验收中");
  expected.set_problem("缺少“中试”场地，@园区协调");
  EXPECT_TRUE(MessageDifferencer::Equals(said.at(carried.begin()->first), expected))
      << said.at(carried.begin()->first).DebugString();
  const v1::Row& added = said.at("耐压舱“深蓝”一号");
  EXPECT_EQ(added.enterprise_title(), World::TitleOf(1));
  EXPECT_EQ(added.unified_social_credit_code(), World::CodeOf(1));
  EXPECT_EQ(added.category(), v1::ROW_CATEGORY_NEW);
  ASSERT_EQ(added.kinds_size(), 1);
  EXPECT_EQ(added.kinds(0), "技术研发");
  EXPECT_EQ(added.sign_date().month(), 4);
  EXPECT_EQ(added.sign_date().day(), 1);
  EXPECT_EQ(said.at("面向全体企业的意向").enterprise_title(), "");
  // The same file again is nothing new.
  const auto again = ImportFile(kLab, *filled);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 3);

  // What was submitted says the same, and is not to be written into any more.
  ASSERT_TRUE(SubmitPart(kLab).ok());
  const std::string filed = ExportOf(kLab, 1);
  const auto book = sheet::ReadWorkbook(filed, "平台填报.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  const auto table = sheet::ReadTable<v1::Row>(*book, *book->FirstVisible());
  ASSERT_EQ(table.rows.size(), 3u);
  for (const auto& row : table.rows) {
    EXPECT_TRUE(MessageDifferencer::Equals(row.message, said.at(row.message.title())))
        << row.message.DebugString();
  }
  EXPECT_EQ(testing::FilledInOffice(filed, {{CellsOfPart(filed).At("最新进展", 1), "改"}})
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
  Conserved();
}

}  // namespace
}  // namespace chanyan::cycle
