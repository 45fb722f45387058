// Follow-ups of joint conferences from a sheet and as a sheet, on the real database (PAIR-8,
// REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/succession.h"
#include "tests/service/pairing/conference_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Upload;

constexpr char kTitle[] = "第一次联席会议（演示）";

class FollowUpSheetTest : public ConferenceWorld {
 protected:
  using Rows = std::vector<v1::FollowUpRow>;

  static v1::FollowUpRow Row(const std::string& task = "完成选址") {
    v1::FollowUpRow row;
    row.set_conference_title(kTitle);
    row.set_decision_number(1);
    row.set_task(task);
    row.set_unit_title("古镇口（演示）");
    row.add_co_unit_titles("泊里镇（演示）");
    row.add_co_unit_titles("海洋大学（演示）");
    *row.mutable_due_date() = Date(2024, 12, 31);
    return row;
  }
  // Done before anybody kept it here.
  static v1::FollowUpRow DoneRow(const std::string& task = "签订协议") {
    v1::FollowUpRow row = Row(task);
    row.set_progress("已完成选址");
    row.set_evidence("共建协议");
    *row.mutable_submit_time() = Nine(2024, 9, 1);
    *row.mutable_finish_time() = Nine(2024, 9, 10);
    return row;
  }
  // The conference of the books; its decisions assign nothing.
  std::string Issued(const std::string& title = kTitle) {
    EXPECT_EQ(Words(Import(Upload(std::vector<v1::ConferenceRow>{PastIssued(title)}))), "1 0 0");
    return Texts(absl::StrCat("SELECT name FROM conference WHERE title = '", title, "'")).at(0);
  }
  v1::FollowUpRow RowOfTask(const std::string& task) {
    for (const v1::FollowUpRow& row :
         RowsIn<v1::FollowUpRow>(ExportedTasks(Bureau("ExportFollowUps")))) {
      if (row.task() == task) return row;
    }
    ADD_FAILURE() << task << " is not exported";
    return {};
  }
};

TEST_F(FollowUpSheetTest, WhatIsNoSheetOfFollowUpsIsRefused) {
  Issued();
  const int64_t before = Count("journal");
  for (const std::string& bytes : HostileFiles()) {
    google::api::HttpBody file;
    file.set_data(bytes);
    const auto refused = ImportTasks(file);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << bytes.substr(0, 40);
    if (!bytes.empty()) {
      EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_INVALID_FILE)
          << bytes.substr(0, 40) << refused.status();
    }
  }
  EXPECT_EQ(Count("follow_up"), 0);
  EXPECT_EQ(Count("journal"), before);
}

