// Bulk import and export of organizations and platforms (REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "services/registry/registry_service.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {
namespace {

using options::v1::Role;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ImportTest : public ::testing::Test {
 protected:
  ImportTest()
      : database_(testing::ComponentsOf("registry")),
        pack_(testing::ShippedPack()),
        service_({{database_.db(), clock_, nullptr}, *pack_}) {}

  static rpc::Call As(Role role, absl::string_view organization, absl::string_view method) {
    return testing::CallAs(role, organization,
                           absl::StrCat("chanyan.registry.v1.RegistryService.", method));
  }
  static v1::Organization Unit(const std::string& title) {
    v1::Organization row;
    row.set_display_name(title);
    row.set_kind(v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
    row.set_demonstration(true);
    return row;
  }
  static v1::Organization Enterprise(int number, const std::string& unit = "古镇口（演示）") {
    v1::Organization row;
    row.set_display_name(absl::StrCat("企业", number, "（演示）"));
    row.set_kind(v1::ORGANIZATION_KIND_ENTERPRISE);
    row.set_unified_social_credit_code(testing::CreditCode(number));
    row.set_unit(unit);
    row.add_industries("海洋装备");
    row.add_qualifications(v1::QUALIFICATION_HIGH_TECH);
    row.set_demonstration(true);
    return row;
  }
  static v1::Organization University(const std::string& title) {
    v1::Organization row;
    row.set_display_name(title);
    row.set_kind(v1::ORGANIZATION_KIND_UNIVERSITY);
    return row;
  }
  static v1::Platform Platform(const std::string& owner, const std::string& title) {
    v1::Platform row;
    row.set_organization_title(owner);
    row.set_display_name(title);
    row.set_kind(v1::PLATFORM_KIND_LABORATORY);
    row.set_introduction("介绍");
    row.add_capabilities("样机试验");
    row.add_industries("海洋装备");
    row.set_contacts_text("王老师 |  | 0532-82345678");
    return row;
  }

  absl::StatusOr<v1::ImportResult> Import(const google::api::HttpBody& file, bool dry_run = false) {
    v1::ImportOrganizationsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("单位.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return service_.ImportOrganizations(
        As(options::v1::ROLE_SECRETARIAT, "", "ImportOrganizations"), request);
  }
  absl::StatusOr<v1::ImportResult> ImportPlatforms(const google::api::HttpBody& file,
                                                   Role role = options::v1::ROLE_SECRETARIAT,
                                                   const std::string& organization = "") {
    v1::ImportPlatformsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("平台.xlsx");
    request.set_request_id(api::NewUuid());
    return service_.ImportPlatforms(As(role, organization, "ImportPlatforms"), request);
  }
  static std::string Numbers(const absl::StatusOr<v1::ImportResult>& result) {
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  }
  static std::vector<std::string> Places(const absl::Status& status) {
    std::vector<std::string> out;
    for (const status::Violation& violation : status::ViolationsOf(status)) {
      out.push_back(absl::StrCat(violation.field, "|", violation.description));
    }
    return out;
  }
  std::vector<std::string> Texts(absl::string_view sql) {
    return testing::Texts(database_.db(), sql);
  }
  // What a new table would be, without names, versions and times.
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, display_name, kind, unified_social_credit_code, unit,"
        " industries, qualifications, former_names, version, update_time)"
        " FROM organization ORDER BY name");
  }
  std::string NameOf(const std::string& title) {
    return Texts(absl::StrCat("SELECT name FROM organization WHERE display_name = '", title, "'"))
        .at(0);
  }

  testing::FakeClock clock_;
  testing::TestDatabase database_;
  std::unique_ptr<const policy::Pack> pack_;
  RegistryService service_;
};

