// Deadlines projected anew, and quarters played through without touching anything (CYC-1, CYC-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "common/journal/reader.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/deadline_service.h"
#include "services/cycle/read_only_session.h"
#include "tests/service/cycle/stored_tables.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_SECRETARIAT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class DeadlineTest : public ::testing::Test {
 protected:
  DeadlineTest() { Under(*world_.pack); }
  // The service as it runs with another pack.
  void Under(const policy::Pack& pack) {
    service_ = std::make_unique<DeadlineService>(
        CycleDeps{{world_.database.db(), world_.clock, nullptr}, pack, world_.fakes.peers()},
        [this](const rpc::Caller& caller) { return world_.service->AskForOpening(caller); });
  }
  rpc::Call As(options::v1::Role role, const char* method) {
    return testing::CallAs(role, role == ROLE_SECRETARIAT ? kSecretariat : "organizations/bureau",
                           absl::StrCat("chanyan.cycle.v1.DeadlineService.", method));
  }
  absl::StatusOr<v1::ReprojectDeadlinesResponse> Reproject(bool dry_run = false) {
    v1::ReprojectDeadlinesRequest request;
    request.set_name(kCycle);
    request.set_reason("国办补充通知：4月21日调整为休息日");
    request.set_validate_only(dry_run);
    request.set_request_id(World::Uuid());
    return service_->ReprojectDeadlines(As(ROLE_SECRETARIAT, "ReprojectDeadlines"), request);
  }
  absl::StatusOr<v1::Simulation> Simulate(const std::string& name) {
    v1::SimulateQuarterRequest request;
    request.set_name(name);
    return service_->SimulateQuarter(As(ROLE_DEPARTMENT, "SimulateQuarter"), request);
  }
  static const v1::SimulatedTask* TaskOf(const v1::Simulation& simulation, int step,
                                         const std::string& organization) {
    for (const v1::SimulatedTask& task : simulation.tasks()) {
      if (task.step() == step && task.organization() == organization) return &task;
    }
    return nullptr;
  }

  World world_;
  std::unique_ptr<DeadlineService> service_;
};

TEST_F(DeadlineTest, AYearWithoutCalendarIsRefusedWithWhatToDo) {
  v1::ProjectDeadlinesRequest request;
  request.set_name("cycles/2027q1");
  const auto projected =
      service_->ProjectDeadlines(As(ROLE_DEPARTMENT, "ProjectDeadlines"), request);
  EXPECT_EQ(status::ReasonOf(projected.status()), options::v1::ERROR_REASON_CALENDAR_MISSING);
  EXPECT_THAT(std::string(projected.status().message()),
              AllOf(HasSubstr("2027年"), HasSubstr("国务院办公厅公布"), HasSubstr("重启后再办理")));
  EXPECT_EQ(status::ReasonOf(Simulate("cycles/2027q1").status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
  request.set_name("cycles/2026q4");
  const auto next = service_->ProjectDeadlines(As(ROLE_DEPARTMENT, "ProjectDeadlines"), request);
  ASSERT_TRUE(next.ok()) << next.status();
  ASSERT_EQ(next->steps_size(), 6);
  EXPECT_THAT(next->steps(0).derivation(), HasSubstr("国庆"));
}

TEST_F(DeadlineTest, AnAmendmentMovesOpenDeadlinesOnceAndIsJournalled) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 17)).ok());
  const auto same = Reproject();
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_THAT(same->moved(), SizeIs(0));

  // The running cycle had been reckoned without the 21st.
  world_.database.Apply(
      "UPDATE cycle SET steps = JSON_SET(steps, '$[2].last_day.day', 23, '$[2].deadline', "
      "'2025-04-23T15:59:59Z', '$[0].last_day.day', 7, '$[0].deadline', '2025-04-07T15:59:59Z')");
  const auto dry = Reproject(/*dry_run=*/true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  ASSERT_THAT(dry->moved(), SizeIs(1));
  EXPECT_EQ(dry->moved(0).number(), 3);
  const auto moved = Reproject();
  ASSERT_TRUE(moved.ok()) << moved.status();
  ASSERT_THAT(moved->moved(), SizeIs(1)) << "the first step has ended and stays as it was";
  EXPECT_EQ(time::ToTime(moved->moved(0).step().deadline()), InChina(4, 22, 23, 59, 59));
  EXPECT_THAT(moved->moved(0).step().derivation(), HasSubstr("国办补充通知：4月21日调整为休息日"));
  EXPECT_EQ(world_.database.db()
                .Read([&](db::Session& session) -> absl::Status {
                  CHANYAN_ASSIGN_OR_RETURN(const auto entries,
                                           journal::NewestOf(session, kCycle, 1));
                  EXPECT_EQ(entries.at(0).kind(), "deadlinesReprojected");
                  EXPECT_THAT(entries.at(0).after_json(), HasSubstr("国办补充通知"));
                  EXPECT_NE(entries.at(0).actor(), "");
                  return absl::OkStatus();
                })
                .code(),
            absl::StatusCode::kOk);
}

