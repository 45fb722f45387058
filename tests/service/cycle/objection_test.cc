// Objections to a leaderboard within their window (CYC-8), rows traced to person and minute, and
// the proof of conservation as a table (CYC-4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/api/differences.h"
#include "common/auth/secret.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/objection_service.h"
#include "services/cycle/trace_service.h"
#include "tests/service/cycle/published_board.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string CellsOf(const google::api::HttpBody& file) {
  const auto book = sheet::ReadWorkbook(file.data(), "表.xlsx");
  EXPECT_TRUE(book.ok()) << book.status();
  std::string text;
  for (const sheet::Row& row : book->FirstVisible()->rows) {
    for (const sheet::Cell& cell : row.cells) absl::StrAppend(&text, cell.text, "|");
    absl::StrAppend(&text, "\n");
  }
  return text;
}

class ObjectionTest : public ::testing::Test {
 protected:
  ObjectionTest()
      : keys_(crypto::Keyring::Parse(absl::StrCat("k1 ", auth::NewSecret())).value()),
        service_(
            CycleDeps{
                {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()},
            keys_, {}) {}

  rpc::Call As(options::v1::Role role, const std::string& own, const char* method) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.ObjectionService.", method));
  }
  void Publish(int number, absl::Time time) { PublishBoard(world_, number, time); }
  static std::string Version(int number) { return BoardVersion(number); }
  absl::StatusOr<v1::Objection> Object(const std::string& own, int version = 1,
                                       const std::string& subject = kOuc,
                                       const std::string& board = "universities") {
    v1::CreateObjectionRequest request;
    request.set_parent(Version(version));
    request.mutable_objection()->set_board(board);
    request.mutable_objection()->set_subject(subject);
    request.mutable_objection()->set_content("漏计一个新增项目");
    request.set_request_id(World::Uuid());
    return service_.CreateObjection(As(ROLE_RESEARCH_OFFICE, own, "CreateObjection"), request);
  }
  absl::StatusOr<v1::Objection> Decide(const std::string& name, bool upheld) {
    v1::DecideObjectionRequest request;
    request.set_name(name);
    request.set_upheld(upheld);
    request.set_finding(upheld ? "经核查属实，将更正" : "经核查，该项目于上季度签约");
    return service_.DecideObjection(As(ROLE_SECRETARIAT, kSecretariat, "DecideObjection"), request);
  }
  v1::ObjectionWindow Window(int version = 1) {
    v1::GetObjectionWindowRequest request;
    request.set_name(Version(version));
    const auto window =
        service_.GetObjectionWindow(As(ROLE_PUBLIC, "", "GetObjectionWindow"), request);
    EXPECT_TRUE(window.ok()) << window.status();
    return window.ok() ? *window : v1::ObjectionWindow();
  }

  World world_;
  const crypto::Keyring keys_;
  ObjectionService service_;
};

