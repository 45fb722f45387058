// Lists and reports that draft themselves when their period has ended (TRI-7, TRI-8), on the real
// database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DraftsTest : public ::testing::Test, protected World {
 protected:
  explicit DraftsTest(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack())
      : World(std::move(pack)) {}

  void SetUp() override {
    const auto made = World::Create(Draft("海水淡化膜"));
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE(Publish(made->name()).ok());
  }
  // One run of the job at noon of a day: how many lists and reports it drafted.
  std::pair<int, int> RunOn(absl::CivilDay day) {
    Go(day);
    const auto lease = JobLease();
    const auto listed = lists.DraftDue(*lease);
    const auto reported = reports.DraftDue(*lease);
    EXPECT_TRUE(listed.ok()) << listed.status();
    EXPECT_TRUE(reported.ok()) << reported.status();
    EXPECT_TRUE(lease->Release().ok());
    return {listed.value_or(-1), reported.value_or(-1)};
  }
  absl::StatusOr<v1::IndustryList> CreateList(const std::string& kind,
                                              const std::string& industry) {
    v1::CreateIndustryListRequest request;
    request.mutable_industry_list()->set_kind(kind);
    request.mutable_industry_list()->set_industry(industry);
    request.set_request_id(api::NewUuid());
    return lists.CreateIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.CreateIndustryList"),
                                    request);
  }
  absl::StatusOr<v1::IndustryList> DiscardList(const std::string& name) {
    auto request = Named<v1::DiscardIndustryListRequest>(name);
    request.set_reason("本期不印发");
    return lists.DiscardIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.DiscardIndustryList"), request);
  }
  absl::StatusOr<v1::IndustryList> IssueList(const std::string& name) {
    return lists.IssueIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.IssueIndustryList"),
                                   Named<v1::IssueIndustryListRequest>(name));
  }
  std::string OneList(const std::string& where) {
    const auto names = Texts(absl::StrCat("SELECT name FROM industry_list WHERE ", where));
    EXPECT_EQ(names.size(), 1U) << where;
    return names.empty() ? "" : names[0];
  }
};

TEST_F(DraftsTest, OfTimesBeforeTheFirstEntryNothingIsDrafted) {
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 4, 1)), std::make_pair(0, 0));
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 4, 3)), std::make_pair(0, 0));
  EXPECT_EQ(Count("period_draft"), 0);
}

TEST_F(DraftsTest, OnTheFirstWorkdayAfterItsEndAPeriodIsDrafted) {
  // Its week has ended and people are off: 清明节.
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 4, 6)), std::make_pair(0, 0));
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 4, 7)), std::make_pair(0, 1));
  EXPECT_THAT(Texts("SELECT title FROM report"),
              ElementsAre("科技成果产研对接进展周报（2025年3月31日至4月6日）"));
  EXPECT_THAT(Texts("SELECT author FROM report"), ElementsAre("services/triage"));
  EXPECT_THAT(Texts("SELECT actor FROM journal WHERE kind = 'created' AND type LIKE '%Report'"),
              ElementsAre("services/triage"));
  // 劳动节 to the fifth of May; a month has ended with it.
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 5, 5)), std::make_pair(0, 1));
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 5, 6)), std::make_pair(0, 3));
  EXPECT_THAT(Texts("SELECT CONCAT(kind, ' ', period_start_date) FROM report ORDER BY 1"),
              ElementsAre("monthly-dispatch 2025-04-01", "monthly-special 2025-04-01",
                          "weekly 2025-03-31", "weekly 2025-04-21", "weekly 2025-04-28"));
}

TEST_F(DraftsTest, AQuartersListsHaveTheirEntriesAndAreTheOfficesToIssue) {
  const auto [listed, reported] = RunOn(absl::CivilDay(2025, 7, 1));
  EXPECT_EQ(listed, 1);
  EXPECT_EQ(reported, 4);
  const std::string name = OneList("state = 'DRAFT'");
  EXPECT_THAT(Texts("SELECT title FROM industry_list"),
              ElementsAre("现代海洋产业体系科技创新供给清单（2025年第二季度）"));
  EXPECT_THAT(Texts("SELECT title FROM list_line"), ElementsAre("海水淡化膜"));
  EXPECT_THAT(Texts("SELECT actor FROM journal WHERE kind = 'created' AND type LIKE '%List'"),
              ElementsAre("services/triage"));
  const auto issued = IssueList(name);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->number(), 1);
  EXPECT_EQ(issued->title(), "现代海洋产业体系科技创新供给清单（2025年第二季度）〔2025〕第1期");
}