TEST_F(FollowUpSheetTest, EveryBadRowIsNamedAtItsCellAndNothingIsWritten) {
  Issued();
  const std::string held = "已召开（演示）";
  ASSERT_EQ(Words(Import(Upload(std::vector<v1::ConferenceRow>{Past(held)}))), "1 0 0");
  const int64_t before = Count("journal");
  Rows rows;
  for (int i = 0; i < 12; ++i) rows.push_back(Row(absl::StrCat("事项", i)));
  rows[0].set_conference_title("没有的会议");
  rows[0].set_unit_title("没有的单位");
  rows[1].set_conference_title(held);
  rows[1].set_co_unit_titles(0, "没有的镇");
  rows[2].set_decision_number(9);
  *rows[3].mutable_due_date() = Date(2024, 5, 19);
  rows[4].set_follow_up_number("1-9");
  *rows[5].mutable_conference_date() = Date(2024, 5, 21);
  *rows[6].mutable_submit_time() = Nine(2024, 9, 1);
  *rows[6].mutable_finish_time() = Nine(2024, 9, 1);
  rows[7] = DoneRow("事项7");
  *rows[7].mutable_submit_time() = Nine(2025, 4, 2);
  *rows[7].mutable_finish_time() = Nine(2025, 4, 3);
  rows[8] = DoneRow("事项8");
  *rows[8].mutable_submit_time() = Nine(2024, 5, 19);
  *rows[8].mutable_finish_time() = Nine(2024, 5, 18);
  rows[9].set_state(v1::FOLLOW_UP_STATE_DONE);
  rows[11].set_task("事项10");
  EXPECT_THAT(
      Places(ImportTasks(Upload(rows)).status()),
      ElementsAre(
          HasSubstr("C2|没有名称为“没有的会议”的会议，请先导入或登记该会议"),
          HasSubstr("G2|“没有的单位”不在单位名录中"),
          HasSubstr("C3|该会议当前状态为“已召开”，纪要印发后才能导入议定事项"),
          HasSubstr("H3|“没有的镇”不在单位名录中"), HasSubstr("E4|该会议纪要没有第 9 项议定内容"),
          HasSubstr("I5|完成期限不能早于会议日期"),
          HasSubstr("B6|该会议没有编号为“1-9”的议定事项；新增的事项请留空"),
          HasSubstr("C7|没有名称为“第一次联席会议（演示）”的会议与本行的会议编号和会议日期一致"),
          HasSubstr("M8|未填写办结依据的，请留空"), HasSubstr("N8|未填写办结依据的，请留空"),
          HasSubstr("M9|报送办结时间不能晚于现在"), HasSubstr("N9|会议登记以后办结的事项"),
          HasSubstr("M10|报送办结时间不能早于会议日期"),
          HasSubstr("N10|办结时间不能早于会议日期和报送办结时间"),
          HasSubstr("J11|状态不能通过导入更改，按本表和已登记的情况为“已交办”"),
          HasSubstr("F13|与第 12 行重复")));
  Rows shapes(2, Row());
  shapes[0].clear_due_date();
  shapes[0].clear_unit_title();
  shapes[1].set_decision_number(-1);
  EXPECT_THAT(Places(ImportTasks(Upload(shapes)).status()),
              ElementsAre(HasSubstr("G2|"), HasSubstr("I2|"), HasSubstr("E3|")));
  EXPECT_EQ(Count("follow_up"), 0);
  EXPECT_EQ(Count("journal"), before);
}

