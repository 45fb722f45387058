// Projects and their quarterly reports on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "common/api/names.h"
#include "common/journal/follower.h"
#include "common/journal/journal.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/project_rules.h"
#include "tests/service/pairing/city.h"
#include "tests/support/ask.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PairingTest : public ::testing::Test, protected City {};

// --- Projects

TEST_F(PairingTest, AProjectNeedsAPublishedPlatformAndAnActiveEnterprise) {
  EXPECT_FALSE(Create(NewProject(kDraft, 1)).ok());
  EXPECT_EQ(Create(NewProject("organizations/ouc/platforms/none", 1)).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(Create(NewProject(kLab, 9)).ok()) << "no such enterprise";
  auto request = NewProject(kLab, 1);
  request.mutable_project()->set_enterprise(kUpc);
  EXPECT_FALSE(Create(request).ok()) << "a university is no enterprise";
  EXPECT_EQ(Create(NewProject(kLab, 1), kUpc).status().code(), absl::StatusCode::kPermissionDenied);
  At(Enterprise(1)).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_FALSE(Create(NewProject(kLab, 1)).ok());
  request = NewProject(kLab, 2);
  request.mutable_project()->set_kinds(0, "联谊");
  EXPECT_EQ(status::ReasonOf(Create(request).status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(Count("project"), 0);
  peer.Stop();
  EXPECT_EQ(Create(NewProject(kLab, 2)).status().code(), absl::StatusCode::kUnavailable)
      << "without the registry nothing is begun";
}

TEST_F(PairingTest, APairHasOneOpenProjectAndMayBeginAgain) {
  const auto first = Create(NewProject(kLab, 1));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->university(), kOuc);
  EXPECT_EQ(first->unit(), kZone);
  const auto second = Create(NewProject(kLab, 1));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(first->name()));
  // By which rule of the pack, with its clause.
  policy::v1::Verdicts verdicts;
  ASSERT_TRUE(status::GetDetail(second.status(), verdicts));
  EXPECT_EQ(policy::Encode(verdicts), policy::Encode(CreateVerdicts(*pack, *first, first->name())));
  std::vector<std::string> broken;
  for (const policy::v1::Verdict& verdict : verdicts.verdicts()) {
    EXPECT_FALSE(verdict.clause().text().empty()) << verdict.rule_id();
    if (verdict.outcome() == policy::v1::OUTCOME_NOT_SATISFIED) broken.push_back(verdict.rule_id());
  }
  EXPECT_THAT(broken, ElementsAre("project.unique"));
  EXPECT_TRUE(Create(NewProject(kLab, 2)).ok());
  ASSERT_TRUE(Do("terminate", first->name()).ok());
  const auto again = Create(NewProject(kLab, 1));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(again->name(), first->name());
}

TEST_F(PairingTest, EightAtOnceMakeOneProject) {
  std::atomic<int> made = 0;
  std::atomic<int> taken = 0;
  std::vector<std::string> others(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto project = Create(NewProject(kLab, 1));
      if (project.ok()) {
        ++made;
      } else {
        taken += project.status().code() == absl::StatusCode::kAlreadyExists;
        others[i] = std::string(project.status().message());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(taken, 7) << ::testing::PrintToString(others);
  EXPECT_EQ(Count("project"), 1);
  const std::string name = Texts("SELECT name FROM project").at(0);
  for (const std::string& other : others) {
    EXPECT_TRUE(other.empty() || absl::StrContains(other, name)) << other;
  }
}

TEST_F(PairingTest, EveryStateAndVerbOfAProject) {
  constexpr auto kNo = v1::PROJECT_STATE_UNSPECIFIED;
  constexpr auto kEnd = v1::PROJECT_STATE_TERMINATED;
  const std::string verbs[] = {"negotiate", "sign", "start", "complete", "terminate"};
  struct Case {
    v1::ProjectState from;
    v1::ProjectState to[5];
  };
  const Case cases[] = {
      {v1::PROJECT_STATE_INTENT,
       {v1::PROJECT_STATE_NEGOTIATING, v1::PROJECT_STATE_SIGNED, kNo, kNo, kEnd}},
      {v1::PROJECT_STATE_NEGOTIATING, {kNo, v1::PROJECT_STATE_SIGNED, kNo, kNo, kEnd}},
      {v1::PROJECT_STATE_SIGNED, {kNo, kNo, v1::PROJECT_STATE_BUILDING, kNo, kEnd}},
      {v1::PROJECT_STATE_BUILDING, {kNo, kNo, kNo, v1::PROJECT_STATE_COMPLETED, kEnd}},
      {v1::PROJECT_STATE_COMPLETED, {kNo, kNo, kNo, kNo, kNo}},
      {v1::PROJECT_STATE_TERMINATED, {kNo, kNo, kNo, kNo, kNo}},
  };
  int enterprise = 10;
  for (const Case& one : cases) {
    for (int i = 0; i < 5; ++i) {
      AddEnterprise(++enterprise, kZone);
      const std::string name = In(one.from, kLab, enterprise).name();
      const auto done = Do(verbs[i], name);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE)
            << verbs[i] << " from " << one.from;
      } else {
        ASSERT_TRUE(done.ok()) << verbs[i] << " from " << one.from << done.status();
        EXPECT_EQ(done->state(), one.to[i]) << verbs[i] << " from " << one.from;
      }
    }
  }
}

TEST_F(PairingTest, SigningNeedsContentAndADayThatHasCome) {
  auto request = NewProject(kLab, 1);
  request.mutable_project()->clear_content();
  const auto project = Create(request);
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(status::ReasonOf(Do("sign", project->name()).status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(Stored(project->name()).state(), v1::PROJECT_STATE_INTENT);
  clock.now = time::StartOfDay(absl::CivilDay(2025, 3, 30));
  EXPECT_EQ(Do("sign", project->name()).status().code(), absl::StatusCode::kInvalidArgument)
      << "31 March is in the future";
}

TEST_F(PairingTest, AProjectChangesUntilItHasEnded) {
  v1::UpdateProjectRequest request;
  *request.mutable_project() = *Create(NewProject(kLab, 1));
  request.mutable_project()->set_content("共建检测线");
  request.mutable_update_mask()->add_paths("content");
  const auto update = [&](const std::string& university) {
    request.set_request_id(api::NewUuid());
    return service.UpdateProject(As(options::v1::ROLE_RESEARCH_OFFICE, university, "UpdateProject"),
                                 request);
  };
  EXPECT_EQ(update(kUpc).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(update(kOuc).ok());
  EXPECT_EQ(Stored(request.project().name()).content(), "共建检测线");
  EXPECT_EQ(update(kOuc).status().code(), absl::StatusCode::kAborted) << "the etag is old";
  request.mutable_project()->clear_etag();
  request.mutable_project()->set_kinds(0, "联谊");
  request.mutable_update_mask()->set_paths(0, "kinds");
  EXPECT_EQ(status::ReasonOf(update(kOuc).status()), ERROR_REASON_RULE_VIOLATED)
      << "by the same rule as at its creation";
  request.mutable_update_mask()->set_paths(0, "enterprise");
  request.mutable_project()->set_enterprise(Enterprise(2));
  EXPECT_EQ(update(kOuc).status().code(), absl::StatusCode::kInvalidArgument) << "immutable";
  ASSERT_TRUE(Do("terminate", request.project().name()).ok());
  request.mutable_update_mask()->set_paths(0, "content");
  EXPECT_EQ(status::ReasonOf(update(kOuc).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(PairingTest, VerbsAreOfferedToTheirOwnersOnly) {
  const std::string name = Create(NewProject(kLab, 1))->name();
  v1::GetProjectRequest request;
  request.set_name(name);
  const auto actions = [&](options::v1::Role role, const std::string& organization) {
    const auto row = testing::Ask<v1::Project>(service, "GetProject",
                                               As(role, organization, "GetProject"), request);
    EXPECT_TRUE(row.ok()) << row.status();
    return std::vector<std::string>(row->actions().begin(), row->actions().end());
  };
  EXPECT_THAT(actions(options::v1::ROLE_RESEARCH_OFFICE, kOuc),
              ElementsAre("negotiate", "sign", "terminate"));
  EXPECT_THAT(actions(options::v1::ROLE_UNIT, kZone), ElementsAre("negotiate"));
  EXPECT_THAT(actions(options::v1::ROLE_SECRETARIAT, ""), IsEmpty());
  for (const auto& [role, organization] : std::vector<std::pair<options::v1::Role, std::string>>{
           {options::v1::ROLE_RESEARCH_OFFICE, kUpc},
           {options::v1::ROLE_ENTERPRISE, Enterprise(2)},
           {options::v1::ROLE_UNIT, kTown},
           {options::v1::ROLE_ADMINISTRATOR, kOuc}}) {
    EXPECT_EQ(testing::Ask<v1::Project>(service, "GetProject", As(role, organization, "GetProject"),
                                        request)
                  .status()
                  .code(),
              absl::StatusCode::kNotFound)
        << organization;
  }
}

// --- Reports

TEST_F(PairingTest, RowsBecomeProjectsOnceHoweverOftenTheyCome) {
  const std::vector<v1::Report> rows = {ReportOf(kLab, 1, v1::PROJECT_STATE_INTENT),
                                        ReportOf(kLab, 2, v1::PROJECT_STATE_SIGNED),
                                        ReportOf(kLab, 3, v1::PROJECT_STATE_BUILDING)};
  const std::string id = api::NewUuid();
  const auto first = Record("2025q2", rows, id);
  ASSERT_TRUE(first.ok()) << first.status();
  for (const auto& outcome : first->outcomes()) {
    EXPECT_TRUE(outcome.created()) << outcome.DebugString();
    EXPECT_TRUE(outcome.refusal().empty()) << outcome.refusal();
  }
  EXPECT_EQ(Stored(first->outcomes(2).project()).state(), v1::PROJECT_STATE_BUILDING);
  EXPECT_EQ(Record("2025q2", rows, id)->SerializeAsString(), first->SerializeAsString());
  const int64_t journal = Count("journal");
  const auto again = Record("2025q2", rows);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->outcomes(0).created());
  EXPECT_EQ(Count("journal"), journal) << "the same rows change nothing";
  EXPECT_EQ(Count("project"), 3);
  EXPECT_EQ(Count("progress_report"), 3);
}

TEST_F(PairingTest, ARefusedRowLeavesTheOthers) {
  std::vector<v1::Report> rows = {ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED),
                                  ReportOf(kLab, 2, v1::PROJECT_STATE_SIGNED),
                                  ReportOf(kLab, 3, v1::PROJECT_STATE_INTENT)};
  rows[0].clear_sign_date();
  rows[2].set_kinds(0, "联谊");
  const auto reply = Record("2025q2", rows);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_THAT(reply->outcomes(0).refusal(), HasSubstr("签约时间"));
  EXPECT_EQ(reply->outcomes(0).project(), "");
  EXPECT_EQ(reply->outcomes(1).refusal(), "");
  EXPECT_NE(reply->outcomes(2).refusal(), "");
  EXPECT_EQ(Count("project"), 1);
}

TEST_F(PairingTest, AReportMovesAProjectForwardOnly) {
  const std::string name = In(v1::PROJECT_STATE_BUILDING, kLab, 1).name();
  ASSERT_TRUE(Record("2025q2", {ReportOf(kLab, 1, v1::PROJECT_STATE_INTENT)}).ok());
  EXPECT_EQ(Stored(name).state(), v1::PROJECT_STATE_BUILDING);
  const std::string intent = In(v1::PROJECT_STATE_NEGOTIATING, kLab, 2).name();
  ASSERT_TRUE(Record("2025q2", {ReportOf(kLab, 2, v1::PROJECT_STATE_INTENT)}).ok());
  EXPECT_EQ(Stored(intent).state(), v1::PROJECT_STATE_NEGOTIATING);
  ASSERT_TRUE(Record("2025q3", {ReportOf(kLab, 2, v1::PROJECT_STATE_BUILDING)}).ok());
  EXPECT_EQ(Stored(intent).state(), v1::PROJECT_STATE_BUILDING);
}

TEST_F(PairingTest, AnOlderQuarterDoesNotHideANewerOne) {
  v1::Report newer = ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED);
  newer.set_title("新名称（演示）");
  newer.set_content("新内容");
  newer.set_progress("第三季度进展");
  const std::string name = Record("2025q3", {newer})->outcomes(0).project();
  v1::Report older = ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED);
  older.set_row("cycles/2025q2/forms/f/rows/old");
  older.set_progress("第二季度进展");
  older.set_problem("缺资金");
  ASSERT_TRUE(Record("2025q2", {older}).ok());
  const v1::Project row = Stored(name);
  EXPECT_EQ(row.title(), "新名称（演示）");
  EXPECT_EQ(row.content(), "新内容");
  EXPECT_EQ(row.progress(), "第三季度进展");
  EXPECT_EQ(row.problem(), "");
  EXPECT_EQ(row.progress_quarter(), "2025q3");
  EXPECT_THAT(Texts("SELECT progress FROM progress_report ORDER BY quarter"),
              ElementsAre("第二季度进展", "第三季度进展"));
}

TEST_F(PairingTest, AnEmptyAnswerLeavesWhatIsThere) {
  const std::string name =
      Record("2025q2", {ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED)})->outcomes(0).project();
  v1::Report report = ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED);
  report.clear_unit();
  report.clear_enterprise_title();
  report.clear_kinds();
  report.clear_content();
  report.clear_progress();
  report.set_no_change(true);
  ASSERT_TRUE(Record("2025q3", {report}).ok());
  const v1::Project row = Stored(name);
  EXPECT_EQ(row.unit(), kZone);
  EXPECT_EQ(row.enterprise_title(), "企业1（演示）");
  EXPECT_EQ(row.kinds_size(), 1);
  EXPECT_EQ(row.content(), "共建中试线");
  EXPECT_EQ(row.progress(), "设备到位");
  EXPECT_EQ(row.progress_quarter(), "2025q3");
  EXPECT_THAT(Texts("SELECT no_change FROM progress_report ORDER BY quarter"),
              ElementsAre("0", "1"));
}

TEST_F(PairingTest, ARowOfAProjectThatHasEndedMakesNoSecondOne) {
  const v1::Report report = ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED);
  const std::string name = Record("2025q2", {report})->outcomes(0).project();
  ASSERT_TRUE(Do("terminate", name).ok());
  const auto again = Record("2025q2", {report});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcomes(0).project(), name);
  EXPECT_EQ(Count("project"), 1);
  v1::Report next = report;
  next.set_row("cycles/2025q3/forms/f/rows/1");
  EXPECT_TRUE(Record("2025q3", {next})->outcomes(0).created()) << "a new quarter begins anew";
}

