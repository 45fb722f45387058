// Reports of progress of what is filed: asked for once, handed in version by version, decided,
// late, ended with the filing, and found by evaluations (CON-7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/journal/sealer.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/construction_book.h"
#include "services/consortium/construction_service.h"
#include "services/consortium/export_service.h"
#include "services/consortium/package_service.h"
#include "tests/service/consortium/world.h"
#include "tests/support/ask.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_STALE_ETAG;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr absl::CivilDay kAsked(2026, 1, 1);
constexpr absl::CivilDay kRemind(2026, 1, 19);
constexpr absl::CivilDay kLastDay(2026, 1, 22);

class ConstructionTest : public ::testing::Test, public World {
 protected:
  ConstructionTest() : reports(deps()), jobs(deps()) {}
  explicit ConstructionTest(std::unique_ptr<const policy::Pack> other)
      : World(std::move(other)), reports(deps()), jobs(deps()) {}

  // How many each of the jobs did: ask, remind, mark, end.
  std::vector<int> Run() {
    const auto lease = JobLease();
    std::vector<int> done;
    for (const auto& one :
         {jobs.Ask(*lease), jobs.Remind(*lease), jobs.MarkOverdue(*lease), jobs.End(*lease)}) {
      EXPECT_TRUE(one.ok()) << one.status();
      done.push_back(one.value_or(-1));
    }
    return done;
  }
  // Filed on 2025-04-01, and asked for the second half of 2025.
  std::string Asked(const std::string& title = "联合体") {
    const v1::Consortium row = Filed(title);
    Go(kAsked);
    EXPECT_THAT(Run(), ElementsAre(1, 0, 0, 0));
    return absl::StrCat(row.name(), "/constructionReports/2025h2");
  }
  absl::StatusOr<v1::ConstructionReport> Get(const std::string& name, const std::string& by) {
    v1::GetConstructionReportRequest request;
    request.set_name(name);
    return testing::Ask<v1::ConstructionReport>(
        reports, "GetConstructionReport", By(by, "ConstructionReportService.GetConstructionReport"),
        request);
  }
  std::vector<v1::ConstructionReport> List(const std::string& by, const std::string& filter = "") {
    v1::ListConstructionReportsRequest request;
    request.set_parent("consortia/-");
    request.set_filter(filter);
    const auto page = reports.ListConstructionReports(
        By(by, "ConstructionReportService.ListConstructionReports"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->construction_reports().begin(), page->construction_reports().end()};
  }
  std::vector<v1::ConstructionVersion> Versions(const std::string& report, const std::string& by) {
    v1::ListConstructionVersionsRequest request;
    request.set_parent(report);
    const auto page = reports.ListConstructionVersions(
        By(by, "ConstructionReportService.ListConstructionVersions"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->versions().begin(), page->versions().end()};
  }
  v1::ConstructionVersion Whole() const {
    v1::ConstructionVersion version;
    for (const auto& part : rules.proto().evaluation().parts()) {
      v1::ConstructionItem* item = version.add_items();
      item->set_part(part.id());
      item->set_content(absl::StrCat(part.display_name(), "有进展。"));
    }
    version.set_funds_yuan(3'000'000);
    version.set_problem("缺少海上试验场。");
    return version;
  }
  static v1::ConstructionVersion NoChange() {
    v1::ConstructionVersion version;
    version.set_no_change(true);
    return version;
  }
  absl::StatusOr<v1::ConstructionVersion> Write(const std::string& report,
                                                const v1::ConstructionVersion& version,
                                                const std::string& by = kAlpha) {
    v1::CreateConstructionVersionRequest request;
    request.set_parent(report);
    *request.mutable_version() = version;
    request.set_request_id(api::NewUuid());
    return reports.CreateConstructionVersion(
        By(by, "ConstructionReportService.CreateConstructionVersion"), request);
  }
  absl::StatusOr<v1::ConstructionVersion> Save(const v1::ConstructionVersion& version,
                                               const std::vector<std::string>& mask,
                                               const std::string& by = kAlpha) {
    v1::UpdateConstructionVersionRequest request;
    *request.mutable_version() = version;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return reports.UpdateConstructionVersion(
        By(by, "ConstructionReportService.UpdateConstructionVersion"), request);
  }
  absl::StatusOr<v1::ConstructionVersion> HandIn(const std::string& version,
                                                 const std::string& by = kAlpha) {
    return reports.SubmitConstructionVersion(
        By(by, "ConstructionReportService.SubmitConstructionVersion"),
        Named<v1::SubmitConstructionVersionRequest>(version));
  }
  // Written and handed in by the lead.
  std::string HandedIn(const std::string& report, const v1::ConstructionVersion& version) {
    const auto draft = Write(report, version);
    EXPECT_TRUE(draft.ok()) << draft.status();
    if (!draft.ok()) return "";
    const auto done = HandIn(draft->name());
    EXPECT_TRUE(done.ok()) << done.status();
    return draft->name();
  }
  absl::StatusOr<v1::ConstructionReport> Take(const std::string& report,
                                              const std::string& by = kBureau) {
    return reports.AcceptConstructionReport(
        By(by, "ConstructionReportService.AcceptConstructionReport"),
        Named<v1::AcceptConstructionReportRequest>(report));
  }
  absl::StatusOr<v1::ConstructionReport> SendBack(const std::string& report,
                                                  const std::string& by = kBureau) {
    auto request = Named<v1::ReturnConstructionReportRequest>(report);
    request.set_reason("请补充经费支出情况。");
    return reports.ReturnConstructionReport(
        By(by, "ConstructionReportService.ReturnConstructionReport"), request);
  }
  std::vector<std::string> Kinds(const std::string& name) {
    return testing::Texts(database.db(), absl::StrCat("SELECT kind FROM journal WHERE resource = '",
                                                      name, "' ORDER BY id"));
  }

  ConstructionService reports;
  ConstructionBook jobs;
};

TEST_F(ConstructionTest, OneIsAskedForOnceFromTheFirstWholePeriodOn) {
  const v1::Consortium row = Filed("联合体");
  Ready("编制中");
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0));
  Go(absl::CivilDay(2025, 7, 1));
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0)) << "it was filed in the middle of it";
  Go(absl::CivilDay(2025, 12, 31));
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0));
  Go(kAsked);
  EXPECT_THAT(Run(), ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0)) << "once, whoever asks again";
  const auto listed = List(kBureau);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].name(), absl::StrCat(row.name(), "/constructionReports/2025h2"));
  EXPECT_EQ(listed[0].period_title(), "2025年7月至12月");
  EXPECT_EQ(listed[0].state(), v1::CONSTRUCTION_REPORT_STATE_DUE);
  EXPECT_EQ(listed[0].lead_unit(), kAlpha);
  EXPECT_EQ(time::ToTime(listed[0].due_time()), time::EndOfDay(kLastDay));
  EXPECT_THAT(Kinds(listed[0].name()), ElementsAre("created"));
}

