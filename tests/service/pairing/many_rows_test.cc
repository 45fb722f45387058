// 10,000 rows through every import of pairing, each as an operation that is watched (REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/time/civil.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/work_kinds.h"
#include "tests/service/pairing/city.h"
#include "tests/service/pairing/record_files.h"
#include "tests/support/imports_at_scale.h"

namespace chanyan::pairing {
namespace {

using testing::kManyRows;
using testing::ManyRows;

constexpr char kProjectsOfAll[] = "parent: 'projects/-'";
// Records of many projects: more of each than any has.
constexpr int kProjects = 50;
constexpr int kRowsOfProject = kManyRows / kProjects;

// A city, and what its imports refer to.
class AtScale : public City {
 public:
  explicit AtScale(const std::string& city) : City(city) {
    Add(kBureau, "市科技局（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
  }

  // Numbers of projects of that state, each with an enterprise of its own.
  std::vector<std::string> Projects(v1::ProjectState state, int count = kProjects) {
    std::vector<std::string> numbers;
    for (int i = 1; i <= count; ++i) {
      if (i > 3) AddEnterprise(i, kZone);
      numbers.push_back(Number(In(state, kLab, i).name()));
    }
    return numbers;
  }
  void AddEnterprises(int count) {
    for (int i = 1; i <= count; ++i) AddEnterprise(i, kZone);
  }
  template <class Request, class Row, class Handler>
  void MustImport(const rpc::Call& call, const std::vector<Row>& rows, Handler handler) {
    Request request;
    *request.mutable_file() = testing::Upload(rows);
    request.set_request_id(api::NewUuid());
    const auto done = (cooperation_service.*handler)(call, request);
    EXPECT_TRUE(done.ok()) << done.status();
  }

  RecordSheetService records{{{database.db(), clock, nullptr}, *pack, peer.peers()}};
};

ManyRows FromOffice(const std::string& table, const std::string& request = "") {
  return {.role = options::v1::ROLE_RESEARCH_OFFICE,
          .organization = kOuc,
          .request = request,
          .table = table};
}
ManyRows FromBureau(const std::string& table) {
  return {.role = options::v1::ROLE_DEPARTMENT, .organization = kBureau, .table = table};
}

ManyRows Intents(AtScale& city) {
  ManyRows many = FromOffice("intent");
  for (int i = 0; i < kManyRows; ++i) {
    v1::Intent row;
    row.set_side(v1::INTENT_SIDE_OFFER);
    row.set_platform_title("lab平台（演示）");
    row.set_title(absl::StrCat("意向", i, "（演示）"));
    row.add_kinds("技术研发");
    row.set_content("开放");
    api::SetTime(city.clock.now + absl::Hours(24 * 30), row.mutable_expire_time());
    many.Add(row);
  }
  return many;
}

ManyRows Roster(AtScale& city) {
  city.AddEnterprises(kManyRows);
  ManyRows many{.request = "name: 'rosters/2025-04-01'", .table = "roster_entry"};
  for (int i = 1; i <= kManyRows; ++i) many.Add(City::EntryOf(i));
  return many;
}

ManyRows Projects(AtScale& city) {
  city.AddEnterprises(kManyRows);
  ManyRows many = FromOffice("project", "override_reason: '补录历史项目'");
  for (int i = 1; i <= kManyRows; ++i) {
    v1::ProjectRow row;
    row.set_university_title("海洋大学（演示）");
    row.set_platform_title("lab平台（演示）");
    row.set_enterprise_title(absl::StrCat("企业", i, "（演示）"));
    row.set_unified_social_credit_code(testing::CreditCode(i));
    row.set_title("共建中试线（演示）");
    row.add_kinds("技术研发");
    row.set_content("共建中试线");
    row.set_state(i % 2 == 0 ? v1::PROJECT_STATE_SIGNED : v1::PROJECT_STATE_INTENT);
    if (i % 2 == 0) *row.mutable_sign_date() = Date(2025, 3, 1);
    many.Add(row);
  }
  return many;
}

ManyRows Contacts(AtScale& city) {
  ManyRows many = FromOffice("contact", kProjectsOfAll);
  for (const std::string& project : city.Projects(v1::PROJECT_STATE_SIGNED)) {
    for (int i = 1; i <= kRowsOfProject; ++i) {
      v1::ContactRow row;
      row.set_project_number(project);
      api::SetTime(city.clock.now - absl::Hours(i), row.mutable_contact_time());
      row.set_people("李主任、王经理（演示）");
      row.set_channel(v1::CONTACT_CHANNEL_PHONE);
      row.set_kind(i % 4 == 0 ? v1::CONTACT_KIND_APPROACH : v1::CONTACT_KIND_NOTE);
      row.set_content("讨论中试方案");
      many.Add(row);
    }
  }
  return many;
}

ManyRows Problems(AtScale& city) {
  ManyRows many = FromOffice("problem", kProjectsOfAll);
  for (const std::string& project : city.Projects(v1::PROJECT_STATE_SIGNED)) {
    for (int i = 1; i <= kRowsOfProject; ++i) {
      v1::ProblemRow row;
      row.set_project_number(project);
      row.set_content(absl::StrCat("缺少中试场地之", i));
      many.Add(row);
    }
  }
  return many;
}

ManyRows Outcomes(AtScale& city) {
  ManyRows many = FromOffice("outcome", kProjectsOfAll);
  for (const std::string& project : city.Projects(v1::PROJECT_STATE_SIGNED)) {
    for (int i = 1; i <= kRowsOfProject; ++i) {
      v1::OutcomeRow row;
      row.set_project_number(project);
      row.set_kind("技术合同收入");
      row.mutable_amount()->set_currency_code("CNY");
      row.mutable_amount()->set_units(i);
      *row.mutable_period_first() = Date(2025, 1, 1);
      *row.mutable_period_last() = Date(2025, 3, 31);
      row.set_description(absl::StrCat("样品销售第", i, "批（演示）"));
      row.set_evidence(
          absl::StrCat("合同.pdf | ", std::string(64, 'a'), " | 1024 | application/pdf"));
      many.Add(row);
    }
  }
  return many;
}

ManyRows Agreements(AtScale& city) {
  ManyRows many = FromOffice("agreement", kProjectsOfAll);
  const std::vector<std::string> projects = city.Projects(v1::PROJECT_STATE_SIGNED);
  city.clock.now = time::StartOfDay(absl::CivilDay(2025, 11, 30));
  for (size_t p = 0; p < projects.size(); ++p) {
    for (int i = 0; i < kRowsOfProject; ++i) {
      v1::AgreementRow row;
      row.set_project_number(projects[p]);
      row.set_number(absl::StrCat("协", p, "-", i));
      row.set_title("共建中试线协议（演示）");
      row.add_parties("海洋大学（演示）");
      row.add_parties(absl::StrCat("企业", p + 1, "（演示）"));
      *row.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 31) + i);
      row.set_documents(
          absl::StrCat("协议.pdf | ", std::string(64, 'a'), " | 1024 | application/pdf"));
      many.Add(row);
    }
  }
  return many;
}

ManyRows Progress(AtScale& city) {
  ManyRows many = FromOffice("report_version", kProjectsOfAll);
  for (const std::string& project : city.Projects(v1::PROJECT_STATE_INTENT)) {
    time::Quarter quarter(2025, 2);
    for (int i = 0; i < kRowsOfProject; ++i, quarter = quarter.Plus(-1)) {
      v1::ProgressRow row;
      row.set_project_number(project);
      row.set_quarter(quarter.Id());
      row.set_progress(absl::StrCat("进展", i));
      if (i < 4) row.set_problem("缺资金");
      many.Add(row);
    }
  }
  return many;
}

ManyRows ContactAttempts(AtScale& city) {
  city.AddEnterprises(kProjects);
  std::vector<v1::RosterEntry> roster;
  for (int i = 1; i <= kProjects; ++i) roster.push_back(City::EntryOf(i));
  EXPECT_TRUE(city.ImportRoster(roster).ok());
  ManyRows many{.role = options::v1::ROLE_UNIT, .organization = kZone, .table = "contact_attempt"};
  for (int enterprise = 1; enterprise <= kProjects; ++enterprise) {
    for (int i = 1; i <= kRowsOfProject; ++i) {
      v1::ContactAttempt row;
      row.set_enterprise_title(absl::StrCat("企业", enterprise, "（演示）"));
      row.set_unified_social_credit_code(testing::CreditCode(enterprise));
      api::SetTime(city.clock.now - absl::Hours(i), row.mutable_contact_time());
      row.set_contact_person("王某");
      row.set_counterpart("刘某");
      row.set_method_title("上门走访");
      row.set_result_title("需再次联系");
      row.set_content("电话沟通");
      many.Add(row);
    }
  }
  return many;
}

ManyRows Outreach(AtScale& city) {
  city.AddEnterprises(kManyRows);
  std::vector<v1::RosterEntry> roster;
  for (int i = 1; i <= kManyRows; ++i) roster.push_back(City::EntryOf(i));
  EXPECT_TRUE(city.ImportRoster(roster).ok());
  ManyRows many{.role = options::v1::ROLE_UNIT,
                .organization = kZone,
                .table = "outreach",
                .needed = "enterprise_title"};
  for (int i = 1; i <= kManyRows; ++i) {
    v1::UnpairedEnterprise row;
    row.set_enterprise_title(absl::StrCat("企业", i, "（演示）"));
    row.set_assignee("王某");
    *row.mutable_next_action_date() = Date(2025, 4, 9);
    many.Add(row);
  }
  return many;
}

ManyRows FrameAgreements(AtScale&) {
  ManyRows many = FromBureau("frame_agreement");
  for (int i = 0; i < kManyRows; ++i) {
    v1::FrameAgreement row;
    row.set_number(absl::StrCat("临科协", i, "号"));
    row.set_title("历史协议（演示）");
    row.add_university_titles("海洋大学（演示）");
    row.add_city_party_titles("泊里镇（演示）");
    row.set_lead_title("市科技局（演示）");
    row.add_areas("平台建设");
    *row.mutable_start_date() = Date(2024, 1, 1);
    *row.mutable_end_date() = Date(2026, 12, 31);
    *row.mutable_sign_date() = Date(2023, 12, 20);
    many.Add(row);
  }
  return many;
}

// A meeting of the books; with minutes that were issued on 1 June 2024.
v1::ConferenceRow Conference(const std::string& title, bool issued) {
  v1::ConferenceRow row;
  row.set_kind(v1::CONFERENCE_KIND_JOINT);
  row.set_title(title);
  row.set_convener_title("市科技局（演示）");
  api::SetTime(time::StartOfDay(absl::CivilDay(2024, 5, 20)) + absl::Hours(9),
               row.mutable_meet_time());
  row.set_place("市科技局会议室");
  row.set_agenda("通报工作进展情况 | 市科技局\n研究年度计划");
  row.set_attendees("海洋大学（演示） | 李某 | 副校长 | 到会\n来宾：省科技厅 | 王某 | 处长 | 到会");
  if (!issued) return row;
  row.set_minutes("会议研究了计划。");
  row.set_decisions("1 | 共建产业技术研究院");
  *row.mutable_issue_date() = Date(2024, 6, 1);
  return row;
}

ManyRows Conferences(AtScale&) {
  ManyRows many = FromBureau("conference");
  for (int i = 0; i < kManyRows; ++i) {
    many.Add(Conference(absl::StrCat("会议", i, "（演示）"), false));
  }
  return many;
}

ManyRows FollowUps(AtScale& city) {
  std::vector<v1::ConferenceRow> conferences;
  for (int i = 0; i < kProjects; ++i) {
    conferences.push_back(Conference(absl::StrCat("会议", i, "（演示）"), true));
  }
  city.MustImport<v1::ImportConferencesRequest>(
      City::As(options::v1::ROLE_DEPARTMENT, kBureau, "CooperationService.ImportConferences"),
      conferences, &CooperationService::ImportConferences);
  ManyRows many = FromBureau("follow_up");
  for (const v1::ConferenceRow& conference : conferences) {
    for (int i = 0; i < kRowsOfProject; ++i) {
      v1::FollowUpRow row;
      row.set_conference_title(conference.title());
      row.set_decision_number(1);
      row.set_task(absl::StrCat("完成选址", i));
      row.set_unit_title("古镇口（演示）");
      *row.mutable_due_date() = Date(2024, 12, 31);
      many.Add(row);
    }
  }
  return many;
}

ManyRows CoBuiltBases(AtScale&) {
  ManyRows many = FromBureau("co_built_base");
  for (int i = 0; i < kManyRows; ++i) {
    v1::CoBuiltBase row;
    row.set_title(absl::StrCat("基地", i, "（演示）"));
    row.set_kind("大学科技园");
    row.add_university_titles("海洋大学（演示）");
    row.set_place("高新区");
    *row.mutable_start_date() = Date(2024, 5, 1);
    many.Add(row);
  }
  return many;
}

struct Case {
  const char* import;
  const char* city;
  ManyRows (*rows)(AtScale& city);
};
constexpr Case kCases[] = {
    {"ImportIntents", "qingdao", &Intents},
    {"ImportRoster", "qingdao", &Roster},
    {"ImportProjects", "qingdao", &Projects},
    {"ImportContacts", "qingdao", &Contacts},
    {"ImportProblems", "qingdao", &Problems},
    {"ImportOutcomes", "qingdao", &Outcomes},
    {"ImportAgreements", "qingdao", &Agreements},
    {"ImportProgress", "qingdao", &Progress},
    {"ImportContactAttempts", "qingdao", &ContactAttempts},
    {"ImportOutreach", "qingdao", &Outreach},
    {"ImportFrameAgreements", "linyi", &FrameAgreements},
    {"ImportConferences", "linyi", &Conferences},
    {"ImportFollowUps", "linyi", &FollowUps},
    {"ImportCoBuiltBases", "linyi", &CoBuiltBases},
};

class ManyRowsTest : public ::testing::TestWithParam<Case> {};

TEST_P(ManyRowsTest, AreTriedRefusedTakenAndFoundUnchangedUnderTheEyesOfWhoWatches) {
  AtScale city(GetParam().city);
  testing::ImportsAtScale imports(
      city.database, city.clock, "pairing", kWorkService, kWorkKinds,
      {{"chanyan.pairing.v1.PairingService", city.service.Methods()},
       {"chanyan.pairing.v1.ProjectSheetService", city.sheets.Methods()},
       {"chanyan.pairing.v1.RecordSheetService", city.records.Methods()},
       {"chanyan.pairing.v1.CoverageService", city.coverage_service.Methods()},
       {"chanyan.pairing.v1.CooperationService", city.cooperation_service.Methods()}});
  imports.Prove(GetParam().import, GetParam().rows(city));
}

INSTANTIATE_TEST_SUITE_P(Imports, ManyRowsTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.import); });

TEST(ManyRowsCasesTest, EveryImportOfPairingHasOne) {
  std::vector<std::string> cases;
  for (const Case& one : kCases) cases.push_back(one.import);
  EXPECT_THAT(cases,
              ::testing::UnorderedElementsAreArray(testing::ImportsOf("chanyan.pairing.v1")));
}

}  // namespace
}  // namespace chanyan::pairing
