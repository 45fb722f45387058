// The province's calendar of campaigns and its task list (CYC-7; S3 annexes 1 and 2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/rpc/leased_job.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "services/cycle/chain_service.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PUBLIC;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kBureau[] = "organizations/bureau";

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

class ChainTest : public ::testing::Test {
 protected:
  ChainTest() : service_(std::make_unique<ChainService>(Deps(*world_.pack))) {
    // 15 April 2024: the eighth campaign is under way.
    world_.clock.now = absl::FromCivil(absl::CivilSecond(2024, 4, 15, 9), time::Shanghai());
    Align();
  }
  CycleDeps Deps(const policy::Pack& pack) {
    return {{world_.database.db(), world_.clock, nullptr}, pack, world_.fakes.peers()};
  }
  void Align() {
    db::Lease lease(world_.database.db(), "cycle-chains", db::NewLeaseOwner(), absl::Minutes(1));
    ASSERT_TRUE(lease.Acquire().ok());
    const absl::Status aligned = service_->Align(lease);
    ASSERT_TRUE(aligned.ok()) << aligned;
    ASSERT_TRUE(lease.Release().ok());
  }
  rpc::Call As(options::v1::Role role, const char* method) {
    return testing::CallAs(role, role == ROLE_PUBLIC ? "" : kBureau,
                           absl::StrCat("chanyan.cycle.v1.ChainService.", method));
  }
  std::vector<v1::ChainCampaign> Campaigns() {
    const auto page = service_->ListChainCampaigns(As(ROLE_PUBLIC, "ListChainCampaigns"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->chain_campaigns().begin(), page->chain_campaigns().end()};
  }
  std::vector<v1::ActionTask> Tasks(bool overdue_only = false) {
    v1::ListActionTasksRequest request;
    request.set_overdue_only(overdue_only);
    const auto page = service_->ListActionTasks(As(ROLE_LEADER, "ListActionTasks"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->action_tasks().begin(), page->action_tasks().end()};
  }
  absl::StatusOr<v1::ChainCampaign> Postpone(const std::string& id, google::type::Date first,
                                             google::type::Date last) {
    v1::PostponeChainCampaignRequest request;
    request.set_name(absl::StrCat("chainCampaigns/", id));
    *request.mutable_first_date() = first;
    *request.mutable_last_date() = last;
    request.set_reason("因疫情延期");
    return service_->PostponeChainCampaign(As(ROLE_DEPARTMENT, "PostponeChainCampaign"), request);
  }
  absl::StatusOr<v1::ActionTask> Report(const std::string& id, v1::ActionTaskState state,
                                        const std::vector<std::string>& evidence) {
    v1::ReportActionTaskRequest request;
    request.set_name(absl::StrCat("actionTasks/", id));
    request.set_state(state);
    request.set_content("已征集技术需求42项");
    for (const std::string& one : evidence) request.add_evidence(one);
    request.set_chain_campaign("chainCampaigns/marine");
    return service_->ReportActionTask(As(ROLE_DEPARTMENT, "ReportActionTask"), request);
  }

  World world_;
  std::unique_ptr<ChainService> service_;
};

// "cell|cell" of every row of one sheet.
std::vector<std::string> RowsOfSheet(const std::string& file, absl::string_view name) {
  const auto book = sheet::ReadWorkbook(file, "导出.xlsx");
  EXPECT_TRUE(book.ok()) << book.status();
  std::vector<std::string> lines;
  for (const sheet::Sheet& one : book->sheets) {
    if (one.name != name) continue;
    for (const sheet::Row& row : one.rows) {
      std::vector<std::string> cells;
      for (const sheet::Cell& cell : row.cells) cells.push_back(cell.text);
      lines.push_back(absl::StrJoin(cells, "|"));
    }
  }
  return lines;
}

TEST_F(ChainTest, ElevenChainsWithSubSectorsOfficesAndWindowsAsPrinted) {
  const std::vector<v1::ChainCampaign> campaigns = Campaigns();
  ASSERT_THAT(campaigns, SizeIs(11));
  EXPECT_EQ(campaigns[0].chain(), "新一代信息技术产业链");
  EXPECT_THAT(campaigns[0].sub_sectors(), ElementsAre("集成电路", "高端软件", "计算机及外设"));
  EXPECT_EQ(campaigns[5].sub_sectors_size(), 10);
  EXPECT_EQ(campaigns[10].offices(), "省工业和信息化厅科技处、装备产业处");
  EXPECT_EQ(campaigns[6].first_date().year(), 2023);
  EXPECT_EQ(campaigns[6].last_date().year(), 2024);
  EXPECT_EQ(campaigns[8].clause().article(), "附件1第9项");
  EXPECT_TRUE(campaigns[6].overdue()) << "ended in January, and nobody said that it was held";
  EXPECT_FALSE(campaigns[7].overdue()) << "until 30 April";
}

TEST_F(ChainTest, ACampaignIsPostponedWithItsReasonAndKeepsWhereItStood) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(Postpone("marine", Day(2024, 4, 1), Day(2024, 5, 1)).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(Postpone("marine", Day(2024, 8, 1), Day(2024, 7, 1)).status()));
  const auto moved = Postpone("marine", Day(2024, 7, 1), Day(2024, 8, 31));
  ASSERT_TRUE(moved.ok()) << moved.status();
  ASSERT_EQ(moved->postponements_size(), 1);
  EXPECT_EQ(moved->postponements(0).first_date().month(), 5);
  EXPECT_EQ(moved->postponements(0).reason(), "因疫情延期");
  EXPECT_NE(moved->postponements(0).account(), "");
  EXPECT_EQ(moved->planned_first_date().month(), 5);
  EXPECT_EQ(moved->first_date().month(), 7);
  // The pack read again does not move it back.
  Align();
  EXPECT_EQ(Campaigns()[8].first_date().month(), 7);
}

TEST_F(ChainTest, ACampaignIsHeldOnceItHasBegun) {
  v1::HoldChainCampaignRequest request;
  request.set_name("chainCampaigns/marine");
  request.set_place("青岛");
  request.set_summary("对接需求36项");
  const auto early = service_->HoldChainCampaign(As(ROLE_DEPARTMENT, "HoldChainCampaign"), request);
  EXPECT_EQ(status::ReasonOf(early.status()), options::v1::ERROR_REASON_WINDOW_CLOSED);
  request.set_name("chainCampaigns/construction-machinery");
  const auto held = service_->HoldChainCampaign(As(ROLE_DEPARTMENT, "HoldChainCampaign"), request);
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_FALSE(Postpone("construction-machinery", Day(2024, 9, 1), Day(2024, 9, 30)).ok());
}

TEST_F(ChainTest, WhoLeadsAndWhoHelpsIsNamedOneByOneAsPrinted) {
  const std::vector<v1::ChainCampaign> campaigns = Campaigns();
  EXPECT_THAT(campaigns[0].lead_offices(),
              ElementsAre("省工业和信息化厅科技处", "软件与信息服务业处"));
  EXPECT_THAT(campaigns[0].supporting_offices(), ElementsAre("电子信息产业处"));
  EXPECT_THAT(campaigns[1].supporting_offices(), SizeIs(0)) << "none is printed";
  for (const v1::ChainCampaign& one : campaigns) {
    EXPECT_EQ(one.lead_offices(0), "省工业和信息化厅科技处") << one.chain();
  }
}

TEST_F(ChainTest, TypicalCasesAreThoseOfACampaignThatWasHeld) {
  v1::RecordCampaignCasesRequest request;
  request.set_name("chainCampaigns/construction-machinery");
  request.add_cases("青岛市工业和信息化局：链主企业出题、高校揭榜");
  const auto record = [&] {
    return service_->RecordCampaignCases(As(ROLE_DEPARTMENT, "RecordCampaignCases"), request);
  };
  EXPECT_EQ(status::ReasonOf(record().status()), options::v1::ERROR_REASON_WRONG_STATE);
  v1::HoldChainCampaignRequest hold;
  hold.set_name(request.name());
  hold.set_place("青岛");
  hold.set_summary("对接需求36项");
  const auto held = service_->HoldChainCampaign(As(ROLE_DEPARTMENT, "HoldChainCampaign"), hold);
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_THAT(held->actions(), ElementsAre("recordCases"));
  request.add_cases(request.cases(0));
  const auto twice = record();
  ASSERT_TRUE(absl::IsInvalidArgument(twice.status())) << twice.status();
  EXPECT_EQ(status::ViolationsOf(twice.status())[0].field, "cases[1]");
  request.set_cases(1, "演示高校：教授驻企");
  ASSERT_TRUE(record().ok()) << record().status();
  // The pack read again leaves them, and they are on the sheet.
  Align();
  EXPECT_THAT(Campaigns()[7].cases(), SizeIs(2));
  const auto calendar = service_->ExportChainCampaigns(As(ROLE_PUBLIC, "ExportChainCampaigns"), {});
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  EXPECT_THAT(absl::StrJoin(RowsOfSheet(calendar->data(), "活动安排表"), "\n"),
              ::testing::AllOf(HasSubstr("牵头单位|会同配合单位|典型案例"), HasSubstr("教授驻企")));
  // What was chosen in error is not any more.
  request.clear_cases();
  ASSERT_TRUE(record().ok());
  EXPECT_THAT(Campaigns()[7].cases(), SizeIs(0));
}

TEST_F(ChainTest, SixteenTasksAreOverdueTheDayAfterTheirsAndOffTheListOnceDone) {
  ASSERT_THAT(Tasks(), SizeIs(16));
  EXPECT_THAT(Tasks(/*overdue_only=*/true), IsEmpty());
  EXPECT_THAT(Tasks()[2].units(), ElementsAre("省科技厅", "省工业和信息化厅"));
  EXPECT_THAT(Tasks()[0].due_basis(), HasSubstr("任务清单（附件2）没有写明完成时限"));

  v1::SetActionTaskDueDateRequest due;
  due.set_name("actionTasks/task-02");
  *due.mutable_due_date() = Day(2024, 4, 14);
  due.set_reason("省厅工作推进会确定");
  ASSERT_TRUE(
      service_->SetActionTaskDueDate(As(ROLE_DEPARTMENT, "SetActionTaskDueDate"), due).ok());
  ASSERT_THAT(Tasks(/*overdue_only=*/true), SizeIs(1));
  *due.mutable_due_date() = Day(2024, 4, 15);
  ASSERT_TRUE(
      service_->SetActionTaskDueDate(As(ROLE_DEPARTMENT, "SetActionTaskDueDate"), due).ok());
  EXPECT_THAT(Tasks(/*overdue_only=*/true), IsEmpty()) << "the whole of its day is in time";
  world_.clock.now += absl::Hours(24);
  ASSERT_THAT(Tasks(/*overdue_only=*/true), SizeIs(1));

  EXPECT_TRUE(absl::IsInvalidArgument(Report("task-02", v1::ACTION_TASK_STATE_DONE, {}).status()));
  ASSERT_TRUE(Report("task-02", v1::ACTION_TASK_STATE_IN_PROGRESS, {}).ok());
  const auto done = Report("task-02", v1::ACTION_TASK_STATE_DONE, {"鲁工信技函〔2024〕12号"});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->reports_size(), 2);
  EXPECT_EQ(done->reports(1).evidence(0), "鲁工信技函〔2024〕12号");
  EXPECT_EQ(done->latest(), "已征集技术需求42项");
  EXPECT_THAT(Tasks(/*overdue_only=*/true), IsEmpty());
  world_.clock.now = absl::FromCivil(absl::CivilSecond(2024, 11, 1, 0), time::Shanghai());
  EXPECT_THAT(Tasks(/*overdue_only=*/true), SizeIs(15));
}