TEST_F(ObjectionTest, OneMayObjectUntilTheEndOfTheFifthWorkday) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
  Publish(1, InChina(5, 14));
  // Wednesday 14 May, and five workdays after it.
  EXPECT_EQ(time::ToTime(Window().deadline()), InChina(5, 21, 23, 59, 59));
  EXPECT_THAT(Window().derivation(), HasSubstr("自2025年5月14日起5个工作日（当日不计）"));
  EXPECT_EQ(Window().state(), v1::WINDOW_STATE_OPEN);
  EXPECT_TRUE(absl::IsInvalidArgument(Object(kOuc, 1, kOuc, "nothing").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Object(kOuc, 1, kUpc).status()));
  const auto missing = Object(kUpc, 1, "");
  ASSERT_TRUE(missing.ok()) << missing.status();
  EXPECT_EQ(missing->subject_title(), "高校贡献度榜");
  ASSERT_TRUE(world_.MoveTo(InChina(5, 21, 23, 59, 59)).ok());
  const auto last = Object(kOuc);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_THAT(last->actions(), ElementsAre("withdraw", "addEvidence"));
  ASSERT_TRUE(world_.MoveTo(InChina(5, 22, 0)).ok());
  const auto late = Object(kOuc);
  EXPECT_EQ(status::ReasonOf(late.status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_THAT(std::string(late.status().message()), HasSubstr("2025年5月21日23:59:59截止"));
}

TEST_F(ObjectionTest, AVersionStandsOnceEveryObjectionIsAnswered) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
  Publish(1, InChina(5, 14));
  const auto rejected = Object(kOuc);
  const auto withdrawn = Object(kUpc);
  ASSERT_TRUE(rejected.ok() && withdrawn.ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 22, 9)).ok());
  EXPECT_EQ(Window().state(), v1::WINDOW_STATE_DECIDING);
  EXPECT_EQ(Window().open_count(), 2);
  v1::WithdrawObjectionRequest withdraw;
  withdraw.set_name(withdrawn->name());
  EXPECT_TRUE(absl::IsNotFound(
      service_.WithdrawObjection(As(ROLE_RESEARCH_OFFICE, kOuc, "WithdrawObjection"), withdraw)
          .status()))
      << "another's objection";
  ASSERT_TRUE(
      service_.WithdrawObjection(As(ROLE_RESEARCH_OFFICE, kUpc, "WithdrawObjection"), withdraw)
          .ok());
  const auto decided = Decide(rejected->name(), false);
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_EQ(time::ToTime(decided->decide_time()), InChina(5, 22, 9));
  EXPECT_THAT(decided->actions(), IsEmpty());
  EXPECT_EQ(Window().state(), v1::WINDOW_STATE_FINAL);
  EXPECT_EQ(Window().objection_count(), 1) << "without the one that was withdrawn";
  EXPECT_EQ(Window().open_count(), 0);
  EXPECT_EQ(Window().upheld_count(), 0);
  EXPECT_EQ(status::ReasonOf(Decide(rejected->name(), true).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(ObjectionTest, WhatIsUpheldIsCorrectedByANewVersionBesideTheOld) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
  Publish(1, InChina(5, 14));
  const auto upheld = Object(kOuc);
  ASSERT_TRUE(upheld.ok()) << upheld.status();
  ASSERT_TRUE(Decide(upheld->name(), true).ok());
  EXPECT_EQ(Window().state(), v1::WINDOW_STATE_OPEN) << "others may still object";
  ASSERT_TRUE(world_.MoveTo(InChina(5, 22)).ok());
  EXPECT_EQ(Window().state(), v1::WINDOW_STATE_CORRECTING);
  Publish(2, InChina(5, 22));
  EXPECT_EQ(Window().state(), v1::WINDOW_STATE_SUPERSEDED);
  EXPECT_EQ(Window(2).state(), v1::WINDOW_STATE_OPEN);
  EXPECT_EQ(status::ReasonOf(Object(kUpc, 1).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(Object(kUpc, 2).ok());

  v1::ListObjectionsRequest list;
  list.set_parent(absl::StrCat(kCycle, "/leaderboards/-"));
  const auto mine = service_.ListObjections(As(ROLE_RESEARCH_OFFICE, kUpc, "ListObjections"), list);
  ASSERT_TRUE(mine.ok()) << mine.status();
  EXPECT_THAT(mine->objections(), SizeIs(1)) << "another's objections are not shown";
  const auto all =
      service_.ListObjections(As(ROLE_DEPARTMENT, "organizations/bureau", "ListObjections"), list);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(all->objections(), SizeIs(2));
  v1::ExportObjectionsRequest export_request;
  export_request.set_parent(Version(1));
  const auto book = service_.ExportObjections(
      As(ROLE_DEPARTMENT, "organizations/bureau", "ExportObjections"), export_request);
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_THAT(CellsOf(*book), HasSubstr("经核查属实，将更正"));
  EXPECT_THAT(CellsOf(*book), HasSubstr("（演练或补录）"));
  // It is dated by the cycle's clock, not by ours.
  world_.clock.now += absl::Hours(30);
  const auto later = service_.ExportObjections(
      As(ROLE_DEPARTMENT, "organizations/bureau", "ExportObjections"), export_request);
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(later->data(), book->data());
  export_request.set_parent("cycles/2031q1/leaderboards/1");
  EXPECT_TRUE(absl::IsNotFound(
      service_
          .ExportObjections(As(ROLE_DEPARTMENT, "organizations/bureau", "ExportObjections"),
                            export_request)
          .status()));
}

TEST_F(ObjectionTest, AnObjectionWaitsForAPublicationUnderWayAndIsRefusedThen) {
  ASSERT_TRUE(world_.Open().ok());
  ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
  Publish(1, InChina(5, 14));
  Publish(2, InChina(5, 14));
  world_.database.Apply(
      absl::StrCat("UPDATE leaderboard SET state = 'COMPUTED' WHERE name = '", Version(2), "'"));
  ASSERT_EQ(Window().state(), v1::WINDOW_STATE_OPEN);
  absl::StatusOr<v1::Objection> objection;
  std::thread objector;
  const absl::Status published =
      world_.database.db().Transact([&](db::Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(
            session
                .Execute("UPDATE leaderboard SET state = 'PUBLISHED' WHERE name = ?", {Version(2)})
                .status());
        objector = std::thread([&] { objection = Object(kOuc); });
        absl::SleepFor(absl::Milliseconds(300));
        return absl::OkStatus();
      });
  objector.join();
  ASSERT_TRUE(published.ok()) << published;
  EXPECT_EQ(status::ReasonOf(objection.status()), ERROR_REASON_WRONG_STATE) << objection.status();
  EXPECT_EQ(world_.Count("objection"), 0);
}

class TraceTest : public ::testing::Test {
 protected:
  TraceTest()
      : service_(CycleDeps{
            {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()}) {}

  rpc::Call As(options::v1::Role role, const std::string& own, const char* method) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.TraceService.", method));
  }
  absl::StatusOr<v1::RowTrace> Trace(options::v1::Role role, const std::string& own) {
    v1::TraceRowRequest request;
    request.set_name(row_);
    return service_.TraceRow(As(role, own, "TraceRow"), request);
  }
  // From the university to the enterprise, an hour between the acts.
  void GoesToTheEnterprise() {
    ASSERT_TRUE(world_.Open().ok());
    Later();
    ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
    row_ = world_.RowOf(kOucLab, 0).name();
    Later();
    ASSERT_TRUE(world_.Submit(kOuc).ok());
    Later();
    ASSERT_TRUE(world_.Accept(kOuc).ok());
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
    Later();
    ASSERT_TRUE(world_.Distribute().ok());
    Later();
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  }
  void Later() { world_.clock.now += absl::Hours(1); }

  World world_;
  TraceService service_;
  std::string row_;
};

TEST_F(TraceTest, ARowIsTracedToThePersonAndTheMinute) {
  const absl::Time begin = world_.clock.now;
  GoesToTheEnterprise();
  const auto trace = Trace(ROLE_SECRETARIAT, kSecretariat);
  ASSERT_TRUE(trace.ok()) << trace.status();
  std::vector<std::string> lines;
  for (const v1::TraceStep& step : trace->steps()) {
    lines.push_back(absl::StrCat(absl::ToInt64Hours(time::ToTime(step.time()) - begin), " ",
                                 step.act(), " ", step.account(), " ", step.sender(), ">",
                                 step.receiver()));
    EXPECT_NE(step.event_id(), "");
  }
  EXPECT_THAT(
      lines, ElementsAre("0 填入 accounts/secretariat >", "1 修改 accounts/ouc >",
                         "2 发送 accounts/ouc organizations/ouc>organizations/secretariat",
                         "3 签收 accounts/secretariat organizations/ouc>organizations/secretariat",
                         "4 发送 accounts/secretariat organizations/secretariat>organizations/zone",
                         "5 签收 accounts/zone organizations/secretariat>organizations/zone",
                         "5 发送 accounts/zone organizations/zone>organizations/e0"));
  EXPECT_THAT(trace->steps(1).changes(), HasSubstr("最新进展：（空）→已完成设备安装"));
  EXPECT_EQ(time::ToTime(trace->steps(2).cycle_time()), InChina(4, 1, 8)) << "by the cycle's clock";
  EXPECT_EQ(trace->title(), "海洋装备实验室（演示）—演示企业0");
  v1::ExportRowTraceRequest request;
  request.set_name(row_);
  const auto file = service_.ExportRowTrace(As(ROLE_UNIT, kZone, "ExportRowTrace"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(CellsOf(*file), AllOf(HasSubstr("签收"), HasSubstr("accounts/ouc")));
}

TEST_F(TraceTest, WhoMayNotSeeARowMayNotTraceIt) {
  GoesToTheEnterprise();
  EXPECT_TRUE(Trace(ROLE_UNIT, kZone).ok());
  EXPECT_TRUE(Trace(ROLE_RESEARCH_OFFICE, kOuc).ok());
  EXPECT_TRUE(absl::IsNotFound(Trace(ROLE_UNIT, kTown).status()));
  EXPECT_TRUE(absl::IsNotFound(Trace(ROLE_RESEARCH_OFFICE, kUpc).status()));
  EXPECT_TRUE(absl::IsNotFound(Trace(ROLE_ENTERPRISE, World::Enterprise(2)).status()));
}

TEST_F(TraceTest, ADisputeStaysUntilItIsSettled) {
  GoesToTheEnterprise();
  v1::DisputeRowRequest request;
  request.set_name(row_);
  request.set_reason("该项目未与本单位辖区企业签约");
  request.set_request_id(World::Uuid());
  EXPECT_TRUE(
      absl::IsNotFound(service_.DisputeRow(As(ROLE_UNIT, kTown, "DisputeRow"), request).status()));
  const auto dispute = service_.DisputeRow(As(ROLE_UNIT, kZone, "DisputeRow"), request);
  ASSERT_TRUE(dispute.ok()) << dispute.status();
  EXPECT_EQ(dispute->university(), kOuc);
  EXPECT_EQ(dispute->enterprise(), World::Enterprise(0)) << "it has been sent the row";
  v1::ListDisputesRequest list;
  list.set_parent(kCycle);
  list.set_filter("state = OPEN");
  const auto seen = [&](options::v1::Role role, const std::string& own) {
    const auto page = service_.ListDisputes(As(role, own, "ListDisputes"), list);
    EXPECT_TRUE(page.ok()) << page.status();
    return page->disputes_size();
  };
  EXPECT_EQ(seen(ROLE_RESEARCH_OFFICE, kOuc), 1);
  EXPECT_EQ(seen(ROLE_UNIT, kTown), 0);
  v1::SettleDisputeRequest settle;
  settle.set_name(dispute->name());
  settle.set_finding("经核实，企业注册地在本辖区");
  const auto settled =
      service_.SettleDispute(As(ROLE_SECRETARIAT, kSecretariat, "SettleDispute"), settle);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->settled_by(), "accounts/test");
  EXPECT_EQ(seen(ROLE_SECRETARIAT, kSecretariat), 0);
  EXPECT_EQ(status::ReasonOf(
                service_.SettleDispute(As(ROLE_SECRETARIAT, kSecretariat, "SettleDispute"), settle)
                    .status()),
            ERROR_REASON_WRONG_STATE);
}

TEST_F(TraceTest, DisputesAreASheetOfWhatTheReaderMaySee) {
  GoesToTheEnterprise();
  v1::DisputeRowRequest request;
  request.set_name(row_);
  request.set_reason("该项目未与本单位辖区企业签约");
  request.set_request_id(World::Uuid());
  ASSERT_TRUE(service_.DisputeRow(As(ROLE_UNIT, kZone, "DisputeRow"), request).ok());
  v1::ExportDisputesRequest list;
  list.set_parent(kCycle);
  const auto sheet = [&](options::v1::Role role, const std::string& own) {
    const auto file = service_.ExportDisputes(As(role, own, "ExportDisputes"), list);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? CellsOf(*file) : std::string();
  };
  const std::string all = sheet(ROLE_SECRETARIAT, kSecretariat);
  EXPECT_THAT(all, HasSubstr("报表行争议台账（2025q2）（演练或补录）"));
  EXPECT_THAT(all, HasSubstr("该项目未与本单位辖区企业签约"));
  EXPECT_THAT(all, HasSubstr("海洋高新区（演示）"));
  EXPECT_THAT(all, HasSubstr("待核实"));
  EXPECT_THAT(sheet(ROLE_RESEARCH_OFFICE, kOuc), HasSubstr("该项目未与本单位辖区企业签约"));
  EXPECT_THAT(sheet(ROLE_UNIT, kTown), ::testing::Not(HasSubstr("该项目")));
  list.set_filter("state = SETTLED");
  EXPECT_THAT(sheet(ROLE_SECRETARIAT, kSecretariat), ::testing::Not(HasSubstr("该项目")));
  list.set_filter("no such");
  EXPECT_TRUE(absl::IsInvalidArgument(
      service_.ExportDisputes(As(ROLE_SECRETARIAT, kSecretariat, "ExportDisputes"), list)
          .status()));
  list.set_filter("");
  list.set_parent("cycles/2031q1");
  EXPECT_TRUE(absl::IsNotFound(
      service_.ExportDisputes(As(ROLE_SECRETARIAT, kSecretariat, "ExportDisputes"), list)
          .status()));
}

TEST_F(TraceTest, TheProofOfConservationIsATable) {
  GoesToTheEnterprise();
  v1::ExportConservationRequest request;
  request.set_name(kCycle);
  const auto table = service_.ExportConservation(
      As(ROLE_SECRETARIAT, kSecretariat, "ExportConservation"), request);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(CellsOf(*table), AllOf(HasSubstr("核验结论：守恒"), HasSubstr("演练或补录"),
                                     HasSubstr("海洋高新区（演示）|1|1|organizations/zone|"),
                                     HasSubstr("石油大学（演示）|1|0|organizations/upc|")));
  world_.database.Apply("DELETE FROM form_row WHERE enterprise = 'organizations/e0'");
  const auto broken = service_.ExportConservation(
      As(ROLE_SECRETARIAT, kSecretariat, "ExportConservation"), request);
  ASSERT_TRUE(broken.ok()) << broken.status();
  EXPECT_THAT(CellsOf(*broken), HasSubstr("核验结论：不守恒"));
}

}  // namespace
}  // namespace chanyan::cycle