// --- Following the registry

TEST_F(PairingTest, ARenameInTheRegistryIsFollowedOnce) {
  const std::string open = Create(NewProject(kLab, 1))->name();
  const std::string ended = In(v1::PROJECT_STATE_TERMINATED, kCenter, 1).name();
  registry::v1::Organization renamed = At(Enterprise(1));
  renamed.set_display_name("企业壹（演示）");
  renamed.set_unit(kTown);
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_resource(renamed.name());
  entry.set_after_json(journal::CanonicalJson(renamed));
  entry.set_before_json(entry.after_json());
  std::vector<journal::v1::Entry> entries(2, entry);
  entries[0].set_seq(1);
  entries[1].set_seq(2);
  int effects = 0;
  journal::Follower follower(
      {database.db(), clock, log::Logger("test", log::Level::kError),
       [&](int64_t after_seq, int) -> absl::StatusOr<std::vector<journal::v1::Entry>> {
         return std::vector<journal::v1::Entry>(entries.begin() + after_seq, entries.end());
       },
       [&](db::Session& session, absl::Time now, const journal::v1::Entry& one) {
         ++effects;
         return service.FollowRegistry(session, now, one);
       }},
      {.name = "pairing<registry"});
  ASSERT_EQ(*follower.FollowOnce(), 2);
  ASSERT_EQ(*follower.FollowOnce(), 0);
  EXPECT_EQ(effects, 2);
  EXPECT_EQ(Stored(open).enterprise_title(), "企业壹（演示）");
  EXPECT_EQ(Stored(open).unit(), kTown);
  EXPECT_EQ(Stored(ended).enterprise_title(), "企业1（演示）") << "what has ended stays as it was";
  const auto kinds = Texts("SELECT kind FROM journal ORDER BY id");
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "followed"), 1)
      << "the second entry says nothing new";
}

}  // namespace
}  // namespace chanyan::pairing
