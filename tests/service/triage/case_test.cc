// Typical cases (TRI-8, S1 二(二)4: 对服务专班取得的进展和产学研合作典型案例重点宣传): written by
// who served the result, shown by the technology market or the office, with what came of it from
// the log; on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class CaseTest : public ::testing::Test, protected World {
 protected:
  static v1::TypicalCase Case(const std::string& result) {
    v1::TypicalCase row;
    row.set_title("一张膜的转化路");
    row.set_result(result);
    row.set_practice("专班组织两家企业到中试基地看样，谈定许可");
    row.set_audience(v1::CASE_AUDIENCE_PUBLIC);
    return row;
  }
  // In the library, and somebody was contacted about it.
  std::string Contacted(const std::string& title = "海水淡化膜") {
    const std::string result = Pushed(Draft(title)).name();
    EXPECT_TRUE(LogEntry(result, Entry(v1::FOLLOW_UP_KIND_CONTACT)).ok());
    return result;
  }
  absl::StatusOr<v1::TypicalCase> Tell(const v1::TypicalCase& row, Role role = ROLE_SERVICE_TEAM,
                                       const std::string& by = kMarineAgency) {
    v1::CreateTypicalCaseRequest request;
    *request.mutable_typical_case() = row;
    request.set_request_id(api::NewUuid());
    return cases.CreateTypicalCase(As(role, by, "CaseService.CreateTypicalCase"), request);
  }
  absl::StatusOr<v1::TypicalCase> Edit(const v1::TypicalCase& row, const std::string& path,
                                       Role role = ROLE_SERVICE_TEAM,
                                       const std::string& by = kMarineAgency) {
    v1::UpdateTypicalCaseRequest request;
    *request.mutable_typical_case() = row;
    request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return cases.UpdateTypicalCase(As(role, by, "CaseService.UpdateTypicalCase"), request);
  }
  absl::StatusOr<v1::TypicalCase> Show(const std::string& name, Role role = ROLE_UNIT,
                                       const std::string& by = kMarket) {
    return cases.PublishTypicalCase(As(role, by, "CaseService.PublishTypicalCase"),
                                    Named<v1::PublishTypicalCaseRequest>(name));
  }
  absl::StatusOr<v1::TypicalCase> Hide(const std::string& name, Role role, const std::string& by) {
    auto request = Named<v1::WithdrawTypicalCaseRequest>(name);
    request.set_reason("合同已解除");
    return cases.WithdrawTypicalCase(As(role, by, "CaseService.WithdrawTypicalCase"), request);
  }
  absl::StatusOr<v1::TypicalCase> Look(const std::string& name, Role role, const std::string& by) {
    v1::GetTypicalCaseRequest request;
    request.set_name(name);
    return cases.GetTypicalCase(As(role, by, "CaseService.GetTypicalCase"), request);
  }
  int Listed(Role role, const std::string& by, const std::string& filter = "") {
    v1::ListTypicalCasesRequest request;
    request.set_filter(filter);
    const auto page = cases.ListTypicalCases(As(role, by, "CaseService.ListTypicalCases"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->typical_cases_size() : -1;
  }
  // Rows of the special report's table of cases.
  std::vector<std::vector<std::string>> InSpecialReport() {
    v1::CreateReportRequest request;
    request.mutable_report()->set_kind("monthly-special");
    request.set_request_id(api::NewUuid());
    const auto report =
        reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"), request);
    EXPECT_TRUE(report.ok()) << report.status();
    std::vector<std::vector<std::string>> rows;
    if (!report.ok()) return rows;
    for (const v1::ReportTable& table : report->content().tables()) {
      if (table.part() != "CASES") continue;
      for (const v1::ReportRow& row : table.rows()) {
        rows.emplace_back(row.cells().begin(), row.cells().end());
      }
    }
    auto discard = Named<v1::DiscardReportRequest>(report->name());
    discard.set_reason("重编");
    EXPECT_TRUE(
        reports.DiscardReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.DiscardReport"), discard)
            .ok());
    return rows;
  }
  static std::vector<std::string> FieldsOf(const absl::Status& refused) {
    std::vector<std::string> fields;
    for (const auto& one : status::ViolationsOf(refused)) fields.push_back(one.field);
    return fields;
  }
};

TEST_F(CaseTest, EverythingWrongIsNamedAtOnceAndNothingIsWritten) {
  v1::TypicalCase row = Case("results/nowhere");
  v1::CasePublicity* shown = row.add_publicities();
  shown->set_channel("行业媒体");
  *shown->mutable_publicize_date() = time::ToProto(time::DayOf(clock.now) + 1);
  *row.add_publicities() = *shown;
  EXPECT_THAT(FieldsOf(Tell(row).status()),
              UnorderedElementsAre("typical_case.result", "typical_case.publicities",
                                   "typical_case.publicities[0].publicize_date",
                                   "typical_case.publicities[1].publicize_date",
                                   "typical_case.publicities[1].channel"));
  // Another team's result is as if it were not there.
  const std::string result = Contacted();
  EXPECT_THAT(FieldsOf(Tell(Case(result), ROLE_SERVICE_TEAM, kHighTechAgency).status()),
              ElementsAre("typical_case.result"));
  EXPECT_THAT(FieldsOf(Tell(Case(result), ROLE_UNIT, kMarket).status()),
              ElementsAre("typical_case.result"))
      << "the market shows cases, and does not write them";
  EXPECT_EQ(Count("typical_case"), 0);
}

TEST_F(CaseTest, WhatCameOfItIsTheLogsToSay) {
  const std::string result = Contacted();
  const auto told = Tell(Case(result));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->state(), v1::TYPICAL_CASE_STATE_DRAFT);
  EXPECT_EQ(told->team_title(), "第三服务专班（海洋处）");
  EXPECT_EQ(told->university_title(), "中国海洋大学");
  EXPECT_EQ(told->market(), kMarket);
  EXPECT_EQ(told->outcome_text(), "对接推进中");
  EXPECT_THAT(told->actions(), ElementsAre("update", "withdraw")) << "it is not theirs to show";
  const auto contract = LogEntry(result, ContractOf(1'200'000));
  ASSERT_TRUE(contract.ok()) << contract.status();
  ASSERT_TRUE(LogEntry(result, ContractOf(300'000)).ok());
  auto seen = Look(told->name(), ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->contracts(), 2);
  EXPECT_EQ(seen->contract_yuan(), 1'500'000);
  EXPECT_EQ(seen->outcome_text(), "签订技术合同2项、150万元");
  // The rows of the figures, as the case says.
  v1::ListFollowUpsRequest rows;
  rows.set_parent(result);
  rows.set_filter(seen->follow_ups_filter());
  const auto listed = follow_ups.ListFollowUps(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "FollowUpService.ListFollowUps"), rows);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->follow_ups_size(), 2);
  ASSERT_TRUE(VoidEntry(contract->name()).ok());
  seen = Look(told->name(), ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->outcome_text(), "签订技术合同1项、30万元");
}

TEST_F(CaseTest, TheMarketOrTheOfficeShowsItAndWhatIsShownIsTheirs) {
  const std::string result = Contacted();
  const auto told = Tell(Case(result));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_TRUE(
      absl::IsPermissionDenied(Show(told->name(), ROLE_SERVICE_TEAM, kMarineAgency).status()));
  EXPECT_TRUE(absl::IsNotFound(Show(told->name(), ROLE_UNIT, kLaoshan).status()));
  EXPECT_EQ(Listed(ROLE_PUBLIC, ""), 0);
  const auto shown = Show(told->name());
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_TRUE(shown->has_publish_time());
  EXPECT_EQ(status::ReasonOf(Show(told->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Listed(ROLE_PUBLIC, ""), 1);
  v1::TypicalCase update;
  update.set_name(told->name());
  update.set_insight("先看样，再谈价");
  EXPECT_TRUE(absl::IsPermissionDenied(Edit(update, "insight").status()));
  EXPECT_TRUE(
      absl::IsPermissionDenied(Hide(told->name(), ROLE_SERVICE_TEAM, kMarineAgency).status()));
  v1::CasePublicity* paper = update.add_publicities();
  paper->set_channel("行业媒体");
  *paper->mutable_publicize_date() = time::ToProto(time::DayOf(clock.now));
  const auto publicized = Edit(update, "publicities", ROLE_UNIT, kMarket);
  ASSERT_TRUE(publicized.ok()) << publicized.status();
  EXPECT_THAT(publicized->publicities_text(), HasSubstr("行业媒体"));
  EXPECT_EQ(publicized->insight(), "") << "what is not changed stays";
  update.set_etag(told->etag());
  EXPECT_TRUE(absl::IsAborted(Edit(update, "insight", ROLE_UNIT, kMarket).status()));
  ASSERT_TRUE(Hide(told->name(), ROLE_DEPARTMENT, kOffice).ok());
  EXPECT_EQ(Listed(ROLE_PUBLIC, ""), 0);
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE resource LIKE 'cases/%' ORDER BY seq"),
              ElementsAre("created", "publish", "updated", "withdraw"));
}

TEST_F(CaseTest, OneThatNobodyWasContactedAboutIsNoExample) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  const auto told = Tell(Case(result));
  ASSERT_TRUE(told.ok()) << told.status();
  const auto refused = Show(told->name());
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("typical_case.result"));
  EXPECT_THAT(std::string(status::ViolationsOf(refused.status()).at(0).description),
              HasSubstr("尚无对接记录"));
  // A draft of one's own may be dropped.
  EXPECT_TRUE(Hide(told->name(), ROLE_SERVICE_TEAM, kMarineAgency).ok());
}

