// Teams that are dissolved and their members (TRI-2, TRI-5), on the real database: what is open
// goes on with somebody, and who was a member when stays known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_INVALID_PAGE_TOKEN;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_BROKER;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kMarineTeam[] = "teams/team-hy";
constexpr char kHighTechTeam[] = "teams/team-gx";
constexpr char kHighTechInvestor[] = "organizations/qd-investor-2";
constexpr char kThirdTeam[] = "organizations/qd-agency-5";

class DissolutionTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::ServiceTeam> Dissolve(const std::string& team, const std::string& successor,
                                           bool to_office = false,
                                           const std::string& by = kOffice) {
    auto request = Named<v1::DissolveServiceTeamRequest>(team);
    request.set_reason("机构调整");
    request.set_successor(successor);
    request.set_to_office(to_office);
    return teams.DissolveServiceTeam(As(ROLE_DEPARTMENT, by, "TeamService.DissolveServiceTeam"),
                                     request);
  }
  absl::StatusOr<v1::ServiceTeam> Update(const v1::ServiceTeam& team,
                                         const std::vector<std::string>& paths,
                                         const std::string& by = kOffice) {
    v1::UpdateServiceTeamRequest request;
    *request.mutable_service_team() = team;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return teams.UpdateServiceTeam(As(ROLE_DEPARTMENT, by, "TeamService.UpdateServiceTeam"),
                                   request);
  }
  v1::ServiceTeam Team(const std::string& name) {
    v1::GetServiceTeamRequest get;
    get.set_name(name);
    const auto team =
        teams.GetServiceTeam(As(ROLE_DEPARTMENT, kOffice, "TeamService.GetServiceTeam"), get);
    EXPECT_TRUE(team.ok()) << team.status();
    return team.ok() ? *team : v1::ServiceTeam();
  }
  static void Add(v1::ServiceTeam* team, const std::string& person, const std::string& unit,
                  const std::string& post = "") {
    v1::TeamMember* member = team->add_members();
    member->set_person(person);
    member->set_unit_title(unit);
    member->set_post(post);
  }
  v1::ServiceTeam WithMembers(const std::string& name, int count) {
    v1::ServiceTeam team;
    team.set_name(name);
    for (int i = 0; i < count; ++i) Add(&team, absl::StrCat(name, "成员", i), "某机构（演示）");
    const auto updated = Update(team, {"members"});
    EXPECT_TRUE(updated.ok()) << updated.status();
    return updated.ok() ? *updated : v1::ServiceTeam();
  }
  std::vector<std::string> Tenures(const std::string& result) {
    return Texts(
        absl::StrCat("SELECT CONCAT(tenant, ' ', cause, IF(end_time IS NULL, ' now', '')) "
                     "FROM tenure WHERE result = '",
                     result, "' ORDER BY number"));
  }
};

TEST_F(DissolutionTest, WithoutATakerItIsRefusedWithAllThatIsOpen) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Create(Draft(absl::StrCat("海水淡化膜", i))).ok());
  ASSERT_TRUE(
      Offer(Texts("SELECT name FROM result ORDER BY title")[0], kMarineAgency, kHighTechAgency)
          .ok());
  const absl::Status refused = Dissolve(kMarineTeam, "").status();
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_WRONG_STATE);
  for (const char* said :
       {"5项", "“海水淡化膜", "等", "首问责任在本专班的5项", "移交待接收的1项", "承接专班"}) {
    EXPECT_THAT(std::string(refused.message()), HasSubstr(said));
  }
  EXPECT_EQ(Team(kMarineTeam).state(), v1::TEAM_STATE_ACTIVE);
  EXPECT_EQ(Count("journal WHERE kind = 'dissolve'"), 0);
  // One that has nothing open needs nobody.
  const auto gone = Dissolve(kHighTechTeam, "");
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->state(), v1::TEAM_STATE_DISSOLVED);
  EXPECT_EQ(gone->successor(), "");
  EXPECT_TRUE(gone->has_dissolve_time());
}

