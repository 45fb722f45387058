// 10,000 rows through every import of the registry, each as an operation that is watched (REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/time/civil.h"
#include "services/registry/reference_service.h"
#include "services/registry/work_kinds.h"
#include "tests/service/registry/instrument_world.h"
#include "tests/support/imports_at_scale.h"

namespace chanyan::registry {
namespace {

using testing::kManyRows;
using testing::ManyRows;

constexpr int kYears = 10;
constexpr int kFirstUseYear = 2015;
constexpr int kUnits = 100;

v1::Instrument Instrument(int number) {
  v1::Instrument row;
  row.set_organization_title("ouc（演示）");
  row.set_platform_title("平台lab（演示）");
  row.set_asset_number(absl::StrCat("T", number));
  row.set_display_name(absl::StrCat("质谱仪", number, "（演示）"));
  row.set_maker("演示仪器公司");
  row.set_access_conditions("来样测试");
  row.set_booking_mode(v1::BOOKING_MODE_APPROVAL);
  row.set_hours_text("周一至周五 08:30-12:00、14:00-17:30");
  row.set_charges_text("校内用户 0元/次；企业用户 200元/小时、20.50元/样品");
  row.set_contact_person("王老师");
  row.set_contact_phone("0532-52345678");
  row.set_demonstration(true);
  return row;
}

class ManyRowsWorld : public InstrumentWorld {
 public:
  void TestBody() override {}