TEST_F(ImportTest, EveryBadRowIsNamedByItsCellAndNothingIsImported) {
  std::vector<v1::Organization> rows = {Unit("古镇口（演示）"), Enterprise(1), Enterprise(1)};
  rows.push_back(Enterprise(2, "无此单位"));
  rows.push_back(Enterprise(3, "企业1（演示）"));
  rows.push_back(Enterprise(4));
  rows.back().clear_unified_social_credit_code();
  rows.push_back(Unit("某镇（演示）"));
  rows.back().add_qualifications(v1::QUALIFICATION_LEADING);
  rows.push_back(Enterprise(5));
  rows.back().set_industries(0, "炼金");
  const auto result = Import(testing::Upload(rows));
  EXPECT_EQ(status::ReasonOf(result.status()), options::v1::ERROR_REASON_INVALID_FILE);
  const auto places = Places(result.status());
  // The header is row 1.
  const char* expected[] = {
      "单位.xlsx / 表 / A4|与第 3 行", "单位.xlsx / 表 / F5|责任单位“无此单位”",
      "单位.xlsx / 表 / F6|",          "单位.xlsx / 表 / C7|企业必须填写",
      "单位.xlsx / 表 / H8|只有企业",  "单位.xlsx / 表 / G9|“炼金”"};
  for (const char* place : expected) {
    EXPECT_THAT(places, ::testing::Contains(HasSubstr(place)));
  }
  EXPECT_EQ(places.size(), std::size(expected)) << ::testing::PrintToString(places);
  EXPECT_TRUE(Everything().empty());

  std::vector<v1::Organization> shape = {Enterprise(1)};
  shape[0].set_unified_social_credit_code("913702110000000000");
  EXPECT_THAT(Places(Import(testing::Upload(shape)).status()),
              ::testing::Contains(HasSubstr("单位.xlsx / 表 / C2|")));
  google::api::HttpBody broken;
  broken.set_data("PK not really");
  EXPECT_EQ(status::ReasonOf(Import(broken).status()), options::v1::ERROR_REASON_INVALID_FILE);
}

TEST_F(ImportTest, APlaceThatThePackDoesNotKnowIsNamedByItsCell) {
  std::vector<v1::Organization> rows = {Unit("古镇口（演示）"), Enterprise(1), Enterprise(2),
                                        Enterprise(3), Enterprise(4)};
  rows[1].set_zone("海洋科教创新区");
  rows[2].set_zone("古镇囗");
  rows[3].set_region_code("370299");
  rows[4].set_region_code("370102");
  rows[4].set_zone("外地高新区");
  EXPECT_THAT(Places(Import(testing::Upload(rows)).status()),
              ::testing::ElementsAre(HasSubstr("单位.xlsx / 表 / E4|“古镇囗”不是本市的功能区"),
                                     HasSubstr("单位.xlsx / 表 / D5|行政区划代码 370299 不是")));
  EXPECT_TRUE(Everything().empty());
  rows[2].set_zone(" 古镇口　");
  rows[3].set_region_code("370211");
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "5 0 0");
  EXPECT_THAT(Texts("SELECT zone FROM organization WHERE kind = 'ENTERPRISE' ORDER BY name"),
              ::testing::ElementsAre("古镇口", "古镇口", "", "外地高新区"));
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 0 5") << "the other name is the same place";
}

TEST_F(ImportTest, TheSameFileTwiceChangesNothingAndADryRunNothingAtAll) {
  const auto file = testing::Upload(
      std::vector<v1::Organization>{Unit("古镇口（演示）"), Enterprise(1), Enterprise(2)});
  const auto dry = Import(file, /*dry_run=*/true);
  EXPECT_EQ(Numbers(dry), "3 0 0");
  EXPECT_TRUE(dry->dry_run());
  EXPECT_TRUE(Everything().empty());
  EXPECT_EQ(Numbers(Import(file)), "3 0 0");
  const auto before = Everything();
  clock_.now += absl::Hours(1);
  EXPECT_EQ(Numbers(Import(file)), "0 0 3");
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM journal").at(0), "3");
}

TEST_F(ImportTest, ARowWithAKnownCodeAndAnotherNameRenames) {
  std::vector<v1::Organization> rows = {Unit("古镇口（演示）"), Enterprise(1)};
  ASSERT_TRUE(Import(testing::Upload(rows)).ok());
  const std::string name = NameOf("企业1（演示）");
  rows[1].set_display_name("企业壹（演示）");
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 1 1");
  EXPECT_EQ(NameOf("企业壹（演示）"), name);
  EXPECT_THAT(
      Texts("SELECT former_names FROM organization WHERE display_name = '企业壹（演示）'").at(0),
      HasSubstr("企业1（演示）"));
}