TEST_F(DissolutionTest, WhoCannotTakeOverIsNamedAndNothingChanges) {
  ASSERT_TRUE(Create(Draft("海水淡化膜")).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(
      Dissolve(kMarineTeam, kHighTechTeam, false, kMarineDepartment).status()));
  const auto field = [&](const std::string& successor, bool to_office) {
    const auto wrong = status::ViolationsOf(Dissolve(kMarineTeam, successor, to_office).status());
    std::vector<std::string> fields;
    for (const auto& one : wrong) fields.push_back(one.field);
    return fields;
  };
  EXPECT_THAT(field("teams/none", false), ElementsAre("successor"));
  EXPECT_THAT(field(kMarineTeam, false), ElementsAre("successor"));
  EXPECT_THAT(field(kHighTechTeam, true), ElementsAre("to_office"));
  // All that is wrong at once.
  EXPECT_THAT(field(kMarineTeam, true), ElementsAre("to_office", "successor"));
  ASSERT_TRUE(Dissolve("teams/team-pt", "", true).ok());
  EXPECT_THAT(field("teams/team-pt", false), ElementsAre("successor"));
  // More members than a team may have.
  WithMembers(kMarineTeam, 30);
  WithMembers(kHighTechTeam, 21);
  EXPECT_THAT(status::ViolationsOf(Dissolve(kMarineTeam, kHighTechTeam).status()).at(0).description,
              HasSubstr("51人"));
  EXPECT_TRUE(absl::IsNotFound(Dissolve("teams/none", "", true).status()));
  EXPECT_EQ(Team(kMarineTeam).state(), v1::TEAM_STATE_ACTIVE);
  EXPECT_EQ(Team(kHighTechTeam).members_size(), 21);
}

TEST_F(DissolutionTest, AnotherTeamTakesItAllOverInOneStepWithItsHistory) {
  WithMembers(kMarineTeam, 2);
  const std::string held = Create(Draft("由专班机构首问"))->name();
  const std::string offered = Create(Draft("正在移交"))->name();
  const auto offer = Offer(offered, kMarineAgency, kThirdTeam);
  ASSERT_TRUE(offer.ok()) << offer.status();
  // Held by a broker of the agency.
  const auto broker = AddBroker(kMarineAgency, "王经纪（演示）", true);
  const std::string of_broker = Create(Draft("由经纪人首问"))->name();
  ASSERT_TRUE(
      Accept(Offer(of_broker, kMarineAgency, kMarineAgency, broker->name())->name(), kMarineAgency)
          .ok());
  // Held by somebody else, and by one of the successor's.
  const std::string elsewhere = Create(Draft("他人首问"))->name();
  ASSERT_TRUE(Accept(Offer(elsewhere, kMarineAgency, kThirdTeam)->name(), kThirdTeam).ok());
  const std::string theirs = Create(Draft("承接方首问"))->name();
  ASSERT_TRUE(Accept(Offer(theirs, kMarineAgency, kHighTechAgency)->name(), kHighTechAgency).ok());
  const std::string over = Create(Draft("已撤回"))->name();
  ASSERT_TRUE(Withdraw(over).ok());

  const int served = Team(kMarineTeam).serves_size() + Team(kHighTechTeam).serves_size();
  const auto gone = Dissolve(kMarineTeam, kHighTechTeam);
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->successor(), kHighTechTeam);
  for (const std::string& result : {held, offered, of_broker, elsewhere, theirs}) {
    EXPECT_EQ(Stored(result).team(), kHighTechTeam) << result;
    EXPECT_EQ(Stored(result).department(), kHighTechDepartment) << result;
    EXPECT_EQ(Stored(result).agency(), kHighTechAgency) << result;
    EXPECT_EQ(Stored(result).investor(), kHighTechInvestor) << result;
  }
  EXPECT_THAT(Tenures(held), ElementsAre(absl::StrCat(kMarineAgency, " COLLECTED"),
                                         absl::StrCat(kHighTechAgency, " TEAM_DISSOLVED now")));
  EXPECT_EQ(Stored(of_broker).holder(), kHighTechAgency);
  EXPECT_EQ(Stored(of_broker).broker(), "");
  EXPECT_EQ(Stored(elsewhere).holder(), kThirdTeam);
  EXPECT_THAT(Tenures(theirs), ElementsAre(absl::StrCat(kMarineAgency, " COLLECTED"),
                                           absl::StrCat(kHighTechAgency, " HANDED_OVER now")));
  // What the team had offered is void.
  EXPECT_EQ(Stored(offered).open_handover(), "");
  EXPECT_EQ(status::ReasonOf(Accept(offer->name(), kThirdTeam).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Stored(offered).holder(), kHighTechAgency);
  // What was over stays as it was.
  EXPECT_EQ(Stored(over).team(), kMarineTeam);
  // Units and members go with it, and what comes later is the successor's.
  EXPECT_EQ(Team(kHighTechTeam).serves_size(), served);
  EXPECT_EQ(Team(kHighTechTeam).members_size(), 2);
  EXPECT_EQ(Create(Draft("新的成果"))->team(), kHighTechTeam);
  // One journal entry for each change, in one transaction.
  EXPECT_EQ(Count("journal WHERE kind = 'dissolve'"), 1);
  EXPECT_EQ(Count("journal WHERE kind = 'took over'"), 1);
  EXPECT_EQ(Count("journal WHERE kind = 'assigned' AND type LIKE '%.Result'"), 5);
  EXPECT_EQ(Texts("SELECT COUNT(DISTINCT request_id) FROM journal WHERE kind IN ('dissolve', "
                  "'took over', 'assigned')")[0],
            "1");
}

