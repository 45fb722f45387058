// A company that owns a platform does not pair with it (PAIR-1, PAIR-2, PAIR-6): nothing is begun
// of the two, and what a merger or a handover makes of a pair stays as history and counts for
// nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/merger_world.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_ENTERPRISE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Of enterprise 1.
constexpr char kCompanyLab[] = "organizations/e1/platforms/lab";

class OwnPlatformTest : public PairingMergerTest {
 protected:
  OwnPlatformTest() {
    registry::v1::Platform& own = PlatformAt(kCompanyLab);
    own.set_name(kCompanyLab);
    own.set_organization(Enterprise(1));
    own.set_organization_title("企业1（演示）");
    own.set_display_name("企业1实验室（演示）");
    own.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  }
  absl::StatusOr<v1::Project> Begin(int enterprise, const std::string& platform = kCompanyLab) {
    return service.CreateProject(As(ROLE_ENTERPRISE, Enterprise(enterprise), "CreateProject"),
                                 NewProject(platform, enterprise));
  }
  absl::StatusOr<v1::ImportProjectsResponse> Import(int enterprise) {
    v1::ProjectRow row;
    row.set_university_title("企业1（演示）");
    row.set_platform_title("企业1实验室（演示）");
    row.set_enterprise_title(absl::StrCat("企业", enterprise, "（演示）"));
    row.set_unified_social_credit_code(testing::CreditCode(enterprise));
    row.set_title("共建中试线（演示）");
    row.add_kinds("技术研发");
    row.set_content("共建中试线");
    row.set_state(v1::PROJECT_STATE_INTENT);
    v1::ImportProjectsRequest request;
    *request.mutable_file() = testing::Upload(std::vector<v1::ProjectRow>{row});
    request.set_file_name("项目.xlsx");
    request.set_request_id(api::NewUuid());
    return sheets.ImportProjects(Secretariat("ProjectSheetService.ImportProjects"), request);
  }
  // Enterprises, paired, under way; on a day that is past if one is named.
  std::string Figures(absl::CivilDay day = absl::CivilDay(1, 1, 1)) {
    v1::QueryCoverageRequest request;
    if (day.year() > 1) *request.mutable_as_of_date() = time::ToProto(day);
    const auto coverage = service.QueryCoverage(Secretariat("QueryCoverage"), request);
    if (!coverage.ok()) return coverage.status().ToString();
    return absl::StrCat(coverage->total().enterprise_count(), " ", coverage->total().paired_count(),
                        " ", coverage->total().intent_count());
  }
  v1::EnterpriseCoverage Check(int enterprise) {
    v1::CheckEnterpriseCoverageRequest request;
    request.set_name(absl::StrCat("outreaches/e", enterprise));
    const auto answer = coverage_service.CheckEnterpriseCoverage(
        Secretariat("CoverageService.CheckEnterpriseCoverage"), request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : v1::EnterpriseCoverage();
  }
  // Titles on the work list.
  std::vector<std::string> Unpaired() {
    const auto list = coverage_service.ListUnpairedEnterprises(
        Secretariat("CoverageService.ListUnpairedEnterprises"), {});
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> titles;
    if (!list.ok()) return titles;
    for (const auto& row : list->enterprises()) titles.push_back(row.enterprise_title());
    return titles;
  }
};

TEST_F(OwnPlatformTest, NothingIsBegunByHand) {
  const auto refused = Begin(1);
  EXPECT_THAT(testing::FieldsOf(refused.status()), ElementsAre("project.platform"));
  EXPECT_THAT(status::ViolationsOf(refused.status()).at(0).description,
              HasSubstr("“企业1实验室（演示）”是“企业1（演示）”自己的科创平台"));
  auto dry = NewProject(kCompanyLab, 1);
  dry.set_validate_only(true);
  EXPECT_FALSE(service.CreateProject(As(ROLE_ENTERPRISE, Enterprise(1), "CreateProject"), dry).ok())
      << "nor is it said that it would be";
  EXPECT_EQ(Count("project"), 0);
  EXPECT_TRUE(Begin(2).ok()) << "another company pairs with it";
}

TEST_F(OwnPlatformTest, NothingIsBegunOfACompanyThatBecamePartOfTheOwner) {
  (void)Merged(Enterprise(2), Enterprise(1));
  EXPECT_THAT(testing::FieldsOf(Begin(2).status()), ElementsAre("project.platform"))
      << "the old name is the owner's";
  EXPECT_EQ(Count("project"), 0);
}

TEST_F(OwnPlatformTest, NothingIsBegunOfASheet) {
  const auto refused = Import(1);
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_INVALID_FILE);
  ASSERT_THAT(testing::FieldsOf(refused.status()), ElementsAre("项目.xlsx / 表 / C2"));
  EXPECT_THAT(status::ViolationsOf(refused.status()).at(0).description,
              HasSubstr("自己的科创平台"));
  EXPECT_EQ(Count("project"), 0);
  EXPECT_TRUE(Import(2).ok());
}