TEST_F(ImportTest, ACodeIsLearntAndNeverForgottenByAnEmptyCell) {
  std::vector<v1::Organization> rows = {University("海洋大学（演示）")};
  ASSERT_TRUE(Import(testing::Upload(rows)).ok());
  const std::string name = NameOf("海洋大学（演示）");
  rows[0].set_unified_social_credit_code(testing::CreditCode(7));
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 1 0");
  EXPECT_EQ(NameOf("海洋大学（演示）"), name);
  rows[0].clear_unified_social_credit_code();
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 0 1");
  EXPECT_EQ(Texts("SELECT unified_social_credit_code FROM organization").at(0),
            testing::CreditCode(7));
  rows[0].set_kind(v1::ORGANIZATION_KIND_TOWN);
  EXPECT_THAT(Places(Import(testing::Upload(rows)).status()),
              ::testing::ElementsAre(HasSubstr("单位.xlsx / 表 / B2|")));
}

TEST_F(ImportTest, AColumnThatTheSheetDoesNotHaveStaysAsItIs) {
  ASSERT_TRUE(
      Import(testing::Upload(std::vector<v1::Organization>{Unit("古镇口（演示）"), Enterprise(1)}))
          .ok());
  sheet::Writer writer({.created = clock_.now, .title = "测试"});
  sheet::SheetWriter& sheet = writer.AddSheet("表", {});
  for (const auto& [title, code] :
       {std::pair<std::string, std::string>{"统一社会信用代码", "所在功能区或镇街"},
        {testing::CreditCode(1), "古镇口"}}) {
    sheet.NewRow();
    sheet.Text(title == testing::CreditCode(1) ? "企业1（演示）" : "单位名称");
    sheet.Text(title == testing::CreditCode(1) ? "企业" : "单位类型");
    sheet.Text(title);
    sheet.Text(code);
  }
  google::api::HttpBody file;
  file.set_data(*std::move(writer).Finish());
  EXPECT_EQ(Numbers(Import(file)), "0 1 0");
  EXPECT_EQ(Texts("SELECT CONCAT(zone, unit <> '', JSON_LENGTH(industries),"
                  " JSON_LENGTH(qualifications)) FROM organization WHERE kind = 'ENTERPRISE'")
                .at(0),
            "古镇口111");
}

