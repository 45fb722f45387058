// Quarterly progress as .xlsx lists, both ways (PAIR-4, REG-10), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/record_sheet_service.h"
#include "tests/service/pairing/city.h"
#include "tests/service/pairing/record_files.h"

namespace chanyan::pairing {
namespace {

using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// 2025q2 has begun and 2025q3 has not; projects are signed on 31 March.
class ProgressSheetTest : public ::testing::Test, protected City {
 protected:
  ProgressSheetTest() : project_(In(v1::PROJECT_STATE_BUILDING, kLab, 1).name()) {}

  // Who imports: the university, or the enterprise.
  struct Side {
    Role role;
    std::string organization;
  };
  const Side university_ = {ROLE_RESEARCH_OFFICE, kOuc};
  const Side enterprise_ = {ROLE_ENTERPRISE, Enterprise(1)};

  v1::ProgressRow Row(const std::string& quarter, const std::string& progress,
                      const std::string& problem = "") {
    v1::ProgressRow row;
    row.set_project_number(Number(project_));
    row.set_quarter(quarter);
    row.set_progress(progress);
    row.set_no_change(progress.empty());
    row.set_problem(problem);
    return row;
  }
  absl::StatusOr<v1::ImportRecordsResponse> Import(const Side& side,
                                                   const google::api::HttpBody& file,
                                                   bool dry_run = false,
                                                   const std::string& parent = "projects/-") {
    return records_.ImportProgress(
        As(side.role, side.organization, "RecordSheetService.ImportProgress"),
        UploadRequest<v1::ImportProgressRequest>(file, dry_run, parent));
  }
  absl::StatusOr<v1::ImportRecordsResponse> Import(const Side& side,
                                                   const std::vector<v1::ProgressRow>& rows) {
    return Import(side, Sheet(rows));
  }
  google::api::HttpBody Exported(const Side& side) {
    v1::ExportProgressReportsRequest request;
    request.set_parent("projects/-");
    return *reports.ExportProgressReports(
        As(side.role, side.organization, "ReportService.ExportProgressReports"), request);
  }
  // By hand: a draft, and its submission.
  void Type(const std::string& project, const v1::ProgressRow& row) {
    v1::CreateReportVersionRequest draft;
    draft.set_parent(absl::StrCat(project, "/reports/", row.quarter()));
    draft.mutable_version()->set_progress(row.progress());
    draft.mutable_version()->set_no_change(row.no_change());
    draft.mutable_version()->set_problem(row.problem());
    draft.set_request_id(api::NewUuid());
    const auto begun = reports.CreateReportVersion(
        As(ROLE_RESEARCH_OFFICE, kOuc, "ReportService.CreateReportVersion"), draft);
    ASSERT_TRUE(begun.ok()) << begun.status();
    v1::SubmitReportVersionRequest submit;
    submit.set_name(begun->name());
    submit.set_request_id(api::NewUuid());
    const auto submitted = reports.SubmitReportVersion(
        As(ROLE_RESEARCH_OFFICE, kOuc, "ReportService.SubmitReportVersion"), submit);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
  }
  v1::Report FormRow(const std::string& progress) {
    v1::Report report = ReportOf(kLab, 1, v1::PROJECT_STATE_BUILDING);
    report.set_progress(progress);
    report.set_no_change(progress.empty());
    return report;
  }
  // All that an import may write.
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM report_version UNION ALL "
        "SELECT CONCAT_WS('|', name, version, update_time) FROM progress_report UNION ALL "
        "SELECT CONCAT_WS('|', name, version, update_time) FROM project UNION ALL "
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM problem UNION ALL "
        "SELECT CONCAT_WS('|', resource, kind, alarm_time) FROM alarm UNION ALL "
        "SELECT CONCAT(COUNT(*), '') FROM journal ORDER BY 1");
  }
  // "sequence origin progress base" of the quarter's versions.
  std::vector<std::string> Versions(const std::string& quarter = "2025q2") {
    return Texts(absl::StrCat(
        "SELECT CONCAT_WS(' ', sequence, origin, state, progress, SUBSTRING_INDEX(base, '/', -1)) "
        "FROM report_version WHERE project = '",
        project_, "' AND quarter = '", quarter, "' ORDER BY sequence"));
  }
  // What a project is said to have come to, apart from its name.
  std::vector<std::string> Account(const std::string& project) {
    const std::string of = absl::StrCat(" WHERE name LIKE '", project, "%' ");
    return Texts(absl::StrCat(
        "SELECT CONCAT_WS('|', 1, progress, progress_quarter, problem, state) FROM project", of,
        "UNION ALL SELECT CONCAT_WS('|', 2, quarter, progress, no_change, problem, category, "
        "SUBSTRING_INDEX(counted_version, '/', -2), unit) FROM progress_report",
        of,
        "UNION ALL SELECT CONCAT_WS('|', 3, quarter, sequence, origin, state, progress, no_change, "
        "problem, SUBSTRING_INDEX(base, '/', -2), organization, author, submission, submit_time) "
        "FROM report_version",
        of,
        "UNION ALL SELECT CONCAT_WS('|', 4, quarter, content, origin, state, raised_by, due_time) "
        "FROM problem",
        of, "UNION ALL SELECT CONCAT_WS('|', 5, kind, alarm_time) FROM alarm WHERE resource LIKE '",
        project, "%' ORDER BY 1"));
  }