TEST_F(OwnPlatformTest, NothingIsBegunOfAFormsRowAndTheOthersGoOn) {
  const auto reply = Record("2025q2", {ReportOf(kCompanyLab, 1, v1::PROJECT_STATE_SIGNED),
                                       ReportOf(kCompanyLab, 2, v1::PROJECT_STATE_SIGNED)});
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_THAT(reply->outcomes(0).refusal(), HasSubstr("自己的科创平台"));
  EXPECT_EQ(reply->outcomes(0).project(), "");
  EXPECT_EQ(reply->outcomes(1).refusal(), "");
  EXPECT_THAT(Texts("SELECT enterprise FROM project"), ElementsAre(Enterprise(2)));
  EXPECT_EQ(Count("progress_report"), 1);
}

TEST_F(OwnPlatformTest, APlatformThatIsTakenOverByTheCompanyCountsForItNoMore) {
  ASSERT_TRUE(ImportRoster({EntryOf(2), EntryOf(3)}).ok());
  const std::string signed_one = In(v1::PROJECT_STATE_SIGNED, kLab, 2).name();
  In(v1::PROJECT_STATE_SIGNED, kLab, 3);
  EXPECT_EQ(Figures(), "2 2 0");
  registry::v1::Platform& lab = PlatformAt(kLab);
  lab.set_organization(Enterprise(2));
  ASSERT_TRUE(Follow(Journalled(lab, kLab)).ok());
  EXPECT_EQ(Figures(), "2 1 0");
  EXPECT_EQ(Stored(signed_one).state(), v1::PROJECT_STATE_SIGNED) << "the record stays";
  EXPECT_THAT(Unpaired(), ElementsAre("企业2（演示）"));
  const v1::EnterpriseCoverage own = Check(2);
  EXPECT_EQ(own.standing(), v1::ENTERPRISE_STANDING_NONE);
  ASSERT_EQ(own.projects_size(), 1);
  EXPECT_FALSE(own.projects(0).counts());
  EXPECT_EQ(own.verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_NOT_SATISFIED);
  EXPECT_TRUE(Check(3).projects(0).counts());
  // It is not begun with anew.
  EXPECT_THAT(testing::FieldsOf(Begin(2, kLab).status()), ElementsAre("project.platform"));
  // Handed on again it is a pair as before.
  lab.set_organization(kUpc);
  ASSERT_TRUE(Follow(Journalled(lab, kLab)).ok());
  EXPECT_EQ(Figures(), "2 2 0");
  EXPECT_TRUE(Check(2).projects(0).counts());
}

TEST_F(OwnPlatformTest, WhatIsUnderWayWithTheOwnPlatformIsNothing) {
  ASSERT_TRUE(ImportRoster({EntryOf(2)}).ok());
  In(v1::PROJECT_STATE_NEGOTIATING, kLab, 2);
  EXPECT_EQ(Figures(), "1 0 1");
  registry::v1::Platform& lab = PlatformAt(kLab);
  lab.set_organization(Enterprise(2));
  ASSERT_TRUE(Follow(Journalled(lab, kLab)).ok());
  EXPECT_EQ(Figures(), "1 0 0");
  EXPECT_EQ(Check(2).standing(), v1::ENTERPRISE_STANDING_NONE);
}

TEST_F(OwnPlatformTest, AMergerOfBothSidesLeavesTheProjectAsHistoryFromItsDayOn) {
  ASSERT_TRUE(ImportRoster({EntryOf(2), EntryOf(3)}).ok());
  const std::string name = In(v1::PROJECT_STATE_SIGNED, kCompanyLab, 2).name();
  In(v1::PROJECT_STATE_COMPLETED, kLab, 3);
  clock.now += 3 * kDay;
  const absl::CivilDay merged_on = time::DayOf(clock.now);
  EXPECT_EQ(Figures(), "2 2 0");
  Merge(Enterprise(1), Enterprise(2));
  const v1::Project kept = Stored(name);
  EXPECT_EQ(kept.university(), Enterprise(2));
  EXPECT_EQ(kept.enterprise(), Enterprise(2));
  EXPECT_EQ(kept.state(), v1::PROJECT_STATE_SIGNED);
  EXPECT_EQ(Figures(), "2 1 0");
  EXPECT_THAT(Unpaired(), ElementsAre("企业2（演示）"));
  const auto again = Record("2025q3", {ReportOf(kCompanyLab, 2, v1::PROJECT_STATE_BUILDING)});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcomes(0).refusal(), "") << "what goes on is reported as before";
  EXPECT_EQ(Figures(), "2 1 0");
  clock.now += 2 * kDay;
  FollowOwnJournal();
  EXPECT_EQ(Figures(merged_on - 1), "2 2 0") << "they were two then";
  EXPECT_EQ(Figures(merged_on), "2 1 0");
  EXPECT_EQ(Figures(merged_on + 1), "2 1 0");
}

}  // namespace
}  // namespace chanyan::pairing