TEST_F(CaseTest, OthersSeeWhatIsShownToThemAndOnlyWhileTheResultIsOpen) {
  v1::TypicalCase inner = Case(Contacted());
  inner.set_audience(v1::CASE_AUDIENCE_MECHANISM);
  const auto told = Tell(inner);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_TRUE(absl::IsNotFound(Look(told->name(), ROLE_SERVICE_TEAM, kHighTechAgency).status()));
  EXPECT_TRUE(Look(told->name(), ROLE_RESEARCH_OFFICE, kOuc).ok());
  EXPECT_TRUE(absl::IsNotFound(Look(told->name(), ROLE_RESEARCH_OFFICE, kUpc).status()));
  ASSERT_TRUE(Show(told->name(), ROLE_DEPARTMENT, kOffice).ok());
  EXPECT_TRUE(Look(told->name(), ROLE_SERVICE_TEAM, kHighTechAgency).ok());
  EXPECT_TRUE(Look(told->name(), ROLE_RESEARCH_OFFICE, kUpc).ok());
  EXPECT_TRUE(absl::IsNotFound(Look(told->name(), ROLE_PUBLIC, "").status()));
  ASSERT_TRUE(Withdraw(told->result()).ok());
  EXPECT_TRUE(absl::IsNotFound(Look(told->name(), ROLE_SERVICE_TEAM, kHighTechAgency).status()));
  EXPECT_EQ(Listed(ROLE_RESEARCH_OFFICE, kUpc), 0);
  EXPECT_TRUE(Look(told->name(), ROLE_RESEARCH_OFFICE, kOuc).ok()) << "it is about its own";
  EXPECT_TRUE(Look(told->name(), ROLE_LEADER, kCityLeaders).ok());
  EXPECT_EQ(Listed(ROLE_UNIT, kMarket), 1);
}

