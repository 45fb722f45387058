// What a report says of its own period (TRI-8, S1 三(三)): what was newly come to in it, and how
// far what stands on lists has come, on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/report_files.h"
#include "services/triage/report_progress.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReportPeriodTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::Report> Report(const std::string& kind, absl::CivilDay of) {
    v1::CreateReportRequest request;
    request.mutable_report()->set_kind(kind);
    *request.mutable_period_day() = time::ToProto(of);
    request.set_request_id(api::NewUuid());
    return reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"),
                                request);
  }
  static const v1::ReportTable& Part(const v1::Report& report, const std::string& part) {
    for (const v1::ReportTable& table : report.content().tables()) {
      if (table.part() == part) return table;
    }
    ADD_FAILURE() << "no part " << part;
    return v1::ReportTable::default_instance();
  }
  static std::vector<std::string> LastRow(const v1::ReportTable& table) {
    if (table.rows().empty()) return {};
    const auto& cells = table.rows().rbegin()->cells();
    return {cells.begin(), cells.end()};
  }
  v1::FollowUp Log(const std::string& result, v1::FollowUp row) {
    row.set_content("对接");
    *row.mutable_happen_date() = time::ToProto(time::DayOf(clock.now));
    v1::CreateFollowUpRequest request;
    request.set_parent(result);
    *request.mutable_follow_up() = row;
    request.set_request_id(api::NewUuid());
    const auto made = follow_ups.CreateFollowUp(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "FollowUpService.CreateFollowUp"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::FollowUp();
  }
  // Issued; its name.
  std::string List(const std::string& kind) {
    v1::CreateIndustryListRequest create;
    create.mutable_industry_list()->set_kind(kind);
    create.mutable_industry_list()->set_industry("qingdao-marine");
    create.set_request_id(api::NewUuid());
    const auto list = lists.CreateIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.CreateIndustryList"), create);
    EXPECT_TRUE(list.ok()) << list.status();
    if (!list.ok()) return "";
    const auto issued =
        lists.IssueIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.IssueIndustryList"),
                                Named<v1::IssueIndustryListRequest>(list->name()));
    EXPECT_TRUE(issued.ok()) << issued.status();
    return list->name();
  }
};

TEST_F(ReportPeriodTest, AWeeklySaysWhatItsWeekBroughtFromMondayToSundayInShanghai) {
  clock.now = time::StartOfDay(absl::CivilDay(2025, 4, 7)) - absl::Microseconds(1);
  ASSERT_TRUE(Create(Draft("上周最后一刻的")).ok());
  clock.now = time::StartOfDay(absl::CivilDay(2025, 4, 7));
  ASSERT_TRUE(Create(Draft("本周第一刻的")).ok());
  Go(absl::CivilDay(2025, 4, 9));
  const v1::Result pushed = Pushed(Draft("海水淡化膜"));
  v1::FollowUp contact;
  contact.set_kind(v1::FOLLOW_UP_KIND_CONTACT);
  Log(pushed.name(), contact);
  clock.now = time::StartOfDay(absl::CivilDay(2025, 4, 14));
  ASSERT_TRUE(Create(Draft("下周第一刻的")).ok());

  const auto weekly = Report("weekly", absl::CivilDay(2025, 4, 9));
  ASSERT_TRUE(weekly.ok()) << weekly.status();
  const v1::ReportTable& table = Part(*weekly, kProgressOfPeriod);
  EXPECT_THAT(table.columns(),
              ElementsAre("服务专班", "本期新增收集", "本期新增分类", "本期新增推送",
                          "本期新增对接", "本期新增洽谈", "本期新增签约", "本期新增登记"));
  EXPECT_THAT(LastRow(table), ElementsAre("合计", "2", "1", "1", "1", "0", "0", "0"));
  // Beside what there is in all.
  EXPECT_EQ(LastRow(Part(*weekly, "PROGRESS"))[1], "4");
  // Teams are the parts of the whole, and it is what the funnel says of these days.
  v1::QueryFunnelRequest ask;
  *ask.mutable_period_start_date() = weekly->period_start_date();
  *ask.mutable_period_end_date() = weekly->period_end_date();
  const auto funnel =
      follow_ups.QueryFunnel(As(ROLE_DEPARTMENT, kOffice, "FollowUpService.QueryFunnel"), ask);
  ASSERT_TRUE(funnel.ok()) << funnel.status();
  for (int stage = 0; stage < v1::FunnelStage_MAX; ++stage) {
    const v1::FunnelStep& step = funnel->groups(0).steps(stage);
    EXPECT_EQ(LastRow(table)[stage + 1], absl::StrCat(step.entered()));
    int64_t of_teams = 0;
    for (int row = 0; row + 1 < table.rows_size(); ++row) {
      of_teams += std::stoll(table.rows(row).cells(stage + 1));
    }
    EXPECT_EQ(of_teams, step.entered()) << stage;
    // The report carries the filter itself.
    EXPECT_EQ(weekly->content().total().steps(stage).entered_filter(), step.entered_filter());
    v1::ListStageEntriesRequest rows;
    rows.set_parent("results/-");
    rows.set_filter(step.entered_filter());
    rows.set_result_filter(funnel->groups(0).filter());
    const auto found = follow_ups.ListStageEntries(
        As(ROLE_DEPARTMENT, kOffice, "FollowUpService.ListStageEntries"), rows);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->stage_entries_size(), step.entered()) << step.entered_filter();
  }
  EXPECT_THAT(PeriodFiguresText(*weekly),
              HasSubstr("本期（2025年4月7日至2025年4月13日）新增：收集2项、分类1项、推送1项"));
  // A month has its own.
  const auto monthly = Report("monthly-dispatch", absl::CivilDay(2025, 4, 14));
  ASSERT_TRUE(monthly.ok()) << monthly.status();
  EXPECT_THAT(LastRow(Part(*monthly, kProgressOfPeriod)),
              ElementsAre("合计", "4", "1", "1", "1", "0", "0", "0"));
}