TEST_F(ImportTest, WhatIsExportedImportsAsUnchanged) {
  std::vector<v1::Organization> rows = {Unit("古镇口（演示）"), University("海洋大学（演示）")};
  for (int i = 1; i <= 30; ++i) rows.push_back(Enterprise(i));
  // Text that a spreadsheet would take for a formula.
  rows[5].set_display_name("=1+1公司（演示）");
  ASSERT_TRUE(Import(testing::Upload(rows)).ok());
  const auto before = Everything();
  const auto exported = service_.ExportOrganizations(
      As(options::v1::ROLE_SECRETARIAT, "", "ExportOrganizations"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(Numbers(Import(*exported)), "0 0 32");
  EXPECT_EQ(Everything(), before);
  // A unit's own export holds its enterprises and no others.
  v1::ExportOrganizationsRequest enterprises;
  enterprises.set_filter("kind = ENTERPRISE");
  const auto mine = service_.ExportOrganizations(
      As(options::v1::ROLE_UNIT, "organizations/other", "ExportOrganizations"), enterprises);
  ASSERT_TRUE(mine.ok()) << mine.status();
  EXPECT_EQ(Numbers(Import(*mine)).substr(0, 4), "0 0 ");
}

TEST_F(ImportTest, PlatformsArePublishedByTheSecretariatAndDraftsOtherwise) {
  ASSERT_TRUE(Import(testing::Upload(std::vector<v1::Organization>{University("海洋大学（演示）"),
                                                                   University("石油大学（演示）"),
                                                                   Unit("古镇口（演示）")}))
                  .ok());
  const auto mine = testing::Upload(std::vector<v1::Platform>{Platform("海洋大学（演示）", "甲"),
                                                              Platform("海洋大学（演示）", "乙")});
  const std::string ouc = NameOf("海洋大学（演示）");
  EXPECT_EQ(Numbers(ImportPlatforms(mine, options::v1::ROLE_RESEARCH_OFFICE, ouc)), "2 0 0");
  EXPECT_EQ(Texts("SELECT DISTINCT state FROM platform").at(0), "DRAFT");
  EXPECT_EQ(Numbers(ImportPlatforms(mine, options::v1::ROLE_RESEARCH_OFFICE, ouc)), "0 0 2");
  EXPECT_EQ(Numbers(ImportPlatforms(mine)), "0 2 0");
  EXPECT_EQ(Texts("SELECT DISTINCT state FROM platform").at(0), "PUBLISHED");
  EXPECT_EQ(Numbers(ImportPlatforms(mine)), "0 0 2");

  const auto exported =
      service_.ExportPlatforms(As(options::v1::ROLE_SECRETARIAT, "", "ExportPlatforms"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(Numbers(ImportPlatforms(*exported)), "0 0 2");
}

TEST_F(ImportTest, TheServiceCatalogueGoesInAndOutLineByLine) {
  ASSERT_TRUE(
      Import(testing::Upload(std::vector<v1::Organization>{University("海洋大学（演示）")})).ok());
  std::vector<v1::Platform> rows = {Platform("海洋大学（演示）", "甲"),
                                    Platform("海洋大学（演示）", "乙")};
  rows[0].set_services_text(
      "盐雾试验 | 企业用户 200元/件、20.5元/样品；校内用户１００元／件；批量另议 | 电话预约\n"
      "技术咨询 | 面议\n\n失效分析");
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(rows))), "2 0 0");
  v1::ListPlatformsRequest list;
  list.set_parent("organizations/-");
  list.set_order_by("display_name desc");
  const auto listed =
      service_.ListPlatforms(As(options::v1::ROLE_SECRETARIAT, "", "ListPlatforms"), list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  const v1::Platform* first = nullptr;
  for (const v1::Platform& platform : listed->platforms()) {
    if (platform.display_name() == "甲") first = &platform;
  }
  ASSERT_NE(first, nullptr);
  ASSERT_EQ(first->services_size(), 3);
  EXPECT_EQ(first->services(0).prices_size(), 3);
  EXPECT_EQ(first->services(0).prices(1).user_type(), "enterprise");
  EXPECT_EQ(first->services(0).prices(1).unit(), "样品");
  EXPECT_EQ(first->services(0).prices(1).price().units(), 20);
  EXPECT_EQ(first->services(0).price(), "批量另议");
  EXPECT_EQ(first->services(0).booking(), "电话预约");
  EXPECT_EQ(first->services(1).price(), "面议");
  const auto exported =
      service_.ExportPlatforms(As(options::v1::ROLE_SECRETARIAT, "", "ExportPlatforms"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(Numbers(ImportPlatforms(*exported)), "0 0 2") << "the same file changes nothing";

  rows[0].set_services_text(
      "盐雾试验 | 企业用户 二百元/件\n| 面议\n失效分析 | 企业用户 2元/件；企业用户 3元/件");
  EXPECT_THAT(
      Places(ImportPlatforms(testing::Upload(rows)).status()),
      ::testing::ElementsAre(AllOf(HasSubstr("平台.xlsx / 表 / J2|第 1 项"), HasSubstr("不是单价")),
                             AllOf(HasSubstr("J2|第 2 项"), HasSubstr("没有写服务名称")),
                             AllOf(HasSubstr("J2|第 3 项"), HasSubstr("单价重复"))));
}

TEST_F(ImportTest, BadPlatformRowsAreNamedByTheirCells) {
  ASSERT_TRUE(Import(testing::Upload(std::vector<v1::Organization>{University("海洋大学（演示）"),
                                                                   University("石油大学（演示）"),
                                                                   Unit("古镇口（演示）")}))
                  .ok());
  std::vector<v1::Platform> rows = {Platform("海洋大学（演示）", "甲"), Platform("无此大学", "乙"),
                                    Platform("古镇口（演示）", "丙"),
                                    Platform("海洋大学（演示）", "甲"),
                                    Platform("海洋大学（演示）", "丁")};
  rows[4].set_industries(0, "炼金");
  const auto places = Places(ImportPlatforms(testing::Upload(rows)).status());
  EXPECT_THAT(places, ::testing::ElementsAre(HasSubstr("平台.xlsx / 表 / A3|依托单位“无此大学”"),
                                             HasSubstr("平台.xlsx / 表 / A4|"),
                                             HasSubstr("平台.xlsx / 表 / B5|与第 2 行"),
                                             HasSubstr("平台.xlsx / 表 / H6|“炼金”")));
  const auto foreign = ImportPlatforms(
      testing::Upload(std::vector<v1::Platform>{Platform("石油大学（演示）", "戊")}),
      options::v1::ROLE_RESEARCH_OFFICE, NameOf("海洋大学（演示）"));
  EXPECT_THAT(Places(foreign.status()), ::testing::ElementsAre(HasSubstr("只能导入本单位")));
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM platform").at(0), "0");
}

TEST_F(ImportTest, ATitleIsNoWayToAskWhichEnterprisesThereAre) {
  ASSERT_TRUE(Import(testing::Upload(std::vector<v1::Organization>{
                         University("海洋大学（演示）"), Unit("古镇口（演示）"), Enterprise(1)}))
                  .ok());
  const auto asked = [&](const std::string& title) {
    const auto places =
        Places(ImportPlatforms(testing::Upload(std::vector<v1::Platform>{Platform(title, "甲")}),
                               options::v1::ROLE_RESEARCH_OFFICE, NameOf("海洋大学（演示）"))
                   .status());
    EXPECT_EQ(places.size(), 1u);
    return places.empty() ? "" : absl::StrReplaceAll(places[0], {{title, "某企业"}});
  };
  EXPECT_EQ(asked("企业1（演示）"), asked("企业2（演示）"));
  EXPECT_THAT(asked("企业1（演示）"), HasSubstr("不在单位名录中"));
}

TEST_F(ImportTest, AnImportDoesNoMoreThanAChangeByHand) {
  ASSERT_TRUE(
      Import(testing::Upload(std::vector<v1::Organization>{University("海洋大学（演示）")})).ok());
  std::vector<v1::Platform> rows = {Platform("海洋大学（演示）", "甲")};
  ASSERT_TRUE(ImportPlatforms(testing::Upload(rows)).ok());
  const std::string name = Texts("SELECT name FROM platform").at(0);
  v1::WithdrawPlatformRequest withdraw;
  withdraw.set_name(name);
  withdraw.set_reason("搬迁");
  ASSERT_TRUE(
      service_.WithdrawPlatform(As(options::v1::ROLE_SECRETARIAT, "", "WithdrawPlatform"), withdraw)
          .ok());
  EXPECT_THAT(Places(ImportPlatforms(testing::Upload(rows)).status()),
              ::testing::ElementsAre(AllOf(HasSubstr("B2"), HasSubstr("已撤回"))));
  const std::string ouc = NameOf("海洋大学（演示）");
  rows[0].set_display_name("乙");
  ASSERT_TRUE(ImportPlatforms(testing::Upload(rows), options::v1::ROLE_RESEARCH_OFFICE, ouc).ok());
  v1::SubmitPlatformRequest submit;
  submit.set_name(Texts("SELECT name FROM platform WHERE display_name = '乙'").at(0));
  ASSERT_TRUE(
      service_.SubmitPlatform(As(options::v1::ROLE_RESEARCH_OFFICE, ouc, "SubmitPlatform"), submit)
          .ok());
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(rows), options::v1::ROLE_RESEARCH_OFFICE, ouc)),
            "0 0 1");
  rows[0].set_college("材料学院");
  EXPECT_THAT(
      Places(
          ImportPlatforms(testing::Upload(rows), options::v1::ROLE_RESEARCH_OFFICE, ouc).status()),
      ::testing::ElementsAre(HasSubstr("正在审核")));
  v1::SuspendOrganizationRequest suspend;
  suspend.set_name(ouc);
  suspend.set_reason("合并");
  ASSERT_TRUE(service_
                  .SuspendOrganization(As(options::v1::ROLE_SECRETARIAT, "", "SuspendOrganization"),
                                       suspend)
                  .ok());
  rows[0].set_display_name("丙");
  EXPECT_THAT(Places(ImportPlatforms(testing::Upload(rows)).status()),
              ::testing::ElementsAre(HasSubstr("已停用")));
}

TEST_F(ImportTest, WhatAnOwnerImportsOfAPublishedPlatformIsARevision) {
  ASSERT_TRUE(
      Import(testing::Upload(std::vector<v1::Organization>{University("海洋大学（演示）")})).ok());
  std::vector<v1::Platform> rows = {Platform("海洋大学（演示）", "甲"),
                                    Platform("海洋大学（演示）", "乙")};
  ASSERT_TRUE(ImportPlatforms(testing::Upload(rows)).ok());
  const std::string ouc = NameOf("海洋大学（演示）");
  const auto by_owner = [&] {
    return ImportPlatforms(testing::Upload(rows), options::v1::ROLE_RESEARCH_OFFICE, ouc);
  };
  const auto shown = [&] {
    return Texts("SELECT introduction FROM platform WHERE display_name = '甲'").at(0);
  };
  EXPECT_EQ(Numbers(by_owner()), "0 0 2");
  rows[0].set_introduction("新的介绍");
  const auto revised = by_owner();
  EXPECT_EQ(Numbers(revised), "0 0 1");
  EXPECT_EQ(revised->revised(), 1);
  EXPECT_EQ(shown(), "介绍");
  EXPECT_EQ(Texts("SELECT CONCAT(state, JSON_VALUE(proposed, '$.introduction')) "
                  "FROM platform_revision")
                .at(0),
            "DRAFT新的介绍");
  const auto again = by_owner();
  EXPECT_EQ(Numbers(again), "0 0 2") << "the same file twice changes nothing";
  EXPECT_EQ(again->revised(), 0);
  // An owner takes away what it is working on, the secretariat what is published.
  const auto exported = [&](Role role, const std::string& organization) {
    const auto file = service_.ExportPlatforms(As(role, organization, "ExportPlatforms"), {});
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : google::api::HttpBody();
  };
  EXPECT_EQ(Numbers(ImportPlatforms(exported(options::v1::ROLE_RESEARCH_OFFICE, ouc),
                                    options::v1::ROLE_RESEARCH_OFFICE, ouc)),
            "0 0 2");
  EXPECT_EQ(Numbers(ImportPlatforms(exported(options::v1::ROLE_SECRETARIAT, ""))), "0 0 2");

  // The secretariat's own import is published at once and kept in the history; the owner's revision
  // stays upon it.
  rows[0].set_introduction("介绍");
  rows[0].set_college("海洋学院");
  EXPECT_EQ(Numbers(ImportPlatforms(testing::Upload(rows))), "0 1 1");
  EXPECT_EQ(Texts("SELECT college FROM platform WHERE display_name = '甲'").at(0), "海洋学院");
  EXPECT_THAT(Texts("SELECT CONCAT(state, ' ', JSON_VALUE(proposed, '$.introduction'), ' ', "
                    "JSON_VALUE(proposed, '$.college')) FROM platform_revision ORDER BY number"),
              ::testing::ElementsAre("DRAFT 新的介绍 海洋学院", "PUBLISHED 介绍 海洋学院"));
}

TEST_F(ImportTest, TenThousandRowsAreOneImport) {
  std::vector<v1::Organization> rows = {Unit("古镇口（演示）")};
  for (int i = 1; i < 10'000; ++i) rows.push_back(Enterprise(i));
  const auto file = testing::Upload(rows);
  for (const char* expected : {"10000 0 0", "0 0 10000"}) {
    const absl::Time start = absl::Now();
    EXPECT_EQ(Numbers(Import(file)), expected);
    std::cout << "10,000 rows (" << expected << "): " << absl::Now() - start << "\n";
  }
  for (v1::Organization& row : rows) row.set_zone("古镇口");
  const absl::Time start = absl::Now();
  EXPECT_EQ(Numbers(Import(testing::Upload(rows))), "0 10000 0");
  std::cout << "10,000 changed rows: " << absl::Now() - start << "\n";
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM journal").at(0), "20000");
}

}  // namespace
}  // namespace chanyan::registry
