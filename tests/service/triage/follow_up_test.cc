// Follow-up and the funnel (TRI-6), and what follows the registry, on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/api/well_known.h"
#include "common/journal/journal.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

class FollowUpTest : public ::testing::Test, protected World {
 protected:
  v1::QueryFunnelResponse Funnel(v1::FunnelGrouping grouping, Role role = ROLE_DEPARTMENT,
                                 const std::string& organization = kOffice,
                                 const std::string& filter = "") {
    v1::QueryFunnelRequest request;
    request.set_group_by(grouping);
    request.set_filter(filter);
    const auto funnel =
        follow_ups.QueryFunnel(As(role, organization, "FollowUpService.QueryFunnel"), request);
    EXPECT_TRUE(funnel.ok()) << funnel.status();
    return funnel.ok() ? *funnel : v1::QueryFunnelResponse();
  }
  int Results(Role role, const std::string& organization, const std::string& filter) {
    v1::ListResultsRequest request;
    request.set_filter(filter);
    request.set_page_size(200);
    const auto rows =
        results.ListResults(As(role, organization, "ResultService.ListResults"), request);
    EXPECT_TRUE(rows.ok()) << filter << " " << rows.status();
    return rows.ok() ? rows->results_size() : -1;
  }
  std::vector<v1::FollowUp> Entries(Role role, const std::string& organization,
                                    const std::string& filter, const std::string& of) {
    v1::ListFollowUpsRequest request;
    request.set_parent("results/-");
    request.set_filter(filter);
    request.set_result_filter(of);
    request.set_page_size(200);
    const auto rows =
        follow_ups.ListFollowUps(As(role, organization, "FollowUpService.ListFollowUps"), request);
    EXPECT_TRUE(rows.ok()) << filter << " of " << of << " " << rows.status();
    if (!rows.ok()) return {};
    return {rows->follow_ups().begin(), rows->follow_ups().end()};
  }
  double AverageHours(Role role, const std::string& organization, const std::string& filter,
                      const std::string& of) {
    v1::ListStageEntriesRequest request;
    request.set_parent("results/-");
    request.set_filter(filter);
    request.set_result_filter(of);
    request.set_page_size(200);
    const auto rows = follow_ups.ListStageEntries(
        As(role, organization, "FollowUpService.ListStageEntries"), request);
    EXPECT_TRUE(rows.ok()) << filter << " of " << of << " " << rows.status();
    if (!rows.ok() || rows->stage_entries().empty()) return 0;
    double hours = 0;
    for (const v1::StageEntry& row : rows->stage_entries()) {
      hours += absl::ToDoubleHours(*api::TimeOf(row.leave_time()) - *api::TimeOf(row.enter_time()));
    }
    return hours / rows->stage_entries_size();
  }
  static int64_t Yuan(const std::vector<v1::FollowUp>& rows) {
    int64_t yuan = 0;
    for (const v1::FollowUp& row : rows) yuan += row.amount_yuan();
    return yuan;
  }
  // Every figure lists its rows.
  void ExpectDrillsDown(const v1::QueryFunnelResponse& funnel, Role role,
                        const std::string& organization) {
    for (const v1::FunnelGroup& group : funnel.groups()) {
      for (const v1::FunnelStep& step : group.steps()) {
        EXPECT_EQ(Results(role, organization, step.filter()), step.reached()) << step.filter();
        EXPECT_EQ(Results(role, organization, step.present_filter()), step.present())
            << step.present_filter();
        EXPECT_DOUBLE_EQ(AverageHours(role, organization, step.stays_filter(), group.filter()),
                         step.average_hours())
            << step.stays_filter() << " of " << group.filter();
      }
      EXPECT_EQ(Results(role, organization, group.filter()), group.steps(0).reached());
      const auto contracts = Entries(role, organization, group.contracts_filter(), group.filter());
      EXPECT_EQ(static_cast<int64_t>(contracts.size()), group.contracts()) << group.filter();
      EXPECT_EQ(Yuan(contracts), group.contract_yuan()) << group.filter();
      EXPECT_EQ(static_cast<int64_t>(
                    Entries(role, organization, group.companies_filter(), group.filter()).size()),
                group.companies());
      EXPECT_EQ(Yuan(Entries(role, organization, group.financing_filter(), group.filter())),
                group.financing_yuan());
    }
  }
  static std::vector<int64_t> Reached(const v1::FunnelGroup& group) {
    std::vector<int64_t> reached;
    for (const v1::FunnelStep& step : group.steps()) reached.push_back(step.reached());
    return reached;
  }
};