  const std::string project_;
  RecordSheetService records_{{{database.db(), clock, nullptr}, *pack, peer.peers()}};
};

TEST_F(ProgressSheetTest, EveryBadRowIsNamedAtItsCellAndNothingIsWritten) {
  const std::string ended = In(v1::PROJECT_STATE_TERMINATED, kLab, 2).name();
  const auto before = Everything();
  std::vector<v1::ProgressRow> rows(3, Row("2025q1", "设备到位"));
  rows[0].clear_project_number();
  rows[1].set_quarter("2025Q1");
  rows[2].clear_quarter();
  // What a row lacks by itself comes first, before anything is looked up.
  EXPECT_THAT(Places(Import(university_, rows).status()),
              ElementsAre(HasSubstr("记录.xlsx / 表 / A2|请填写项目编号"), HasSubstr("/ B3|"),
                          HasSubstr("/ B4|")));
  rows = {Row("2025q2", "设备到位"), Row("2025q2", "设备到位"),   Row("2025q3", "设备到位"),
          Row("0000q1", "设备到位"), Row("2025q2", "另一种说法"), Row("2025q1", "设备到位"),
          Row("2024q4", ""),         Row("2024q3", "洽谈"),       Row("2024q2", "洽谈"),
          Row("2024q1", "洽谈"),     Row("2023q4", "洽谈")};
  rows[1].set_project_number("j0");
  rows[5].set_no_change(true);
  rows[6].set_no_change(false);
  rows[7].set_category(v1::REPORT_CATEGORY_NEW);
  rows[8].set_version(7);
  rows[9].set_project_number(Number(ended));
  rows[10].set_enterprise_title("别的公司");
  EXPECT_THAT(
      Places(Import(university_, rows).status()),
      ElementsAre(HasSubstr("/ A3|没有编号为“j0”的项目"),
                  HasSubstr("/ B4|2025年第三季度尚未开始，不能填报"),
                  HasSubstr("/ B5|季度“0000q1”格式有误"), HasSubstr("/ B6|与第 2 行是同一条记录"),
                  HasSubstr("/ H7|最新进展和“本季度无变化”只能填一项"),
                  HasSubstr("/ G8|请填写最新进展"),
                  HasSubstr("/ F9|“填报类别”不能通过导入填写或修改，现为“结对共建意向”"),
                  HasSubstr("/ J10|所依据的版本应是本季度报告已提交的版本"),
                  HasSubstr("/ A11|项目已结束，不能再填报进展"),
                  HasSubstr("/ E12|该项目的企业名称是“企业1（演示）”")));
  // Of others nothing is to be learnt.
  EXPECT_THAT(Places(Import({ROLE_RESEARCH_OFFICE, kUpc}, {rows[0]}).status()),
              ElementsAre(HasSubstr("/ A2|没有编号为“")));
  EXPECT_EQ(Everything(), before);
}

