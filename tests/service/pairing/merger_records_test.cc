// What mergers of organizations do to projects' records, intents, rosters and follow-ups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/merger_world.h"

namespace chanyan::pairing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(PairingMergerTest, IntentsAndUnitsAreHandedOver) {
  v1::CreateIntentRequest intent;
  intent.mutable_intent()->set_side(v1::INTENT_SIDE_REQUEST);
  intent.mutable_intent()->add_kinds("技术研发");
  intent.mutable_intent()->set_title("需求（演示）");
  intent.mutable_intent()->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(clock.now + absl::Hours(24)));
  const auto made =
      service.CreateIntent(As(options::v1::ROLE_ENTERPRISE, Enterprise(1), "CreateIntent"), intent);
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string project = In(v1::PROJECT_STATE_SIGNED, kLab, 3).name();
  Merge(Enterprise(1), Enterprise(2));
  v1::WithdrawIntentRequest withdraw;
  withdraw.set_name(made->name());
  EXPECT_TRUE(service
                  .WithdrawIntent(As(options::v1::ROLE_ENTERPRISE, Enterprise(2), "WithdrawIntent"),
                                  withdraw)
                  .ok());
  Merge(kTown, kZone);
  EXPECT_EQ(Stored(project).unit(), kZone);
}

TEST_F(PairingMergerTest, APlatformThatChangedHandsIsItsNewOwners) {
  const std::string open = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  registry::v1::Platform platform;
  platform.set_name(kLab);
  platform.set_organization(kUpc);
  platform.set_display_name("lab平台（演示）（原海洋大学）");
  ASSERT_TRUE(Follow(Journalled(platform, kLab)).ok());
  EXPECT_EQ(Stored(open).university(), kUpc);
  EXPECT_EQ(Stored(open).platform_title(), "lab平台（演示）（原海洋大学）");
  EXPECT_EQ(Do("start", open).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Do("start", open, kUpc).ok());
  const std::string made =
      Record("2025q2", {ReportOf(kLab, 2, v1::PROJECT_STATE_SIGNED)})->outcomes(0).project();
  EXPECT_EQ(Stored(made).university(), kUpc) << "a new project too";
  // The whole university follows; what it gave away stays where it is.
  Add("organizations/sdu", "山东大学（演示）", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  const std::string rest =
      Record("2025q2", {ReportOf(kDraft, 2, v1::PROJECT_STATE_SIGNED)})->outcomes(0).project();
  Merge(kOuc, "organizations/sdu");
  EXPECT_EQ(Stored(rest).university(), "organizations/sdu");
  EXPECT_EQ(Stored(made).university(), kUpc);
  const std::string later =
      Record("2025q2", {ReportOf(kDraft, 3, v1::PROJECT_STATE_SIGNED)})->outcomes(0).project();
  EXPECT_EQ(Stored(later).university(), "organizations/sdu");
}

TEST_F(PairingMergerTest, RostersCountACompanyOnce) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2), EntryOf(3)}).ok());
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(3)}, "rosters/2025-01-01").ok());
  In(v1::PROJECT_STATE_COMPLETED, kLab, 1);
  Merge(Enterprise(1), Enterprise(2));
  const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNSPECIFIED);
  ASSERT_TRUE(coverage.ok()) << coverage.status();
  EXPECT_EQ(coverage->total().enterprise_count(), 2);
  EXPECT_EQ(coverage->total().paired_count(), 1) << "by what the merged one had built";
  EXPECT_THAT(Texts("SELECT CONCAT(name, ' ', entry_count) FROM roster ORDER BY name"),
              ElementsAre("rosters/2025-01-01 2", "rosters/2025-04-01 2"));
  EXPECT_THAT(Texts("SELECT CONCAT(roster, ' ', enterprise, ' ', enterprise_title) "
                    "FROM roster_entry ORDER BY name"),
              ElementsAre("rosters/2025-01-01 organizations/e2 企业1（演示）",
                          "rosters/2025-01-01 organizations/e3 企业3（演示）",
                          "rosters/2025-04-01 organizations/e2 企业2（演示）",
                          "rosters/2025-04-01 organizations/e3 企业3（演示）"));
  // A new roster knows the code of the one that is no more, and counts it once.
  const auto both = ImportRoster({EntryOf(1), EntryOf(2)}, "rosters/2025-07-01");
  ASSERT_EQ(status::ViolationsOf(both.status()).size(), 1u);
  EXPECT_THAT(status::ViolationsOf(both.status())[0].description, HasSubstr("与第 2 行"));
  ASSERT_TRUE(ImportRoster({EntryOf(1)}, "rosters/2025-07-01").ok());
  EXPECT_THAT(Texts("SELECT enterprise FROM roster_entry WHERE roster = 'rosters/2025-07-01'"),
              ElementsAre(Enterprise(2)));
}

