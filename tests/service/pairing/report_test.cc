// Quarterly reports (PAIR-4): typed by people and brought by forms, on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/changes.pb.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/report_rules.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReportTest : public ::testing::Test, protected City {
 protected:
  ReportTest() : project_(In(v1::PROJECT_STATE_BUILDING, kLab, 1).name()) {}

  // Who types: the university, or the enterprise.
  struct Side {
    Role role;
    std::string organization;
  };
  const Side university_ = {ROLE_RESEARCH_OFFICE, kOuc};
  const Side enterprise_ = {ROLE_ENTERPRISE, Enterprise(1)};

  absl::StatusOr<v1::ReportVersion> Draft(const Side& side, const std::string& progress,
                                          const std::string& quarter = "2025q2",
                                          const std::string& problem = "") {
    v1::CreateReportVersionRequest request;
    request.set_parent(absl::StrCat(project_, "/reports/", quarter));
    request.mutable_version()->set_progress(progress);
    request.mutable_version()->set_no_change(progress.empty());
    request.mutable_version()->set_problem(problem);
    request.set_request_id(api::NewUuid());
    return reports.CreateReportVersion(
        As(side.role, side.organization, "ReportService.CreateReportVersion"), request);
  }
  absl::StatusOr<v1::ReportVersion> Submit(const Side& side, const std::string& name,
                                           const std::string& etag = "") {
    v1::SubmitReportVersionRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_request_id(api::NewUuid());
    return reports.SubmitReportVersion(
        As(side.role, side.organization, "ReportService.SubmitReportVersion"), request);
  }
  absl::StatusOr<v1::ReportVersion> Update(const Side& side, const v1::ReportVersion& version,
                                           const std::vector<std::string>& paths) {
    v1::UpdateReportVersionRequest request;
    *request.mutable_version() = version;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return reports.UpdateReportVersion(
        As(side.role, side.organization, "ReportService.UpdateReportVersion"), request);
  }
  // Draft and submission in one.
  v1::ReportVersion Typed(const Side& side, const std::string& progress,
                          const std::string& quarter = "2025q2", const std::string& problem = "") {
    const auto draft = Draft(side, progress, quarter, problem);
    EXPECT_TRUE(draft.ok()) << draft.status();
    const auto version = Submit(side, draft->name());
    EXPECT_TRUE(version.ok()) << version.status();
    return *version;
  }
  v1::Report Row(const std::string& progress, const std::string& quarter = "2025q2",
                 const std::string& problem = "") {
    v1::Report report = ReportOf(kLab, 1, v1::PROJECT_STATE_BUILDING);
    report.set_row(absl::StrCat("cycles/", quarter, "/forms/f/rows/1"));
    report.set_progress(progress);
    report.set_no_change(progress.empty());
    report.set_problem(problem);
    return report;
  }
  absl::StatusOr<v1::ProgressReport> Report(const std::string& quarter = "2025q2",
                                            const Side& side = {ROLE_SECRETARIAT, "x"}) {
    v1::GetProgressReportRequest request;
    request.set_name(absl::StrCat(project_, "/reports/", quarter));
    return reports.GetProgressReport(
        As(side.role, side.organization, "ReportService.GetProgressReport"), request);
  }
  std::vector<v1::ReportVersion> Versions(const Side& side) {
    v1::ListReportVersionsRequest request;
    request.set_parent(absl::StrCat(project_, "/reports/2025q2"));
    request.set_order_by("sequence");
    const auto page = reports.ListReportVersions(
        As(side.role, side.organization, "ReportService.ListReportVersions"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->versions().begin(), page->versions().end()};
  }
  v1::Progress Query(const std::string& quarter = "", v1::ProgressGrouping grouping = {},
                     const Side& side = {ROLE_SECRETARIAT, "x"}) {
    v1::QueryProgressRequest request;
    request.set_quarter(quarter);
    request.set_group_by(grouping);
    const auto progress = reports.QueryProgress(
        As(side.role, side.organization, "ReportService.QueryProgress"), request);
    EXPECT_TRUE(progress.ok()) << progress.status();
    return *progress;
  }

  const std::string project_;
};

