// What mergers of organizations do to projects and their records, intents, reports, rosters and
// follow-ups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/journal/journal.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class PairingMergerTest : public ::testing::Test, protected City {
 protected:
  static journal::v1::Entry Journalled(const google::protobuf::Message& after,
                                       const std::string& name) {
    journal::v1::Entry entry;
    entry.set_type(after.GetDescriptor()->full_name());
    entry.set_resource(name);
    entry.set_after_json(journal::CanonicalJson(after));
    entry.set_before_json(entry.after_json());
    return entry;
  }
  absl::Status Follow(const journal::v1::Entry& entry) {
    return database.db().Transact(
        [&](db::Session& session) { return service.FollowRegistry(session, clock.Now(), entry); });
  }
  // As the registry has it after the merger; the journal is not read yet.
  registry::v1::Organization Merged(const std::string& from, const std::string& into) {
    registry::v1::Organization& gone = At(from);
    registry::v1::Organization& survivor = At(into);
    for (const auto& earlier : gone.absorbed()) {
      *survivor.add_absorbed() = earlier;
      At(earlier.organization()).set_merged_into(into);
    }
    auto* absorbed = survivor.add_absorbed();
    absorbed->set_organization(from);
    absorbed->set_display_name(gone.display_name());
    absorbed->set_unified_social_credit_code(gone.unified_social_credit_code());
    gone.clear_absorbed();
    gone.set_state(registry::v1::ORGANIZATION_STATE_MERGED);
    gone.set_merged_into(into);
    return survivor;
  }
  void Merge(const std::string& from, const std::string& into) {
    const registry::v1::Organization survivor = Merged(from, into);
    for (const auto& one : {survivor, At(from)}) {
      const absl::Status followed = Follow(Journalled(one, one.name()));
      ASSERT_TRUE(followed.ok()) << followed;
    }
  }
  absl::StatusOr<v1::Project> Settle(const std::string& name, options::v1::Role role,
                                     const std::string& organization) {
    v1::SettleProjectRequest request;
    request.set_name(name);
    request.set_reason("两家企业已合并，以此项目为准");
    request.set_request_id(api::NewUuid());
    return service.SettleProject(As(role, organization, "SettleProject"), request);
  }
  std::vector<std::string> Actions(const std::string& name) {
    const v1::Project row = Stored(name);
    return {row.actions().begin(), row.actions().end()};
  }
};

TEST_F(PairingMergerTest, ProjectsOfAMergedEnterpriseAreTheSurvivorsOnce) {
  const std::string open = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const std::string ended = In(v1::PROJECT_STATE_COMPLETED, kCenter, 1).name();
  At(Enterprise(3)).set_unit(kTown);
  Merge(Enterprise(1), Enterprise(3));
  const v1::Project moved = Stored(open);
  EXPECT_EQ(moved.enterprise(), Enterprise(3));
  EXPECT_EQ(moved.enterprise_title(), "企业3（演示）");
  EXPECT_EQ(moved.unit(), kTown);
  EXPECT_THAT(moved.former_enterprises(), ElementsAre(Enterprise(1)));
  EXPECT_EQ(moved.doubled_by(), "");
  EXPECT_EQ(Stored(ended).enterprise(), Enterprise(3));
  EXPECT_EQ(Stored(ended).enterprise_title(), "企业1（演示）") << "the name of its time";
  EXPECT_EQ(Stored(ended).unit(), kZone);
  const auto before = Texts("SELECT CONCAT(name, version) FROM project ORDER BY name");
  ASSERT_TRUE(Follow(Journalled(At(Enterprise(3)), Enterprise(3))).ok());
  EXPECT_EQ(Texts("SELECT CONCAT(name, version) FROM project ORDER BY name"), before)
      << "the next entry of the survivor says nothing new";
  // On and on: A is in C at once.
  Merge(Enterprise(3), Enterprise(2));
  EXPECT_EQ(Stored(open).enterprise(), Enterprise(2));
  EXPECT_THAT(Stored(open).former_enterprises(), ElementsAre(Enterprise(1), Enterprise(3)));
  EXPECT_THAT(
      Texts("SELECT CONCAT(organization, ' ', successor) FROM organization_succession "
            "ORDER BY organization"),
      ElementsAre("organizations/e1 organizations/e2", "organizations/e3 organizations/e2"));
  const auto mine =
      service.ListProjects(As(options::v1::ROLE_ENTERPRISE, Enterprise(2), "ListProjects"), {});
  EXPECT_EQ(mine->projects_size(), 2) << "the survivor sees both";
}