TEST_F(PairingMergerTest, RecordsOfAProjectGoAlongWithIt) {
  v1::CreateContactRequest request;
  request.set_parent(In(v1::PROJECT_STATE_SIGNED, kLab, 1).name());
  request.set_request_id(api::NewUuid());
  v1::Contact& contact = *request.mutable_contact();
  contact.set_kind(v1::CONTACT_KIND_APPROACH);
  contact.set_people("李主任（演示）");
  contact.set_channel(v1::CONTACT_CHANNEL_PHONE);
  contact.set_content("请企业确认中试安排");
  api::SetTime(clock.now - absl::Hours(1), contact.mutable_contact_time());
  const auto made = contacts.CreateContact(
      As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "ContactService.CreateContact"), request);
  ASSERT_TRUE(made.ok()) << made.status();
  Merge(Enterprise(1), Enterprise(3));
  EXPECT_THAT(Texts("SELECT CONCAT(enterprise, ' ', respondent, ' ', enterprise_title) "
                    "FROM contact"),
              ElementsAre("organizations/e3 organizations/e3 企业3（演示）"));
  Merge(kOuc, kUpc);
  EXPECT_THAT(Texts("SELECT CONCAT(university, ' ', organization) FROM contact"),
              ElementsAre("organizations/upc organizations/upc"));
  EXPECT_THAT(Texts("SELECT university FROM project"), ElementsAre(kUpc));
}

TEST_F(PairingMergerTest, WhoSpokeForTheMergedOneGoesOnForIt) {
  const std::string project = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  v1::CreateProblemRequest problem;
  problem.set_parent(project);
  problem.mutable_problem()->set_content("缺少中试资金");
  problem.set_request_id(api::NewUuid());
  const auto raised = problems.CreateProblem(
      As(options::v1::ROLE_ENTERPRISE, Enterprise(1), "ProblemService.CreateProblem"), problem);
  ASSERT_TRUE(raised.ok()) << raised.status();
  v1::CreateOutcomeRequest outcome;
  outcome.set_parent(project);
  outcome.set_request_id(api::NewUuid());
  outcome.mutable_outcome()->set_kind("联合培养学生");
  outcome.mutable_outcome()->set_quantity(6);
  outcome.mutable_outcome()->set_description("进企业实习（演示）");
  *outcome.mutable_outcome()->mutable_period_first() = time::ToProto(absl::CivilDay(2025, 3, 1));
  *outcome.mutable_outcome()->mutable_period_last() = time::ToProto(absl::CivilDay(2025, 3, 31));
  *outcome.mutable_outcome()->add_evidence() = Document("名单.pdf");
  const auto declared = outcomes.CreateOutcome(
      As(options::v1::ROLE_ENTERPRISE, Enterprise(1), "OutcomeService.CreateOutcome"), outcome);
  ASSERT_TRUE(declared.ok()) << declared.status();
  Merge(Enterprise(1), Enterprise(3));
  v1::ConfirmOutcomeRequest confirm;
  confirm.set_name(declared->name());
  confirm.set_request_id(api::NewUuid());
  EXPECT_EQ(outcomes
                .ConfirmOutcome(As(options::v1::ROLE_ENTERPRISE, Enterprise(3),
                                   "OutcomeService.ConfirmOutcome"),
                                confirm)
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied)
      << "nobody confirms what was one's own";
  confirm.set_request_id(api::NewUuid());
  EXPECT_TRUE(
      outcomes
          .ConfirmOutcome(
              As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "OutcomeService.ConfirmOutcome"), confirm)
          .ok());
  v1::WithdrawProblemRequest withdraw;
  withdraw.set_name(raised->name());
  withdraw.set_reason("已自行解决");
  withdraw.set_request_id(api::NewUuid());
  const auto withdrawn = problems.WithdrawProblem(
      As(options::v1::ROLE_ENTERPRISE, Enterprise(3), "ProblemService.WithdrawProblem"), withdraw);
  EXPECT_TRUE(withdrawn.ok()) << withdrawn.status();
}

TEST_F(PairingMergerTest, ACompanyIsFollowedUpOnce) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2)}).ok());
  const auto record = [&](int enterprise, absl::Duration ago) {
    v1::CreateContactAttemptRequest request;
    request.set_parent(absl::StrCat("outreaches/e", enterprise));
    request.set_request_id(api::NewUuid());
    v1::ContactAttempt& attempt = *request.mutable_contact_attempt();
    *attempt.mutable_contact_time() = time::ToTimestamp(clock.now - ago);
    attempt.set_contact_person("王某（演示）");
    attempt.set_method("phone");
    attempt.set_result("interested");
    return coverage_service.CreateContactAttempt(
        As(options::v1::ROLE_UNIT, kZone, "CoverageService.CreateContactAttempt"), request);
  };
  for (int enterprise : {1, 2}) {
    const auto made = record(enterprise, absl::Hours(enterprise));
    ASSERT_TRUE(made.ok()) << made.status();
  }
  const auto heads = [&] {
    return Texts("SELECT CONCAT(name, ' ', enterprise, ' ', contact_count) FROM outreach");
  };
  Merge(Enterprise(1), Enterprise(2));
  EXPECT_THAT(heads(), ElementsAre("outreaches/e2 organizations/e2 2"));
  // Who had none goes on with the other's, under the name it has.
  Merge(Enterprise(2), Enterprise(3));
  EXPECT_THAT(heads(), ElementsAre("outreaches/e2 organizations/e3 2"));
  const auto later = record(3, absl::Minutes(1));
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_THAT(heads(), ElementsAre("outreaches/e2 organizations/e3 3"));
  v1::ListContactAttemptsRequest request;
  request.set_parent("outreaches/e3");
  const auto list = coverage_service.ListContactAttempts(
      As(options::v1::ROLE_UNIT, kZone, "CoverageService.ListContactAttempts"), request);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->contact_attempts_size(), 3) << "of all that became it";
}

}  // namespace
}  // namespace chanyan::pairing