TEST_F(DissolutionTest, RightsGoWithTheTeam) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  const auto seen = [&](Role role, const std::string& organization) {
    return See(result, role, organization).ok();
  };
  EXPECT_TRUE(seen(ROLE_SERVICE_TEAM, kMarineAgency));
  EXPECT_TRUE(seen(ROLE_BROKER, kMarineAgency));
  EXPECT_TRUE(seen(ROLE_DEPARTMENT, kMarineDepartment));
  EXPECT_FALSE(seen(ROLE_SERVICE_TEAM, kHighTechAgency));
  EXPECT_FALSE(seen(ROLE_DEPARTMENT, kHighTechDepartment));
  ASSERT_TRUE(Dissolve(kMarineTeam, kHighTechTeam).ok());
  EXPECT_FALSE(seen(ROLE_SERVICE_TEAM, kMarineAgency));
  EXPECT_FALSE(seen(ROLE_BROKER, kMarineAgency));
  EXPECT_FALSE(seen(ROLE_DEPARTMENT, kMarineDepartment));
  EXPECT_TRUE(seen(ROLE_SERVICE_TEAM, kHighTechAgency));
  EXPECT_TRUE(seen(ROLE_DEPARTMENT, kHighTechDepartment));
  EXPECT_TRUE(absl::IsNotFound(Withdraw(result, kMarineAgency).status()));
  // The history of it too.
  v1::ListTenuresRequest list;
  list.set_parent(result);
  const auto tenures = [&](const std::string& organization) {
    return first
        .ListTenures(As(ROLE_SERVICE_TEAM, organization, "FirstContactService.ListTenures"), list)
        ->tenures_size();
  };
  EXPECT_EQ(tenures(kMarineAgency), 0);
  EXPECT_EQ(tenures(kHighTechAgency), 2);
  EXPECT_TRUE(seen(ROLE_RESEARCH_OFFICE, kOuc));
}

TEST_F(DissolutionTest, OfTwoThatTakeEachOtherOverOneRemains) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Create(Draft(absl::StrCat("海洋", i))).ok());
    ASSERT_TRUE(Create(Draft(absl::StrCat("油气", i)), ROLE_RESEARCH_OFFICE, kUpc).ok());
  }
  std::atomic<int> dissolved{0};
  std::thread one([&] { dissolved += Dissolve(kMarineTeam, kHighTechTeam).ok() ? 1 : 0; });
  std::thread other([&] { dissolved += Dissolve(kHighTechTeam, kMarineTeam).ok() ? 1 : 0; });
  one.join();
  other.join();
  EXPECT_EQ(dissolved, 1);
  EXPECT_EQ(Count("result r JOIN service_team t ON t.name = r.team WHERE t.state = 'ACTIVE'"), 6);
  EXPECT_EQ(Count("tenure t JOIN result r ON t.open_result = r.name AND t.tenant = r.holder"), 6);
}

TEST_F(DissolutionTest, TheSameRequestDissolvesOnce) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  auto request = Named<v1::DissolveServiceTeamRequest>(kMarineTeam);
  request.set_reason("机构调整");
  request.set_successor(kHighTechTeam);
  const auto call = As(ROLE_DEPARTMENT, kOffice, "TeamService.DissolveServiceTeam");
  const auto first_answer = teams.DissolveServiceTeam(call, request);
  const auto second_answer = teams.DissolveServiceTeam(call, request);
  ASSERT_TRUE(first_answer.ok()) << first_answer.status();
  ASSERT_TRUE(second_answer.ok()) << second_answer.status();
  EXPECT_EQ(first_answer->etag(), second_answer->etag());
  EXPECT_THAT(Tenures(result), SizeIs(2));
  request.set_request_id(api::NewUuid());
  EXPECT_EQ(status::ReasonOf(teams.DissolveServiceTeam(call, request).status()),
            ERROR_REASON_WRONG_STATE);
}