TEST_F(ConstructionTest, ARenewalIsAskedAsWhatItRenewsWouldBe) {
  const v1::Consortium former = Filed("原联合体");
  Go(absl::CivilDay(2025, 10, 10));
  const v1::Consortium later = Filed("续期联合体", kBeta);
  Filed("新联合体", kBeta);
  const absl::Status renewed = database.db().Transact([&](db::Session& session) {
    return session
        .Execute("UPDATE filing SET renews = ? WHERE name = ?", {former.filing(), later.filing()})
        .status();
  });
  ASSERT_TRUE(renewed.ok()) << renewed;
  Go(kAsked);
  EXPECT_THAT(Run(), ElementsAre(2, 0, 0, 0));
  EXPECT_EQ(List(kBeta).size(), 1u) << "what is new was filed in the middle of the period";
  EXPECT_EQ(List(kBeta).at(0).consortium_title(), "续期联合体");
}

TEST_F(ConstructionTest, OfTwoWhoAskAtOnceOneDoes) {
  Filed("联合体");
  Go(kAsked);
  const auto lease = JobLease();
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { done += jobs.Ask(*lease).value_or(0); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(Count("construction_report"), 1);
  EXPECT_EQ(Count("journal WHERE type LIKE '%ConstructionReport'"), 1);
}

TEST_F(ConstructionTest, OfFourWhoBeginADraftAtOnceOneDoes) {
  const std::string name = Asked();
  std::atomic<int> begun = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto draft = Write(name, NoChange());
      begun += draft.ok() ? 1 : 0;
      refused += ReasonOf(draft) == ERROR_REASON_WRONG_STATE ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(Versions(name, kAlpha).size(), 1u);
}

TEST_F(ConstructionTest, WhoReportsLateIsRemindedAndMarkedOnceAndStaysLate) {
  const std::string name = Asked();
  clock.now = time::StartOfDay(kRemind) - absl::Seconds(1);
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0));
  Go(kRemind);
  EXPECT_THAT(Run(), ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0));
  clock.now = time::EndOfDay(kLastDay);
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0)) << "to the last second";
  EXPECT_TRUE(List(kBureau, "overdue = true").empty());
  clock.now += absl::Seconds(2);
  EXPECT_THAT(Run(), ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0));
  ASSERT_EQ(List(kBureau, "overdue = true").size(), 1u);
  HandedIn(name, NoChange());
  const auto report = Get(name, kBureau);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->overdue());
  EXPECT_TRUE(report->late());
  EXPECT_TRUE(report->no_change());
  EXPECT_THAT(Kinds(name), ElementsAre("created", "remind", "overdue", "submit"));
}

