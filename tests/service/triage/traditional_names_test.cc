// Names that are looked up are found as they are written by people (TRI-1): with traditional
// characters, and with letters and brackets of another width; what is stored is the official name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TraditionalNamesTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::ImportResultsResponse> Import(const std::vector<v1::Result>& rows,
                                                   Role role = ROLE_SERVICE_TEAM,
                                                   const std::string& by = kMarineAgency) {
    v1::ImportResultsRequest request;
    *request.mutable_file() = testing::Upload<v1::Result>(rows);
    request.set_file_name("成果.xlsx");
    request.set_request_id(api::NewUuid());
    return results.ImportResults(As(role, by, "ResultService.ImportResults"), request);
  }
  static v1::Result Row(const std::string& title, const std::string& university,
                        const std::string& industry, const std::string& field = "海洋") {
    v1::Result row = Draft(title);
    row.clear_maturity();
    row.set_university_title(university);
    row.set_industries(0, industry);
    row.set_fields(0, field);
    return row;
  }
};

TEST_F(TraditionalNamesTest, ASheetOfResultsComesInUnderTheOfficialNames) {
  const auto done = Import({Row("膜一", "中國海洋大學", "海水淡化與綜合利用"),
                            Row("采油", "中國石油大學(華東)", "海洋裝備", "新材料及其應用")});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->created(), 2);
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', university, university_title, industries, fields) "
                    "FROM result ORDER BY university"),
              ElementsAre("organizations/ouc 中国海洋大学 [\"海水淡化与综合利用\"] [\"海洋\"]",
                          "organizations/upc 中国石油大学（华东） [\"海洋装备\"] "
                          "[\"新材料及其应用\"]"));
  // The same in simplified characters is the same.
  const auto again = Import({Row("膜一", "中国海洋大学", "海水淡化与综合利用")});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 1);
  // A university's own sheet too.
  const auto own =
      Import({Row("膜二", "中國海洋大學", "海水淡化與綜合利用")}, ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->created(), 1);
}

TEST_F(TraditionalNamesTest, WhoWasCalledSoIsFoundAndWhoMightBeTwoIsAskedFor) {
  HadName(kOuc, "青岛海洋大学");
  const auto done = Import({Row("膜一", "青島海洋大學", "海水淡化與綜合利用")});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(Texts("SELECT university_title FROM result"), ElementsAre("中国海洋大学"));
  // Who has the name comes before who had it.
  HadName(kUpc, "中国海洋大学");
  EXPECT_TRUE(Import({Row("膜二", "中國海洋大學", "海水淡化與綜合利用")}).ok());
  EXPECT_EQ(Count("result WHERE university_title = '中国海洋大学'"), 2);
  HadName(kUpc, "青岛海洋大学");
  const auto two = Import({Row("膜三", "青島海洋大學", "海水淡化與綜合利用")});
  ASSERT_EQ(status::ViolationsOf(two.status()).size(), 1);
  EXPECT_THAT(status::ViolationsOf(two.status()).at(0).description,
              AllOf(HasSubstr("中国海洋大学"), HasSubstr("中国石油大学（华东）")));
}

TEST_F(TraditionalNamesTest, WhatNobodyIsCalledIsRefusedAsBeforeWithItsOwnWords) {
  const auto unknown = Import({Row("膜一", "沒有的大學", "海水淡化與綜合利用")});
  ASSERT_EQ(status::ViolationsOf(unknown.status()).size(), 1);
  EXPECT_THAT(status::ViolationsOf(unknown.status()).at(0).description, HasSubstr("沒有的大學"));
  const auto industry = Import({Row("膜一", "中國海洋大學", "星際航行")});
  ASSERT_EQ(status::ViolationsOf(industry.status()).size(), 1);
  EXPECT_THAT(status::ViolationsOf(industry.status()).at(0).description, HasSubstr("星際航行"));
  EXPECT_EQ(Count("result"), 0);
}

TEST_F(TraditionalNamesTest, ADemandIsFoundByTheNameOfItsCompanyAndItsIndustry) {
  v1::Demand row = DemandDraft("防腐涂层");
  row.set_enterprise_title("企業一（演示）");
  row.set_industries(0, "海洋裝備");
  const auto import = [&](Role role, const std::string& by) {
    v1::ImportDemandsRequest request;
    *request.mutable_file() = testing::Upload<v1::Demand>({row});
    request.set_request_id(api::NewUuid());
    return demands.ImportDemands(As(role, by, "DemandService.ImportDemands"), request);
  };
  const auto done = import(ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->created(), 1);
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', enterprise, enterprise_title, industries) FROM demand"),
              ElementsAre("organizations/e1 企业一（演示） [\"海洋装备\"]"));
  const auto own = import(ROLE_ENTERPRISE, kE1);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->unchanged(), 1);
}

TEST_F(TraditionalNamesTest, OneByOneToo) {
  v1::Result draft = Draft("海水淡化膜");
  draft.set_industries(0, "海水淡化與綜合利用");
  draft.set_settle_place("嶗山");
  const auto made = Create(draft);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(made->industries(), ElementsAre("海水淡化与综合利用"));
  EXPECT_EQ(made->settle_place(), "崂山区");
  v1::UpdateResultRequest update;
  update.mutable_result()->set_name(made->name());
  update.mutable_result()->add_industries("海洋裝備");
  update.mutable_update_mask()->add_paths("industries");
  update.set_request_id(api::NewUuid());
  const auto updated = results.UpdateResult(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.UpdateResult"), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_THAT(updated->industries(), ElementsAre("海洋装备"));
}

}  // namespace
}  // namespace chanyan::triage
