// The universities' own teams and how they are guided (TRI-2, S1 二(一):
// 根据需要指导高校院所及创新平台 成立产研对接专班), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "chanyan/registry/v1/registry.pb.h"
#include "common/journal/journal.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class UniversityTeamTest : public ::testing::Test, protected World {
 protected:
  static v1::UniversityTeam OwnTeam(const std::string& university) {
    v1::UniversityTeam row;
    row.set_university(university);
    row.set_display_name("产研对接专班");
    row.set_leader("分管科研的校领导");
    v1::TeamMember* member = row.add_members();
    member->set_person("成果科科长");
    member->set_unit_title("科研处");
    return row;
  }
  absl::StatusOr<v1::UniversityTeam> Enter(const v1::UniversityTeam& row,
                                           Role role = ROLE_DEPARTMENT,
                                           const std::string& by = kMarineDepartment) {
    v1::CreateUniversityTeamRequest request;
    *request.mutable_university_team() = row;
    request.set_request_id(api::NewUuid());
    return university_teams.CreateUniversityTeam(
        As(role, by, "UniversityTeamService.CreateUniversityTeam"), request);
  }
  absl::StatusOr<v1::UniversityTeam> Establish(const std::string& name, absl::CivilDay day,
                                               Role role = ROLE_RESEARCH_OFFICE,
                                               const std::string& by = kOuc) {
    auto request = Named<v1::EstablishUniversityTeamRequest>(name);
    *request.mutable_establish_date() = time::ToProto(day);
    request.set_document_number("海大科〔2025〕8号");
    return university_teams.EstablishUniversityTeam(
        As(role, by, "UniversityTeamService.EstablishUniversityTeam"), request);
  }
  absl::StatusOr<v1::UniversityTeam> Dissolve(const std::string& name) {
    auto request = Named<v1::DissolveUniversityTeamRequest>(name);
    request.set_reason("机构调整");
    return university_teams.DissolveUniversityTeam(
        As(ROLE_RESEARCH_OFFICE, kOuc, "UniversityTeamService.DissolveUniversityTeam"), request);
  }
  absl::StatusOr<v1::UniversityTeam> Guide(const std::string& name, const std::string& step,
                                           std::optional<absl::CivilDay> due,
                                           const std::string& by = kMarineDepartment) {
    auto request = Named<v1::GuideUniversityTeamRequest>(name);
    v1::TeamGuidance* guidance = request.mutable_guidance();
    *guidance->mutable_guide_date() = time::ToProto(time::DayOf(clock.now));
    guidance->set_guides("海洋处专班联络员");
    guidance->set_subject("专班组建");
    guidance->set_agreement("明确一名校领导牵头、科研处主办");
    guidance->set_step(step);
    guidance->set_outcome("冒填");
    if (due) *guidance->mutable_due_date() = time::ToProto(*due);
    return university_teams.GuideUniversityTeam(
        As(ROLE_DEPARTMENT, by, "UniversityTeamService.GuideUniversityTeam"), request);
  }
  absl::StatusOr<v1::UniversityTeam> StepDone(const std::string& name, int guidance,
                                              Role role = ROLE_RESEARCH_OFFICE,
                                              const std::string& by = kOuc) {
    auto request = Named<v1::CompleteUniversityTeamStepRequest>(name);
    request.set_guidance(guidance);
    request.set_outcome("已报送");
    return university_teams.CompleteUniversityTeamStep(
        As(role, by, "UniversityTeamService.CompleteUniversityTeamStep"), request);
  }
  absl::StatusOr<v1::UniversityTeam> Look(const std::string& name, Role role,
                                          const std::string& by) {
    v1::GetUniversityTeamRequest request;
    request.set_name(name);
    return university_teams.GetUniversityTeam(
        As(role, by, "UniversityTeamService.GetUniversityTeam"), request);
  }
  v1::QueryUniversitiesWithoutTeamResponse Without(const std::string& service_team = "") {
    v1::QueryUniversitiesWithoutTeamRequest request;
    request.set_service_team(service_team);
    const auto reply = university_teams.QueryUniversitiesWithoutTeam(
        As(ROLE_DEPARTMENT, kOffice, "UniversityTeamService.QueryUniversitiesWithoutTeam"),
        request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? *reply : v1::QueryUniversitiesWithoutTeamResponse();
  }
  static std::vector<std::string> TitlesOf(const v1::QueryUniversitiesWithoutTeamResponse& reply) {
    std::vector<std::string> titles;
    for (const auto& one : reply.universities()) titles.push_back(one.title());
    return titles;
  }
  static std::vector<std::string> FieldsOf(const absl::Status& refused) {
    std::vector<std::string> fields;
    for (const auto& one : status::ViolationsOf(refused)) fields.push_back(one.field);
    return fields;
  }
};