TEST_F(ConstructionTest, JobsThatWereAwayMarkWithoutReminding) {
  const std::string name = Asked();
  Go(kLastDay + 5);
  EXPECT_THAT(Run(), ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(Kinds(name), ElementsAre("created", "overdue"));
}

TEST_F(ConstructionTest, AReturnAsksForAnotherVersionAndNothingHandedInIsChanged) {
  const std::string name = Asked();
  const std::string first = HandedIn(name, Whole());
  EXPECT_TRUE(Get(name, kBureau)->has_problem());
  EXPECT_EQ(ReasonOf(Write(name, NoChange())), ERROR_REASON_WRONG_STATE) << "the office's turn";
  Go(absl::CivilDay(2026, 1, 12));
  const auto returned = SendBack(name);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->state(), v1::CONSTRUCTION_REPORT_STATE_RETURNED);
  EXPECT_EQ(returned->return_reason(), "请补充经费支出情况。");
  // Ten workdays after Monday the 12th.
  EXPECT_EQ(time::ToTime(returned->due_time()), time::EndOfDay(absl::CivilDay(2026, 1, 26)));
  EXPECT_EQ(ReasonOf(SendBack(name)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Take(name)), ERROR_REASON_WRONG_STATE);
  v1::ConstructionVersion changed = Versions(name, kAlpha).at(0);
  EXPECT_EQ(changed.state(), v1::CONSTRUCTION_VERSION_STATE_RETURNED);
  changed.set_problem("没有。");
  EXPECT_EQ(ReasonOf(Save(changed, {"problem"})), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(HandIn(first)), ERROR_REASON_WRONG_STATE);
  const std::string second = HandedIn(name, NoChange());
  EXPECT_EQ(second, absl::StrCat(name, "/versions/2"));
  const auto accepted = Take(name);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->state(), v1::CONSTRUCTION_REPORT_STATE_ACCEPTED);
  EXPECT_EQ(accepted->counted_version(), second);
  EXPECT_EQ(accepted->submissions(), 2);
  EXPECT_EQ(accepted->return_reason(), "");
  EXPECT_FALSE(accepted->late());
  const auto versions = Versions(name, kBureau);
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].problem(), "缺少海上试验场。") << "as it was handed in";
  EXPECT_EQ(versions[1].state(), v1::CONSTRUCTION_VERSION_STATE_ACCEPTED);
  EXPECT_EQ(ReasonOf(Write(name, Whole())), ERROR_REASON_WRONG_STATE);
}