TEST_F(FollowUpTest, FromTheContactToTheRegisteredContract) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  ASSERT_TRUE(LogEntry(row.name(), Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
  EXPECT_EQ(Stored(row.name()).funnel_stage(), v1::FUNNEL_STAGE_CONTACTED);
  ASSERT_TRUE(LogEntry(row.name(), Entry(v1::FOLLOW_UP_KIND_NEGOTIATION)).ok());
  const auto contract = LogEntry(row.name(), ContractOf(800'000));
  ASSERT_TRUE(contract.ok()) << contract.status();
  EXPECT_EQ(contract->amount_yuan(), 800'000);
  v1::FollowUp registration = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
  registration.set_contract_follow_up(contract->name());
  registration.set_registration_number("2025370200000001");
  ASSERT_TRUE(LogEntry(row.name(), registration).ok());
  EXPECT_EQ(Stored(row.name()).funnel_stage(), v1::FUNNEL_STAGE_REGISTERED);
  EXPECT_THAT(Texts("SELECT stage FROM stage_entry ORDER BY name"),
              ElementsAre("COLLECTED", "CLASSIFIED", "PUSHED", "CONTACTED", "NEGOTIATING",
                          "CONTRACTED", "REGISTERED"));
  // A later contact does not take it back.
  ASSERT_TRUE(LogEntry(row.name(), Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
  EXPECT_EQ(Stored(row.name()).funnel_stage(), v1::FUNNEL_STAGE_REGISTERED);
}

TEST_F(FollowUpTest, AContractIsRegisteredOnceAndANumberCountsOnce) {
  const v1::Result one = Pushed(Draft("海水淡化膜"));
  const v1::Result two = Pushed(Draft("海水提锂"));
  const std::string contract = LogEntry(one.name(), ContractOf(1))->name();
  const std::string other = LogEntry(two.name(), ContractOf(1))->name();
  v1::FollowUp registration = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
  registration.set_registration_number("N1");
  registration.set_contract_follow_up(other);
  EXPECT_FALSE(LogEntry(one.name(), registration).ok());
  registration.set_contract_follow_up(contract);
  ASSERT_TRUE(LogEntry(one.name(), registration).ok());
  registration.set_registration_number("N2");
  EXPECT_TRUE(absl::IsAlreadyExists(LogEntry(one.name(), registration).status()));
  registration.set_registration_number("N1");
  registration.set_contract_follow_up(other);
  EXPECT_TRUE(absl::IsAlreadyExists(LogEntry(two.name(), registration).status()));
}

TEST_F(FollowUpTest, ARegistrationLacksNothingThatThePackAsksForAndIsExported) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  v1::FollowUp contract = ContractOf(800'000);
  contract.mutable_contract()->set_number("H-1");
  const auto made = LogEntry(row.name(), contract);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->contract_text(),
            "合同类别：技术许可｜合同编号：H-1｜签订日期：2025-04-01｜受让方：企业一（演示）｜"
            "合同金额（元）：800000");
  v1::FollowUp registration = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
  registration.set_contract_follow_up(made->name());
  v1::FollowUp bare = registration;
  bare.clear_contract_fields();
  bare.add_contract_fields()->set_field("合同有效期至");
  bare.mutable_contract_fields(0)->set_value("明年");
  const auto violations = status::ViolationsOf(LogEntry(row.name(), bare).status());
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field);
  ASSERT_THAT(fields, ElementsAre("follow_up.registration_number", "follow_up.contract_fields[0]",
                                  "follow_up.contract_fields"));
  EXPECT_THAT(violations.back().description, HasSubstr("合同项目名称、合同签订日期、卖方名称"));
  EXPECT_EQ(Count("follow_up WHERE kind = 'REGISTRATION'"), 0);
  registration.set_registration_number("2025370200000001");
  const auto registered = LogEntry(row.name(), registration);
  ASSERT_TRUE(registered.ok()) << registered.status();
  EXPECT_THAT(registered->contract_fields_text(),
              HasSubstr("合同项目名称｜演示；合同有效期至｜2025-04-01；"));
  v1::ExportFollowUpsRequest request;
  request.set_parent(row.name());
  const auto file = follow_ups.ExportFollowUps(
      As(ROLE_DEPARTMENT, kOffice, "FollowUpService.ExportFollowUps"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "跟踪记录.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<std::string> cells;
  for (const sheet::Row& line : book->FirstVisible()->rows) {
    for (const sheet::Cell& cell : line.cells) cells.push_back(cell.text);
  }
  EXPECT_THAT(cells, IsSupersetOf({std::string("技术合同"), std::string("技术合同登记项"),
                                   made->contract_text(), registered->contract_fields_text()}));
}

TEST_F(FollowUpTest, WhatIsVoidedStaysCountsNoLongerAndTakesItsStageBack) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  ASSERT_TRUE(LogEntry(row.name(), Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
  const std::string contract = LogEntry(row.name(), ContractOf(800'000))->name();
  v1::FollowUp registration = Entry(v1::FOLLOW_UP_KIND_REGISTRATION);
  registration.set_contract_follow_up(contract);
  registration.set_registration_number("N1");
  const std::string registered = LogEntry(row.name(), registration)->name();
  EXPECT_EQ(status::ReasonOf(VoidEntry(contract).status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(VoidEntry(registered).ok());
  EXPECT_EQ(Stored(row.name()).funnel_stage(), v1::FUNNEL_STAGE_CONTRACTED);
  ASSERT_TRUE(VoidEntry(contract).ok());
  EXPECT_EQ(Stored(row.name()).funnel_stage(), v1::FUNNEL_STAGE_CONTACTED);
  EXPECT_EQ(Count("stage_entry WHERE leave_time IS NULL"), 1);
  EXPECT_EQ(Count("follow_up"), 3);
  EXPECT_EQ(Funnel(v1::FUNNEL_GROUPING_NONE).groups(0).contract_yuan(), 0);
  EXPECT_EQ(status::ReasonOf(VoidEntry(contract).status()), ERROR_REASON_WRONG_STATE);
  // The number may be used by another now.
  const std::string again = LogEntry(row.name(), ContractOf(1))->name();
  registration.set_contract_follow_up(again);
  EXPECT_TRUE(LogEntry(row.name(), registration).ok());
}

TEST_F(FollowUpTest, ACompanyIsLinkedToTheRegistryByItsCode) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  v1::FollowUp founded = Entry(v1::FOLLOW_UP_KIND_SPINOUT);
  founded.mutable_company()->set_title("企业一（演示）");
  founded.mutable_company()->set_code(testing::CreditCode(2));
  founded.mutable_company()->set_organization(kE1);
  *founded.mutable_company()->mutable_found_date() = founded.happen_date();
  EXPECT_THAT(status::ViolationsOf(LogEntry(row.name(), founded).status()).at(0).field,
              HasSubstr("company.code"));
  founded.mutable_company()->set_code(testing::CreditCode(1));
  founded.mutable_company()->set_place("火星区");
  EXPECT_EQ(status::ViolationsOf(LogEntry(row.name(), founded).status()).at(0).field,
            "follow_up.company.place");
  founded.mutable_company()->set_place("嶗山");
  const auto logged = LogEntry(row.name(), founded);
  ASSERT_TRUE(logged.ok()) << logged.status();
  EXPECT_EQ(logged->company().place(), "崂山区");
  v1::FollowUp money = Entry(v1::FOLLOW_UP_KIND_FINANCING);
  money.mutable_financing()->set_investor_title("某基金（演示）");
  money.mutable_financing()->set_amount_yuan(5'000'000);
  *money.mutable_financing()->mutable_obtain_date() = money.happen_date();
  ASSERT_TRUE(LogEntry(row.name(), money).ok());
  const v1::FunnelGroup all = Funnel(v1::FUNNEL_GROUPING_NONE).groups(0);
  EXPECT_EQ(all.companies(), 1);
  EXPECT_EQ(all.financing_yuan(), 5'000'000);
}

TEST_F(FollowUpTest, TheFunnelCountsWhatTheCallerSeesAndEveryFigureListsItsRows) {
  const absl::Time start = clock.now;
  const v1::Result one = Pushed(Draft("海水淡化膜"));
  const v1::Result two = Pushed(Draft("海水提锂"));
  const std::string draft = Create(Draft("刚收集的成果"))->name();
  v1::Result oil = Draft("采油机器人");
  oil.clear_industries();
  const std::string foreign = Create(oil, ROLE_RESEARCH_OFFICE, kUpc)->name();
  clock.now = start + absl::Hours(48);
  ASSERT_TRUE(LogEntry(one.name(), Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
  clock.now = start + absl::Hours(72);
  ASSERT_TRUE(LogEntry(two.name(), Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
  ASSERT_TRUE(LogEntry(two.name(), ContractOf(800'000)).ok());
  ASSERT_TRUE(LogEntry(two.name(), ContractOf(200'000)).ok());

  const v1::QueryFunnelResponse all = Funnel(v1::FUNNEL_GROUPING_NONE);
  ASSERT_THAT(all.groups(), SizeIs(1));
  EXPECT_EQ(all.total(), 4);
  EXPECT_THAT(Reached(all.groups(0)), ElementsAre(4, 2, 2, 2, 1, 1, 0));
  EXPECT_EQ(all.groups(0).steps(0).conversion_permille(), 500);
  EXPECT_EQ(all.groups(0).steps(3).conversion_permille(), 500);
  // Pushed at the start, contacted after 48 and 72 hours.
  EXPECT_DOUBLE_EQ(all.groups(0).steps(2).average_hours(), 60);
  EXPECT_EQ(all.groups(0).contracts(), 2);
  EXPECT_EQ(all.groups(0).contract_yuan(), 1'000'000);
  ExpectDrillsDown(all, ROLE_DEPARTMENT, kOffice);

  const v1::QueryFunnelResponse own =
      Funnel(v1::FUNNEL_GROUPING_TEAM, ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_THAT(own.groups(), SizeIs(1));
  EXPECT_EQ(own.groups(0).key(), "teams/team-hy");
  EXPECT_EQ(own.total(), 3);
  ExpectDrillsDown(own, ROLE_SERVICE_TEAM, kMarineAgency);

  for (const v1::FunnelGrouping grouping :
       {v1::FUNNEL_GROUPING_TEAM, v1::FUNNEL_GROUPING_UNIVERSITY, v1::FUNNEL_GROUPING_INDUSTRY,
        v1::FUNNEL_GROUPING_CLASS}) {
    const v1::QueryFunnelResponse grouped = Funnel(grouping);
    EXPECT_THAT(grouped.groups(), SizeIs(2)) << grouping;
    ExpectDrillsDown(grouped, ROLE_DEPARTMENT, kOffice);
  }
  ExpectDrillsDown(Funnel(v1::FUNNEL_GROUPING_UNIVERSITY, ROLE_DEPARTMENT, kOffice,
                          "fields:\"海洋\" AND title != \"海水提锂\""),
                   ROLE_DEPARTMENT, kOffice);
  ASSERT_TRUE(Withdraw(draft).ok());
  EXPECT_EQ(Funnel(v1::FUNNEL_GROUPING_NONE).total(), 4);
  EXPECT_THAT(foreign, HasSubstr("results/"));
}

TEST_F(FollowUpTest, APageIsOfItsResultFilterAndWhatIsWrongWithItIsSaidOfIt) {
  const v1::Result one = Pushed(Draft("海水淡化膜"));
  const v1::Result two = Pushed(Draft("海水提锂"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(LogEntry(one.name(), Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
    ASSERT_TRUE(LogEntry(two.name(), Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
  }
  const auto check = [&](auto request, const auto& list) {
    request.set_parent("results/-");
    request.set_result_filter("nonsense = 1");
    const auto wrong = status::ViolationsOf(list(request).status());
    ASSERT_FALSE(wrong.empty());
    for (const auto& violation : wrong) EXPECT_EQ(violation.field, "result_filter");
    request.set_result_filter("");
    request.set_filter("nonsense = 1");
    EXPECT_EQ(status::ViolationsOf(list(request).status()).at(0).field, "filter");
    request.set_filter("");
    request.set_page_size(1);
    request.set_result_filter("title = \"海水淡化膜\"");
    const auto first_page = list(request);
    ASSERT_TRUE(first_page.ok()) << first_page.status();
    ASSERT_NE(first_page->next_page_token(), "");
    request.set_page_token(first_page->next_page_token());
    EXPECT_TRUE(list(request).ok());
    for (const char* other : {"title = \"海水提锂\"", ""}) {
      request.set_result_filter(other);
      EXPECT_EQ(status::ReasonOf(list(request).status()),
                options::v1::ERROR_REASON_INVALID_PAGE_TOKEN)
          << other;
    }
    // And one of a list without it is none of a list with it.
    request.set_page_token("");
    request.set_page_token(list(request)->next_page_token());
    EXPECT_TRUE(list(request).ok());
    request.set_result_filter("title = \"海水提锂\"");
    EXPECT_EQ(status::ReasonOf(list(request).status()),
              options::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  };
  check(v1::ListFollowUpsRequest(), [&](const v1::ListFollowUpsRequest& request) {
    return follow_ups.ListFollowUps(As(ROLE_DEPARTMENT, kOffice, "FollowUpService.ListFollowUps"),
                                    request);
  });
  check(v1::ListStageEntriesRequest(), [&](const v1::ListStageEntriesRequest& request) {
    return follow_ups.ListStageEntries(
        As(ROLE_DEPARTMENT, kOffice, "FollowUpService.ListStageEntries"), request);
  });
  v1::ExportFollowUpsRequest exported;
  exported.set_parent("results/-");
  exported.set_result_filter("nonsense = 1");
  EXPECT_EQ(status::ViolationsOf(
                follow_ups
                    .ExportFollowUps(
                        As(ROLE_DEPARTMENT, kOffice, "FollowUpService.ExportFollowUps"), exported)
                    .status())
                .at(0)
                .field,
            "result_filter");
}

class FollowerTest : public FollowUpTest {
 protected:
  absl::Status Follow(const registry::v1::Organization& organization) {
    journal::v1::Entry entry;
    entry.set_type(registry::v1::Organization::descriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(organization));
    return database.db().Transact(
        [&](db::Session& session) { return follower.Follow(session, clock.now, entry); });
  }
  static registry::v1::Organization Organization(const std::string& name,
                                                 const std::string& title) {
    registry::v1::Organization organization;
    organization.set_name(name);
    organization.set_display_name(title);
    organization.set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
    organization.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
    return organization;
  }
};

TEST_F(FollowerTest, ARenameIsFollowedByResultsAndTheirRecords) {
  const v1::Result row = Pushed(Draft("海水淡化膜"));
  ASSERT_TRUE(Follow(Organization(kOuc, "中国海洋大学（新）")).ok());
  EXPECT_EQ(Stored(row.name()).university_title(), "中国海洋大学（新）");
  EXPECT_THAT(Texts("SELECT DISTINCT university_title FROM push"),
              ElementsAre("中国海洋大学（新）"));
  const int64_t entries = Count("journal");
  ASSERT_TRUE(Follow(Organization(kOuc, "中国海洋大学（新）")).ok());
  EXPECT_EQ(Count("journal"), entries);
}

TEST_F(FollowerTest, AMergerLosesAndDoublesNothing) {
  const v1::Result mine = Pushed(Draft("海水淡化膜"));
  const auto twin = Create(Draft("海水淡化膜"), ROLE_RESEARCH_OFFICE, kUpc);
  ASSERT_TRUE(twin.ok()) << twin.status();
  registry::v1::Organization survivor = Organization(kUpc, "联合大学（演示）");
  auto* absorbed = survivor.add_absorbed();
  absorbed->set_organization(kOuc);
  absorbed->set_display_name("中国海洋大学");
  ASSERT_TRUE(Follow(survivor).ok());
  const v1::Result taken = Stored(mine.name());
  EXPECT_EQ(taken.university(), kUpc);
  EXPECT_EQ(taken.title(), "海水淡化膜（原中国海洋大学）");
  EXPECT_THAT(Texts("SELECT DISTINCT university FROM push"), ElementsAre(kUpc));
  EXPECT_EQ(Count("result"), 2);
  ASSERT_TRUE(Follow(survivor).ok());
  EXPECT_EQ(Count("organization_succession"), 1);
  // A merged agency's results are its successor's, with a tenure of their own.
  survivor = Organization(kHighTechAgency, "第二专班服务机构");
  absorbed = survivor.add_absorbed();
  absorbed->set_organization(kMarineAgency);
  absorbed->set_display_name("第三专班服务机构");
  ASSERT_TRUE(Follow(survivor).ok());
  EXPECT_EQ(Stored(mine.name()).holder(), kHighTechAgency);
  EXPECT_EQ(Count("tenure WHERE cause = 'SUCCESSION'"), 1);
  // The push of the merged one, whose successor has the result already, waits for nobody.
  EXPECT_THAT(Texts("SELECT state FROM push WHERE recipient = 'organizations/qd-agency-3'"),
              ElementsAre("ENDED"));
}

}  // namespace
}  // namespace chanyan::triage
