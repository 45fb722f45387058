// Projects as an .xlsx list, both ways (PAIR-1, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/project_rules.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using options::v1::Role;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ProjectSheetTest : public ::testing::Test, protected City {
 protected:
  static v1::ProjectRow Row(int enterprise, v1::ProjectState state = v1::PROJECT_STATE_INTENT) {
    v1::ProjectRow row;
    row.set_university_title("海洋大学（演示）");
    row.set_platform_title("lab平台（演示）");
    row.set_enterprise_title(absl::StrCat("企业", enterprise, "（演示）"));
    row.set_unified_social_credit_code(testing::CreditCode(enterprise));
    row.set_title("共建中试线（演示）");
    row.add_kinds("技术研发");
    row.set_content("共建中试线");
    row.set_state(state);
    if (state != v1::PROJECT_STATE_INTENT && state != v1::PROJECT_STATE_NEGOTIATING) {
      *row.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 1));
    }
    return row;
  }
  absl::StatusOr<v1::ImportProjectsResponse> Import(const google::api::HttpBody& file,
                                                    bool dry_run = false,
                                                    Role role = ROLE_RESEARCH_OFFICE,
                                                    const std::string& organization = kOuc,
                                                    const std::string& reason = "补录历史项目") {
    v1::ImportProjectsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("项目.xlsx");
    request.set_validate_only(dry_run);
    request.set_override_reason(reason);
    request.set_request_id(api::NewUuid());
    return sheets.ImportProjects(As(role, organization, "ProjectSheetService.ImportProjects"),
                                 request);
  }
  absl::StatusOr<v1::ImportProjectsResponse> Import(const std::vector<v1::ProjectRow>& rows,
                                                    bool dry_run = false,
                                                    Role role = ROLE_RESEARCH_OFFICE,
                                                    const std::string& organization = kOuc,
                                                    const std::string& reason = "补录历史项目") {
    return Import(testing::Upload(rows), dry_run, role, organization, reason);
  }
  absl::StatusOr<google::api::HttpBody> Export(Role role = ROLE_SECRETARIAT,
                                               const std::string& organization = "x") {
    return sheets.ExportProjects(As(role, organization, "ProjectSheetService.ExportProjects"), {});
  }
  static std::string Numbers(const absl::StatusOr<v1::ImportProjectsResponse>& result) {
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  }
  static std::vector<std::string> Places(const absl::Status& status) {
    EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_INVALID_FILE) << status;
    std::vector<std::string> out;
    for (const status::Violation& violation : status::ViolationsOf(status)) {
      out.push_back(absl::StrCat(violation.field, "|", violation.description));
    }
    return out;
  }
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, title, kinds, content, state, sign_date, version, update_time)"
        " FROM project ORDER BY name");
  }
};

TEST_F(ProjectSheetTest, EveryBadRowIsNamedByItsCellAndNothingIsImported) {
  std::vector<v1::ProjectRow> rows;
  for (int i = 1; i <= 3; ++i) rows.push_back(Row(i));
  rows[1].set_platform_title("无此平台");
  rows[2].set_enterprise_title("别的名称");
  rows.push_back(Row(9));
  rows.push_back(Row(1));
  rows.push_back(Row(2));
  rows.back().set_project_number("j0");
  rows.push_back(Row(3, v1::PROJECT_STATE_TERMINATED));
  const auto places = Places(Import(rows).status());
  EXPECT_THAT(places, ElementsAre(HasSubstr("项目.xlsx / 表 / C3|“海洋大学（演示）”的“无此平台”"),
                                  HasSubstr("项目.xlsx / 表 / D4|该代码在单位名录中"),
                                  HasSubstr("项目.xlsx / 表 / E5|代码“"),
                                  HasSubstr("项目.xlsx / 表 / C6|与第 2 行是同一项目"),
                                  HasSubstr("项目.xlsx / 表 / A7|没有编号为“j0”的项目"),
                                  HasSubstr("项目.xlsx / 表 / I8|项目终止须逐个办理")));
  // What is wrong with a row by itself, all at once.
  std::vector<v1::ProjectRow> shape = {Row(1, v1::PROJECT_STATE_SIGNED), Row(2)};
  shape[0].clear_sign_date();
  shape[0].set_unified_social_credit_code("913702110000000000");
  *shape[1].mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 1));
  EXPECT_THAT(Places(Import(shape).status()),
              AllOf(Contains(HasSubstr("E2|")), Contains(HasSubstr("J2|")),
                    Contains(HasSubstr("J3|")), SizeIs(3)));
  // What the pack's rule says of its kinds, new or changed.
  std::vector<v1::ProjectRow> kinds = {Row(1)};
  kinds[0].set_kinds(0, "联谊");
  EXPECT_THAT(Places(Import(kinds, false, ROLE_RESEARCH_OFFICE, kOuc, "").status()),
              ElementsAre(AllOf(HasSubstr("G2|"), HasSubstr("联谊"))));
  EXPECT_EQ(Count("project"), 0);
  google::api::HttpBody broken;
  broken.set_data("PK not really");
  EXPECT_EQ(status::ReasonOf(Import(broken).status()), options::v1::ERROR_REASON_INVALID_FILE);
}