TEST_F(CaseTest, TheSpecialReportHasTheCasesOfItsMonth) {
  Go(absl::CivilDay(2025, 4, 10));
  const std::string result = Contacted();
  ASSERT_TRUE(LogEntry(result, ContractOf(800'000)).ok());
  const auto told = Tell(Case(result));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_THAT(InSpecialReport(), IsEmpty()) << "a draft is not shown";
  ASSERT_TRUE(Show(told->name()).ok());
  EXPECT_THAT(InSpecialReport(),
              ElementsAre(ElementsAre("一张膜的转化路", "海水淡化膜", "中国海洋大学",
                                      "第三服务专班（海洋处）", "签订技术合同1项、80万元",
                                      "面向社会", "2025-04-10")));
  Go(absl::CivilDay(2025, 5, 6));
  EXPECT_THAT(InSpecialReport(), IsEmpty()) << "it was the month before";
}

TEST_F(CaseTest, AMergedResultsCasesAreTheSurvivors) {
  const std::string from = Contacted("海水淡化膜");
  const std::string into = Contacted("海水淡化反渗透膜");
  ASSERT_TRUE(LogEntry(into, ContractOf(500'000)).ok());
  const auto told = Tell(Case(from));
  ASSERT_TRUE(told.ok()) << told.status();
  auto merge = Named<v1::MergeResultRequest>(from);
  merge.set_into(into);
  ASSERT_TRUE(
      results.MergeResult(As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.MergeResult"), merge)
          .ok());
  const auto seen = Look(told->name(), ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->result(), into);
  EXPECT_EQ(seen->result_title(), "海水淡化反渗透膜");
  EXPECT_EQ(seen->contract_yuan(), 500'000);
  EXPECT_THAT(FieldsOf(Tell(Case(from)).status()), ElementsAre("typical_case.result"));
}

TEST_F(CaseTest, TheSheetHasWhatTheCallerSees) {
  const auto told = Tell(Case(Contacted()));
  ASSERT_TRUE(told.ok()) << told.status();
  ASSERT_TRUE(Tell(Case(Contacted("海水提锂吸附剂"))).ok());
  ASSERT_TRUE(Show(told->name()).ok());
  EXPECT_EQ(Listed(ROLE_DEPARTMENT, kOffice), 2);
  EXPECT_EQ(Listed(ROLE_DEPARTMENT, kOffice, "state = PUBLISHED"), 1);
  EXPECT_EQ(Listed(ROLE_DEPARTMENT, kOffice, "result_title = \"海水提锂吸附剂\""), 1);
  v1::ExportTypicalCasesRequest request;
  const auto file = cases.ExportTypicalCases(
      As(ROLE_SERVICE_TEAM, kHighTechAgency, "CaseService.ExportTypicalCases"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "典型案例.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<std::string> cells;
  for (const sheet::Row& line : book->FirstVisible()->rows) {
    for (const sheet::Cell& cell : line.cells) cells.push_back(cell.text);
  }
  EXPECT_THAT(cells, Contains("海水淡化膜"));
  EXPECT_THAT(cells, Contains("对接推进中"));
  EXPECT_THAT(cells, Not(Contains("海水提锂吸附剂"))) << "another team's draft";
  request.set_filter("nonsense = 1");
  EXPECT_TRUE(absl::IsInvalidArgument(
      cases
          .ExportTypicalCases(As(ROLE_DEPARTMENT, kOffice, "CaseService.ExportTypicalCases"),
                              request)
          .status()));
}

}  // namespace
}  // namespace chanyan::triage