TEST_F(ChainTest, WhatThePackDoesNotHaveAnyMoreIsKeptAndMarked) {
  const int64_t before = world_.Count("journal");
  Align();
  EXPECT_EQ(world_.Count("journal"), before) << "nothing changed, nothing is written";
  const auto without = testing::PackOf(
      "id: \"test\" display_name: \"测试\" version: \"1\" "
      "effective_from { year: 2025 month: 1 day: 1 }");
  ASSERT_NE(without, nullptr);
  service_ = std::make_unique<ChainService>(Deps(*without));
  Align();
  for (const v1::ChainCampaign& campaign : Campaigns()) EXPECT_FALSE(campaign.in_pack());
  EXPECT_THAT(Campaigns(), SizeIs(11));
  world_.clock.now = absl::FromCivil(absl::CivilSecond(2025, 1, 1, 0), time::Shanghai());
  EXPECT_THAT(Tasks(/*overdue_only=*/true), IsEmpty());
}

TEST_F(ChainTest, BothListsAreSheets) {
  const auto calendar = service_->ExportChainCampaigns(As(ROLE_PUBLIC, "ExportChainCampaigns"), {});
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  EXPECT_THAT(RowsOfSheet(calendar->data(), "活动安排表"), SizeIs(11 + 2));
  EXPECT_THAT(RowsOfSheet(calendar->data(), "延期记录"),
              ElementsAre("序号|产业链名称|延期前开始日|延期前结束日|延期原因|办理时间"));
  const auto tasks = service_->ExportActionTasks(As(ROLE_DEPARTMENT, "ExportActionTasks"), {});
  ASSERT_TRUE(tasks.ok()) << tasks.status();
  EXPECT_THAT(RowsOfSheet(tasks->data(), "工作任务清单"), SizeIs(16 + 2));
  EXPECT_THAT(RowsOfSheet(tasks->data(), "进展记录"),
              ElementsAre("序号|任务内容|报告时间|状态|进展情况|佐证材料|产业链"));
}