TEST_F(ConstructionTest, EverythingThatIsMissingIsSaidAtOnceAndOneDraftIsWritten) {
  const std::string name = Asked();
  v1::ConstructionVersion wrong;
  wrong.add_items()->set_part("none");
  wrong.set_no_change(true);
  const auto refused = Write(name, wrong);
  EXPECT_EQ(ReasonOf(refused), ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("none"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("本期无变化"));
  const auto draft = Write(name, {});
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_THAT(draft->actions(), ElementsAre("update", "submit"));
  EXPECT_EQ(ReasonOf(Write(name, NoChange())), ERROR_REASON_WRONG_STATE);
  const auto early = HandIn(draft->name());
  EXPECT_EQ(ReasonOf(early), ERROR_REASON_INVALID_FIELD);
  for (const auto& part : rules.proto().evaluation().parts()) {
    EXPECT_THAT(std::string(early.status().message()), HasSubstr(part.display_name()));
  }
  EXPECT_EQ(Get(name, kAlpha)->state(), v1::CONSTRUCTION_REPORT_STATE_DUE);
  v1::ConstructionVersion one = *draft;
  one.set_no_change(true);
  ASSERT_TRUE(Save(one, {"no_change"}).ok());
  one.set_problem("另一窗口。");
  EXPECT_EQ(ReasonOf(Save(one, {"problem"})), ERROR_REASON_STALE_ETAG);
  EXPECT_TRUE(HandIn(draft->name()).ok());
}

TEST_F(ConstructionTest, TheLeadWritesItsMembersAndDistrictReadAndNobodyElseSeesIt) {
  const std::string name = Asked();
  for (const std::string& by : {E(1), std::string(kOuc), std::string(kHuangdao)}) {
    ASSERT_TRUE(Get(name, by).ok()) << by;
    EXPECT_THAT(Get(name, by)->actions(), ::testing::IsEmpty()) << by;
  }
  for (const std::string& by : {std::string(kBeta), std::string(kUpc), std::string(kLaoshan)}) {
    EXPECT_EQ(ReasonOf(Get(name, by)), ERROR_REASON_NOT_FOUND) << by;
    EXPECT_TRUE(List(by).empty()) << by;
  }
  for (const std::string& by : {E(1), std::string(kBeta)}) {
    EXPECT_EQ(ReasonOf(Write(name, NoChange(), by)), ERROR_REASON_NOT_FOUND) << by;
  }
  const auto draft = Write(name, Whole());
  ASSERT_TRUE(draft.ok()) << draft.status();
  // A draft is its parties' alone.
  EXPECT_EQ(Versions(name, kAlpha).size(), 1u);
  EXPECT_EQ(Versions(name, kOuc).size(), 1u);
  EXPECT_TRUE(Versions(name, kHuangdao).empty());
  EXPECT_TRUE(Versions(name, kBureau).empty());
  EXPECT_TRUE(Versions(name, kBeta).empty());
  EXPECT_EQ(ReasonOf(Save(*draft, {"problem"}, E(1))), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(HandIn(draft->name(), E(1))), ERROR_REASON_NOT_FOUND);
  ASSERT_TRUE(HandIn(draft->name()).ok());
  EXPECT_EQ(Versions(name, kHuangdao).size(), 1u);
  EXPECT_EQ(Versions(name, kBureau).size(), 1u);
  EXPECT_THAT(Get(name, kBureau)->actions(), ElementsAre("accept", "return"));
  EXPECT_EQ(ReasonOf(Take(name, "organizations/qd-other")), ERROR_REASON_NOT_FOUND);
}

TEST_F(ConstructionTest, ItFollowsTheDossierAndEndsWithTheFiling) {
  const std::string name = Asked();
  const std::string dossier = name.substr(0, name.find("/constructionReports"));
  ASSERT_TRUE(Write(name, NoChange()).ok());
  ASSERT_TRUE(RemoveLead(dossier).ok());
  // Without a lead it is nobody's to write, and still the office's to see.
  EXPECT_EQ(ReasonOf(Get(name, kBeta)), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(Get(name, kBureau)->lead_unit(), Stored(dossier).lead_unit());
  ASSERT_TRUE(Cancel(dossier).ok());
  EXPECT_EQ(ReasonOf(HandIn(absl::StrCat(name, "/versions/1"), kAlpha)), ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 1));
  EXPECT_EQ(Get(name, kBureau)->state(), v1::CONSTRUCTION_REPORT_STATE_ENDED);
  Go(kLastDay + 1);
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 0)) << "what ended is neither reminded of nor late";
}