TEST_F(ProgressSheetTest, RowsComeToWhatTypingThemComesTo) {
  const std::string other = In(v1::PROJECT_STATE_BUILDING, kLab, 2).name();
  const std::vector<v1::ProgressRow> rows = {Row("2024q4", "洽谈", "缺资金"),
                                             Row("2025q1", "设备到位", "缺场地\n缺人"),
                                             Row("2025q2", "")};
  for (const v1::ProgressRow& row : rows) Type(other, row);
  const auto file = Sheet(rows);
  const auto before = Everything();
  EXPECT_EQ(Numbers(Import(university_, file, /*dry_run=*/true)), "3 0 0 dry");
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Numbers(Import(university_, file)), "3 0 0");
  EXPECT_EQ(Account(project_), Account(other));
  EXPECT_THAT(Account(project_), SizeIs(::testing::Gt(10u)));
  EXPECT_EQ(Stored(project_).progress(), "设备到位") << "no change leaves what is there";
  EXPECT_EQ(Stored(project_).progress_quarter(), "2025q2");
  const auto after = Everything();
  clock.now += absl::Hours(1);
  EXPECT_EQ(Numbers(Import(university_, file)), "0 0 3");
  EXPECT_EQ(Everything(), after);
}

TEST_F(ProgressSheetTest, AnOlderQuarterThatComesLateDoesNotHideANewerOne) {
  ASSERT_EQ(Numbers(Import(university_, {Row("2025q2", "设备到位")})), "1 0 0");
  ASSERT_EQ(Numbers(Import(university_, {Row("2025q1", "洽谈", "缺资金")})), "1 0 0");
  EXPECT_EQ(Stored(project_).progress(), "设备到位");
  EXPECT_EQ(Stored(project_).problem(), "");
  EXPECT_EQ(Stored(project_).state(), v1::PROJECT_STATE_BUILDING);
  // One file, in whatever order its rows stand.
  ASSERT_EQ(Numbers(Import(university_, {Row("2024q4", "调研"), Row("2024q3", "接触")})), "2 0 0");
  EXPECT_EQ(Stored(project_).progress_quarter(), "2025q2");
}

TEST_F(ProgressSheetTest, WhoseRowDidNotSeeTheOtherSidesVersionIsToldWhatItSays) {
  ASSERT_EQ(Numbers(Import(university_, {Row("2025q2", "我校进展")})), "1 0 0");
  v1::ProgressRow row = Row("2025q2", "企业进展", "缺资金");
  EXPECT_THAT(Places(Import(enterprise_, {row}).status()),
              ElementsAre(AllOf(HasSubstr("/ J2|本季度已提交第 1 版（高校院所），与本行不同："),
                                HasSubstr("“我校进展”"), HasSubstr("版本号填为 1"))));
  row.set_version(1);
  const auto file = Sheet(std::vector<v1::ProgressRow>{row});
  EXPECT_EQ(Numbers(Import(enterprise_, file)), "1 0 0");
  EXPECT_THAT(Versions(),
              ElementsAre("1 TYPED SUBMITTED 我校进展 ", "2 TYPED SUBMITTED 企业进展 1"));
  EXPECT_EQ(Stored(project_).problem(), "缺资金");
  // The first file again does not undo it, nor does the second, whatever has come since.
  EXPECT_EQ(Numbers(Import(university_, {Row("2025q2", "我校进展")})), "0 0 1");
  EXPECT_THAT(
      Places(Import(university_, {Row("2025q2", "我校新进展")}).status()),
      ElementsAre(AllOf(HasSubstr("第 2 版（企业1（演示））"), HasSubstr("痛点难点“缺资金”"))));
  row = Row("2025q2", "我校新进展");
  row.set_version(2);
  EXPECT_EQ(Numbers(Import(university_, {row})), "1 0 0");
  EXPECT_EQ(Numbers(Import(enterprise_, file)), "0 0 1");
  // One's own last word needs no number to be mended.
  EXPECT_EQ(Numbers(Import(university_, {Row("2025q2", "我校新进展（改）")})), "1 0 0");
  EXPECT_THAT(Versions(), SizeIs(4));
}

