// 需明确处内专人负责 (TRI-2, S1 二(一)): the person of the department who answers for a team, and
// that it is said where nobody does; on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/service/triage/world.h"
#include "tests/support/violations.h"

namespace chanyan::triage {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kMarine[] = "teams/team-hy";

class TeamOfficerTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::ServiceTeam> Update(const v1::ServiceTeam& team,
                                         const std::vector<std::string>& paths) {
    v1::UpdateServiceTeamRequest request;
    *request.mutable_service_team() = team;
    request.mutable_service_team()->set_name(kMarine);
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return teams.UpdateServiceTeam(As(ROLE_DEPARTMENT, kOffice, "TeamService.UpdateServiceTeam"),
                                   request);
  }
  // A team of one member, who answers for it.
  absl::StatusOr<v1::ServiceTeam> NameOfficer(const std::string& officer, const std::string& member,
                                              const std::string& unit) {
    v1::ServiceTeam team;
    team.set_officer(officer);
    v1::TeamMember* one = team.add_members();
    one->set_person(member);
    one->set_unit_title(unit);
    return Update(team, {"members", "officer"});
  }
  std::vector<std::string> Without() {
    v1::ListServiceTeamsRequest request;
    request.set_filter("state = ACTIVE AND officer = \"\"");
    const auto page = teams.ListServiceTeams(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "TeamService.ListServiceTeams"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> names;
    if (!page.ok()) return names;
    for (const v1::ServiceTeam& team : page->service_teams()) {
      names.push_back(team.name());
      EXPECT_THAT(team.gaps(), ElementsAre(HasSubstr("尚未明确处内专人"))) << team.name();
    }
    return names;
  }
};

TEST_F(TeamOfficerTest, WhoIsNoMemberAtTheDepartmentIsRefused) {
  const auto why = [](const absl::StatusOr<v1::ServiceTeam>& refused) -> std::string {
    const auto wrong = status::ViolationsOf(refused.status());
    EXPECT_THAT(testing::FieldsOf(refused.status()), ElementsAre("service_team.officer"));
    return wrong.empty() ? "" : wrong[0].description;
  };
  EXPECT_THAT(why(NameOfficer("张专员（演示）", "李科员（演示）", "海洋处")),
              HasSubstr("不在专班成员中"));
  EXPECT_THAT(why(NameOfficer("张专员（演示）", "张专员（演示）", "第三专班服务机构")),
              HasSubstr("不是“海洋处”的人员"));
  EXPECT_THAT(why(NameOfficer("张专员（演示）", "张专员（演示）", "海洋处下属中心")),
              HasSubstr("不是“海洋处”的人员"));
  EXPECT_THAT(why(NameOfficer("——", "张专员（演示）", "海洋处")), HasSubstr("不在专班成员中"));
  EXPECT_EQ(Count("team_membership"), 0);
  EXPECT_THAT(Without(), Contains(kMarine));
}

TEST_F(TeamOfficerTest, WhoIsNamedIsShownAndWhoHasNobodyIsListed) {
  EXPECT_THAT(Without(), ::testing::SizeIs(6)) << "of the pack, which names nobody";
  for (const char* unit : {"海洋处", "青岛市科学技术局海洋处", "海洋處"}) {
    const auto named = NameOfficer("张专员（演示）", "張專員（演示）", unit);
    ASSERT_TRUE(named.ok()) << unit << ": " << named.status();
    EXPECT_EQ(named->officer(), "张专员（演示）");
    EXPECT_THAT(named->gaps(), IsEmpty());
  }
  EXPECT_THAT(Without(), ::testing::SizeIs(5));
  EXPECT_THAT(Without(), Not(Contains(kMarine)));
  // What was written holds no gap of the day.
  EXPECT_EQ(Count("journal WHERE resource = 'teams/team-hy' AND after_json LIKE '%尚未明确%'"), 0);
}

TEST_F(TeamOfficerTest, WhoLeavesTheTeamOrItsDepartmentNoLongerAnswersForIt) {
  ASSERT_TRUE(NameOfficer("张专员（演示）", "张专员（演示）", "海洋处").ok());
  v1::ServiceTeam team;
  EXPECT_THAT(testing::FieldsOf(Update(team, {"members"}).status()),
              ElementsAre("service_team.officer"))
      << "a member less, and still named";
  team.set_department(kHighTechDepartment);
  EXPECT_THAT(testing::FieldsOf(Update(team, {"department"}).status()),
              ElementsAre("service_team.officer"))
      << "of another department";
  const auto nobody = Update(v1::ServiceTeam(), {"members", "officer"});
  ASSERT_TRUE(nobody.ok()) << nobody.status();
  EXPECT_THAT(nobody->gaps(), ElementsAre(HasSubstr("“海洋处”尚未明确处内专人")));
  EXPECT_THAT(Without(), Contains(kMarine));
}

}  // namespace
}  // namespace chanyan::triage
