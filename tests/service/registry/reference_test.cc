// Reference lists on the real database: kept by hand and by sheet, by day, with their history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/registry/reference_service.h"
#include "services/registry/registry_service.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {
namespace {

using options::v1::Role;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ReferenceTest : public ::testing::Test {
 protected:
  ReferenceTest()
      : database_(testing::ComponentsOf("registry")),
        pack_(testing::ShippedPack()),
        registry_({{database_.db(), clock_, nullptr}, *pack_}),
        service_({{database_.db(), clock_, nullptr}, *pack_}) {}

  static rpc::Call As(Role role, absl::string_view method) {
    return testing::CallAs(role, role == options::v1::ROLE_PUBLIC ? "" : "organizations/any",
                           absl::StrCat("chanyan.registry.v1.ReferenceService.", method));
  }
  static rpc::Call Keeper(absl::string_view method) {
    return As(options::v1::ROLE_SECRETARIAT, method);
  }
  void MakeUnit(const std::string& title) {
    v1::CreateOrganizationRequest request;
    request.mutable_organization()->set_display_name(title);
    request.mutable_organization()->set_kind(v1::ORGANIZATION_KIND_DEPARTMENT);
    request.set_request_id(api::NewUuid());
    const auto made = registry_.CreateOrganization(
        testing::CallAs(options::v1::ROLE_SECRETARIAT, "",
                        "chanyan.registry.v1.RegistryService.CreateOrganization"),
        request);
    ASSERT_TRUE(made.ok()) << made.status();
  }
  static v1::PolicyDividend Dividend(const std::string& title, absl::CivilDay from,
                                     absl::CivilDay until = absl::CivilDay()) {
    v1::PolicyDividend row;
    row.set_display_name(title);
    row.set_kind(v1::DIVIDEND_KIND_PROJECT);
    row.set_document("《工作指引》（青科字〔2025〕5号）");
    row.set_clause("六、（一）");
    row.set_clause_text("予以支持");
    row.set_benefit("项目支持");
    row.set_applicants("已备案的创新联合体");
    row.add_applicant_kinds(v1::ORGANIZATION_KIND_ENTERPRISE);
    *row.mutable_effective_from() = time::ToProto(from);
    if (until != absl::CivilDay()) *row.mutable_effective_until() = time::ToProto(until);
    return row;
  }
  static v1::IndustryDuty Duty(const std::string& industry, const std::string& unit) {
    v1::IndustryDuty row;
    row.set_industry(industry);
    row.set_lead_unit(unit);
    row.set_source("函附件3（演示）");
    row.set_demonstration(true);
    return row;
  }
  static v1::TaskForceMember Member(const std::string& unit, const std::string& person) {
    v1::TaskForceMember row;
    row.set_task_force("现代海洋产业链工作专班（演示）");
    row.add_industries("海洋装备");
    row.set_unit(unit);
    row.set_person(person);
    row.set_part(v1::TASK_FORCE_PART_LIAISON);
    row.set_phone("0532-52345678");
    return row;
  }
  v1::PolicyDividend Made(const v1::PolicyDividend& row) {
    v1::CreatePolicyDividendRequest request;
    *request.mutable_policy_dividend() = row;
    request.set_request_id(api::NewUuid());
    const auto made = service_.CreatePolicyDividend(Keeper("CreatePolicyDividend"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::PolicyDividend();
  }
  absl::StatusOr<v1::PolicyDividend> Change(const v1::PolicyDividend& row,
                                            std::vector<std::string> mask) {
    v1::UpdatePolicyDividendRequest request;
    *request.mutable_policy_dividend() = row;
    for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
    request.set_request_id(api::NewUuid());
    return service_.UpdatePolicyDividend(Keeper("UpdatePolicyDividend"), request);
  }
  std::vector<std::string> On(const std::string& day, const std::string& filter = "") {
    v1::ListPolicyDividendsRequest request;
    request.set_effective_day(day);
    request.set_filter(filter);
    const auto page =
        service_.ListPolicyDividends(As(options::v1::ROLE_PUBLIC, "ListPolicyDividends"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> titles;
    if (page.ok()) {
      for (const auto& row : page->policy_dividends()) titles.push_back(row.display_name());
    }
    return titles;
  }
  absl::StatusOr<v1::ListReferenceVersionsResponse> History(const rpc::Call& call,
                                                            const std::string& name,
                                                            int page_size = 0,
                                                            const std::string& token = "") {
    v1::ListReferenceVersionsRequest request;
    request.set_name(name);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return service_.ListReferenceVersions(call, request);
  }
  template <class Request>
  static Request FileOf(const google::api::HttpBody& file) {
    Request request;
    *request.mutable_file() = file;
    request.set_file_name("清单.xlsx");
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::ImportResult> ImportDividends(const google::api::HttpBody& file,
                                                   bool dry_run = false) {
    auto request = FileOf<v1::ImportPolicyDividendsRequest>(file);
    request.set_validate_only(dry_run);
    return service_.ImportPolicyDividends(Keeper("ImportPolicyDividends"), request);
  }
  absl::StatusOr<v1::ImportResult> ImportDuties(const google::api::HttpBody& file) {
    return service_.ImportIndustryDuties(Keeper("ImportIndustryDuties"),
                                         FileOf<v1::ImportIndustryDutiesRequest>(file));
  }
  absl::StatusOr<v1::ImportResult> ImportMembers(const google::api::HttpBody& file) {
    return service_.ImportTaskForceMembers(Keeper("ImportTaskForceMembers"),
                                           FileOf<v1::ImportTaskForceMembersRequest>(file));
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

  testing::FakeClock clock_;
  testing::TestDatabase database_;
  std::unique_ptr<const policy::Pack> pack_;
  RegistryService registry_;
  ReferenceService service_;
};

// --- Policy dividends

TEST_F(ReferenceTest, ABadDividendIsRefusedWithAllThatIsWrongAndATwinByItsName) {
  v1::PolicyDividend bad = Dividend("甲", absl::CivilDay(2025, 3, 6), absl::CivilDay(2025, 3, 5));
  bad.add_industries("炼金");
  bad.add_applicant_kinds(v1::ORGANIZATION_KIND_ENTERPRISE);
  v1::CreatePolicyDividendRequest request;
  *request.mutable_policy_dividend() = bad;
  request.set_request_id(api::NewUuid());
  const auto made = service_.CreatePolicyDividend(Keeper("CreatePolicyDividend"), request);
  EXPECT_THAT(Places(made.status()), ElementsAre(HasSubstr("policy_dividend.industries[0]|"),
                                                 HasSubstr("policy_dividend.applicant_kinds[1]|"),
                                                 HasSubstr("policy_dividend.effective_until|")));
  const v1::PolicyDividend first = Made(Dividend("甲", absl::CivilDay(2025, 3, 6)));
  *request.mutable_policy_dividend() = Dividend("甲", absl::CivilDay(2026, 1, 1));
  request.set_request_id(api::NewUuid());
  const auto twin = service_.CreatePolicyDividend(Keeper("CreatePolicyDividend"), request);
  EXPECT_EQ(twin.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(twin.status().message()), HasSubstr(first.name()));
  v1::PolicyDividend renamed = first;
  renamed.set_display_name("乙");
  EXPECT_EQ(Change(renamed, {"display_name"}).status().code(), absl::StatusCode::kInvalidArgument)
      << "its name is what it is known by";
}

TEST_F(ReferenceTest, TheListOfADayHoldsWhatIsInForceOnIt) {
  Made(Dividend("一直", absl::CivilDay(2025, 3, 6)));
  Made(Dividend("一季", absl::CivilDay(2025, 4, 1), absl::CivilDay(2025, 6, 30)));
  v1::PolicyDividend tax = Dividend("一天", absl::CivilDay(2025, 5, 1), absl::CivilDay(2025, 5, 1));
  tax.set_kind(v1::DIVIDEND_KIND_TAX);
  Made(tax);
  EXPECT_THAT(On(""), UnorderedElementsAre("一直", "一季", "一天"));
  EXPECT_THAT(On("2025-03-05"), IsEmpty());
  EXPECT_THAT(On("2025-03-06"), ElementsAre("一直"));
  EXPECT_THAT(On("2025-04-01"), UnorderedElementsAre("一直", "一季"));
  EXPECT_THAT(On("2025-05-01"), UnorderedElementsAre("一直", "一季", "一天"));
  EXPECT_THAT(On("2025-05-02"), UnorderedElementsAre("一直", "一季"));
  EXPECT_THAT(On("2025-06-30"), UnorderedElementsAre("一直", "一季"));
  EXPECT_THAT(On("2025-07-01"), ElementsAre("一直"));
  EXPECT_THAT(On("2025-05-01", "kind = TAX OR kind = FUNDING"), ElementsAre("一天"));
  EXPECT_THAT(On("2025-05-01", "applicant_kinds:ENTERPRISE AND kind = TAX"), ElementsAre("一天"));
}

TEST_F(ReferenceTest, EveryVersionSaysWhatChangedWhenAndByWhom) {
  v1::PolicyDividend row = Made(Dividend("甲", absl::CivilDay(2025, 3, 6)));
  clock_.now += absl::Hours(24);
  row.set_benefit("项目支持，最高 100 万元");
  row.set_kind(v1::DIVIDEND_KIND_FUNDING);
  row = Change(row, {"benefit", "kind"}).value();
  clock_.now += absl::Hours(24);
  *row.mutable_effective_until() = time::ToProto(absl::CivilDay(2025, 12, 31));
  row = Change(row, {"effective_until"}).value();

  const auto history = History(As(options::v1::ROLE_PUBLIC, "ListReferenceVersions"), row.name());
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_EQ(history->versions_size(), 3);
  const auto lines = [](const v1::ReferenceVersion& version) {
    std::vector<std::string> out;
    for (const auto& one : version.differences()) {
      out.push_back(absl::StrCat(one.label(), "：", one.before(), " → ", one.after()));
    }
    return out;
  };
  EXPECT_THAT(lines(history->versions(0)), ElementsAre("截止日期： → 2025-12-31"));
  EXPECT_THAT(
      lines(history->versions(1)),
      ElementsAre("红利类型：项目支持 → 资金奖补", "红利内容：项目支持 → 项目支持，最高 100 万元"));
  EXPECT_EQ(history->versions(1).policy_dividend().benefit(), "项目支持，最高 100 万元");
  EXPECT_EQ(history->versions(2).label(), "新增");
  EXPECT_EQ(history->versions(2).policy_dividend().benefit(), "项目支持");
  EXPECT_EQ(history->versions(0).number(), 3);
  EXPECT_LT(history->versions(1).time().seconds(), history->versions(0).time().seconds());
  EXPECT_TRUE(history->versions(0).actor().empty()) << "the public need not know who";
  EXPECT_EQ(History(Keeper("ListReferenceVersions"), row.name())->versions(0).actor(),
            "accounts/test");
  // By pages.
  const auto first = History(Keeper("ListReferenceVersions"), row.name(), 2);
  ASSERT_EQ(first->versions_size(), 2);
  const auto second =
      History(Keeper("ListReferenceVersions"), row.name(), 2, first->next_page_token());
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->versions_size(), 1);
  EXPECT_EQ(second->versions(0).number(), 1);
  EXPECT_TRUE(second->next_page_token().empty());
  for (const char* token : {"x", "0", "-1", "99", "1.5"}) {
    EXPECT_EQ(
        status::ReasonOf(History(Keeper("ListReferenceVersions"), row.name(), 2, token).status()),
        options::v1::ERROR_REASON_INVALID_PAGE_TOKEN)
        << token;
  }

  v1::DeletePolicyDividendRequest remove;
  remove.set_name(row.name());
  remove.set_request_id(api::NewUuid());
  ASSERT_TRUE(service_.DeletePolicyDividend(Keeper("DeletePolicyDividend"), remove).ok());
  EXPECT_THAT(On(""), IsEmpty());
  EXPECT_EQ(
      History(As(options::v1::ROLE_PUBLIC, "ListReferenceVersions"), row.name()).status().code(),
      absl::StatusCode::kNotFound);
  const auto gone = History(Keeper("ListReferenceVersions"), row.name());
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->versions(0).label(), "删除");
  EXPECT_EQ(gone->versions(0).policy_dividend().display_name(), "甲");
}

TEST_F(ReferenceTest, AHistoryGoesOutAsASheetForThoseWhoSeeTheEntry) {
  v1::PolicyDividend row = Made(Dividend("甲", absl::CivilDay(2025, 3, 6)));
  row.set_kind(v1::DIVIDEND_KIND_FUNDING);
  row.set_benefit("项目支持，最高 100 万元");
  row = Change(row, {"benefit", "kind"}).value();
  const rpc::Call keeper = Keeper("ExportReferenceVersions");
  const rpc::Call other = As(options::v1::ROLE_ENTERPRISE, "ExportReferenceVersions");
  v1::ExportReferenceVersionsRequest request;
  request.set_name(row.name());
  const auto rows = [&](const rpc::Call& call) {
    const auto book = sheet::ReadWorkbook(
        service_.ExportReferenceVersions(call, request).value().data(), "历次变更.xlsx");
    return sheet::ReadTable<v1::ReferenceVersion>(*book, *book->FirstVisible()).rows;
  };
  ASSERT_EQ(rows(keeper).size(), 2u);
  const v1::ReferenceVersion latest = rows(keeper)[0].message;
  EXPECT_EQ(latest.number(), 2);
  EXPECT_EQ(latest.title(), "甲");
  EXPECT_EQ(latest.differences_text(),
            "红利类型：项目支持 → 资金奖补\n红利内容：项目支持 → 项目支持，最高 100 万元");
  EXPECT_EQ(latest.actor(), "accounts/test");
  EXPECT_THAT(rows(keeper)[1].message.differences_text(), HasSubstr("政策名称：（空） → 甲"));
  EXPECT_EQ(rows(other)[0].message.actor(), "");
  v1::DeletePolicyDividendRequest remove;
  remove.set_name(row.name());
  remove.set_request_id(api::NewUuid());
  ASSERT_TRUE(service_.DeletePolicyDividend(Keeper("DeletePolicyDividend"), remove).ok());
  EXPECT_TRUE(absl::IsNotFound(service_.ExportReferenceVersions(other, request).status()));
  EXPECT_EQ(rows(keeper)[0].message.label(), "删除");
  request.set_name("accounts/x");
  EXPECT_TRUE(absl::IsNotFound(service_.ExportReferenceVersions(keeper, request).status()));
}

TEST_F(ReferenceTest, DividendsImportByTheirCellsOnceAndExportUnchanged) {
  std::vector<v1::PolicyDividend> rows = {Dividend("甲", absl::CivilDay(2025, 3, 6)),
                                          Dividend("乙", absl::CivilDay(2025, 3, 6))};
  const auto file = testing::Upload(rows);
  EXPECT_EQ(Numbers(ImportDividends(file, /*dry_run=*/true)), "2 0 0");
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM policy_dividend").at(0), "0");
  EXPECT_EQ(Numbers(ImportDividends(file)), "2 0 0");
  EXPECT_EQ(Numbers(ImportDividends(file)), "0 0 2");
  rows[1].set_benefit("=1+1 看起来像公式");
  EXPECT_EQ(Numbers(ImportDividends(testing::Upload(rows))), "0 1 1");
  const auto exported = service_.ExportPolicyDividends(Keeper("ExportPolicyDividends"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(Numbers(ImportDividends(*exported)), "0 0 2");
  v1::ExportPolicyDividendsRequest early;
  early.set_effective_day("2025-01-01");
  const auto none = service_.ExportPolicyDividends(Keeper("ExportPolicyDividends"), early);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(Numbers(ImportDividends(*none)), "0 0 0");

  // A row that is wrong in several ways, a twin, and one without what is required.
  std::vector<v1::PolicyDividend> bad = {
      Dividend("丙", absl::CivilDay(2025, 3, 6), absl::CivilDay(2025, 3, 1)),
      Dividend("甲", absl::CivilDay(2025, 3, 6)), Dividend("甲", absl::CivilDay(2025, 3, 7))};
  bad[0].add_industries("炼金");
  EXPECT_THAT(Places(ImportDividends(testing::Upload(bad)).status()),
              UnorderedElementsAre(HasSubstr("清单.xlsx / 表 / I2|“炼金”"),
                                   HasSubstr("清单.xlsx / 表 / N2|"),
                                   HasSubstr("清单.xlsx / 表 / 第 4 行|与第 3 行")));
  std::vector<v1::PolicyDividend> shape = {Dividend("丁", absl::CivilDay(2025, 3, 6))};
  shape[0].clear_clause_text();
  shape[0].clear_effective_from();
  shape[0].set_inquiry("不是电话");
  EXPECT_THAT(Places(ImportDividends(testing::Upload(shape)).status()),
              UnorderedElementsAre(HasSubstr("E2|"), HasSubstr("L2|"), HasSubstr("M2|")));
  google::api::HttpBody broken;
  broken.set_data("PK not really");
  EXPECT_EQ(status::ReasonOf(ImportDividends(broken).status()),
            options::v1::ERROR_REASON_INVALID_FILE);
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM policy_dividend").at(0), "2");
}

// --- Duty lists

TEST_F(ReferenceTest, DutiesFindTheirUnitsInTheDirectory) {
  MakeUnit("区海洋发展局");
  const auto file = testing::Upload(std::vector<v1::IndustryDuty>{Duty("海洋装备", "区海洋发展局"),
                                                                  Duty("人工智能", "区工信局")});
  EXPECT_EQ(Numbers(ImportDuties(file)), "2 0 0");
  EXPECT_THAT(
      Texts("SELECT CONCAT(industry, ' ', organization <> '') FROM industry_duty ORDER BY 1"),
      UnorderedElementsAre("海洋装备 1", "人工智能 0"));
  EXPECT_EQ(Numbers(ImportDuties(file)), "0 0 2");
  MakeUnit("区工信局");
  EXPECT_EQ(Numbers(ImportDuties(file)), "0 1 1") << "the directory knows the unit now";
  std::vector<v1::IndustryDuty> bad = {Duty("炼金", "区工信局"), Duty("海洋装备", "区工信局")};
  bad[1].add_supporting_units("区工信局");
  EXPECT_THAT(Places(ImportDuties(testing::Upload(bad)).status()),
              ElementsAre(HasSubstr("A2|“炼金”"), HasSubstr("C3|")));
  v1::ListIndustryDutiesRequest list;
  list.set_filter("industry = \"海洋装备\"");
  for (const Role role : {options::v1::ROLE_ENTERPRISE, options::v1::ROLE_RESEARCH_OFFICE,
                          options::v1::ROLE_UNIT, options::v1::ROLE_DEPARTMENT}) {
    const auto page = service_.ListIndustryDuties(As(role, "ListIndustryDuties"), list);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->industry_duties_size(), 1) << role;
  }
  const auto nobody =
      service_.ListIndustryDuties(As(options::v1::ROLE_ADMINISTRATOR, "ListIndustryDuties"), list);
  EXPECT_EQ(nobody->industry_duties_size(), 0);
}

TEST_F(ReferenceTest, ADutyHandedOnKeepsItsHistory) {
  v1::CreateIndustryDutyRequest create;
  *create.mutable_industry_duty() = Duty("海洋装备", "区海洋发展局");
  create.set_request_id(api::NewUuid());
  const auto made = service_.CreateIndustryDuty(Keeper("CreateIndustryDuty"), create);
  ASSERT_TRUE(made.ok()) << made.status();
  v1::UpdateIndustryDutyRequest update;
  *update.mutable_industry_duty() = *made;
  update.mutable_industry_duty()->add_supporting_units("区工信局");
  *update.mutable_industry_duty()->mutable_effective_until() =
      time::ToProto(absl::CivilDay(2025, 6, 30));
  update.mutable_update_mask()->add_paths("supporting_units");
  update.mutable_update_mask()->add_paths("effective_until");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(service_.UpdateIndustryDuty(Keeper("UpdateIndustryDuty"), update).ok());
  v1::ListIndustryDutiesRequest list;
  list.set_effective_day("2025-07-01");
  EXPECT_EQ(service_.ListIndustryDuties(Keeper("ListIndustryDuties"), list)->industry_duties_size(),
            0);
  list.set_effective_day("2025-06-30");
  EXPECT_EQ(service_.ListIndustryDuties(Keeper("ListIndustryDuties"), list)->industry_duties_size(),
            1);
  const auto history =
      History(As(options::v1::ROLE_ENTERPRISE, "ListReferenceVersions"), made->name());
  ASSERT_TRUE(history.ok()) << history.status();
  EXPECT_EQ(history->versions_size(), 2);
  EXPECT_EQ(history->versions(0).industry_duty().supporting_units(0), "区工信局");
  EXPECT_EQ(
      History(As(options::v1::ROLE_PUBLIC, "ListReferenceVersions"), made->name()).status().code(),
      absl::StatusCode::kNotFound);
}

TEST_F(ReferenceTest, TheDirectoryOfTaskForcesIsForTheOfficesAndItsNumbersStayOutOfTheJournal) {
  MakeUnit("区海洋发展局");
  std::vector<v1::TaskForceMember> rows = {Member("区海洋发展局", "联络员甲（演示）"),
                                           Member("区海洋发展局", "联络员乙（演示）")};
  EXPECT_EQ(Numbers(ImportMembers(testing::Upload(rows))), "2 0 0");
  EXPECT_EQ(Numbers(ImportMembers(testing::Upload(rows))), "0 0 2");
  const auto seen = [&](Role role) {
    const auto page = service_.ListTaskForceMembers(As(role, "ListTaskForceMembers"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->task_force_members_size() : -1;
  };
  EXPECT_EQ(seen(options::v1::ROLE_RESEARCH_OFFICE), 2);
  EXPECT_EQ(seen(options::v1::ROLE_UNIT), 2);
  EXPECT_EQ(seen(options::v1::ROLE_ENTERPRISE), 0);
  EXPECT_EQ(seen(options::v1::ROLE_EXPERT), 0);
  rows[0].set_phone("0532-87654321");
  EXPECT_EQ(Numbers(ImportMembers(testing::Upload(rows))), "0 1 1");
  rows[0].clear_phone();
  EXPECT_EQ(Numbers(ImportMembers(testing::Upload(rows))), "0 0 2") << "a number is not lost";
  for (const std::string& json :
       Texts("SELECT CONCAT(before_json, after_json) FROM journal WHERE type LIKE "
             "'%TaskForceMember'")) {
    EXPECT_FALSE(absl::StrContains(json, "2345678") || absl::StrContains(json, "87654321")) << json;
  }
  const std::string name = Texts("SELECT name FROM task_force_member WHERE phone LIKE '%4321'")[0];
  const auto history = History(Keeper("ListReferenceVersions"), name);
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_EQ(history->versions_size(), 2);
  EXPECT_EQ(history->versions(0).differences(0).label(), "联系方式");
  EXPECT_EQ(history->versions(0).task_force_member().phone(), "***");
  std::vector<v1::TaskForceMember> bad = {Member("区海洋发展局", "丙（演示）")};
  bad[0].set_phone("abc");
  bad[0].add_industries("炼金");
  EXPECT_THAT(Places(ImportMembers(testing::Upload(bad)).status()), ElementsAre(HasSubstr("G2|")));
  bad[0].set_phone("");
  EXPECT_THAT(Places(ImportMembers(testing::Upload(bad)).status()),
              ElementsAre(HasSubstr("B2|“炼金”")));
}

// --- The demonstration

// A table of deploy/demo as the sheet that the seed program makes of it.
google::api::HttpBody SheetOfTable(const std::string& file) {
  const std::string text = testing::SourceText(absl::StrCat("deploy/demo/qingdao/", file));
  sheet::Writer writer({.title = file});
  sheet::SheetWriter& sheet = writer.AddSheet("表", {});
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    sheet.NewRow();
    for (const absl::string_view cell : absl::StrSplit(line, '\t')) sheet.Text(cell);
  }
  google::api::HttpBody body;
  body.set_data(std::move(writer).Finish().value());
  return body;
}

TEST_F(ReferenceTest, TheListsOfTheDemonstrationImport) {
  MakeUnit("区海洋发展局");
  const auto duties = ImportDuties(SheetOfTable("duties.tsv"));
  ASSERT_TRUE(duties.ok()) << duties.status() << ::testing::PrintToString(Places(duties.status()));
  EXPECT_EQ(duties->created(), 18);
  const auto members = ImportMembers(SheetOfTable("task_forces.tsv"));
  ASSERT_TRUE(members.ok()) << members.status()
                            << ::testing::PrintToString(Places(members.status()));
  EXPECT_EQ(members->created(), 10);
  const auto dividends = ImportDividends(SheetOfTable("dividends.tsv"));
  ASSERT_TRUE(dividends.ok()) << dividends.status()
                              << ::testing::PrintToString(Places(dividends.status()));
  EXPECT_EQ(dividends->created(), 10);
  // What is invented is marked, what comes from a document is not.
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM industry_duty WHERE demonstration = 0").at(0), "0");
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM task_force_member WHERE demonstration = 0 OR person NOT "
                  "LIKE '%（演示）'")
                .at(0),
            "0");
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM policy_dividend WHERE demonstration = 1").at(0), "0");
}

}  // namespace
}  // namespace chanyan::registry