TEST_F(FollowUpSheetTest, ItemsOfTheBooksComeInWithWhatWasDoneOfThem) {
  const std::string conference = Issued();
  Rows rows = {Row("完成选址"), Row("完成设计"), Row("报送方案"), DoneRow("签订协议")};
  rows[1].set_progress("初稿已成");
  rows[2].set_evidence("方案文本");
  rows[2].set_decision_number(2);
  EXPECT_EQ(Words(ImportTasks(Upload(rows), /*dry_run=*/true)), "4 0 0");
  EXPECT_EQ(Count("follow_up"), 0) << "a dry run";
  EXPECT_EQ(Words(ImportTasks(Upload(rows))), "4 0 0");
  EXPECT_THAT(
      Texts("SELECT CONCAT(SUBSTRING_INDEX(name, '/', -1), ' ', task, ' ', state) FROM follow_up "
            "ORDER BY name"),
      ElementsAre("1-1 完成选址 ASSIGNED", "1-2 完成设计 IN_PROGRESS", "1-3 签订协议 DONE",
                  "2-1 报送方案 SUBMITTED"));
  const int64_t journalled = Count("journal");
  clock.now += absl::Hours(1);
  EXPECT_EQ(Words(ImportTasks(Upload(rows))), "0 0 4") << "the same file twice";
  EXPECT_EQ(Count("follow_up"), 4);
  EXPECT_EQ(Count("journal"), journalled);

  const v1::FollowUp done = Task(conference + "/followUps/1-3");
  EXPECT_EQ(done.unit(), kZone);
  EXPECT_EQ(done.co_units(1), kOuc);
  EXPECT_EQ(done.reports(0).text(), "已完成选址");
  EXPECT_EQ(done.reports(0).organization(), kBureau);
  EXPECT_EQ(done.finish_time().seconds(), Nine(2024, 9, 10).seconds());
  EXPECT_FALSE(done.overdue()) << "it was in time";
  EXPECT_TRUE(Task(conference + "/followUps/1-1").overdue());
  // Who brought the evidence in does not confirm it.
  const auto confirm = [&](const std::string& account) {
    return cooperation_service.ConfirmFollowUp(
        By(ROLE_DEPARTMENT, kBureau, "ConfirmFollowUp", account),
        Named<v1::ConfirmFollowUpRequest>(conference + "/followUps/2-1"));
  };
  EXPECT_EQ(confirm("accounts/test").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(confirm("accounts/other").ok());
  EXPECT_EQ(Words(ImportTasks(Upload(rows))), "0 0 4") << "as it was when the file was written";
}

TEST_F(FollowUpSheetTest, WhatIsExportedIsImportedUnchangedInWhateverState) {
  const std::string books = Issued();
  ASSERT_EQ(Words(ImportTasks(Upload(Rows{Row(), DoneRow()}))), "2 0 0");
  const std::string by_hand = IssuedByHand("已印发（演示）") + "/followUps/1-1";
  auto report = Named<v1::ReportFollowUpRequest>(by_hand);
  report.set_text("第一行\r\n第二行");
  Good(cooperation_service.ReportFollowUp(By(ROLE_UNIT, kZone, "ReportFollowUp"), report));
  auto cancel = Named<v1::CancelFollowUpRequest>(books + "/followUps/1-1");
  cancel.set_reason("不再需要");
  Good(cooperation_service.CancelFollowUp(Bureau("CancelFollowUp"), cancel));
  At(kZone).set_display_name("更名新区（演示）");
  clock.now += absl::Hours(24 * 365);
  const int64_t journalled = Count("journal");
  EXPECT_EQ(Words(ImportTasks(ExportedTasks(Bureau("ExportFollowUps")))), "0 0 3");
  EXPECT_EQ(Count("journal"), journalled);
}

TEST_F(FollowUpSheetTest, ARowReportsAndSubmitsAsItsWriterCouldByHand) {
  const std::string name = IssuedByHand("已印发（演示）") + "/followUps/1-1";
  v1::FollowUpRow row = RowOfTask("完成选址");
  EXPECT_EQ(row.follow_up_number(), "1-1");
  EXPECT_EQ(time::FormatDate(*time::ToCivilDay(row.conference_date())), "2025-04-08");
  row.set_progress("已看三处");
  EXPECT_EQ(Words(ImportTasks(Upload(Rows{row}))), "0 1 0");
  EXPECT_EQ(Words(ImportTasks(Upload(Rows{row}))), "0 0 1");
  EXPECT_EQ(Task(name).state(), v1::FOLLOW_UP_STATE_IN_PROGRESS);
  // Somebody reports after it: the old file is not new again.
  auto report = Named<v1::ReportFollowUpRequest>(name);
  report.set_text("选定第二处");
  Good(cooperation_service.ReportFollowUp(By(ROLE_UNIT, kZone, "ReportFollowUp"), report));
  EXPECT_EQ(Words(ImportTasks(Upload(Rows{row}))), "0 0 1");
  row.set_evidence("选址批复");
  EXPECT_EQ(Words(ImportTasks(Upload(Rows{row}))), "0 1 0");
  const v1::FollowUp submitted = Task(name);
  EXPECT_EQ(submitted.state(), v1::FOLLOW_UP_STATE_SUBMITTED);
  EXPECT_EQ(submitted.submitter(), "accounts/test");
  EXPECT_EQ(submitted.reports_size(), 2);
  EXPECT_EQ(Words(ImportTasks(Upload(Rows{row}))), "0 0 1");
}

TEST_F(FollowUpSheetTest, WhatTheLifeOfAFollowUpForbidsIsRefused) {
  const std::string name = IssuedByHand("已印发（演示）") + "/followUps/1-1";
  v1::FollowUpRow row = RowOfTask("完成选址");
  row.set_task("另一事项");
  row.set_decision_number(2);
  row.set_unit_title("泊里镇（演示）");
  row.clear_co_unit_titles();
  row.add_co_unit_titles("海洋大学（演示）");
  *row.mutable_due_date() = Date(2025, 7, 31);
  row.set_state(v1::FOLLOW_UP_STATE_DONE);
  *row.mutable_finish_time() = Nine(2025, 4, 8);
  EXPECT_THAT(
      Places(ImportTasks(Upload(Rows{row})).status()),
      ElementsAre(HasSubstr("E2|“议定事项序号”不能通过导入填写或修改"),
                  HasSubstr("F2|“事项”不能通过导入填写或修改"),
                  HasSubstr("I2|“完成期限”不能通过导入填写或修改，现为“2025-06-30”"),
                  HasSubstr("N2|“办结时间”不能通过导入填写或修改"),
                  HasSubstr("G2|“责任单位名称”不能通过导入填写或修改，现为“古镇口（演示）”"),
                  HasSubstr("H2|配合单位不能通过导入更改"),
                  HasSubstr("J2|状态不能通过导入更改，按本表和已登记的情况为“已交办”")));
  // What issued minutes assign is assigned by them.
  row = RowOfTask("完成选址");
  row.clear_follow_up_number();
  row.set_task("另一事项");
  EXPECT_THAT(Words(ImportTasks(Upload(Rows{row}))),
              HasSubstr("F2|第 1 项的交办已随纪要印发，不能用导入增加"));
  // What was submitted waits for its confirmation.
  auto submit = Named<v1::SubmitFollowUpRequest>(name);
  submit.set_evidence("选址批复");
  Good(cooperation_service.SubmitFollowUp(By(ROLE_UNIT, kZone, "SubmitFollowUp"), submit));
  row = RowOfTask("完成选址");
  row.set_progress("又有进展");
  row.set_evidence("另一份批复");
  EXPECT_THAT(Places(ImportTasks(Upload(Rows{row})).status()),
              ElementsAre(HasSubstr("K2|当前状态为“待确认”，不能报告进展"),
                          HasSubstr("L2|当前状态为“待确认”，不能报送办结")));
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 0);
}