TEST_F(ConstructionTest, WhatEndedBeforeItsJobIsHandedInNoMore) {
  const std::string name = Asked();
  const auto draft = Write(name, NoChange());
  ASSERT_TRUE(draft.ok()) << draft.status();
  ASSERT_TRUE(Cancel(name.substr(0, name.find("/constructionReports"))).ok());
  EXPECT_EQ(ReasonOf(HandIn(draft->name())), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Get(name, kBureau)->state(), v1::CONSTRUCTION_REPORT_STATE_DUE);
}

TEST_F(ConstructionTest, AfterTheFilingWhatWasHandedInIsAcceptedAndNotSentBack) {
  const std::string name = Asked();
  const std::string version = HandedIn(name, NoChange());
  ASSERT_TRUE(Cancel(name.substr(0, name.find("/constructionReports"))).ok());
  EXPECT_EQ(ReasonOf(SendBack(name)), ERROR_REASON_WRONG_STATE);
  const auto accepted = Take(name);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->counted_version(), version);
}

TEST_F(ConstructionTest, ADraftOfWhatHasEndedIsNotWrittenOn) {
  const std::string name = Asked();
  const auto draft = Write(name, NoChange());
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_THAT(Versions(name, kAlpha).at(0).actions(), ElementsAre("update", "submit"));
  ASSERT_TRUE(Cancel(name.substr(0, name.find("/constructionReports"))).ok());
  EXPECT_EQ(ReasonOf(Save(*draft, {"problem"})), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(Run(), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(Versions(name, kAlpha).at(0).actions(), ::testing::IsEmpty());
}

TEST_F(ConstructionTest, AnEvaluationFindsWhatWasReportedAndWhatWasNot) {
  const std::string name = Asked();
  const std::string dossier = name.substr(0, name.find("/constructionReports"));
  const auto begun = Evaluate(dossier, {80, 80, 80});
  ASSERT_TRUE(begun.ok()) << begun.status();
  ASSERT_EQ(begun->reports_size(), 1);
  EXPECT_EQ(begun->reports(0).state(), v1::CONSTRUCTION_REPORT_STATE_DUE);
  EXPECT_EQ(begun->reports(0).items_size(), 0);
  HandedIn(name, Whole());
  ASSERT_TRUE(Take(name).ok());
  const auto concluded =
      evaluations.ConcludeEvaluation(By(kBureau, "EvaluationService.ConcludeEvaluation"),
                                     Named<v1::ConcludeEvaluationRequest>(begun->name()));
  ASSERT_TRUE(concluded.ok()) << concluded.status();
  ASSERT_EQ(concluded->reports_size(), 1);
  const v1::EvaluationReport& found = concluded->reports(0);
  EXPECT_EQ(found.report(), name);
  EXPECT_EQ(found.state(), v1::CONSTRUCTION_REPORT_STATE_ACCEPTED);
  EXPECT_EQ(found.items_size(), 3);
  EXPECT_EQ(found.funds_yuan(), 3'000'000);
  EXPECT_EQ(found.problem(), "缺少海上试验场。");
  EXPECT_FALSE(found.late());
}

TEST_F(ConstructionTest, ItIsExportedWithWhatWasHandedInLast) {
  const std::string name = Asked();
  HandedIn(name, Whole());
  ExportService exports(deps());
  v1::ExportConstructionReportsRequest request;
  request.set_parent("consortia/-");
  const auto rows = [&](const std::string& by) {
    const auto file = exports.ExportConstructionReports(
        By(by, "ConsortiumExportService.ExportConstructionReports"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    std::vector<std::vector<std::string>> all;
    const auto book = sheet::ReadWorkbook(file->data(), "a.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    for (const auto& row : book->FirstVisible()->rows) {
      std::vector<std::string>& cells = all.emplace_back();
      for (const auto& cell : row.cells) cells.push_back(cell.text);
    }
    return all;
  };
  const auto seen = rows(kBureau);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen[1], IsSupersetOf({"联合体", "2025年7月至12月", "已报送", "缺少海上试验场。"}));
  EXPECT_THAT(seen[1], ::testing::Contains(HasSubstr("科研攻关：科研攻关有进展。")));
  EXPECT_EQ(rows(kBeta).size(), 1u);
  request.set_filter("overdue = true");
  EXPECT_EQ(rows(kBureau).size(), 1u);
}

TEST_F(ConstructionTest, ThePackageHoldsWhatWasHandedInAndNoDraft) {
  const std::string name = Asked();
  const std::string dossier = name.substr(0, name.find("/constructionReports"));
  HandedIn(name, Whole());
  ASSERT_TRUE(SendBack(name).ok());
  ASSERT_TRUE(Write(name, NoChange()).ok());
  db::Lease lease(database.db(), "sealer", "test", absl::Minutes(1));
  ASSERT_TRUE(lease.Acquire().ok());
  for (int sealed = 1; sealed > 0;) {
    const auto done = journal::SealOnce(database.db(), lease);
    ASSERT_TRUE(done.ok()) << done.status();
    sealed = static_cast<int>(*done);
  }
  PackageService packages(deps());
  for (const auto edition : {v1::PACKAGE_EDITION_UNSPECIFIED, v1::PACKAGE_EDITION_BUREAU}) {
    v1::ExportFilingPackageRequest request;
    request.set_name(dossier);
    request.set_edition(edition);
    const auto package = packages.ExportFilingPackage(
        By(kBureau, "FilingPackageService.ExportFilingPackage"), request);
    ASSERT_TRUE(package.ok()) << package.status();
    // Paths stand in the archive's directory as they are.
    EXPECT_THAT(package->data(), HasSubstr(absl::StrCat("records/", name, ".json")));
    EXPECT_THAT(package->data(), HasSubstr(absl::StrCat("records/", name, "/versions/1.json")));
    EXPECT_THAT(package->data(), Not(HasSubstr(absl::StrCat(name, "/versions/2.json"))));
  }
}

class ConstructionByQuarterTest : public ConstructionTest {
 protected:
  ConstructionByQuarterTest()
      : ConstructionTest(PackWith({{"period_months: 6", "period_months: 3"}})) {}
};

TEST_F(ConstructionByQuarterTest, ThePeriodIsThePacks) {
  const v1::Consortium row = Filed("联合体");
  Go(absl::CivilDay(2025, 7, 1));
  EXPECT_THAT(Run(), ElementsAre(1, 0, 0, 0)) << "filed on the first day of the quarter";
  EXPECT_EQ(List(kAlpha).at(0).name(), absl::StrCat(row.name(), "/constructionReports/2025q2"));
}

}  // namespace
}  // namespace chanyan::consortium