TEST_F(ReportPeriodTest, AnEmptyLibraryBroughtNothing) {
  const auto weekly = Report("weekly", time::DayOf(clock.now));
  ASSERT_TRUE(weekly.ok()) << weekly.status();
  EXPECT_THAT(LastRow(Part(*weekly, kProgressOfPeriod)),
              ElementsAre("合计", "0", "0", "0", "0", "0", "0", "0"));
  EXPECT_THAT(PeriodFiguresText(*weekly), HasSubstr("新增："));
}

TEST_F(ReportPeriodTest, TheQuarterlySaysHowFarListedResultsHaveCome) {
  const v1::Result result = Pushed(Draft("海水淡化膜"));
  Pushed(Draft("另一项"));
  const auto made = [&] {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = DemandDraft("防腐涂层");
    request.set_request_id(api::NewUuid());
    return demands.CreateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.CreateDemand"), request);
  }();
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(demands
                  .PublishDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.PublishDemand"),
                                 Named<v1::PublishDemandRequest>(made->name()))
                  .ok());
  const std::string supply = List("supply");
  const std::string demand = List("demand");
  const auto quarterly = Report("quarterly", time::DayOf(clock.now));
  ASSERT_TRUE(quarterly.ok()) << quarterly.status();
  // 成果已对接、成果已签约、成果已登记 of a list.
  const auto stages = [&](const std::string& list) {
    const auto fresh =
        reports.RefreshReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.RefreshReport"),
                              Named<v1::RefreshReportRequest>(quarterly->name()));
    EXPECT_TRUE(fresh.ok()) << fresh.status();
    for (const v1::ReportRow& row : Part(*fresh, "LISTS").rows()) {
      if (row.subject() != list) continue;
      return absl::StrCat(row.cells(5), " ", row.cells(6), " ", row.cells(7));
    }
    return std::string("none");
  };
  EXPECT_EQ(stages(supply), "0 0 0");
  // What companies look for goes through no stages.
  EXPECT_EQ(stages(demand), "— — —");
  v1::FollowUp contact;
  contact.set_kind(v1::FOLLOW_UP_KIND_CONTACT);
  Log(result.name(), contact);
  EXPECT_EQ(stages(supply), "1 0 0");
  v1::FollowUp contract;
  contract.set_kind(v1::FOLLOW_UP_KIND_CONTRACT);
  contract.mutable_contract()->set_kind(v1::CONVERSION_MODE_LICENSE);
  *contract.mutable_contract()->mutable_sign_date() = time::ToProto(time::DayOf(clock.now));
  contract.mutable_contract()->set_buyer_title("企业一（演示）");
  contract.mutable_contract()->set_amount_yuan(800'000);
  const v1::FollowUp signed_one = Log(result.name(), contract);
  EXPECT_EQ(stages(supply), "1 1 0");
  v1::FollowUp registration;
  registration.set_kind(v1::FOLLOW_UP_KIND_REGISTRATION);
  registration.set_contract_follow_up(signed_one.name());
  registration.set_registration_number("2025370200000001");
  FillRegistration(&registration);
  Log(result.name(), registration);
  EXPECT_EQ(stages(supply), "1 1 1");
}

}  // namespace
}  // namespace chanyan::triage