TEST_F(UniversityTeamTest, EverythingWrongIsNamedAtOnceAndNothingIsWritten) {
  v1::UniversityTeam row = OwnTeam("organizations/nobody");
  *row.add_members() = row.members(0);
  EXPECT_THAT(FieldsOf(Enter(row).status()),
              UnorderedElementsAre("university_team.university", "university_team.members[1]"));
  EXPECT_THAT(FieldsOf(Enter(OwnTeam(kE1)).status()), ElementsAre("university_team.university"))
      << "neither a university nor served by a team";
  EXPECT_TRUE(absl::IsPermissionDenied(Enter(OwnTeam(kOuc), ROLE_RESEARCH_OFFICE, kUpc).status()));
  EXPECT_TRUE(
      absl::IsPermissionDenied(Enter(OwnTeam(kOuc), ROLE_DEPARTMENT, kHighTechDepartment).status()))
      << "another department serves it";
  registry_away = true;
  EXPECT_TRUE(absl::IsUnavailable(Enter(OwnTeam(kOuc)).status()));
  EXPECT_EQ(Count("university_team"), 0);
}

TEST_F(UniversityTeamTest, ItStandsBesideTheTeamThatServesTheUniversity) {
  // By itself, without naming itself.
  const auto made = Enter(OwnTeam(""), ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->name(), "universityTeams/ouc");
  EXPECT_EQ(made->university_title(), "中国海洋大学");
  EXPECT_EQ(made->service_team(), "teams/team-hy");
  EXPECT_EQ(made->department(), kMarineDepartment);
  EXPECT_EQ(made->agency(), kMarineAgency);
  EXPECT_TRUE(absl::IsAlreadyExists(Enter(OwnTeam(kOuc)).status())) << "one each";
  // Nobody serves it: whoever entered it guides it.
  const auto college = Enter(OwnTeam(kCollege), ROLE_DEPARTMENT, kHighTechDepartment);
  ASSERT_TRUE(college.ok()) << college.status();
  EXPECT_EQ(college->department(), kHighTechDepartment);
  EXPECT_EQ(college->service_team(), "");
  EXPECT_TRUE(Look(made->name(), ROLE_SERVICE_TEAM, kMarineAgency).ok());
  EXPECT_TRUE(Look(made->name(), ROLE_LEADER, kCityLeaders).ok());
  EXPECT_TRUE(absl::IsNotFound(Look(made->name(), ROLE_SERVICE_TEAM, kHighTechAgency).status()));
  EXPECT_TRUE(absl::IsNotFound(Look(made->name(), ROLE_RESEARCH_OFFICE, kUpc).status()));
  const auto by_other = Look(made->name(), ROLE_DEPARTMENT, kHighTechDepartment);
  ASSERT_TRUE(by_other.ok()) << by_other.status();
  EXPECT_THAT(by_other->actions(), IsEmpty());
}