class MemberTest : public DissolutionTest {
 protected:
  // "person unit post" of a team's memberships, all of them or of an instant.
  std::vector<std::string> Members(const std::string& team, absl::Time as_of = absl::InfinitePast(),
                                   Role role = ROLE_DEPARTMENT,
                                   const std::string& organization = kOffice) {
    v1::ListTeamMembershipsRequest list;
    list.set_parent(team);
    if (as_of != absl::InfinitePast()) api::SetTime(as_of, list.mutable_as_of());
    const auto page =
        teams.ListTeamMemberships(As(role, organization, "TeamService.ListTeamMemberships"), list);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> members;
    if (!page.ok()) return members;
    for (const v1::TeamMembership& one : page->team_memberships()) {
      members.push_back(absl::StrCat(one.person(), " ", one.post(), one.current() ? "" : " left"));
    }
    return members;
  }
};

TEST_F(MemberTest, OnePersonIsAMemberOnceHoweverTheNameIsSpelled) {
  v1::ServiceTeam team;
  team.set_name(kMarineTeam);
  Add(&team, "王海", "第三专班服务机构");
  Add(&team, "李洋", "某处（演示）");
  Add(&team, "王海", "第三專班服務機構");
  Add(&team, "李洋", "某處（演示）");
  // Of the same name at another unit: another person.
  Add(&team, "王海", "某国企（演示）");
  const auto wrong = status::ViolationsOf(Update(team, {"members"}).status());
  ASSERT_THAT(wrong, SizeIs(2));
  EXPECT_EQ(wrong[0].field, "service_team.members[2]");
  EXPECT_EQ(wrong[1].field, "service_team.members[3]");
  EXPECT_EQ(Count("team_membership"), 0);
  v1::CreateServiceTeamRequest create;
  create.set_service_team_id("seventh");
  *create.mutable_service_team() = team;
  create.mutable_service_team()->clear_name();
  create.set_request_id(api::NewUuid());
  EXPECT_THAT(status::ViolationsOf(
                  teams
                      .CreateServiceTeam(
                          As(ROLE_DEPARTMENT, kOffice, "TeamService.CreateServiceTeam"), create)
                      .status()),
              SizeIs(2));
}

TEST_F(MemberTest, WhoJoinsAndLeavesIsKnownOfEveryDay) {
  v1::ServiceTeam team;
  team.set_name(kMarineTeam);
  Add(&team, "王海", "甲（演示）", "联络员");
  Add(&team, "李洋", "甲（演示）");
  Go(absl::CivilDay(2025, 4, 1));
  ASSERT_TRUE(Update(team, {"members"}).ok());
  // Another post, and one who comes.
  Go(absl::CivilDay(2025, 5, 6));
  team.mutable_members(0)->set_post("副组长");
  Add(&team, "赵岛", "乙（演示）");
  ASSERT_TRUE(Update(team, {"members"}).ok());
  // Only a telephone: nobody comes or goes.
  team.mutable_members(2)->set_phone("13800000000");
  ASSERT_TRUE(Update(team, {"members"}).ok());
  EXPECT_EQ(Count("team_membership"), 4);
  // One leaves and comes back.
  Go(absl::CivilDay(2025, 6, 3));
  v1::ServiceTeam fewer = team;
  fewer.mutable_members()->DeleteSubrange(1, 1);
  ASSERT_TRUE(Update(fewer, {"members"}).ok());
  Go(absl::CivilDay(2025, 7, 1));
  ASSERT_TRUE(Update(team, {"members"}).ok());

  const auto at = [](int month, int day) {
    return time::StartOfDay(absl::CivilDay(2025, month, day)) + absl::Hours(13);
  };
  EXPECT_THAT(Members(kMarineTeam, at(3, 31)), IsEmpty());
  EXPECT_THAT(Members(kMarineTeam, at(4, 1)),
              UnorderedElementsAre("王海 联络员 left", "李洋  left"));
  EXPECT_THAT(Members(kMarineTeam, at(5, 6)),
              UnorderedElementsAre("王海 副组长", "李洋  left", "赵岛 "));
  EXPECT_THAT(Members(kMarineTeam, at(6, 3)), UnorderedElementsAre("王海 副组长", "赵岛 "));
  EXPECT_THAT(Members(kMarineTeam, at(7, 1)),
              UnorderedElementsAre("王海 副组长", "赵岛 ", "李洋 "));
  EXPECT_THAT(Members(kMarineTeam), SizeIs(5));
  // Of all teams.
  EXPECT_THAT(Members("teams/-"), SizeIs(5));
  EXPECT_THAT(Members(kHighTechTeam), IsEmpty());
  // Terms of one person follow one another: none overlaps another.
  EXPECT_EQ(Count("team_membership a JOIN team_membership b ON a.person = b.person AND a.name < "
                  "b.name AND a.end_time > b.start_time"),
            0);
  EXPECT_EQ(Count("journal WHERE kind = 'joined'"), 5);
  EXPECT_EQ(Count("journal WHERE kind = 'left'"), 2);
}