TEST_F(FollowUpSheetTest, ConferencesOfOneTitleAreToldByDayOrNumber) {
  const std::string first = Issued();
  v1::ConferenceRow second = PastIssued();
  *second.mutable_meet_time() = Nine(2024, 11, 20);
  *second.mutable_issue_date() = Date(2024, 12, 1);
  ASSERT_EQ(Words(Import(Upload(std::vector<v1::ConferenceRow>{second}))), "1 0 0");
  Rows rows = {Row()};
  EXPECT_THAT(Words(ImportTasks(Upload(rows))),
              HasSubstr("C2|名称为“第一次联席会议（演示）”的会议有 2 次，请增加“会议日期”列"));
  rows.push_back(Row());
  rows[0].set_conference_number(Number(first));
  *rows[1].mutable_conference_date() = Date(2024, 11, 20);
  EXPECT_EQ(Words(ImportTasks(Upload(rows))), "2 0 0");
  EXPECT_EQ(Count(absl::StrCat("follow_up WHERE name LIKE '", first, "/%'")), 1);
  EXPECT_EQ(Words(ImportTasks(Upload(rows))), "0 0 2");
}

TEST_F(FollowUpSheetTest, ManyAtOnceBringInEachRowOnce) {
  const google::api::HttpBody meeting = Upload(std::vector<v1::ConferenceRow>{PastIssued()});
  const google::api::HttpBody tasks = Upload(Rows{Row("甲"), Row("乙"), DoneRow("丙")});
  std::atomic<int> created = 0;
  const auto at_once = [&created](const auto& import) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto result = import();
        EXPECT_TRUE(result.ok()) << result.status();
        if (result.ok()) created += result->created();
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  at_once([&] { return Import(meeting); });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Count("conference"), 1);
  at_once([&] { return ImportTasks(tasks); });
  EXPECT_EQ(created, 4);
  EXPECT_EQ(Count("follow_up"), 3);
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 4);
}

TEST_F(FollowUpSheetTest, AnItemOfAUnitThatIsPartOfAnotherIsTheOthers) {
  Issued();
  At(kZone).set_state(registry::v1::ORGANIZATION_STATE_MERGED);
  At(kZone).set_merged_into(kTown);
  EXPECT_EQ(Words(ImportTasks(Upload(Rows{Row()}))), "1 0 0");
  EXPECT_THAT(Texts("SELECT CONCAT(unit, ' ', unit_title) FROM follow_up"),
              ElementsAre("organizations/town 泊里镇（演示）"));
  EXPECT_EQ(Words(ImportTasks(Upload(Rows{Row()}))), "0 0 1");
  // A merger that is noted after the registry was asked: ask anew.
  const absl::Status noted = database.db().Transact([&](db::Session& session) {
    return rpc::NoteSuccession(session, clock.now, kTown, {kOuc, "海洋大学（演示）", ""}).status();
  });
  ASSERT_TRUE(noted.ok()) << noted;
  EXPECT_EQ(ImportTasks(Upload(Rows{Row("另一事项")})).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Count("follow_up"), 1);
}

}  // namespace
}  // namespace chanyan::pairing