TEST_F(ProjectSheetTest, TheSameFileTwiceChangesNothingAndADryRunNothingAtAll) {
  const auto file = testing::Upload(std::vector<v1::ProjectRow>{
      Row(1), Row(2, v1::PROJECT_STATE_SIGNED), Row(3, v1::PROJECT_STATE_COMPLETED)});
  const auto dry = Import(file, /*dry_run=*/true);
  EXPECT_EQ(Numbers(dry), "3 0 0");
  EXPECT_TRUE(dry->dry_run());
  EXPECT_EQ(Count("project"), 0);
  EXPECT_EQ(Numbers(Import(file)), "3 0 0");
  const auto before = Everything();
  const int64_t journal = Count("journal");
  clock.now += absl::Hours(1);
  // The completed one has ended: its pair could begin again, and the row means the one that is
  // there.
  const auto again = Import(file);
  EXPECT_EQ(Numbers(again), "0 0 3");
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Count("journal"), journal);
  const v1::Project project =
      Stored(Texts("SELECT name FROM project WHERE state = 'SIGNED'").at(0));
  EXPECT_EQ(project.unit(), kZone);
  EXPECT_EQ(project.university(), kOuc);
  EXPECT_EQ(project.sign_verdicts().verdicts(0).override().reason(), "补录历史项目");
  EXPECT_EQ(project.create_verdicts().verdicts_size(), 2);
}

TEST_F(ProjectSheetTest, KindsThatChangeAreJudgedAsByHand) {
  const std::string name = In(v1::PROJECT_STATE_NEGOTIATING, kLab, 1).name();
  v1::ProjectRow row = Row(1, v1::PROJECT_STATE_NEGOTIATING);
  row.set_kinds(0, "联谊");
  for (const char* reason : {"", "补录历史项目"}) {
    EXPECT_THAT(
        Places(Import(std::vector<v1::ProjectRow>{row}, false, ROLE_RESEARCH_OFFICE, kOuc, reason)
                   .status()),
        ElementsAre(HasSubstr("G2|")))
        << "a hard rule";
  }
  EXPECT_EQ(Stored(name).kinds(0), "技术研发");
  row.set_kinds(0, "中试验证平台");
  EXPECT_EQ(Numbers(Import(std::vector<v1::ProjectRow>{row})), "0 1 0");
  const policy::v1::Verdicts verdicts = Stored(name).create_verdicts();
  EXPECT_EQ(policy::Encode(verdicts), policy::Encode(CreateVerdicts(*pack, Stored(name), "")))
      << "the verdicts are those on the kinds that it has now";
}

TEST_F(ProjectSheetTest, SigningWithoutAgreementNeedsAReason) {
  const auto refused = Import(std::vector<v1::ProjectRow>{Row(1, v1::PROJECT_STATE_SIGNED)}, false,
                              ROLE_RESEARCH_OFFICE, kOuc, "");
  EXPECT_THAT(Places(refused.status()), ElementsAre(HasSubstr("I2|")));
}