TEST_F(UniversityTeamTest, WhatWasAgreedIsFollowedUntilItIsDone) {
  const absl::CivilDay today = time::DayOf(clock.now);
  const auto made = Enter(OwnTeam(kOuc));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(FieldsOf(Guide(made->name(), "报送成果清单", std::nullopt).status()),
              ElementsAre("guidance.due_date"));
  EXPECT_TRUE(
      absl::IsNotFound(Guide(made->name(), "", std::nullopt, kHighTechDepartment).status()));
  ASSERT_TRUE(Guide(made->name(), "", std::nullopt).ok());
  const auto guided = Guide(made->name(), "报送成果清单", today + 10, kOffice);
  ASSERT_TRUE(guided.ok()) << guided.status();
  EXPECT_EQ(guided->guidances_size(), 2);
  EXPECT_EQ(guided->guidances(1).outcome(), "") << "nothing was done yet";
  EXPECT_EQ(guided->open_steps(), 1);
  EXPECT_EQ(time::DayIn(guided->next_due_date()), today + 10);
  EXPECT_EQ(time::DayIn(guided->last_guide_date()), today);
  EXPECT_THAT(guided->guidances_text(), HasSubstr("报送成果清单"));
  EXPECT_EQ(status::ReasonOf(StepDone(made->name(), 1).status()), ERROR_REASON_WRONG_STATE)
      << "nothing follows from the first";
  EXPECT_TRUE(absl::IsInvalidArgument(StepDone(made->name(), 3).status()));
  EXPECT_TRUE(absl::IsNotFound(StepDone(made->name(), 2, ROLE_RESEARCH_OFFICE, kUpc).status()));
  const auto done = StepDone(made->name(), 2);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->open_steps(), 0);
  EXPECT_EQ(done->guidances(1).outcome(), "已报送");
  EXPECT_EQ(status::ReasonOf(StepDone(made->name(), 2).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(
      Texts("SELECT kind FROM journal WHERE resource LIKE 'universityTeams/%' ORDER BY seq"),
      ElementsAre("created", "guide", "guide", "step done"));
}

TEST_F(UniversityTeamTest, WhoHasNoneIsListedUntilItIsEstablished) {
  const absl::CivilDay today = time::DayOf(clock.now);
  const int served = Without().served();
  EXPECT_GT(served, 20);
  EXPECT_EQ(Without().universities_size(), served);
  const auto made = Enter(OwnTeam(kOuc));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Guide(made->name(), "", std::nullopt).ok());
  const auto marine = Without("teams/team-hy");
  ASSERT_THAT(TitlesOf(marine), Contains("中国海洋大学"));
  EXPECT_THAT(TitlesOf(marine), Not(Contains("中国石油大学（华东）")));
  for (const auto& one : marine.universities()) {
    if (one.title() != "中国海洋大学") continue;
    EXPECT_EQ(one.university_team(), made->name());
    EXPECT_EQ(one.state(), v1::UNIVERSITY_TEAM_STATE_PREPARING);
    EXPECT_EQ(time::DayIn(one.last_guide_date()), today);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(Establish(made->name(), today + 1).status()));
  const auto established = Establish(made->name(), today);
  ASSERT_TRUE(established.ok()) << established.status();
  EXPECT_EQ(established->document_number(), "海大科〔2025〕8号");
  EXPECT_EQ(status::ReasonOf(Establish(made->name(), today).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(TitlesOf(Without()), Not(Contains("中国海洋大学")));
  EXPECT_EQ(Without().served(), served);
  ASSERT_TRUE(Dissolve(made->name()).ok());
  EXPECT_THAT(TitlesOf(Without()), Contains("中国海洋大学"));
  EXPECT_EQ(status::ReasonOf(Guide(made->name(), "", std::nullopt).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(Establish(made->name(), today).ok()) << "once more";
  v1::QueryUniversitiesWithoutTeamRequest nowhere;
  nowhere.set_service_team("teams/nowhere");
  EXPECT_TRUE(absl::IsNotFound(
      university_teams
          .QueryUniversitiesWithoutTeam(
              As(ROLE_DEPARTMENT, kOffice, "UniversityTeamService.QueryUniversitiesWithoutTeam"),
              nowhere)
          .status()));
}

TEST_F(UniversityTeamTest, AChangeOfTheServiceTeamIsSeenWithTheNextAndTheSheetHasAll) {
  const auto made = Enter(OwnTeam(kCollege), ROLE_DEPARTMENT, kOffice);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->department(), kOffice);
  v1::UpdateServiceTeamRequest serve;
  serve.mutable_service_team()->set_name("teams/team-hy");
  serve.mutable_service_team()->add_serves("某学院（演示）");
  serve.mutable_update_mask()->add_paths("serves");
  serve.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      teams.UpdateServiceTeam(As(ROLE_DEPARTMENT, kOffice, "TeamService.UpdateServiceTeam"), serve)
          .ok());
  v1::UpdateUniversityTeamRequest update;
  update.mutable_university_team()->set_name(made->name());
  update.mutable_university_team()->set_duties("梳理成果、对接企业");
  update.mutable_update_mask()->add_paths("duties");
  update.set_request_id(api::NewUuid());
  const auto changed = university_teams.UpdateUniversityTeam(
      As(ROLE_DEPARTMENT, kOffice, "UniversityTeamService.UpdateUniversityTeam"), update);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->service_team(), "teams/team-hy");
  EXPECT_EQ(changed->department(), kMarineDepartment);
  EXPECT_EQ(changed->leader(), "分管科研的校领导") << "what is not changed stays";
  const auto file = university_teams.ExportUniversityTeams(
      As(ROLE_DEPARTMENT, kMarineDepartment, "UniversityTeamService.ExportUniversityTeams"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "高校院所专班.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<std::string> cells;
  for (const sheet::Row& line : book->FirstVisible()->rows) {
    for (const sheet::Cell& cell : line.cells) cells.push_back(cell.text);
  }
  EXPECT_THAT(cells, Contains("某学院（演示）"));
  EXPECT_THAT(cells, Contains("梳理成果、对接企业"));
}

TEST_F(UniversityTeamTest, ItFollowsTheServiceTeamThatServesIt) {
  const auto made = Enter(OwnTeam(kOuc));
  ASSERT_TRUE(made.ok()) << made.status();
  const auto serve = [&](const char* team, const std::vector<std::string>& titles,
                         const std::string& agency) {
    v1::GetServiceTeamRequest get;
    get.set_name(team);
    v1::UpdateServiceTeamRequest request;
    *request.mutable_service_team() =
        *teams.GetServiceTeam(As(ROLE_DEPARTMENT, kOffice, "TeamService.GetServiceTeam"), get);
    request.mutable_service_team()->mutable_serves()->Assign(titles.begin(), titles.end());
    request.mutable_service_team()->set_agency(agency);
    for (const char* path : {"serves", "agency"}) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    const auto updated = teams.UpdateServiceTeam(
        As(ROLE_DEPARTMENT, kOffice, "TeamService.UpdateServiceTeam"), request);
    EXPECT_TRUE(updated.ok()) << updated.status();
  };
  const auto stored = [&] { return *Look(made->name(), ROLE_DEPARTMENT, kOffice); };
  v1::GetServiceTeamRequest get;
  get.set_name("teams/team-gx");
  const auto other =
      teams.GetServiceTeam(As(ROLE_DEPARTMENT, kOffice, "TeamService.GetServiceTeam"), get);
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_NE(other->agency(), made->agency());
  serve("teams/team-hy", {"中国海洋大学"}, other->agency());
  EXPECT_EQ(stored().agency(), other->agency()) << "another agency reads it now";
  serve("teams/team-hy", {}, other->agency());
  EXPECT_EQ(stored().service_team(), "");
  EXPECT_EQ(stored().agency(), "") << "nobody serves it";
  serve("teams/team-gx", {"中国海洋大学"}, other->agency());
  EXPECT_EQ(stored().service_team(), "teams/team-gx");
  EXPECT_EQ(stored().department(), other->department());
  EXPECT_EQ(Count("journal WHERE kind = 'followed' AND resource LIKE 'universityTeams/%'"), 3);
}

TEST_F(UniversityTeamTest, ARenamedUniversityIsServedAndListedByItsName) {
  const auto made = Enter(OwnTeam(kOuc));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Establish(made->name(), time::DayOf(clock.now)).ok());
  registry::v1::Organization before;
  before.set_name(kOuc);
  before.set_display_name("中国海洋大学");
  before.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  registry::v1::Organization after = before;
  after.set_display_name("国家海洋大学");
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_before_json(journal::CanonicalJson(before));
  entry.set_after_json(journal::CanonicalJson(after));
  const int served = Without().served();
  for (int i = 0; i < 2; ++i) {
    const absl::Status followed = database.db().Transact(
        [&](db::Session& session) { return follower.Follow(session, clock.now, entry); });
    ASSERT_TRUE(followed.ok()) << followed;
  }
  const auto seen = Look(made->name(), ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->university_title(), "国家海洋大学");
  EXPECT_EQ(seen->service_team(), made->service_team());
  EXPECT_THAT(TitlesOf(Without()), Not(Contains("中国海洋大学")));
  EXPECT_THAT(TitlesOf(Without()), Not(Contains("国家海洋大学"))) << "it has one";
  EXPECT_EQ(Without().served(), served);
}

TEST_F(UniversityTeamTest, AMergedUniversitysTeamIsItsSuccessors) {
  const auto made = Enter(OwnTeam(kOuc));
  ASSERT_TRUE(made.ok()) << made.status();
  registry::v1::Organization survivor;
  survivor.set_name(kUpc);
  survivor.set_display_name("合并后的大学");
  survivor.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  auto* absorbed = survivor.add_absorbed();
  absorbed->set_organization(kOuc);
  absorbed->set_display_name("中国海洋大学");
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_after_json(journal::CanonicalJson(survivor));
  const absl::Status followed = database.db().Transact(
      [&](db::Session& session) { return follower.Follow(session, clock.now, entry); });
  ASSERT_TRUE(followed.ok()) << followed;
  const auto seen = Look(made->name(), ROLE_RESEARCH_OFFICE, kUpc);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->university(), kUpc);
  EXPECT_EQ(seen->university_title(), "合并后的大学");
}

}  // namespace
}  // namespace chanyan::triage