TEST_F(DraftsTest, ChainsThatNoTaskForceSpeaksForAreDraftedAndComeToThoseThatCorrespond) {
  v1::Result ship = Draft("船舶动力装置");
  ship.clear_industries();
  ship.add_industries("船舶");
  const auto made = World::Create(ship);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Publish(made->name()).ok());
  const int before = RunOn(absl::CivilDay(2025, 7, 1)).first;
  EXPECT_GE(before, 2);
  const std::string list = OneList("industry = 'shandong11/marine' AND kind = 'supply'");
  EXPECT_THAT(Texts("SELECT title FROM industry_list WHERE industry = 'shandong11/marine'"),
              ElementsAre(HasSubstr("船舶和海工装备产业链科技创新供给清单")));
  EXPECT_THAT(Texts(absl::StrCat("SELECT title FROM list_line WHERE list = '", list, "'")),
              ::testing::Contains("船舶动力装置"));
  // Every chain had its turn, those without entries too; no part of a chain is drafted beside it.
  EXPECT_EQ(Count("period_draft WHERE series = 'list/supply' AND industry LIKE 'shandong11/%'"),
            11);
  EXPECT_EQ(Count("period_draft WHERE industry LIKE 'shandong11/%.%'"), 0);
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 7, 2)).first, 0);
  // Issued it goes to the task force of what the city calls it.
  const auto issued = IssueList(list);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_FALSE(issued->recipients().empty());
}

TEST_F(DraftsTest, EachPeriodHasOneTurnWhateverBecomesOfItsDraft) {
  RunOn(absl::CivilDay(2025, 7, 1));
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 7, 1)), std::make_pair(0, 0));
  ASSERT_TRUE(DiscardList(OneList("state = 'DRAFT'")).ok());
  auto discard =
      Named<v1::DiscardReportRequest>(Texts("SELECT name FROM report WHERE kind = 'weekly'").at(0));
  discard.set_reason("本周不报");
  ASSERT_TRUE(
      reports.DiscardReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.DiscardReport"), discard)
          .ok());
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 7, 2)), std::make_pair(0, 0));
  // What had no entry when its period ended is not listed later.
  v1::Result late = Draft("人工智能一项");
  late.clear_industries();
  late.add_industries("人工智能");
  const auto made = World::Create(late);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Publish(made->name()).ok());
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 7, 3)), std::make_pair(0, 0));
}

TEST_F(DraftsTest, ADraftThatStandsAndAnIssuedListAreLeftAlone) {
  Go(absl::CivilDay(2025, 6, 20));
  const auto standing = CreateList("supply", "qingdao-marine");
  ASSERT_TRUE(standing.ok()) << standing.status();
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 7, 1)).first, 0);
  EXPECT_EQ(Count("industry_list"), 1);
  v1::GetIndustryListRequest get;
  get.set_name(standing->name());
  const auto seen =
      lists.GetIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.GetIndustryList"), get);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->etag(), standing->etag());
  ASSERT_TRUE(IssueList(standing->name()).ok());
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 7, 2)).first, 0);
  // The next quarter has its own; one that waits for the office holds it up until it is gone.
  Go(absl::CivilDay(2025, 9, 1));
  const auto waits = CreateList("supply", "qingdao-marine");
  ASSERT_TRUE(waits.ok()) << waits.status();
  EXPECT_EQ(RunOn(absl::CivilDay(2026, 1, 4)).first, 0);
  ASSERT_TRUE(DiscardList(waits->name()).ok());
  EXPECT_EQ(RunOn(absl::CivilDay(2026, 1, 5)).first, 1);
  OneList("state = 'DRAFT' AND period_start_date = '2025-10-01'");
}

TEST_F(DraftsTest, AReportOfTheOfficesIsLeftAlone) {
  Go(absl::CivilDay(2025, 4, 3));
  v1::CreateReportRequest request;
  request.mutable_report()->set_kind("weekly");
  request.set_request_id(api::NewUuid());
  const auto own =
      reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"), request);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 4, 7)).second, 0);
  v1::GetReportRequest get;
  get.set_name(own->name());
  const auto seen = reports.GetReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.GetReport"), get);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->etag(), own->etag());
  // And the other way round: the office is told of the draft that stands.
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 4, 14)).second, 1);
  *request.mutable_period_day() = time::ToProto(absl::CivilDay(2025, 4, 9));
  request.set_request_id(api::NewUuid());
  EXPECT_EQ(
      status::ReasonOf(
          reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"), request)
              .status()),
      ERROR_REASON_WRONG_STATE);
}