TEST_F(ProgressSheetTest, AFormsRowCountsAndARowThatDiffersIsShownBesideIt) {
  ASSERT_TRUE(Record("2025q2", {FormRow("报表所填")}).ok());
  EXPECT_EQ(Numbers(Import(university_, {Row("2025q2", "报表所填")})), "0 0 1");
  v1::ProgressRow row = Row("2025q2", "项目所填");
  EXPECT_THAT(Places(Import(university_, {row}).status()),
              ElementsAre(HasSubstr("第 1 版（季度报表），与本行不同：“报表所填”")));
  row.set_version(1);
  EXPECT_EQ(Numbers(Import(university_, {row})), "1 0 0");
  EXPECT_THAT(Texts("SELECT CONCAT_WS(' ', progress, JSON_LENGTH(conflicts)) FROM progress_report"),
              ElementsAre("报表所填 1"));
  EXPECT_EQ(Stored(project_).progress(), "报表所填");
  // What counts comes out, and is no new version when it comes back.
  const auto before = Everything();
  EXPECT_EQ(Numbers(Import(university_, Exported(university_))), "0 0 1");
  EXPECT_EQ(Numbers(Import(university_, {row})), "0 0 1");
  EXPECT_EQ(Everything(), before);
}

TEST_F(ProgressSheetTest, WhatIsExportedImportsAsUnchangedAlsoOfWhatHasEnded) {
  ASSERT_EQ(Numbers(Import(university_,
                           {Row("2025q1", "=1+1\n第二行", "缺资金、缺人"), Row("2024q4", "洽谈")})),
            "2 0 0");
  ASSERT_TRUE(Record("2025q2", {FormRow("")}).ok());
  ASSERT_TRUE(Do("terminate", project_).ok());
  const auto before = Everything();
  for (const Side& side : {university_, enterprise_}) {
    const auto file = Exported(side);
    const auto rows = RowsIn<v1::ProgressRow>(file);
    ASSERT_THAT(rows, SizeIs(3));
    for (const v1::ProgressRow& row : rows) EXPECT_EQ(row.version(), 1);
    EXPECT_EQ(Numbers(Import(side, file)), "0 0 3");
  }
  EXPECT_EQ(Everything(), before);
}

TEST_F(ProgressSheetTest, ADraftIsLeftToWhoWritesIt) {
  v1::CreateReportVersionRequest draft;
  draft.set_parent(absl::StrCat(project_, "/reports/2025q2"));
  draft.mutable_version()->set_progress("草稿");
  draft.set_request_id(api::NewUuid());
  const auto begun = reports.CreateReportVersion(
      As(ROLE_RESEARCH_OFFICE, kOuc, "ReportService.CreateReportVersion"), draft);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(Numbers(Import(university_, {Row("2025q2", "设备到位")})), "1 0 0");
  EXPECT_THAT(Versions(), ElementsAre("1 TYPED DRAFT 草稿 ", "2 TYPED SUBMITTED 设备到位 "));
  v1::SubmitReportVersionRequest submit;
  submit.set_name(begun->name());
  submit.set_request_id(api::NewUuid());
  EXPECT_EQ(status::ReasonOf(
                reports
                    .SubmitReportVersion(
                        As(ROLE_RESEARCH_OFFICE, kOuc, "ReportService.SubmitReportVersion"), submit)
                    .status()),
            options::v1::ERROR_REASON_STALE_ETAG);
}

TEST_F(ProgressSheetTest, ARequestForOneProjectTakesItsRowsAlone) {
  const std::string other = In(v1::PROJECT_STATE_BUILDING, kLab, 2).name();
  v1::ProgressRow row = Row("2025q2", "设备到位");
  EXPECT_THAT(
      Places(Import(university_, Sheet(std::vector<v1::ProgressRow>{row}), false, other).status()),
      ElementsAre(HasSubstr("/ A2|本次只导入项目“")));
  row.clear_project_number();
  EXPECT_EQ(Numbers(Import(university_, Sheet(std::vector<v1::ProgressRow>{row}), false, project_)),
            "1 0 0");
  EXPECT_THAT(Versions(), SizeIs(1));
}

TEST_F(ProgressSheetTest, AFileThatIsNoneIsRefused) {
  google::api::HttpBody broken;
  for (const std::string& bytes : {std::string(), std::string("PK not really")}) {
    broken.set_data(bytes);
    EXPECT_EQ(status::ReasonOf(Import(university_, broken).status()),
              options::v1::ERROR_REASON_INVALID_FILE);
  }
  EXPECT_THAT(Places(Import(university_, Sheet(std::vector<v1::AgreementRow>(1))).status()),
              ::testing::Contains(HasSubstr("季度")));
}

}  // namespace
}  // namespace chanyan::pairing