TEST_F(PairingMergerTest, TwoOpenProjectsOfAPairAreBothKeptUntilSomebodySettles) {
  const std::string first = In(v1::PROJECT_STATE_BUILDING, kLab, 1).name();
  const std::string second = In(v1::PROJECT_STATE_INTENT, kLab, 2).name();
  const std::string third = In(v1::PROJECT_STATE_SIGNED, kLab, 3).name();
  EXPECT_EQ(status::ReasonOf(Settle(second, options::v1::ROLE_RESEARCH_OFFICE, kOuc).status()),
            ERROR_REASON_WRONG_STATE)
      << "there is nothing to settle";
  Merge(Enterprise(1), Enterprise(2));
  Merge(Enterprise(3), Enterprise(2));
  EXPECT_EQ(Stored(second).doubled_by(), "") << "the survivor's own";
  EXPECT_EQ(Stored(first).doubled_by(), second);
  EXPECT_EQ(Stored(third).doubled_by(), second);
  EXPECT_EQ(Stored(first).state(), v1::PROJECT_STATE_BUILDING) << "open, as it was";
  EXPECT_EQ(Create(NewProject(kLab, 2)).status().code(), absl::StatusCode::kAlreadyExists);
  v1::ListProjectsRequest list;
  list.set_filter("doubled_by:*");
  const auto work = service.ListProjects(Secretariat("ListProjects"), list);
  ASSERT_TRUE(work.ok()) << work.status();
  EXPECT_EQ(work->projects_size(), 2) << "a work list";
  EXPECT_THAT(work->projects(0).actions(), ElementsAre("settle"));
  EXPECT_THAT(Actions(second), IsEmpty());

  EXPECT_EQ(Settle(first, options::v1::ROLE_RESEARCH_OFFICE, kUpc).status().code(),
            absl::StatusCode::kNotFound);
  const auto settled = Settle(first, options::v1::ROLE_SECRETARIAT, "organizations/secretariat");
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->doubled_by(), "");
  for (const std::string& name : {second, third}) {
    EXPECT_EQ(Stored(name).state(), v1::PROJECT_STATE_TERMINATED);
    EXPECT_EQ(Stored(name).doubled_by(), "");
    EXPECT_THAT(Stored(name).termination_reason(),
                ::testing::AllOf(HasSubstr(first), HasSubstr("以此项目为准")));
  }
  EXPECT_TRUE(Do("complete", first).ok());
  EXPECT_EQ(status::ReasonOf(Settle(first, options::v1::ROLE_RESEARCH_OFFICE, kOuc).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(Create(NewProject(kLab, 2)).ok()) << "the pair may begin again";
}

TEST_F(PairingMergerTest, WhatWasDoubledTakesThePlaceOfTheOneThatEnds) {
  const std::string first = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const std::string second = In(v1::PROJECT_STATE_SIGNED, kLab, 2).name();
  const std::string third = In(v1::PROJECT_STATE_SIGNED, kLab, 3).name();
  Merge(Enterprise(1), Enterprise(2));
  Merge(Enterprise(3), Enterprise(2));
  ASSERT_TRUE(Do("terminate", second).ok());
  std::set<std::string> holders;
  for (const std::string& name : {first, third}) {
    if (Stored(name).doubled_by().empty()) holders.insert(name);
  }
  ASSERT_EQ(holders.size(), 1u);
  const std::string holder = *holders.begin();
  const std::string last = holder == first ? third : first;
  EXPECT_EQ(Stored(last).doubled_by(), holder);
  EXPECT_EQ(Create(NewProject(kLab, 2)).status().code(), absl::StatusCode::kAlreadyExists);
  ASSERT_TRUE(Do("terminate", last).ok()) << "the doubled one may end by itself";
  EXPECT_EQ(Stored(last).doubled_by(), "");
  EXPECT_EQ(Stored(holder).doubled_by(), "");
  ASSERT_TRUE(Do("terminate", holder).ok());
  EXPECT_TRUE(Create(NewProject(kLab, 2)).ok());
}

TEST_F(PairingMergerTest, EachRowReportsToItsOwnProject) {
  const std::string first = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const std::string second = In(v1::PROJECT_STATE_SIGNED, kLab, 2).name();
  Merge(Enterprise(1), Enterprise(2));
  v1::Report of_first = ReportOf(kLab, 1, v1::PROJECT_STATE_BUILDING);
  of_first.set_enterprise(Enterprise(2));
  of_first.set_former_enterprise(Enterprise(1));
  of_first.set_enterprise_title("企业2（演示）");
  of_first.set_progress("甲的进展");
  v1::Report of_second = ReportOf(kLab, 2, v1::PROJECT_STATE_BUILDING);
  of_second.set_progress("乙的进展");
  const auto recorded = Record("2025q2", {of_first, of_second});
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->outcomes(0).project(), first);
  EXPECT_EQ(recorded->outcomes(1).project(), second);
  EXPECT_EQ(Stored(first).progress(), "甲的进展");
  EXPECT_EQ(Stored(second).progress(), "乙的进展");
  // Settled, the row of the one that ended is not put into the other.
  ASSERT_TRUE(Settle(second, options::v1::ROLE_RESEARCH_OFFICE, kOuc).ok());
  const auto again = Record("2025q2", {of_first, of_second});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcomes(0).project(), first);
  EXPECT_EQ(Stored(second).progress(), "乙的进展");
  EXPECT_EQ(Count("project"), 2);
  EXPECT_EQ(Count("progress_report"), 2);
}