TEST_F(DraftsTest, AfterAnOutageTheLastPeriodAloneIsMadeUpFor) {
  const auto [listed, reported] = RunOn(absl::CivilDay(2025, 10, 20));
  EXPECT_EQ(listed, 1);
  EXPECT_EQ(reported, 4);
  EXPECT_THAT(Texts("SELECT CONCAT(period_start_date, '') FROM industry_list"),
              ElementsAre("2025-07-01"));
  EXPECT_THAT(Texts("SELECT CONCAT(kind, ' ', period_start_date) FROM report ORDER BY 1"),
              ElementsAre("monthly-dispatch 2025-09-01", "monthly-special 2025-09-01",
                          "quarterly 2025-07-01", "weekly 2025-10-13"));
}

TEST_F(DraftsTest, SeveralReplicasWithConflictsAndLostCommitsDraftEachOnce) {
  Go(absl::CivilDay(2025, 7, 1));
  database.db().InjectFaults({.inject_retry_every = 3,
                              .inject_ambiguous_commit_every = 5,
                              .inject_ambiguous_nocommit_every = 7});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      // Whoever is killed or loses its lease leaves the rest to the next.
      for (int round = 0; round < 12; ++round) {
        db::Lease lease(database.db(), "triage-drafts", absl::StrCat("replica", i),
                        absl::Minutes(3));
        if (!lease.Acquire().ok()) continue;
        const auto listed = lists.DraftDue(lease);
        const auto reported = reports.DraftDue(lease);
        if (round % 2 == 0) (void)lease.Release();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  database.db().InjectFaults({});
  RunOn(absl::CivilDay(2025, 7, 1));
  EXPECT_EQ(Count("industry_list"), 1);
  EXPECT_EQ(Count("list_line"), 1);
  EXPECT_EQ(Count("report"), 4);
  EXPECT_EQ(Count("journal WHERE kind = 'created' AND (type LIKE '%IndustryList' OR "
                  "type LIKE '%Report')"),
            5);
  // Kinds of lists by industries that a task force speaks for, and four kinds of reports.
  EXPECT_EQ(Count("period_draft WHERE draft <> ''"), 5);
  EXPECT_EQ(Count("period_draft WHERE draft = ''"), 5 * (12 + 11) - 1);
}

TEST_F(DraftsTest, WhoLostTheLeaseDraftsNothing) {
  Go(absl::CivilDay(2025, 7, 1));
  db::Lease lost(database.db(), "triage-drafts", "one", absl::Minutes(3));
  ASSERT_TRUE(lost.Acquire().ok());
  database.Apply("UPDATE lease SET token = token + 1, owner = 'two'");
  EXPECT_FALSE(lists.DraftDue(lost).ok());
  EXPECT_FALSE(reports.DraftDue(lost).ok());
  EXPECT_EQ(Count("industry_list") + Count("list_line") + Count("report") + Count("period_draft"),
            0);
}

TEST_F(DraftsTest, WithoutACalendarNothingIsDrafted) {
  Go(absl::CivilDay(2031, 7, 1));
  const auto lease = JobLease();
  EXPECT_EQ(status::ReasonOf(lists.DraftDue(*lease).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
  EXPECT_EQ(status::ReasonOf(reports.DraftDue(*lease).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
  EXPECT_EQ(Count("report"), 0);
}

TEST_F(DraftsTest, AKindWithoutACalendarDoesNotStopThoseAfterIt) {
  // A quarter's due period is asked of last year's calendar, which is not there; a month's is not.
  database.Apply("UPDATE result SET create_time = '2025-01-10 00:00:00', novelty = 1");
  Go(absl::CivilDay(2025, 3, 3));
  const auto lease = JobLease();
  EXPECT_EQ(status::ReasonOf(lists.DraftDue(*lease).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
  EXPECT_GT(Count("period_draft WHERE series LIKE 'list/%'"), 0);
}

// Makes as many results of each as one list has no room for.
void Multiply(testing::TestDatabase& database, int times) {
  const std::string columns =
      testing::Texts(database.db(),
                     "SELECT GROUP_CONCAT(CONCAT('`', COLUMN_NAME, '`')) FROM "
                     "information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = "
                     "'result' AND GENERATION_EXPRESSION IS NULL AND COLUMN_NAME <> 'name'")
          .at(0);
  database.Apply(absl::StrCat("INSERT INTO result (name, ", columns,
                              ") SELECT CONCAT(name, '-', seq), ", columns,
                              " FROM result, seq_1_to_", times));
}

TEST_F(DraftsTest, EveryListThatIsTooLongIsNamed) {
  v1::Result other = Draft("人工智能一项");
  other.clear_industries();
  other.add_industries("人工智能");
  const auto made = World::Create(other);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Publish(made->name()).ok());
  constexpr int kFew = 200;
  ListService few({{database.db(), clock, nullptr}, triage, hygiene, peer.peers()}, kFew);
  Multiply(database, kFew);
  Go(absl::CivilDay(2025, 7, 1));
  const auto lease = JobLease();
  const auto listed = few.DraftDue(*lease);
  EXPECT_EQ(status::ReasonOf(listed.status()), options::v1::ERROR_REASON_FILE_TOO_LARGE);
  EXPECT_THAT(listed.status().message(),
              HasSubstr("现代海洋产业体系科技创新供给清单（2025年第二季度）"));
  EXPECT_THAT(listed.status().message(), HasSubstr("人工智能"));
  EXPECT_EQ(Count("industry_list") + Count("list_line"), 0);
  // They had their turn, and that was said once.
  EXPECT_TRUE(few.DraftDue(*lease).ok());
}

TEST_F(DraftsTest, AListOfThousandsIsDraftedWholeAndIssued) {
  Multiply(database, 3000);
  Go(absl::CivilDay(2025, 7, 1));
  const auto lease = JobLease();
  ASSERT_TRUE(lists.DraftDue(*lease).ok());
  const std::string name =
      Texts("SELECT name FROM industry_list WHERE kind = 'supply' ORDER BY line_count DESC").at(0);
  EXPECT_GT(Count(absl::StrCat("list_line WHERE list = '", name, "'")), 3000);
  auto request = Named<v1::IssueIndustryListRequest>(name);
  const auto issued = lists.IssueIndustryList(
      As(ROLE_DEPARTMENT, kOffice, "ListService.IssueIndustryList"), request);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->line_count(),
            Count(absl::StrCat("list_line WHERE list = '", name, "' AND issued = 1")));
}

// What is weekly is quarterly: the first of the kinds is the one without a calendar.
class DraftsWithoutACalendarTest : public DraftsTest {
 protected:
  DraftsWithoutACalendarTest()
      : DraftsTest(PackWith({{"period: PERIODICITY_WEEK", "period: PERIODICITY_QUARTER"}})) {}
};

TEST_F(DraftsWithoutACalendarTest, OtherReportsAreDrafted) {
  database.Apply("UPDATE result SET create_time = '2025-01-10 00:00:00'");
  Go(absl::CivilDay(2025, 3, 3));
  const auto lease = JobLease();
  EXPECT_EQ(status::ReasonOf(reports.DraftDue(*lease).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
  EXPECT_THAT(Texts("SELECT CONCAT(kind, ' ', period_start_date) FROM report ORDER BY 1"),
              ElementsAre("monthly-dispatch 2025-02-01", "monthly-special 2025-02-01"));
}

class DraftsByHandTest : public DraftsTest {
 protected:
  DraftsByHandTest()
      : DraftsTest(PackWith({{"id: \"supply\"", "id: \"supply\" drafted_by_hand: true"},
                             {"id: \"weekly\"", "id: \"weekly\" drafted_by_hand: true"}})) {}
};

TEST_F(DraftsByHandTest, WhatThePackLeavesToTheOfficeIsNotDrafted) {
  EXPECT_EQ(RunOn(absl::CivilDay(2025, 7, 1)), std::make_pair(0, 3));
  EXPECT_THAT(Texts("SELECT kind FROM report ORDER BY 1"),
              ElementsAre("monthly-dispatch", "monthly-special", "quarterly"));
  EXPECT_TRUE(CreateList("supply", "qingdao-marine").ok());
}

}  // namespace
}  // namespace chanyan::triage
