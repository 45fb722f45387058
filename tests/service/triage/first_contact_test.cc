// Teams and brokers (TRI-2) and first-contact responsibility (TRI-5) on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/team_world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(TeamTest, TheTeamsOfThePackAreThereOnceAndServeSixtyUnits) {
  ASSERT_TRUE(teams.Seed().ok());
  const auto page =
      teams.ListServiceTeams(As(ROLE_RESEARCH_OFFICE, kOuc, "TeamService.ListServiceTeams"), {});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->service_teams(), SizeIs(6));
  int served = 0;
  for (const v1::ServiceTeam& team : page->service_teams()) {
    served += team.serves_size();
    EXPECT_NE(team.leader(), "");
    EXPECT_NE(team.department_title(), "");
    EXPECT_NE(team.agency_title(), "");
    EXPECT_NE(team.investor_title(), "");
  }
  EXPECT_EQ(served, 60);
  EXPECT_EQ(Count("journal WHERE type LIKE '%ServiceTeam'"), 6);
}

TEST_F(TeamTest, WhatTheOfficeChangesStaysWhenTheServiceStartsAgainAndResultsFollow) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  v1::UpdateServiceTeamRequest request;
  request.mutable_service_team()->set_name("teams/team-hy");
  request.mutable_service_team()->set_investor("organizations/qd-investor-5");
  request.mutable_update_mask()->add_paths("investor");
  request.set_request_id(api::NewUuid());
  EXPECT_TRUE(absl::IsPermissionDenied(
      teams
          .UpdateServiceTeam(
              As(ROLE_DEPARTMENT, kMarineDepartment, "TeamService.UpdateServiceTeam"), request)
          .status()));
  const auto changed = teams.UpdateServiceTeam(
      As(ROLE_DEPARTMENT, kOffice, "TeamService.UpdateServiceTeam"), request);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->investor_title(), "第五专班国有企业投资平台");
  EXPECT_EQ(Stored(result).investor(), "organizations/qd-investor-5");
  ASSERT_TRUE(teams.Seed().ok());
  EXPECT_THAT(Texts("SELECT investor FROM service_team WHERE name = 'teams/team-hy'"),
              ElementsAre("organizations/qd-investor-5"));
  // An agency is no department.
  request.mutable_service_team()->set_department(kMarineAgency);
  request.mutable_update_mask()->clear_paths();
  request.mutable_update_mask()->add_paths("department");
  request.set_request_id(api::NewUuid());
  EXPECT_FALSE(
      teams
          .UpdateServiceTeam(As(ROLE_DEPARTMENT, kOffice, "TeamService.UpdateServiceTeam"), request)
          .ok());
}

TEST_F(TeamTest, AUnitIsServedByOneTeam) {
  v1::CreateServiceTeamRequest request;
  request.set_service_team_id("seventh");
  v1::ServiceTeam& team = *request.mutable_service_team();
  team.set_display_name("第七服务专班");
  team.set_leader("某局领导");
  team.set_department(kMarineDepartment);
  team.set_agency(kMarineAgency);
  team.set_investor(kMarineInvestor);
  team.add_serves("中國海洋大學");
  request.set_request_id(api::NewUuid());
  const auto call = As(ROLE_DEPARTMENT, kOffice, "TeamService.CreateServiceTeam");
  EXPECT_EQ(status::ViolationsOf(teams.CreateServiceTeam(call, request).status()).at(0).field,
            "service_team.serves[0]");
  team.set_serves(0, "某学院（演示）");
  request.set_request_id(api::NewUuid());
  ASSERT_TRUE(teams.CreateServiceTeam(call, request).ok());
  EXPECT_EQ(Create(Draft("无专班的成果"), ROLE_RESEARCH_OFFICE, kCollege)->team(), "teams/seventh");
}