TEST_F(PairingMergerTest, OfTwoRowsOfOneProjectTheSecondIsHandedBack) {
  const std::string project = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  Merge(Enterprise(1), Enterprise(2));
  // The cycle has not heard of the merger: the row still says the one that is no more.
  v1::Report late = ReportOf(kLab, 1, v1::PROJECT_STATE_BUILDING);
  late.set_unit(kTown);
  v1::Report other = ReportOf(kLab, 2, v1::PROJECT_STATE_INTENT);
  other.set_progress("另一行");
  const auto recorded = Record("2025q2", {late, other});
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->outcomes(0).project(), project);
  EXPECT_EQ(Stored(project).enterprise(), Enterprise(2));
  EXPECT_EQ(Stored(project).enterprise_title(), "企业2（演示）");
  EXPECT_EQ(Stored(project).unit(), kZone) << "the survivor's";
  EXPECT_THAT(recorded->outcomes(1).refusal(), HasSubstr(late.row()));
  EXPECT_EQ(Stored(project).progress(), "设备到位") << "the first is not hidden";
  EXPECT_EQ(Count("project"), 1);
  // A row for a platform where there was no project begins one of the survivor.
  v1::Report fresh = ReportOf(kCenter, 1, v1::PROJECT_STATE_SIGNED);
  const std::string made = Record("2025q2", {fresh})->outcomes(0).project();
  EXPECT_EQ(Stored(made).enterprise(), Enterprise(2));
  EXPECT_EQ(Stored(made).enterprise_title(), "企业2（演示）");
  EXPECT_THAT(Stored(made).former_enterprises(), ElementsAre(Enterprise(1)));
}

TEST_F(PairingMergerTest, WhatIsBegunWithAMergedEnterpriseIsBegunWithTheSurvivor) {
  const registry::v1::Organization survivor = Merged(Enterprise(1), Enterprise(2));
  const auto made = Create(NewProject(kLab, 1));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->enterprise(), Enterprise(2)) << "the registry says where to go on";
  // Of two at once: the registry answered before the merger, its journal was read after it.
  registry::v1::Organization stale = At(Enterprise(1));
  At(Enterprise(1)).set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  ASSERT_TRUE(Follow(Journalled(survivor, survivor.name())).ok());
  const auto raced = Create(NewProject(kCenter, 1), kUpc);
  EXPECT_EQ(raced.status().code(), absl::StatusCode::kAborted) << raced.status();
  EXPECT_EQ(Count("project"), 1);
  At(Enterprise(1)) = stale;
  EXPECT_TRUE(Create(NewProject(kCenter, 1), kUpc).ok()) << "asked again, it goes on";
  v1::CreateIntentRequest intent;
  intent.mutable_intent()->set_side(v1::INTENT_SIDE_REQUEST);
  intent.mutable_intent()->add_kinds("技术研发");
  intent.mutable_intent()->set_title("需求（演示）");
  intent.mutable_intent()->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(clock.now + absl::Hours(24)));
  const auto refused =
      service.CreateIntent(As(options::v1::ROLE_ENTERPRISE, Enterprise(1), "CreateIntent"), intent);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("企业2（演示）"));
}

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

TEST_F(PairingMergerTest, WhoFollowsIsKnownToTheService) {
  rpc::Predecessors predecessors(database.db(), clock, rpc::kPredecessorsSql);
  EXPECT_THAT(predecessors.Of(Enterprise(2)), IsEmpty());
  Merge(Enterprise(1), Enterprise(2));
  Merge(Enterprise(3), Enterprise(2));
  EXPECT_THAT(predecessors.Of(Enterprise(2)), IsEmpty()) << "remembered";
  clock.now += rpc::kPredecessorsLife;
  EXPECT_THAT(predecessors.Of(Enterprise(2)), ElementsAre(Enterprise(1), Enterprise(3)));
  EXPECT_THAT(predecessors.Of(Enterprise(1)), IsEmpty());
  EXPECT_THAT(predecessors.Of(""), IsEmpty());
}