TEST_F(ReportTest, AReportThatSaysNothingOrBothIsNotSubmitted) {
  auto draft = Draft(university_, "设备到位");
  ASSERT_TRUE(draft.ok()) << draft.status();
  draft->set_no_change(true);
  draft = Update(university_, *draft, {"no_change"});
  EXPECT_EQ(status::ViolationsOf(Submit(university_, draft->name()).status()).at(0).field,
            "version.no_change");
  draft->set_no_change(false);
  draft->clear_progress();
  draft = Update(university_, *draft, {"no_change", "progress"});
  EXPECT_EQ(status::ViolationsOf(Submit(university_, draft->name()).status()).at(0).field,
            "version.progress");
  EXPECT_EQ(Report().status().code(), absl::StatusCode::kNotFound) << "a draft counts nothing";
  EXPECT_EQ(Draft(university_, "x", "2025q3").status().code(), absl::StatusCode::kInvalidArgument)
      << "the quarter has not begun";
  EXPECT_EQ(Draft({ROLE_RESEARCH_OFFICE, kUpc}, "x").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("report_version"), 1);
}

TEST_F(ReportTest, ATypedReportCountsOnceItIsSubmittedAndVersionsAreKept) {
  const v1::ReportVersion first = Typed(university_, "设备到位");
  EXPECT_EQ(first.submission(), 1);
  EXPECT_EQ(Report()->progress(), "设备到位");
  EXPECT_EQ(Report()->counted_version(), first.name());
  EXPECT_EQ(Report()->category(), v1::REPORT_CATEGORY_ONGOING) << "signed on 31 March";
  EXPECT_EQ(Stored(project_).progress(), "设备到位");
  EXPECT_EQ(Stored(project_).progress_quarter(), "2025q2");
  const v1::ReportVersion second = Typed(enterprise_, "");
  EXPECT_TRUE(Report()->no_change());
  EXPECT_EQ(Report()->counted_version(), second.name());
  EXPECT_EQ(Stored(project_).progress(), "设备到位") << "no change leaves what is there";
  EXPECT_EQ(Versions({ROLE_UNIT, kZone}).size(), 2u);
  EXPECT_EQ(Report()->conflicts_size(), 0) << "typed versions follow one another";
  // What is submitted stays.
  EXPECT_EQ(status::ReasonOf(Update(university_, first, {"progress"}).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Submit(university_, first.name()).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(ReportTest, ADraftIsItsOrganizationsAloneAndOneAtATime) {
  const auto draft = Draft(university_, "草稿");
  const auto again = Draft(university_, "又一份");
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(again.status().message()), HasSubstr(draft->name()));
  EXPECT_TRUE(Draft(enterprise_, "企业草稿").ok());
  EXPECT_EQ(Versions(university_).size(), 1u);
  EXPECT_EQ(Versions(enterprise_).size(), 1u);
  EXPECT_THAT(Versions({ROLE_UNIT, kZone}), IsEmpty());
  EXPECT_EQ(Submit(enterprise_, draft->name()).status().code(), absl::StatusCode::kNotFound);
  v1::DiscardReportVersionRequest discard;
  discard.set_name(draft->name());
  ASSERT_TRUE(reports
                  .DiscardReportVersion(
                      As(ROLE_RESEARCH_OFFICE, kOuc, "ReportService.DiscardReportVersion"), discard)
                  .ok());
  EXPECT_TRUE(Draft(university_, "另起").ok());
}

TEST_F(ReportTest, EightDraftsAtOnceAreOne) {
  std::vector<absl::Status> outcomes(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { outcomes[i] = Draft(university_, "草稿").status(); });
  }
  for (std::thread& thread : threads) thread.join();
  int made = 0;
  for (const absl::Status& outcome : outcomes) {
    made += outcome.ok();
    EXPECT_TRUE(outcome.ok() || absl::IsAlreadyExists(outcome)) << outcome;
  }
  EXPECT_EQ(made, 1);
}

TEST_F(ReportTest, WhoSubmitsOnAnOldBaseIsToldWhatTheOtherSideSubmitted) {
  const auto mine = Draft(university_, "我校进展");
  Typed(enterprise_, "企业进展", "2025q2", "缺资金");
  const auto stale = Submit(university_, mine->name());
  EXPECT_EQ(status::ReasonOf(stale.status()), options::v1::ERROR_REASON_STALE_ETAG);
  journal::v1::Changes changes;
  ASSERT_TRUE(status::GetDetail(stale.status(), changes));
  ASSERT_EQ(changes.fields_size(), 2);
  EXPECT_EQ(changes.fields(0).label(), "最新进展");
  EXPECT_EQ(changes.fields(0).after(), "企业进展");
  EXPECT_EQ(changes.fields(0).organization(), Enterprise(1));
  EXPECT_EQ(changes.fields(0).actor(), "") << "not whose account";
  EXPECT_EQ(changes.fields(1).label(), "痛点难点");
  // Having looked, the writer says so and submits.
  v1::ReportVersion rebased = *mine;
  rebased.set_base(changes.resource());
  const auto updated = Update(university_, rebased, {"base"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  ASSERT_TRUE(Submit(university_, mine->name()).ok());
  EXPECT_EQ(Report()->progress(), "我校进展");
  rebased.set_base(absl::StrCat(project_, "/reports/2025q2/versions/9"));
  rebased.clear_etag();
  EXPECT_EQ(Draft(enterprise_, "x").status().code(), absl::StatusCode::kOk);
}

TEST_F(ReportTest, TheFormsRowWinsAndWhatWasTypedIsShownAsConflict) {
  Typed(university_, "设备到位", "2025q2", "缺资金");
  ASSERT_TRUE(Record("2025q2", {Row("设备到位并调试", "2025q2", "缺资金")}).ok());
  auto report = Report();
  EXPECT_EQ(report->progress(), "设备到位并调试");
  ASSERT_EQ(report->conflicts_size(), 1);
  EXPECT_EQ(report->conflicts(0).field(), "progress");
  EXPECT_EQ(report->conflicts(0).counted(), "设备到位并调试");
  EXPECT_EQ(report->conflicts(0).other(), "设备到位");
  EXPECT_EQ(report->conflicts(0).version(), absl::StrCat(project_, "/reports/2025q2/versions/1"));
  EXPECT_EQ(Query("2025q2").total().conflict_count(), 1);
  // Typed after the form: kept, shown, and counted only where it is shown.
  Typed(enterprise_, "设备到位并验收", "2025q2", "缺资金");
  report = Report();
  EXPECT_EQ(report->progress(), "设备到位并调试");
  EXPECT_EQ(report->conflicts(0).other(), "设备到位并验收");
  EXPECT_EQ(Stored(project_).progress(), "设备到位并调试");
  // A version that agrees settles it.
  Typed(university_, "设备到位并调试", "2025q2", "缺资金");
  EXPECT_EQ(Report()->conflicts_size(), 0);
  v1::ListProgressReportsRequest list;
  list.set_parent("projects/-");
  list.set_filter("conflicts:*");
  const auto call = As(ROLE_SECRETARIAT, "x", "ReportService.ListProgressReports");
  EXPECT_EQ(reports.ListProgressReports(call, list)->reports_size(), 0);
  // So does the form, when its row is mended.
  Typed(university_, "另一说法");
  EXPECT_EQ(reports.ListProgressReports(call, list)->reports_size(), 1);
  ASSERT_TRUE(Record("2025q2", {Row("另一说法")}).ok());
  EXPECT_EQ(Report()->conflicts_size(), 0);
}

TEST_F(ReportTest, TheSameRowAgainIsNoNewVersion) {
  ASSERT_TRUE(Record("2025q2", {Row("设备到位")}).ok());
  const int64_t journal = Count("journal");
  ASSERT_TRUE(Record("2025q2", {Row("设备到位")}).ok());
  EXPECT_EQ(Count("journal"), journal);
  EXPECT_EQ(Count("report_version"), 1);
  ASSERT_TRUE(Record("2025q2", {Row("已调试")}).ok());
  EXPECT_EQ(Count("report_version"), 2);
  EXPECT_EQ(Report()->progress(), "已调试");
}

TEST_F(ReportTest, AnOlderQuarterThatIsTypedLateDoesNotHideANewerOne) {
  clock.now = time::StartOfDay(absl::CivilDay(2025, 7, 1));
  Typed(university_, "三季度进展", "2025q3");
  Typed(university_, "二季度进展", "2025q2");
  EXPECT_EQ(Stored(project_).progress(), "三季度进展");
  EXPECT_EQ(Report("2025q2")->progress(), "二季度进展");
}

TEST_F(ReportTest, TheSplitFollowsFromTheSigningAndChangesWithIt) {
  AddEnterprise(4, kTown);
  const std::string talking = In(v1::PROJECT_STATE_NEGOTIATING, kLab, 2).name();
  Typed(university_, "设备到位");  // signed on 31 March: under construction in the second quarter
  ASSERT_TRUE(Record("2025q2", {[&] {
                       v1::Report report = ReportOf(kLab, 2, v1::PROJECT_STATE_NEGOTIATING);
                       report.clear_sign_date();
                       return report;
                     }()})
                  .ok());
  v1::Progress progress = Query("2025q2");
  EXPECT_EQ(progress.total().intent_count(), 1);
  EXPECT_EQ(progress.total().new_count(), 0);
  EXPECT_EQ(progress.total().ongoing_count(), 1);
  // It is signed in the running quarter, and its report is of a new project from then on.
  v1::SignProjectRequest sign;
  sign.set_name(talking);
  *sign.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
  sign.set_override_reason("后补");
  ASSERT_TRUE(service.SignProject(As(ROLE_RESEARCH_OFFICE, kOuc, "SignProject"), sign).ok());
  progress = Query("2025q2");
  EXPECT_EQ(progress.total().intent_count(), 0);
  EXPECT_EQ(progress.total().new_count(), 1);
  EXPECT_THAT(Texts("SELECT category FROM progress_report ORDER BY category"),
              ElementsAre("NEW", "ONGOING"));

  // Grouped, with what is missing, and only what the caller may see.
  Create(NewProject(kCenter, 4), kUpc).IgnoreError();
  progress = Query("", v1::PROGRESS_GROUPING_UNIT);
  ASSERT_EQ(progress.lines_size(), 2);
  EXPECT_EQ(progress.lines(0).key(), kTown);
  EXPECT_EQ(progress.lines(0).missing_count(), 1);
  EXPECT_EQ(progress.lines(1).key(), kZone);
  EXPECT_EQ(progress.lines(1).new_count() + progress.lines(1).ongoing_count(), 2);
  EXPECT_EQ(Query("", {}, {ROLE_UNIT, kTown}).total().ongoing_count(), 0);
  EXPECT_EQ(Query("", {}, {ROLE_UNIT, kTown}).total().missing_count(), 1);
  EXPECT_EQ(Query("2025q1").total().missing_count(), 0) << "nothing had begun by then";
}

TEST_F(ReportTest, AnEndedProjectIsReportedNoMore) {
  const auto draft = Draft(university_, "收尾");
  ASSERT_TRUE(Do("complete", project_).ok());
  EXPECT_EQ(status::ReasonOf(Submit(university_, draft->name()).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Draft(enterprise_, "x").status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(ReportTest, VersionsGoOutAsASheetOfWhatTheCallerSees) {
  v1::ExportReportVersionsRequest request;
  request.set_parent(absl::StrCat(project_, "/reports/2025q2"));
  const auto export_as = [&](const Side& side) {
    return reports.ExportReportVersions(
        As(side.role, side.organization, "ReportService.ExportReportVersions"), request);
  };
  const auto rows = [&](const Side& side) {
    std::vector<std::string> found;
    const auto file = export_as(side);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return found;
    const auto workbook = sheet::ReadWorkbook(file->data(), "版本.xlsx");
    EXPECT_TRUE(workbook.ok()) << workbook.status();
    const auto table = sheet::ReadTable<v1::ReportVersionRow>(*workbook, *workbook->FirstVisible());
    EXPECT_TRUE(table.Check().ok()) << table.Check();
    for (const auto& row : table.rows) {
      found.push_back(absl::StrCat(row.message.quarter(), " ", row.message.version(), " ",
                                   row.message.progress()));
    }
    return found;
  };
  EXPECT_THAT(rows(university_), IsEmpty()) << "nothing is written yet";
  for (int i = 1; i <= 10; ++i) Typed(university_, absl::StrCat("进展", i));
  Typed(university_, "一季度", "2025q1");
  ASSERT_TRUE(Draft(enterprise_, "企业草稿").ok());
  std::vector<std::string> submitted;
  for (int i = 1; i <= 10; ++i) submitted.push_back(absl::StrCat("2025q2 ", i, " 进展", i));
  EXPECT_EQ(rows(university_), submitted) << "by number; another's draft is not there";
  EXPECT_EQ(rows({ROLE_SECRETARIAT, "x"}), submitted);
  std::vector<std::string> own = submitted;
  own.push_back("2025q2 11 企业草稿");
  EXPECT_EQ(rows(enterprise_), own);
  EXPECT_THAT(rows({ROLE_UNIT, kTown}), IsEmpty()) << "of whose enterprise it is not";
  request.set_filter("state = DRAFT");
  EXPECT_THAT(rows(enterprise_), ElementsAre("2025q2 11 企业草稿"));
  request.set_filter("no_such_field = 1");
  EXPECT_EQ(export_as(enterprise_).status().code(), absl::StatusCode::kInvalidArgument);
  request.clear_filter();
  request.set_parent("projects/-/reports/-");
  EXPECT_EQ(rows(university_).size(), 11u) << "of any project and quarter";
  EXPECT_EQ(rows(university_).front(), "2025q1 1 一季度");
  request.set_parent("projects/-/reports/2025q1");
  EXPECT_THAT(rows(university_), ElementsAre("2025q1 1 一季度"));
}

// Whatever comes in whatever order: what is stored is what the pure rule says of all versions, and
// nothing submitted is ever lost or changed.
TEST_F(ReportTest, AnyOrderOfActsAgreesWithTheRule) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  std::map<std::string, std::string> submitted;
  const std::vector<std::string> texts = {"", "甲", "乙", "丙"};
  for (int step = 0; step < 60; ++step) {
    const std::string& text = texts[random() % texts.size()];
    const Side& side = random() % 2 == 0 ? university_ : enterprise_;
    switch (random() % 3) {
      case 0:
        ASSERT_TRUE(Record("2025q2", {Row(text)}).ok());
        break;
      case 1:
        // One's own draft may be there already.
        (void)Draft(side, text);
        break;
      default:
        for (v1::ReportVersion version : Versions(side)) {
          if (version.state() != v1::REPORT_STATE_DRAFT) continue;
          const auto once = Submit(side, version.name());
          if (once.ok()) break;
          journal::v1::Changes changes;
          // Equal texts leave nothing to tell, and the newest is looked up.
          std::string base;
          if (status::GetDetail(once.status(), changes)) {
            base = changes.resource();
          } else {
            const std::vector<v1::ReportVersion> all = Versions(side);
            base = NewestOf(all)->name();
          }
          version.set_base(base);
          ASSERT_TRUE(Update(side, version, {"base"}).ok());
          ASSERT_TRUE(Submit(side, version.name()).ok());
          break;
        }
    }
    std::vector<v1::ReportVersion> all = Versions({ROLE_SECRETARIAT, "x"});
    for (const v1::ReportVersion& version : all) {
      const auto [kept, fresh] = submitted.emplace(
          version.name(), absl::StrCat(version.progress(), "|", version.submission()));
      EXPECT_EQ(kept->second, absl::StrCat(version.progress(), "|", version.submission()));
    }
    EXPECT_EQ(submitted.size(), all.size());
    const v1::ReportVersion* counted = CountedOf(all);
    if (counted == nullptr) continue;
    const auto report = Report();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->counted_version(), counted->name());
    EXPECT_EQ(report->progress(), counted->progress());
    const auto conflicts = ConflictsOf(all);
    EXPECT_EQ(report->conflicts_size(), static_cast<int>(conflicts.size()));
  }
}

}  // namespace
}  // namespace chanyan::pairing