TEST_F(TeamTest, ATrainingIsRecordedByWhoGivesItAndLosesItsForceWithTime) {
  const auto broker = AddBroker(kMarineAgency, "王经纪（演示）", false);
  ASSERT_TRUE(broker.ok()) << broker.status();
  EXPECT_THAT(broker->missing_courses(), SizeIs(2));
  const absl::CivilDay today = time::DayOf(clock.now);
  EXPECT_TRUE(
      absl::IsPermissionDenied(Train(broker->name(), "brokerage", today, kMarket).status()));
  EXPECT_TRUE(absl::IsNotFound(Train(broker->name(), "pre-job", today, kE1).status()) ||
              absl::IsPermissionDenied(Train(broker->name(), "pre-job", today, kE1).status()));
  EXPECT_FALSE(Train(broker->name(), "pre-job", today + 1, kMarket).ok());
  EXPECT_FALSE(Train(broker->name(), "astrology", today, kMarket).ok());
  ASSERT_TRUE(Train(broker->name(), "pre-job", today, kMarket).ok());
  ASSERT_TRUE(Train(broker->name(), "pre-job", today, kMarket).ok());
  const auto trained = Train(broker->name(), "brokerage", today, kTrainingCentre);
  ASSERT_TRUE(trained.ok()) << trained.status();
  EXPECT_THAT(trained->trainings(), SizeIs(2));
  EXPECT_THAT(trained->missing_courses(), IsEmpty());
  const auto missing = [&] {
    v1::GetBrokerRequest get;
    get.set_name(broker->name());
    return teams.GetBroker(As(ROLE_DEPARTMENT, kOffice, "TeamService.GetBroker"), get)
        ->missing_courses_size();
  };
  Go(today + 730);
  EXPECT_EQ(missing(), 0);
  Go(today + 731);
  EXPECT_EQ(missing(), 1);
}

class FirstContactTest : public TeamTest {
 protected:
  void SetUp() override { result_ = Create(Draft("海水淡化膜"))->name(); }
  absl::StatusOr<v1::Handover> Decline(const std::string& handover, const std::string& by) {
    auto request = Named<v1::DeclineHandoverRequest>(handover);
    request.set_reason("人手不足");
    return first.DeclineHandover(As(ROLE_SERVICE_TEAM, by, "FirstContactService.DeclineHandover"),
                                 request);
  }
  absl::StatusOr<v1::Handover> Cancel(const std::string& handover, const std::string& by) {
    auto request = Named<v1::CancelHandoverRequest>(handover);
    request.set_reason("不再移交");
    return first.CancelHandover(As(ROLE_SERVICE_TEAM, by, "FirstContactService.CancelHandover"),
                                request);
  }
  std::vector<std::string> Rungs() {
    return Texts("SELECT rung FROM idle_alert ORDER BY create_time, idle_workdays, rung");
  }
  absl::Status FollowUp(const std::string& by) {
    v1::CreateFollowUpRequest request;
    request.set_parent(result_);
    request.mutable_follow_up()->set_kind(v1::FOLLOW_UP_KIND_NOTE);
    *request.mutable_follow_up()->mutable_happen_date() = time::ToProto(time::DayOf(clock.now));
    request.mutable_follow_up()->set_content("电话沟通");
    request.set_request_id(api::NewUuid());
    return follow_ups
        .CreateFollowUp(As(ROLE_SERVICE_TEAM, by, "FollowUpService.CreateFollowUp"), request)
        .status();
  }

  std::string result_;
};