// Projects are begun, moved and ended, reports come in, and organizations merge, all at once. In
// the end every project that was acknowledged is there once, with an enterprise that goes on, and
// of each pair's open ones exactly one takes the reports.
TEST_F(PairingMergerTest, NoOrderOfMergersLosesOrDoublesAProject) {
  const unsigned seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  constexpr int kFirms = 12;
  for (int i = 4; i <= kFirms; ++i) AddEnterprise(i, i % 2 == 0 ? kZone : kTown);
  constexpr int kThreads = 4;
  std::vector<std::set<std::string>> made(kThreads);
  std::vector<std::string> faults(kThreads + 1);
  const auto run = [&](int thread) {
    std::mt19937 random(seed + thread);
    for (int act = 0; act < 30; ++act) {
      const int firm = 1 + static_cast<int>(random() % kFirms);
      const std::string platform = random() % 2 == 0 ? kLab : kCenter;
      const std::string university(api::ParentOfName(platform));
      absl::Status status;
      switch (random() % 5) {
        case 0:
        case 1: {
          const auto done = Create(NewProject(platform, firm), university);
          if (done.ok()) made[thread].insert(done->name());
          status = done.status();
          break;
        }
        case 2: {
          v1::Report report = ReportOf(platform, firm, v1::PROJECT_STATE_SIGNED);
          report.set_row(absl::StrCat(report.row(), "-", thread, "-", act));
          const auto done = Record(absl::StrCat("2025q", 1 + act % 4), {report});
          if (done.ok() && done->outcomes(0).created()) {
            made[thread].insert(done->outcomes(0).project());
          }
          status = done.status();
          break;
        }
        default: {
          if (made[thread].empty()) break;
          auto at = made[thread].begin();
          std::advance(at, random() % made[thread].size());
          status = random() % 3 == 0 ? Settle(*at, options::v1::ROLE_SECRETARIAT, "").status()
                                     : Do("terminate", *at, std::string(kOuc)).status();
        }
      }
      if (absl::IsInternal(status)) faults[thread] = std::string(status.message());
    }
  };
  // The registry's journal, read by one follower: its own small copy of what is merged.
  std::map<std::string, std::vector<std::string>> absorbed;
  std::vector<std::string> living;
  for (int i = 1; i <= kFirms; ++i) living.push_back(Enterprise(i));
  const auto merge = [&] {
    std::mt19937 random(seed + 100);
    while (living.size() > 4) {
      std::shuffle(living.begin(), living.end(), random);
      const std::string from = living.back();
      living.pop_back();
      const std::string into = living[random() % living.size()];
      registry::v1::Organization survivor;
      survivor.set_name(into);
      survivor.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
      survivor.set_display_name("合并后的" + into);
      survivor.set_unit(kZone);
      auto& all = absorbed[into];
      all.insert(all.end(), absorbed[from].begin(), absorbed[from].end());
      all.push_back(from);
      absorbed.erase(from);
      for (const std::string& one : all) survivor.add_absorbed()->set_organization(one);
      absl::Status followed;
      do {
        followed = Follow(Journalled(survivor, into));
      } while (absl::IsAborted(followed) || absl::IsUnavailable(followed));
      if (!followed.ok()) faults[kThreads] = followed.ToString();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  threads.emplace_back(merge);
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(faults, ::testing::Each(std::string())) << "seed " << seed;

  std::set<std::string> wanted;
  size_t acknowledged = 0;
  for (const auto& some : made) {
    wanted.insert(some.begin(), some.end());
    acknowledged += some.size();
  }
  EXPECT_EQ(wanted.size(), acknowledged) << "no name was given twice, seed " << seed;
  const auto names = Texts("SELECT name FROM project");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), wanted) << "seed " << seed;
  const std::set<std::string> go_on(living.begin(), living.end());
  std::map<std::string, std::set<std::string>> holders;
  std::map<std::string, std::set<std::string>> doubled;
  for (const std::string& name : names) {
    const v1::Project row = Stored(name);
    EXPECT_TRUE(go_on.count(row.enterprise())) << name << " seed " << seed;
    const bool ended = row.state() == v1::PROJECT_STATE_TERMINATED;
    if (ended) {
      EXPECT_EQ(row.doubled_by(), "") << name << " seed " << seed;
      continue;
    }
    const std::string pair = absl::StrCat(row.platform(), " ", row.enterprise());
    (row.doubled_by().empty() ? holders : doubled)[pair].insert(name);
  }
  for (const auto& [pair, some] : doubled) {
    ASSERT_EQ(holders[pair].size(), 1u) << pair << " seed " << seed;
    for (const std::string& name : some) {
      EXPECT_EQ(Stored(name).doubled_by(), *holders[pair].begin()) << "seed " << seed;
    }
  }
  for (const auto& [pair, some] : holders) EXPECT_LE(some.size(), 1u) << pair << " seed " << seed;
}

}  // namespace
}  // namespace chanyan::pairing