TEST_F(ChainTest, TheSheetsHaveEveryMoveWithItsReasonAndEveryReportWithItsEvidence) {
  ASSERT_TRUE(Postpone("marine", Day(2024, 7, 1), Day(2024, 8, 31)).ok());
  ASSERT_TRUE(Postpone("marine", Day(2024, 9, 1), Day(2024, 9, 30)).ok());
  const auto calendar = service_->ExportChainCampaigns(As(ROLE_PUBLIC, "ExportChainCampaigns"), {});
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  const std::vector<std::string> moves = RowsOfSheet(calendar->data(), "延期记录");
  ASSERT_THAT(moves, SizeIs(3));
  EXPECT_THAT(moves[1], HasSubstr("|2024-05-"));
  EXPECT_THAT(moves[1], HasSubstr("|因疫情延期|"));
  EXPECT_THAT(moves[2], HasSubstr("|2024-07-01|2024-08-31|因疫情延期|"));
  EXPECT_THAT(moves[2], HasSubstr(Campaigns()[8].chain()));

  ASSERT_TRUE(Report("task-02", v1::ACTION_TASK_STATE_IN_PROGRESS, {}).ok());
  ASSERT_TRUE(
      Report("task-02", v1::ACTION_TASK_STATE_DONE, {"鲁工信技函〔2024〕12号", "=验收报告"}).ok());
  const auto tasks = service_->ExportActionTasks(As(ROLE_DEPARTMENT, "ExportActionTasks"), {});
  ASSERT_TRUE(tasks.ok()) << tasks.status();
  const std::vector<std::string> reports = RowsOfSheet(tasks->data(), "进展记录");
  ASSERT_THAT(reports, SizeIs(3));
  EXPECT_THAT(reports[1], HasSubstr("|推进中|已征集技术需求42项|"));
  EXPECT_THAT(reports[2],
              HasSubstr("|已完成|已征集技术需求42项|鲁工信技函〔2024〕12号、=验收报告|"));
  EXPECT_THAT(reports[2], HasSubstr(Campaigns()[8].chain()));
}

}  // namespace
}  // namespace chanyan::cycle
