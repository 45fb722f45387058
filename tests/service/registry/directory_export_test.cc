// Histories of organizations and findings on duplicates as sheets (REG-1, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sheet/table.h"
#include "common/time/civil.h"
#include "tests/service/registry/registry_world.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DirectoryExportTest : public ::testing::Test, protected RegistryWorld {
 protected:
  void SetUp() override {
    Enterprise(1, "青岛蓝鲸海洋科技有限公司");
    Enterprise(2, "山东蓝鲸海洋科技股份有限公司");
  }
  // The rows of a sheet.
  template <class Row>
  static std::vector<Row> RowsOf(const absl::StatusOr<google::api::HttpBody>& file) {
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return {};
    const auto workbook = sheet::ReadWorkbook(file->data(), "表.xlsx");
    EXPECT_TRUE(workbook.ok()) << workbook.status();
    if (!workbook.ok()) return {};
    const auto table = sheet::ReadTable<Row>(*workbook, *workbook->FirstVisible());
    EXPECT_THAT(table.violations, IsEmpty());
    std::vector<Row> rows;
    for (const auto& row : table.rows) rows.push_back(row.message);
    return rows;
  }
  // "青岛白鲸 RENAMED 由“…”更名为“…”", in the sheet's order.
  std::vector<std::string> Events(const rpc::Call& call, const std::string& filter = "") {
    v1::ExportOrganizationEventsRequest request;
    request.set_filter(filter);
    std::vector<std::string> lines;
    for (const auto& row :
         RowsOf<v1::OrganizationEvent>(directory.ExportOrganizationEvents(call, request))) {
      EXPECT_TRUE(row.has_effective_date());
      lines.push_back(absl::StrCat(row.organization_title(), " ",
                                   v1::OrganizationEventKind_Name(row.kind()).substr(24), " ",
                                   row.summary()));
    }
    return lines;
  }
};

TEST_F(DirectoryExportTest, AHistoryGoesOutUnderTheNamesOfToday) {
  EXPECT_THAT(Events(Secretariat("ExportOrganizationEvents")), IsEmpty());
  ASSERT_TRUE(Rename("organizations/e1", "青岛白鲸海洋科技有限公司").ok());
  ASSERT_TRUE(Rename("organizations/e2", "山东灰鲸海洋科技有限公司").ok());
  const std::string first =
      "青岛白鲸海洋科技有限公司 RENAMED "
      "由“青岛蓝鲸海洋科技有限公司”更名为“青岛白鲸海洋科技有限公司”";
  const std::string second =
      "山东灰鲸海洋科技有限公司 RENAMED "
      "由“山东蓝鲸海洋科技股份有限公司”更名为“山东灰鲸海洋科技有限公司”";
  EXPECT_THAT(Events(Secretariat("ExportOrganizationEvents")), ElementsAre(first, second));
  EXPECT_THAT(Events(Secretariat("ExportOrganizationEvents"), "kind = SUSPENDED"), IsEmpty());
  EXPECT_THAT(
      Events(As(options::v1::ROLE_ENTERPRISE, "organizations/e2", "ExportOrganizationEvents")),
      ElementsAre(second))
      << "its own alone";
  v1::ExportOrganizationEventsRequest bad;
  bad.set_filter("没有这一项 = 1");
  EXPECT_EQ(directory.ExportOrganizationEvents(Secretariat("ExportOrganizationEvents"), bad)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  v1::ListOrganizationEventsRequest list;
  list.set_parent("organizations/-");
  const auto listed = directory.ListOrganizationEvents(Secretariat("ListOrganizationEvents"), list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->events(0).organization_title(), "青岛白鲸海洋科技有限公司");
}

TEST_F(DirectoryExportTest, PairsThatLookAlikeGoOutUntilSomebodyDecides) {
  Enterprise(3, "红岛蓝鲸海洋科技有限公司");
  Enterprise(4, "青岛无关材料有限公司");
  const auto exported = [&](const std::string& organization) {
    v1::ExportDuplicatesRequest request;
    request.set_organization(organization);
    std::vector<std::string> lines;
    for (const auto& row : RowsOf<v1::DuplicatePair>(
             directory.ExportDuplicates(Secretariat("ExportDuplicates"), request))) {
      EXPECT_EQ(row.first_code().size(), 18u);
      EXPECT_EQ(row.second_code().size(), 18u);
      EXPECT_FALSE(row.explanations().empty());
      lines.push_back(absl::StrCat(row.first_title(), " ", row.second_title()));
    }
    return lines;
  };
  // The same pairs in the same order as the list has.
  const auto listed = [&](const std::string& organization) {
    v1::ListDuplicatesRequest request;
    request.set_organization(organization);
    const auto page = directory.ListDuplicates(Secretariat("ListDuplicates"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> lines;
    for (const auto& pair : page->pairs()) {
      lines.push_back(absl::StrCat(pair.first().display_name(), " ", pair.second().display_name()));
    }
    return lines;
  };
  EXPECT_THAT(exported(""),
              ::testing::Contains("青岛蓝鲸海洋科技有限公司 山东蓝鲸海洋科技股份有限公司"));
  EXPECT_EQ(exported(""), listed(""));
  EXPECT_EQ(exported("organizations/e2"), listed("organizations/e2"));
  EXPECT_THAT(exported("organizations/e4"), IsEmpty());
  EXPECT_THAT(exported("organizations/none"), IsEmpty());
  v1::DismissDuplicateRequest request;
  request.set_first("organizations/e1");
  request.set_second("organizations/e2");
  request.set_reason("两家企业股东和住所均不同");
  ASSERT_TRUE(directory.DismissDuplicate(Secretariat("DismissDuplicate"), request).ok());
  EXPECT_EQ(exported(""), listed(""));
  EXPECT_THAT(
      exported(""),
      ::testing::Not(::testing::Contains("青岛蓝鲸海洋科技有限公司 山东蓝鲸海洋科技股份有限公司")));
}

TEST_F(DirectoryExportTest, PairsFoundToBeDifferentGoOutWithTheirReasons) {
  v1::DismissDuplicateRequest request;
  request.set_first("organizations/e2");
  request.set_second("organizations/e1");
  request.set_reason("两家企业股东和住所均不同");
  const auto dismissed = directory.DismissDuplicate(Secretariat("DismissDuplicate"), request);
  ASSERT_TRUE(dismissed.ok()) << dismissed.status();
  const auto exported = [&](const std::string& filter) {
    v1::ExportDistinctPairsRequest all;
    all.set_filter(filter);
    std::vector<std::string> lines;
    for (const auto& row : RowsOf<v1::DistinctPair>(
             directory.ExportDistinctPairs(Secretariat("ExportDistinctPairs"), all))) {
      lines.push_back(absl::StrCat(row.first_title(), " ", row.second_title(), " ",
                                   v1::DuplicateReason_Name(row.reasons(0)).substr(17), " ",
                                   v1::DistinctPairState_Name(row.state()).substr(20), " ",
                                   row.reason()));
    }
    return lines;
  };
  EXPECT_THAT(exported(""),
              ElementsAre("青岛蓝鲸海洋科技有限公司 山东蓝鲸海洋科技股份有限公司 SIMILAR_NAME "
                          "UPHELD 两家企业股东和住所均不同"));
  EXPECT_THAT(exported("state = WITHDRAWN"), IsEmpty());
}

}  // namespace
}  // namespace chanyan::registry