TEST_F(FirstContactTest, ItIsHandedOverByAcceptanceAlone) {
  EXPECT_TRUE(
      absl::IsPermissionDenied(Offer(result_, kMarineDepartment, kHighTechAgency).status()));
  const auto offer = Offer(result_, kMarineAgency, kHighTechAgency);
  ASSERT_TRUE(offer.ok()) << offer.status();
  EXPECT_EQ(Stored(result_).holder(), kMarineAgency);
  EXPECT_EQ(status::ReasonOf(Offer(result_, kMarineAgency, kMarineDepartment).status()),
            ERROR_REASON_WRONG_STATE);
  // Neither the giver nor a third accepts.
  EXPECT_TRUE(absl::IsPermissionDenied(Accept(offer->name(), kMarineAgency).status()));
  EXPECT_TRUE(absl::IsNotFound(Accept(offer->name(), "organizations/qd-agency-5").status()));
  const auto accepted = Accept(offer->name(), kHighTechAgency);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(Stored(result_).holder(), kHighTechAgency);
  EXPECT_EQ(Stored(result_).open_handover(), "");
  EXPECT_EQ(status::ReasonOf(Accept(offer->name(), kHighTechAgency).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(Texts("SELECT CONCAT(tenant, ' ', cause) FROM tenure ORDER BY number"),
              ElementsAre(absl::StrCat(kMarineAgency, " COLLECTED"),
                          absl::StrCat(kHighTechAgency, " HANDED_OVER")));
  // The new holder changes it, the old one still serves the university by its team.
  EXPECT_TRUE(FollowUp(kHighTechAgency).ok());
  EXPECT_TRUE(FollowUp(kMarineAgency).ok());
}

TEST_F(FirstContactTest, DeclinedCancelledOrLapsedItStays) {
  auto offer = Offer(result_, kMarineAgency, kHighTechAgency);
  ASSERT_TRUE(Decline(offer->name(), kHighTechAgency).ok());
  offer = Offer(result_, kMarineAgency, kHighTechAgency);
  ASSERT_TRUE(offer.ok()) << offer.status();
  EXPECT_TRUE(absl::IsPermissionDenied(Cancel(offer->name(), kHighTechAgency).status()));
  ASSERT_TRUE(Cancel(offer->name(), kMarineAgency).ok());
  offer = Offer(result_, kMarineAgency, kHighTechAgency);
  ASSERT_TRUE(offer.ok()) << offer.status();
  Go(absl::CivilDay(2025, 4, 8));
  // Past its time it is void, whether or not the job has come.
  EXPECT_EQ(status::ReasonOf(Accept(offer->name(), kHighTechAgency).status()),
            ERROR_REASON_WRONG_STATE);
  const auto lease = JobLease();
  EXPECT_EQ(*first.Lapse(*lease), 1);
  EXPECT_EQ(*first.Lapse(*lease), 0);
  EXPECT_THAT(Texts("SELECT state FROM handover ORDER BY create_time, state"),
              ::testing::UnorderedElementsAre("DECLINED", "CANCELLED", "LAPSED"));
  EXPECT_EQ(Stored(result_).holder(), kMarineAgency);
  EXPECT_EQ(Stored(result_).open_handover(), "");
  EXPECT_EQ(Count("tenure"), 1);
}

TEST_F(FirstContactTest, ItGoesToNobodyWhoDoesNotTakePartOrIsNotTrained) {
  EXPECT_EQ(status::ViolationsOf(Offer(result_, kMarineAgency, kE1).status()).at(0).field,
            "to_holder");
  EXPECT_EQ(status::ViolationsOf(Offer(result_, kMarineAgency, kMarineAgency).status()).at(0).field,
            "to_holder");
  const auto untrained = AddBroker(kHighTechAgency, "李经纪（演示）", false);
  EXPECT_EQ(
      status::ReasonOf(Offer(result_, kMarineAgency, kHighTechAgency, untrained->name()).status()),
      ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(status::ViolationsOf(
                Offer(result_, kMarineAgency, kMarineDepartment, untrained->name()).status())
                .at(0)
                .field,
            "to_broker");
}

TEST_F(FirstContactTest, WhoLeavesLeavesNothingBehind) {
  const auto broker = AddBroker(kMarineAgency, "王经纪（演示）", true);
  const auto offer = Offer(result_, kMarineAgency, kMarineAgency, broker->name());
  ASSERT_TRUE(offer.ok()) << offer.status();
  ASSERT_TRUE(Accept(offer->name(), kMarineAgency).ok());
  EXPECT_EQ(Stored(result_).broker(), broker->name());
  const auto pending = Offer(result_, kMarineAgency, kHighTechAgency);
  ASSERT_TRUE(Leave(broker->name(), kMarineAgency).ok());
  EXPECT_EQ(Stored(result_).holder(), kMarineAgency);
  EXPECT_EQ(Stored(result_).broker(), "");
  EXPECT_THAT(Texts("SELECT cause FROM tenure ORDER BY number"),
              ElementsAre("COLLECTED", "HANDED_OVER", "BROKER_LEFT"));
  // What he had offered is void: it was his offer.
  EXPECT_FALSE(Accept(pending->name(), kHighTechAgency).ok());
  EXPECT_FALSE(Offer(result_, kMarineAgency, kMarineAgency, broker->name()).ok());
}

TEST_F(FirstContactTest, WhatADissolvedTeamHeldIsTheOfficesAtOnce) {
  v1::Result foreign = Draft("采油机器人");
  foreign.set_university(kUpc);
  const std::string held = Create(foreign, ROLE_SERVICE_TEAM, kMarineAgency)->name();
  ASSERT_TRUE(Dissolve("teams/team-hy").ok());
  EXPECT_EQ(Stored(result_).holder(), kOffice);
  EXPECT_EQ(Stored(result_).team(), "");
  EXPECT_EQ(Stored(result_).department(), kOffice);
  // Of another team's university it is still the agency's own.
  EXPECT_EQ(Stored(held).holder(), kMarineAgency);
  EXPECT_EQ(Stored(held).team(), "teams/team-gx");
  EXPECT_EQ(status::ReasonOf(Dissolve("teams/team-hy").status()), ERROR_REASON_WRONG_STATE);
  // What comes later of its universities is the office's.
  EXPECT_EQ(Create(Draft("新的成果"))->holder(), kOffice);
}

TEST_F(FirstContactTest, SilenceTakesEachRungOnceAndAnActBeginsAnew) {
  const auto lease = JobLease();
  EXPECT_EQ(*first.Climb(*lease), 0);
  // Created on 2025-04-01; five workdays later is the 9th: the 4th is a holiday.
  Go(absl::CivilDay(2025, 4, 8));
  EXPECT_EQ(*first.Climb(*lease), 0);
  Go(absl::CivilDay(2025, 4, 9));
  EXPECT_EQ(*first.Climb(*lease), 1);
  EXPECT_EQ(*first.Climb(*lease), 0);
  EXPECT_THAT(Rungs(), ElementsAre("department"));
  // Offering it to somebody is no progress.
  ASSERT_TRUE(Offer(result_, kMarineAgency, kHighTechAgency).ok());
  Go(absl::CivilDay(2025, 4, 16));
  EXPECT_EQ(*first.Climb(*lease), 1);
  EXPECT_THAT(Rungs(), ElementsAre("department", "bureau-leader"));
  ASSERT_TRUE(FollowUp(kMarineAgency).ok());
  EXPECT_THAT(Stored(result_).rungs(), IsEmpty());
  Go(absl::CivilDay(2025, 4, 22));
  EXPECT_EQ(*first.Climb(*lease), 0);
  Go(absl::CivilDay(2025, 4, 23));
  EXPECT_EQ(*first.Climb(*lease), 1);
  // After a long silence all that are left are taken at once.
  Go(absl::CivilDay(2025, 6, 30));
  EXPECT_EQ(*first.Climb(*lease), 2);
  EXPECT_THAT(Rungs(), ElementsAre("department", "bureau-leader", "department", "bureau-leader",
                                   "city-leader"));
  v1::ListIdleAlertsRequest list;
  list.set_parent("results/-");
  EXPECT_THAT(first
                  .ListIdleAlerts(As(options::v1::ROLE_LEADER, "organizations/qd-city-leaders",
                                     "FirstContactService.ListIdleAlerts"),
                                  list)
                  ->idle_alerts(),
              SizeIs(5));
}

TEST_F(FirstContactTest, AnActOfAnotherIsNoneOfTheHolders) {
  Go(absl::CivilDay(2025, 4, 8));
  ASSERT_TRUE(FollowUp(kMarineDepartment).ok());
  Go(absl::CivilDay(2025, 4, 9));
  const auto lease = JobLease();
  EXPECT_EQ(*first.Climb(*lease), 1);
}

TEST_F(FirstContactTest, SeveralReplicasTakeARungOnce) {
  Go(absl::CivilDay(2025, 4, 9));
  std::vector<std::thread> threads;
  std::atomic<int> raised{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      db::Lease lease(database.db(), "triage-jobs", absl::StrCat("replica", i), absl::Minutes(3));
      if (!lease.Acquire().ok()) return;
      const auto alerts = first.Climb(lease);
      if (alerts.ok()) raised += *alerts;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(raised, 1);
  EXPECT_EQ(Count("idle_alert"), 1);
}

}  // namespace
}  // namespace chanyan::triage