  // Instruments that use may be declared of.
  void ImportInstruments(int count) {
    v1::ImportInstrumentsRequest request;
    std::vector<v1::Instrument> rows;
    for (int i = 0; i < count; ++i) rows.push_back(Instrument(i));
    *request.mutable_file() = testing::Upload(rows);
    request.set_open(true);
    request.set_request_id(api::NewUuid());
    const auto done = service_.ImportInstruments(Owner("ImportInstruments"), request);
    EXPECT_TRUE(done.ok()) << done.status();
  }
  void Prove(const std::string& import, ManyRows many) {
    ReferenceService references({{database_.db(), clock_, nullptr}, *pack_});
    testing::ImportsAtScale imports(
        database_, clock_, "registry", kWorkService, kWorkKinds,
        {{"chanyan.registry.v1.RegistryService", registry_.Methods()},
         {"chanyan.registry.v1.ReferenceService", references.Methods()},
         {"chanyan.registry.v1.InstrumentService", service_.Methods()}});
    imports.Prove(import, std::move(many));
  }
};

ManyRows FromOffice(const std::string& table) {
  return {.role = options::v1::ROLE_RESEARCH_OFFICE, .organization = kOuc, .table = table};
}

ManyRows Organizations(ManyRowsWorld&) {
  ManyRows many{.table = "organization"};
  for (int i = 0; i < kManyRows; ++i) {
    v1::Organization row;
    row.set_display_name(absl::StrCat("演示", i, "号海洋装备有限公司"));
    row.set_kind(v1::ORGANIZATION_KIND_ENTERPRISE);
    row.set_unified_social_credit_code(testing::CreditCode(1000 + i));
    row.add_industries("海洋装备");
    row.set_demonstration(true);
    many.Add(row);
  }
  return many;
}

ManyRows Platforms(ManyRowsWorld&) {
  ManyRows many{.table = "platform"};
  for (int i = 0; i < kManyRows; ++i) {
    v1::Platform row;
    row.set_organization_title(i % 2 == 0 ? "ouc（演示）" : "upc（演示）");
    row.set_display_name(absl::StrCat("实验室", i, "（演示）"));
    row.set_kind(v1::PLATFORM_KIND_LABORATORY);
    row.set_introduction("介绍");
    row.add_capabilities("样机试验");
    row.add_industries("海洋装备");
    row.set_contacts_text("王老师 |  | 0532-82345678");
    many.Add(row);
  }
  return many;
}

ManyRows Instruments(ManyRowsWorld&) {
  ManyRows many = FromOffice("instrument");
  for (int i = 0; i < kManyRows; ++i) many.Add(Instrument(i));
  return many;
}

ManyRows UseRecords(ManyRowsWorld& world) {
  world.ImportInstruments(kManyRows / kYears);
  ManyRows many = FromOffice("use_record");
  many.needed = "year";
  for (int i = 0; i < kManyRows; ++i) {
    v1::UseRecord row;
    row.set_organization_title("ouc（演示）");
    row.set_asset_number(absl::StrCat("T", i / kYears));
    row.set_year(kFirstUseYear + i % kYears);
    row.set_teaching_hours(100.5);
    row.set_research_hours(200);
    row.set_open_hours(50);
    row.set_samples(12);
    many.Add(row);
  }
  return many;
}

ManyRows IndustryDuties(ManyRowsWorld&) {
  ManyRows many{.table = "industry_duty"};
  for (int i = 0; i < kManyRows; ++i) {
    v1::IndustryDuty row;
    row.set_industry(i % 2 == 0 ? "海洋装备" : "人工智能");
    row.set_lead_unit(absl::StrCat("演示", i / 2, "处"));
    row.set_source("函附件3（演示）");
    row.set_demonstration(true);
    many.Add(row);
  }
  return many;
}

ManyRows TaskForceMembers(ManyRowsWorld&) {
  ManyRows many{.table = "task_force_member"};
  for (int i = 0; i < kManyRows; ++i) {
    v1::TaskForceMember row;
    row.set_task_force("现代海洋产业链工作专班（演示）");
    row.add_industries("海洋装备");
    row.set_unit(absl::StrCat("演示", i % kUnits, "局"));
    row.set_person(absl::StrCat("演示人员", i));
    row.set_part(v1::TASK_FORCE_PART_LIAISON);
    row.set_phone("0532-52345678");
    many.Add(row);
  }
  return many;
}

ManyRows PolicyDividends(ManyRowsWorld&) {
  ManyRows many{.table = "policy_dividend"};
  for (int i = 0; i < kManyRows; ++i) {
    v1::PolicyDividend row;
    row.set_display_name(absl::StrCat("演示政策", i));
    row.set_kind(v1::DIVIDEND_KIND_PROJECT);
    row.set_document("《工作指引》（青科字〔2025〕5号）");
    row.set_clause("六、（一）");
    row.set_clause_text("予以支持");
    row.set_benefit("项目支持");
    row.set_applicants("已备案的创新联合体");
    row.add_applicant_kinds(v1::ORGANIZATION_KIND_ENTERPRISE);
    *row.mutable_effective_from() = time::ToProto(absl::CivilDay(2025, 3, 6));
    many.Add(row);
  }
  return many;
}

struct Case {
  const char* import;
  ManyRows (*rows)(ManyRowsWorld& world);
};
constexpr Case kCases[] = {
    {"ImportOrganizations", &Organizations},     {"ImportPlatforms", &Platforms},
    {"ImportInstruments", &Instruments},         {"ImportUseRecords", &UseRecords},
    {"ImportIndustryDuties", &IndustryDuties},   {"ImportTaskForceMembers", &TaskForceMembers},
    {"ImportPolicyDividends", &PolicyDividends},
};

class RegistryManyRowsTest : public ::testing::TestWithParam<Case> {};

TEST_P(RegistryManyRowsTest, AreTriedRefusedTakenAndFoundUnchangedUnderTheEyesOfWhoWatches) {
  ManyRowsWorld world;
  world.Prove(GetParam().import, GetParam().rows(world));
}

INSTANTIATE_TEST_SUITE_P(Imports, RegistryManyRowsTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.import); });

TEST(RegistryManyRowsCasesTest, EveryImportOfTheRegistryHasOne) {
  std::vector<std::string> cases;
  for (const Case& one : kCases) cases.push_back(one.import);
  EXPECT_THAT(cases,
              ::testing::UnorderedElementsAreArray(testing::ImportsOf("chanyan.registry.v1")));
}

}  // namespace
}  // namespace chanyan::registry
