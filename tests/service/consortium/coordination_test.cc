// What is coordinated for a consortium: refused first, then raised by a report or by hand, given to
// a unit by a day, answered, late, closed with a finding, and on a sheet (CON-7; S2 七(一)
// 协调困难问题).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/construction_book.h"
#include "services/consortium/construction_service.h"
#include "services/consortium/coordination_book.h"
#include "services/consortium/coordination_service.h"
#include "services/consortium/export_service.h"
#include "tests/service/consortium/world.h"
#include "tests/support/ask.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_STALE_ETAG;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

// A zone, and the department of another matter.
constexpr char kZone[] = "organizations/qd-st-zone";
constexpr char kOtherOffice[] = "organizations/qdst-hy";
constexpr absl::CivilDay kHalfYearOver(2026, 1, 1);
constexpr absl::CivilDay kToBeAnswered(2026, 2, 27);

class CoordinationTest : public ::testing::Test, public World {
 protected:
  CoordinationTest() : items(deps()), jobs(deps()), reports(deps()), asking(deps()) {
    Add(kZone, "演示功能区", registry::v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
    Add(kOtherOffice, "海洋处（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
    Add(kBureau, "高新处（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
  }

  rpc::Call Calls(const std::string& by, const std::string& method) {
    const std::string full = absl::StrCat("CoordinationService.", method);
    return by == kOtherOffice ? As(options::v1::ROLE_DEPARTMENT, by, full) : By(by, full);
  }
  absl::StatusOr<v1::CoordinationItem> Raise(const std::string& consortium, const std::string& by,
                                             const std::string& content = "缺少海上试验场。") {
    v1::CreateCoordinationItemRequest request;
    request.set_parent(consortium);
    request.mutable_coordination_item()->set_content(content);
    request.set_request_id(api::NewUuid());
    return items.CreateCoordinationItem(Calls(by, "CreateCoordinationItem"), request);
  }
  absl::StatusOr<v1::CoordinationItem> Assign(const std::string& name,
                                              const std::string& assignee = kZone,
                                              absl::CivilDay due = kToBeAnswered,
                                              const std::string& by = kBureau) {
    auto request = Named<v1::AssignCoordinationItemRequest>(name);
    request.set_assignee(assignee);
    *request.mutable_due_date() = time::ToProto(due);
    request.set_instruction("请协调试验海域。");
    return items.AssignCoordinationItem(Calls(by, "AssignCoordinationItem"), request);
  }
  absl::StatusOr<v1::CoordinationItem> Answer(const std::string& name,
                                              const std::string& by = kZone) {
    auto request = Named<v1::AnswerCoordinationItemRequest>(name);
    request.set_answer("已落实试验海域。");
    return items.AnswerCoordinationItem(Calls(by, "AnswerCoordinationItem"), request);
  }
  absl::StatusOr<v1::CoordinationItem> Conclude(const std::string& name,
                                                const std::string& by = kBureau) {
    auto request = Named<v1::ConcludeCoordinationItemRequest>(name);
    request.set_finding("牵头单位确认已解决。");
    return items.ConcludeCoordinationItem(Calls(by, "ConcludeCoordinationItem"), request);
  }
  absl::StatusOr<v1::CoordinationItem> Get(const std::string& name, const std::string& by) {
    v1::GetCoordinationItemRequest request;
    request.set_name(name);
    return testing::Ask<v1::CoordinationItem>(items, "GetCoordinationItem",
                                              Calls(by, "GetCoordinationItem"), request);
  }
  std::vector<v1::CoordinationItem> List(const std::string& by, const std::string& filter = "") {
    v1::ListCoordinationItemsRequest request;
    request.set_parent("consortia/-");
    request.set_filter(filter);
    const auto page = items.ListCoordinationItems(Calls(by, "ListCoordinationItems"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->coordination_items().begin(), page->coordination_items().end()};
  }
  int Late() {
    const auto lease = JobLease();
    const auto done = jobs.MarkOverdue(*lease);
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(-1);
  }
  // The report of the second half of 2025, asked for on the first day after it.
  std::string AskedReport(const v1::Consortium& row) {
    Go(kHalfYearOver);
    const auto lease = JobLease();
    EXPECT_TRUE(asking.Ask(*lease).ok());
    return absl::StrCat(row.name(), "/constructionReports/2025h2");
  }
  // One version that changes nothing but names a problem, handed in.
  void HandIn(const std::string& report, const std::string& problem) {
    v1::CreateConstructionVersionRequest request;
    request.set_parent(report);
    request.mutable_version()->set_no_change(true);
    request.mutable_version()->set_problem(problem);
    request.set_request_id(api::NewUuid());
    const auto draft = reports.CreateConstructionVersion(
        By(kAlpha, "ConstructionReportService.CreateConstructionVersion"), request);
    ASSERT_TRUE(draft.ok()) << draft.status();
    const auto done = reports.SubmitConstructionVersion(
        By(kAlpha, "ConstructionReportService.SubmitConstructionVersion"),
        Named<v1::SubmitConstructionVersionRequest>(draft->name()));
    ASSERT_TRUE(done.ok()) << done.status();
  }
  void SendBack(const std::string& report) {
    auto request = Named<v1::ReturnConstructionReportRequest>(report);
    request.set_reason("请补充。");
    const auto done = reports.ReturnConstructionReport(
        By(kBureau, "ConstructionReportService.ReturnConstructionReport"), request);
    ASSERT_TRUE(done.ok()) << done.status();
  }
  std::vector<std::string> Kinds(const std::string& name) {
    return testing::Texts(database.db(), absl::StrCat("SELECT kind FROM journal WHERE resource = '",
                                                      name, "' ORDER BY id"));
  }

  CoordinationService items;
  CoordinationBook jobs;
  ConstructionService reports;
  ConstructionBook asking;
};

TEST_F(CoordinationTest, WhatIsWrongIsRefusedAndLeavesNothing) {
  const v1::Consortium row = Filed("联合体");
  const std::string draft = Ready("编制中").name();
  EXPECT_EQ(ReasonOf(Raise(draft, kAlpha)), ERROR_REASON_WRONG_STATE) << "not filed";
  EXPECT_EQ(ReasonOf(Raise("consortia/absent", kAlpha)), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Raise(row.name(), kBeta)), ERROR_REASON_NOT_FOUND) << "another's";
  EXPECT_EQ(ReasonOf(Raise(row.name(), kOtherOffice)), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(Count("coordination_item"), 0);
  const auto item = Raise(row.name(), kAlpha);
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_EQ(ReasonOf(Assign(item->name(), "organizations/absent")), ERROR_REASON_INVALID_FIELD);
  const auto enterprise = Assign(item->name(), kBeta);
  EXPECT_EQ(ReasonOf(enterprise), ERROR_REASON_INVALID_FIELD) << "no enterprise sees to it";
  EXPECT_THAT(std::string(enterprise.status().message()), HasSubstr("不能承办"));
  const auto past = Assign(item->name(), kZone, time::DayOf(clock.now) - 1);
  EXPECT_EQ(ReasonOf(past), ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(std::string(past.status().message()), HasSubstr("不能早于今天"));
  EXPECT_EQ(ReasonOf(Assign(item->name(), kZone, absl::CivilDay(2026, 2, 27), kOtherOffice)),
            ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Answer(item->name())), ERROR_REASON_NOT_FOUND) << "it is nobody's yet";
  auto stale = Named<v1::ConcludeCoordinationItemRequest>(item->name());
  stale.set_finding("已解决。");
  stale.set_etag("0");
  EXPECT_EQ(
      ReasonOf(items.ConcludeCoordinationItem(Calls(kBureau, "ConcludeCoordinationItem"), stale)),
      ERROR_REASON_STALE_ETAG);
  EXPECT_EQ(Get(item->name(), kBureau)->state(), v1::COORDINATION_STATE_OPEN);
  EXPECT_THAT(Kinds(item->name()), ElementsAre("created"));
}

TEST_F(CoordinationTest, ItIsGivenAnsweredGivenAgainAndClosedWithAFinding) {
  const v1::Consortium row = Filed("联合体");
  const auto item = Raise(row.name(), kAlpha);
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_EQ(item->raised_by(), kAlpha);
  EXPECT_THAT(item->actions(), IsEmpty()) << "the lead raises it and no more";
  EXPECT_THAT(Get(item->name(), kBureau)->actions(), ElementsAre("assign", "conclude"));
  const auto given = Assign(item->name());
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->state(), v1::COORDINATION_STATE_ASSIGNED);
  EXPECT_EQ(given->assignee_title(), "演示功能区");
  EXPECT_EQ(time::ToTime(given->due_time()), time::EndOfDay(kToBeAnswered));
  EXPECT_THAT(Get(item->name(), kZone)->actions(), ElementsAre("answer"));
  EXPECT_EQ(ReasonOf(Answer(item->name(), kBureau)), ERROR_REASON_ROLE_NOT_PERMITTED)
      << "the unit answers";
  const auto answered = Answer(item->name());
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_FALSE(answered->late());
  EXPECT_EQ(ReasonOf(Answer(item->name())), ERROR_REASON_WRONG_STATE);
  // It was not what the office asked for: another sees to it, and the first no longer.
  ASSERT_TRUE(Assign(item->name(), kOtherOffice).ok());
  EXPECT_EQ(ReasonOf(Get(item->name(), kZone)), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Conclude(item->name(), kOtherOffice)), ERROR_REASON_ROLE_NOT_PERMITTED)
      << "the office closes it";
  EXPECT_EQ(ReasonOf(Assign(item->name(), kZone, kToBeAnswered, kOtherOffice)),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  ASSERT_TRUE(Answer(item->name(), kOtherOffice).ok());
  const auto done = Conclude(item->name());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state(), v1::COORDINATION_STATE_DONE);
  EXPECT_EQ(done->finding(), "牵头单位确认已解决。");
  EXPECT_THAT(done->actions(), IsEmpty());
  EXPECT_EQ(ReasonOf(Conclude(item->name())), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Assign(item->name())), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(Kinds(item->name()),
              ElementsAre("created", "assign", "answer", "assign", "answer", "conclude"));
}

TEST_F(CoordinationTest, WhatAReportNamesIsRaisedOnceAndRewordedUntilSomebodyHasIt) {
  const std::string report = AskedReport(Filed("联合体"));
  HandIn(report, "");
  EXPECT_EQ(Count("coordination_item"), 0) << "it names nothing";
  SendBack(report);
  HandIn(report, "缺少海上试验场。");
  ASSERT_EQ(List(kBureau, "state = OPEN").size(), 1u);
  const v1::CoordinationItem first = List(kBureau).at(0);
  EXPECT_EQ(first.report(), report);
  EXPECT_EQ(first.raised_by(), kAlpha);
  SendBack(report);
  HandIn(report, "缺少海上试验场。");
  EXPECT_EQ(Count("coordination_item"), 1) << "it is known";
  SendBack(report);
  HandIn(report, "缺少海上试验场和船时。");
  EXPECT_EQ(Count("coordination_item"), 1) << "nobody had it yet";
  EXPECT_EQ(Get(first.name(), kAlpha)->content(), "缺少海上试验场和船时。");
  ASSERT_TRUE(Assign(first.name()).ok());
  SendBack(report);
  HandIn(report, "配套经费未到位。");
  EXPECT_EQ(Get(first.name(), kAlpha)->content(), "缺少海上试验场和船时。")
      << "what somebody has stays as it was given";
  ASSERT_EQ(List(kBureau, "state = OPEN").size(), 1u);
  EXPECT_EQ(List(kBureau, "state = OPEN").at(0).content(), "配套经费未到位。");
  EXPECT_THAT(Kinds(first.name()), ElementsAre("created", "updated", "assign"));
}

TEST_F(CoordinationTest, WhoIsLateIsMarkedOnceATermAndStaysLate) {
  const std::string name = Raise(Filed("联合体").name(), kBureau)->name();
  ASSERT_TRUE(Assign(name, kZone, absl::CivilDay(2025, 4, 10)).ok());
  clock.now = time::EndOfDay(absl::CivilDay(2025, 4, 10));
  EXPECT_EQ(Late(), 0) << "to the last second";
  EXPECT_THAT(List(kBureau, "overdue = true"), IsEmpty());
  clock.now += absl::Seconds(2);
  EXPECT_EQ(Late(), 1);
  EXPECT_EQ(Late(), 0);
  ASSERT_EQ(List(kBureau, "overdue = true").size(), 1u);
  ASSERT_EQ(List(kZone, "overdue = true").size(), 1u);
  // With another term it is overdue no more, and again after that.
  ASSERT_TRUE(Assign(name, kZone, absl::CivilDay(2025, 4, 20)).ok());
  EXPECT_THAT(List(kBureau, "overdue = true"), IsEmpty());
  Go(absl::CivilDay(2025, 4, 21));
  EXPECT_EQ(Late(), 1);
  ASSERT_TRUE(Answer(name).ok());
  EXPECT_FALSE(Get(name, kBureau)->overdue());
  EXPECT_TRUE(Get(name, kBureau)->late());
  Go(absl::CivilDay(2025, 5, 30));
  EXPECT_EQ(Late(), 0) << "what is answered is the office's turn";
  EXPECT_THAT(Kinds(name),
              ElementsAre("created", "assign", "overdue", "assign", "overdue", "answer"));
}

TEST_F(CoordinationTest, WhoAnswersLateBeforeTheJobWasLateAllTheSame) {
  const std::string name = Raise(Filed("联合体").name(), kAlpha)->name();
  ASSERT_TRUE(Assign(name, kZone, absl::CivilDay(2025, 4, 10)).ok());
  Go(absl::CivilDay(2025, 4, 11));
  const auto answered = Answer(name);
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_TRUE(answered->late());
  EXPECT_EQ(Late(), 0);
}

TEST_F(CoordinationTest, PartiesReadItTheirDistrictAndTheUnitTooAndNobodyElse) {
  const std::string name = Raise(Filed("联合体").name(), kAlpha)->name();
  for (const std::string& by : {std::string(kAlpha), E(1), std::string(kOuc),
                                std::string(kHuangdao), std::string(kBureau)}) {
    EXPECT_TRUE(Get(name, by).ok()) << by;
    EXPECT_EQ(List(by).size(), 1u) << by;
  }
  for (const std::string& by : {std::string(kBeta), std::string(kUpc), std::string(kLaoshan),
                                std::string(kZone), std::string(kOtherOffice)}) {
    EXPECT_EQ(ReasonOf(Get(name, by)), ERROR_REASON_NOT_FOUND) << by;
    EXPECT_THAT(List(by), IsEmpty()) << by;
  }
  EXPECT_EQ(ReasonOf(Answer(name, kHuangdao)), ERROR_REASON_NOT_FOUND) << "it reads and no more";
  ASSERT_TRUE(Assign(name).ok());
  EXPECT_TRUE(Get(name, kZone).ok());
}

TEST_F(CoordinationTest, ItFollowsTheDossierAndIsClosedAfterTheFilingToo) {
  const v1::Consortium row = Filed("联合体");
  const std::string name = Raise(row.name(), kAlpha)->name();
  ASSERT_TRUE(Assign(name).ok());
  ASSERT_TRUE(RemoveLead(row.name()).ok());
  EXPECT_EQ(Get(name, kBureau)->lead_unit(), "");
  EXPECT_EQ(ReasonOf(Get(name, kAlpha)), ERROR_REASON_NOT_FOUND);
  ASSERT_TRUE(Cancel(row.name()).ok());
  ASSERT_TRUE(Answer(name).ok());
  EXPECT_TRUE(Conclude(name).ok());
  EXPECT_EQ(ReasonOf(Raise(row.name(), kBureau)), ERROR_REASON_WRONG_STATE);
}

TEST_F(CoordinationTest, WhatAUnitHasIsItsSuccessors) {
  const std::string name = Raise(Filed("联合体").name(), kAlpha)->name();
  ASSERT_TRUE(Assign(name).ok());
  registry::v1::Organization other = Add("organizations/qd-st-wide", "扩大后的功能区",
                                         registry::v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
  other.add_absorbed()->set_organization(kZone);
  ASSERT_TRUE(Change(other).ok());
  EXPECT_EQ(Get(name, kBureau)->assignee(), "organizations/qd-st-wide");
  EXPECT_EQ(Get(name, kBureau)->assignee_title(), "扩大后的功能区");
  EXPECT_TRUE(Answer(name, "organizations/qd-st-wide").ok());
}

TEST_F(CoordinationTest, OfFourAnswersAtOnceOneCounts) {
  const std::string name = Raise(Filed("联合体").name(), kAlpha)->name();
  ASSERT_TRUE(Assign(name).ok());
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto answered = Answer(name);
      done += answered.ok() ? 1 : 0;
      refused += ReasonOf(answered) == ERROR_REASON_WRONG_STATE ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 3);
}

TEST_F(CoordinationTest, TheSheetHasWhatTheCallerSees) {
  const std::string name = Raise(Filed("联合体").name(), kAlpha)->name();
  ASSERT_TRUE(Assign(name).ok());
  ASSERT_TRUE(Answer(name).ok());
  ASSERT_TRUE(Conclude(name).ok());
  ExportService exports(deps());
  v1::ExportCoordinationItemsRequest request;
  request.set_parent("consortia/-");
  const auto rows = [&](const std::string& by) {
    std::vector<std::vector<std::string>> all;
    const auto file = exports.ExportCoordinationItems(
        By(by, "ConsortiumExportService.ExportCoordinationItems"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return all;
    const auto book = sheet::ReadWorkbook(file->data(), "a.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    for (const auto& line : book->FirstVisible()->rows) {
      std::vector<std::string>& cells = all.emplace_back();
      for (const auto& cell : line.cells) cells.push_back(cell.text);
    }
    return all;
  };
  const auto seen = rows(kBureau);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen[0], IsSupersetOf({"创新联合体", "困难问题和需协调事项", "承办单位", "办理期限",
                                     "办理情况", "办结意见"}));
  EXPECT_THAT(seen[1], IsSupersetOf({"联合体", "缺少海上试验场。", "已办结", "演示功能区",
                                     "已落实试验海域。", "牵头单位确认已解决。"}));
  EXPECT_EQ(rows(kBeta).size(), 1u);
  request.set_filter("overdue = true");
  EXPECT_EQ(rows(kBureau).size(), 1u);
}

}  // namespace
}  // namespace chanyan::consortium
