// Results from a sheet and as a sheet (TRI-1), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"
#include "tests/support/violations.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ResultSheetTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::ImportResultsResponse> Import(const google::api::HttpBody& file,
                                                   bool dry_run = false,
                                                   Role role = ROLE_SERVICE_TEAM,
                                                   const std::string& by = kMarineAgency) {
    v1::ImportResultsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("成果.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return results.ImportResults(As(role, by, "ResultService.ImportResults"), request);
  }
  static v1::Result Row(const std::string& title, const std::string& university = "中国海洋大学") {
    v1::Result row = Draft(title);
    row.clear_maturity();
    row.set_university_title(university);
    row.set_owners_text("中国海洋大学｜｜60；某公司｜｜40");
    row.set_rights_text("发明专利｜ZL1｜一种膜｜已授权");
    row.set_maturity_text("技术就绪度（TRL）｜6｜中试报告");
    return row;
  }
};

// A name is not kept for a title, nor a file called wrong, because somebody was away.
TEST_F(ResultSheetTest, WhileTheRegistryIsAwayNothingIsRefusedForGoodOrKeptWithoutItsTitle) {
  const auto file = testing::Upload<v1::Result>({Row("膜一")});
  registry_away = true;
  EXPECT_TRUE(absl::IsUnavailable(Import(file, false, ROLE_RESEARCH_OFFICE, kOuc).status()));
  EXPECT_TRUE(absl::IsUnavailable(Import(file).status()));
  EXPECT_TRUE(absl::IsUnavailable(Create(Draft("膜二"), ROLE_RESEARCH_OFFICE, kOuc).status()));
  EXPECT_EQ(Count("result"), 0);
  registry_away = false;
  const auto imported = Import(file, false, ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->created(), 1);
}

TEST_F(ResultSheetTest, TheSameSheetTwiceChangesNothing) {
  const auto file =
      testing::Upload<v1::Result>({Row("膜一"), Row("膜二"), Row("采油", "中国石油大学（华东）")});
  const auto dry = Import(file, true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_EQ(dry->created(), 3);
  EXPECT_EQ(Count("result"), 0);
  const auto first = Import(file);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->created(), 3);
  EXPECT_EQ(Count("result WHERE holder = 'organizations/qd-agency-3'"), 3);
  const auto again = Import(file);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 3);
  EXPECT_EQ(again->created() + again->updated(), 0);
  EXPECT_EQ(Count("result"), 3);
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 0);
  const v1::Result row = Stored(Texts("SELECT name FROM result WHERE title = '膜一'").at(0));
  ASSERT_EQ(row.owners_size(), 2);
  EXPECT_EQ(row.owners(0).share_percent(), 60);
  EXPECT_EQ(row.rights(0).status(), v1::RIGHT_STATUS_GRANTED);
  EXPECT_EQ(row.maturity(0).scale(), "trl");
}

TEST_F(ResultSheetTest, EveryBadRowIsNamedAtItsCellAndNothingIsWritten) {
  v1::Result one = Row("甲");
  one.set_maturity_text("技术就绪度（TRL）｜十");
  v1::Result two = Row("乙", "没有的大学");
  v1::Result three = Row("丙");
  three.set_rights_text("火星专利｜1");
  three.mutable_industries()->Add("星际航行");
  const auto unknown = Import(testing::Upload<v1::Result>({one, two}));
  EXPECT_THAT(testing::FieldsOf(unknown.status()), ElementsAre("成果.xlsx / 表 / B3"));
  const auto refused = Import(testing::Upload<v1::Result>({one, three, Row("甲")}));
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_INVALID_FILE);
  std::string all;
  for (const auto& violation : status::ViolationsOf(refused.status())) {
    absl::StrAppend(&all, violation.field, "：", violation.description, "\n");
  }
  EXPECT_THAT(all, AllOf(HasSubstr("等级“十”无法识别"), HasSubstr("火星专利"),
                         HasSubstr("星际航行"), HasSubstr("与第 2 行是同一成果")));
  EXPECT_EQ(Count("result"), 0);
}

TEST_F(ResultSheetTest, HostileTextComesInCleanAndIsToldOf) {
  v1::Result row = Row("膜一");
  row.set_abstract("已完成中试。\n\n【关闭窗口】 【打印本文】");
  row.set_benefits("节水\u202E百万吨");
  const auto done = Import(testing::Upload<v1::Result>({row}));
  ASSERT_TRUE(done.ok()) << done.status();
  ASSERT_THAT(done->notes(), SizeIs(2));
  EXPECT_THAT(done->notes(0), HasSubstr("第 2 行“成果简介”中的网页转贴的页脚或广告"));
  EXPECT_EQ(Count("quarantined_text"), 2);
  EXPECT_THAT(Texts("SELECT benefits FROM result"), ElementsAre("节水百万吨"));
}

TEST_F(ResultSheetTest, WhatIsExportedIsImportedUnchanged) {
  ASSERT_TRUE(Import(testing::Upload<v1::Result>({Row("膜一"), Row("膜二")})).ok());
  v1::ExportResultsRequest request;
  const auto file = results.ExportResults(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.ExportResults"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto back = Import(*file);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->unchanged(), 2);
}

TEST_F(ResultSheetTest, AUniversityImportsItsOwnAlone) {
  EXPECT_TRUE(
      Import(testing::Upload<v1::Result>({Row("膜一")}), false, ROLE_RESEARCH_OFFICE, kOuc).ok());
  const auto foreign = Import(testing::Upload<v1::Result>({Row("膜二", "中国石油大学（华东）")}),
                              false, ROLE_RESEARCH_OFFICE, kOuc);
  EXPECT_THAT(std::string(foreign.status().message()), Not(IsEmpty()));
  EXPECT_THAT(testing::FieldsOf(foreign.status()), ElementsAre("成果.xlsx / 表 / B2"));
}

}  // namespace
}  // namespace chanyan::triage