TEST_F(ProjectSheetTest, ARowMovesAProjectForwardOnlyAndKeepsItsRecordsInStep) {
  const std::string name = In(v1::PROJECT_STATE_NEGOTIATING, kLab, 1).name();
  v1::ProjectRow row = Row(1, v1::PROJECT_STATE_BUILDING);
  row.set_title("新名称（演示）");
  EXPECT_EQ(Numbers(Import(std::vector<v1::ProjectRow>{row})), "0 1 0");
  EXPECT_EQ(Stored(name).state(), v1::PROJECT_STATE_BUILDING);
  EXPECT_EQ(Stored(name).title(), "新名称（演示）");
  EXPECT_THAT(Places(Import(std::vector<v1::ProjectRow>{Row(1)}).status()),
              ElementsAre(HasSubstr("I2|项目当前状态为“在建”，不能退回“意向”")));
  ASSERT_TRUE(Do("terminate", name).ok());
  row.set_project_number(std::string(api::IdOfName(name)));
  row.set_state(v1::PROJECT_STATE_COMPLETED);
  EXPECT_THAT(Places(Import(std::vector<v1::ProjectRow>{row}).status()),
              ElementsAre(HasSubstr("F2|项目已终止，不能修改")));
}

TEST_F(ProjectSheetTest, AUniversityImportsItsOwnAndTheSecretariatAll) {
  v1::ProjectRow other = Row(1);
  other.set_university_title("石油大学（演示）");
  other.set_platform_title("center平台（演示）");
  EXPECT_THAT(Places(Import(std::vector<v1::ProjectRow>{other}).status()),
              ElementsAre(HasSubstr("B2|只能导入本单位科创平台的项目")));
  EXPECT_EQ(Numbers(Import(std::vector<v1::ProjectRow>{other, Row(1)}, false, ROLE_SECRETARIAT,
                           "organizations/secretariat")),
            "2 0 0");
  v1::ProjectRow draft = Row(2);
  draft.set_platform_title("draft平台（演示）");
  EXPECT_THAT(Places(Import(std::vector<v1::ProjectRow>{draft}).status()),
              ElementsAre(HasSubstr("C2|该科创平台尚未发布")));
  At(Enterprise(3)).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_THAT(Places(Import(std::vector<v1::ProjectRow>{Row(3)}).status()),
              ElementsAre(HasSubstr("D2|该企业已停用")));
}

TEST_F(ProjectSheetTest, WhatIsExportedImportsAsUnchanged) {
  In(v1::PROJECT_STATE_TERMINATED, kLab, 1);
  In(v1::PROJECT_STATE_COMPLETED, kLab, 2);
  In(v1::PROJECT_STATE_SIGNED, kLab, 1);
  auto request = NewProject(kCenter, 3);
  // Text that a spreadsheet would take for a formula.
  request.mutable_project()->set_title("=1+1（演示）");
  ASSERT_TRUE(Create(request, kUpc).ok());
  const auto before = Everything();
  // What has ended keeps the names of its time, and is known by them.
  At(Enterprise(2)).set_display_name("企业贰（演示）");
  const auto exported = Export();
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(Numbers(Import(*exported, false, ROLE_SECRETARIAT, "x")), "0 0 4");
  EXPECT_EQ(Everything(), before);
  const auto mine = Export(ROLE_RESEARCH_OFFICE, kUpc);
  EXPECT_EQ(Numbers(Import(*mine, false, ROLE_RESEARCH_OFFICE, kUpc)), "0 0 1");
  const auto units = Export(ROLE_UNIT, kTown);
  EXPECT_EQ(Numbers(Import(*units, false, ROLE_SECRETARIAT, "x")), "0 0 1");
}

TEST_F(ProjectSheetTest, AHostileFileIsRefusedOrTakenAsText) {
  std::vector<v1::ProjectRow> rows = {Row(1)};
  rows[0].set_title("=HYPERLINK(\"http://x\")");
  ASSERT_TRUE(Import(rows).ok());
  EXPECT_EQ(Texts("SELECT title FROM project").at(0), "=HYPERLINK(\"http://x\")");
  // A formula in a cell, a header that is unknown, one that is missing.
  sheet::Writer writer({.created = clock.now, .title = "测试"});
  sheet::SheetWriter& sheet = writer.AddSheet("表", {});
  sheet.NewRow();
  sheet.Text("项目名称");
  sheet.Text("口令");
  sheet.NewRow();
  sheet.Text("甲");
  sheet.Text("乙");
  google::api::HttpBody file;
  file.set_data(*std::move(writer).Finish());
  const auto places = Places(Import(file).status());
  EXPECT_THAT(places, Contains(HasSubstr("口令")));
  EXPECT_THAT(places, Contains(HasSubstr("统一社会信用代码")));
  EXPECT_EQ(Count("project"), 1);
  peer.Stop();
  EXPECT_EQ(Import(rows).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace chanyan::pairing