TEST_F(MemberTest, TheOfficeAloneChangesThemAndTheCitysPeopleReadThem) {
  WithMembers(kMarineTeam, 3);
  v1::ServiceTeam team;
  team.set_name(kMarineTeam);
  for (const char* other : {kMarineDepartment, kMarineAgency, kHighTechDepartment}) {
    EXPECT_TRUE(absl::IsPermissionDenied(Update(team, {"members"}, other).status())) << other;
  }
  EXPECT_EQ(Team(kMarineTeam).members_size(), 3);
  EXPECT_THAT(Members(kMarineTeam, absl::InfinitePast(), ROLE_SERVICE_TEAM, kHighTechAgency),
              SizeIs(3));
  EXPECT_THAT(Members(kMarineTeam, absl::InfinitePast(), ROLE_LEADER, kCityLeaders), SizeIs(3));
  // No grant: not even how many.
  EXPECT_THAT(Members(kMarineTeam, absl::InfinitePast(), ROLE_RESEARCH_OFFICE, kOuc), IsEmpty());
  // A team has no telephones in its history.
  EXPECT_EQ(Count("information_schema.columns WHERE table_schema = DATABASE() AND table_name = "
                  "'team_membership' AND column_name LIKE '%phone%'"),
            0);
}

TEST_F(MemberTest, APageIsNotContinuedUnderAnotherInstant) {
  WithMembers(kMarineTeam, 5);
  v1::ListTeamMembershipsRequest list;
  list.set_parent(kMarineTeam);
  list.set_page_size(2);
  api::SetTime(clock.now, list.mutable_as_of());
  const auto call = As(ROLE_DEPARTMENT, kOffice, "TeamService.ListTeamMemberships");
  const auto page = teams.ListTeamMemberships(call, list);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->team_memberships(), SizeIs(2));
  list.set_page_token(page->next_page_token());
  EXPECT_THAT(teams.ListTeamMemberships(call, list)->team_memberships(), SizeIs(2));
  api::SetTime(clock.now + absl::Seconds(1), list.mutable_as_of());
  EXPECT_EQ(status::ReasonOf(teams.ListTeamMemberships(call, list).status()),
            ERROR_REASON_INVALID_PAGE_TOKEN);
  list.clear_as_of();
  EXPECT_EQ(status::ReasonOf(teams.ListTeamMemberships(call, list).status()),
            ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(MemberTest, OfADissolvedTeamAllHaveLeftAndAreTheSuccessors) {
  v1::ServiceTeam one;
  one.set_name(kMarineTeam);
  Add(&one, "王海", "甲（演示）");
  Add(&one, "两边都在", "乙（演示）");
  ASSERT_TRUE(Update(one, {"members"}).ok());
  v1::ServiceTeam other;
  other.set_name(kHighTechTeam);
  Add(&other, "两边都在", "乙（演示）", "组长");
  ASSERT_TRUE(Update(other, {"members"}).ok());
  clock.now += absl::Hours(24);
  ASSERT_TRUE(Dissolve(kMarineTeam, kHighTechTeam).ok());
  EXPECT_THAT(Members(kMarineTeam), UnorderedElementsAre("王海  left", "两边都在  left"));
  EXPECT_THAT(Members(kHighTechTeam), UnorderedElementsAre("两边都在 组长", "王海 "));
  // As it was when it was dissolved, for who looks it up.
  EXPECT_EQ(Team(kMarineTeam).members_size(), 2);
}

}  // namespace
}  // namespace chanyan::triage