TEST_F(DeadlineTest, TheSheetOfDeadlinesSaysWhereEachComesFrom) {
  ASSERT_TRUE(world_.Open().ok());
  v1::ExportDeadlinesRequest request;
  request.set_name(kCycle);
  const auto file = service_->ExportDeadlines(As(ROLE_DEPARTMENT, "ExportDeadlines"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "期限表.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<std::string> cells;
  for (const sheet::Row& row : book->FirstVisible()->rows) {
    for (const sheet::Cell& cell : row.cells) cells.push_back(cell.text);
  }
  EXPECT_THAT(cells, Contains(HasSubstr("第2周＝2025年第二季度第6—10个工作日")));
  EXPECT_THAT(cells, Contains(HasSubstr("清明节4月4日—4月6日放假")));
  EXPECT_THAT(cells, Contains("高校、科研机构科研管理部门")) << "who answers for step 1";
  EXPECT_THAT(cells, Contains(HasSubstr("大功能区、镇街、产业链推进单位\n企业")))
      << "who takes part in step 2";
  EXPECT_THAT(cells, Contains(HasSubstr("演练或补录")));
}

TEST_F(DeadlineTest, AQuarterIsPlayedThroughThoughRemindersLieBehindTheCalendar) {
  ASSERT_TRUE(world_.Open().ok());
  int year = 2025;
  while (world_.pack->calendar().HasYear(year + 1)) ++year;
  // A cycle of before extensions had a limit.
  world_.database.Apply(
      absl::StrCat("UPDATE cycle SET steps = JSON_SET(steps, '$[5].last_day.year', ", year,
                   ", '$[5].last_day.month', 12, '$[5].last_day.day', 31, "
                   "'$[5].deadline', '",
                   year, "-12-31T15:59:59Z')"));
  const auto simulation = Simulate(kCycle);
  ASSERT_TRUE(simulation.ok()) << simulation.status();
  std::vector<std::string> texts;
  for (const v1::SimulatedMoment& moment : simulation->moments()) texts.push_back(moment.text());
  EXPECT_THAT(texts, Contains(HasSubstr("第6步有提醒无法排定")));
  EXPECT_THAT(texts, Contains(HasSubstr("到期前提醒")));
}

TEST_F(DeadlineTest, AQuarterIsPlayedThroughAndNothingIsWritten) {
  ASSERT_TRUE(world_.Open().ok());
  const std::map<std::string, std::string> before = StoredTables(world_.database.db());
  const auto simulation = Simulate("cycles/2025q3");
  ASSERT_TRUE(simulation.ok()) << simulation.status();
  ASSERT_TRUE(Simulate(kCycle).ok());
  v1::ExportSimulationRequest request;
  request.set_name("cycles/2025q3");
  const auto file = service_->ExportSimulation(As(ROLE_DEPARTMENT, "ExportSimulation"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(sheet::ReadWorkbook(file->data(), "推演.xlsx").ok());
  EXPECT_EQ(StoredTables(world_.database.db()), before);

  EXPECT_EQ(simulation->form_count(), 2);
  EXPECT_EQ(simulation->row_count(), 2) << "the projects under way";
  const v1::SimulatedTask* zone = TaskOf(*simulation, 2, kZone);
  ASSERT_NE(zone, nullptr);
  EXPECT_EQ(zone->title(), "海洋高新区（演示）");
  EXPECT_EQ(zone->row_count(), 1);
  EXPECT_GE(time::ToTime(zone->receive_time()), InChina(7, 8, 0)) << "not before the second week";
  const v1::SimulatedTask* enterprise = TaskOf(*simulation, 3, World::Enterprise(0));
  ASSERT_NE(enterprise, nullptr);
  EXPECT_THAT(enterprise->reason(), HasSubstr("没有往季记录"));
  EXPECT_FALSE(enterprise->late());
  EXPECT_GE(simulation->moments_size(), 12);
  // The same data give the same bytes.
  EXPECT_EQ(Simulate("cycles/2025q3")->SerializeAsString(), simulation->SerializeAsString());
}

TEST_F(DeadlineTest, WhoWasLateLastQuarterIsExpectedLate) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 7, 9)).ok());
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  ASSERT_TRUE(world_.Submit(kOuc).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(6, 30)).ok());
  const auto simulation = Simulate("cycles/2025q3");
  ASSERT_TRUE(simulation.ok()) << simulation.status();
  const v1::SimulatedTask* punctual = TaskOf(*simulation, 1, kOuc);
  const v1::SimulatedTask* absent = TaskOf(*simulation, 1, kUpc);
  ASSERT_TRUE(punctual != nullptr && absent != nullptr);
  EXPECT_FALSE(punctual->late());
  // A day and a half before the deadline, as the last time.
  EXPECT_EQ(time::ToTime(punctual->deadline()) - time::ToTime(punctual->expected_time()),
            InChina(4, 8, 23, 59, 59) - InChina(4, 7, 9));
  EXPECT_TRUE(absent->late());
  EXPECT_THAT(absent->reason(), HasSubstr("近1季逾期1次；2025年第二季度未报送"));
  EXPECT_GE(simulation->late_count(), 1);
}

TEST_F(DeadlineTest, AReadOnlySessionRunsNoChange) {
  ASSERT_TRUE(world_.Open().ok());
  const absl::Status status = world_.database.db().Transact([&](db::Session& session) {
    ReadOnlySession reading(session);
    EXPECT_TRUE(reading.Query("SELECT name FROM cycle").ok());
    return reading.Execute("DELETE FROM cycle", {}).status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(world_.Count("cycle"), 1);
}

}  // namespace
}  // namespace chanyan::cycle
