// Teams and brokers (TRI-2) and first-contact responsibility (TRI-5) on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"
#include "tests/support/seed.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TeamTest : public ::testing::Test, protected World {
 protected:
  // What is open goes to `successor`, or to the office.
  absl::StatusOr<v1::ServiceTeam> Dissolve(const std::string& team,
                                           const std::string& successor = "") {
    auto request = Named<v1::DissolveServiceTeamRequest>(team);
    request.set_reason("机构调整");
    request.set_successor(successor);
    request.set_to_office(successor.empty());
    return teams.DissolveServiceTeam(
        As(ROLE_DEPARTMENT, kOffice, "TeamService.DissolveServiceTeam"), request);
  }
  absl::StatusOr<v1::Broker> Leave(const std::string& broker, const std::string& organization) {
    auto request = Named<v1::LeaveBrokerRequest>(broker);
    request.set_reason("调离");
    return teams.LeaveBroker(As(ROLE_SERVICE_TEAM, organization, "TeamService.LeaveBroker"),
                             request);
  }
};

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

// Whatever comes at once – offers, acceptances, leavers, dissolved teams, withdrawals, lost COMMITs
// – every open result has exactly one holder, at every moment there ever was.
class FirstContactPropertyTest : public TeamTest {
 protected:
  static constexpr int kThreads = 8;
  static constexpr int kActs = 45;

  std::string Pick(const std::vector<std::string>& from, std::mt19937& random) {
    return from[random() % from.size()];
  }
  void Act(std::mt19937& random) {
    const std::string result = Pick(results_, random);
    const std::string one = Pick(agencies_, random);
    absl::Status status = absl::OkStatus();
    switch (random() % 15) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string holder =
            Texts(absl::StrCat("SELECT holder FROM result WHERE name = '", result, "'"))[0];
        const bool with_broker = random() % 2 == 0;
        const std::string broker = with_broker ? Pick(brokers_, random) : "";
        const std::string to = with_broker ? broker_of_.at(broker) : one;
        const auto offer = Offer(result, holder, to, broker);
        status = offer.status();
        if (offer.ok()) {
          absl::MutexLock lock(&mutex_);
          offers_.push_back({offer->name(), to});
        }
        break;
      }
      case 4:
      case 5:
      case 6:
      case 7: {
        std::pair<std::string, std::string> offer;
        {
          absl::MutexLock lock(&mutex_);
          if (offers_.empty()) return;
          offer = offers_[offers_.size() - 1 - random() % std::min<size_t>(offers_.size(), 4)];
        }
        status = Accept(offer.first, offer.second).status();
        break;
      }
      case 8: {
        const std::string broker = Pick(brokers_, random);
        if (random() % 3 == 0) status = Leave(broker, broker_of_.at(broker)).status();
        break;
      }
      case 9:
        if (random() % 4 == 0) {
          status = Dissolve(Pick(teams_, random), random() % 2 == 0 ? "" : Pick(teams_, random))
                       .status();
        }
        break;
      case 10: {
        v1::Result draft = Draft(absl::StrCat("新成果", random()));
        draft.set_university(random() % 2 == 0 ? kOuc : kUpc);
        const auto made = Create(draft, ROLE_SERVICE_TEAM, one);
        status = made.status();
        break;
      }
      case 11: {
        // Several at once, of whoever holds them.
        v1::OfferHandoversRequest request;
        request.add_results(result);
        for (const std::string& other : results_) {
          if (other != result && random() % 3 == 0) request.add_results(other);
        }
        request.set_to_holder(one);
        request.set_reason("专班分工调整");
        request.set_request_id(api::NewUuid());
        const auto batch = first.OfferHandovers(
            As(ROLE_SERVICE_TEAM, kOffice, "FirstContactService.OfferHandovers"), request);
        status = batch.status();
        if (batch.ok()) {
          absl::MutexLock lock(&mutex_);
          batches_.push_back({batch->batch(), one});
        }
        break;
      }
      case 12: {
        v1::AcceptHandoversRequest request;
        std::string by;
        {
          absl::MutexLock lock(&mutex_);
          if (batches_.empty()) return;
          request.set_batch(batches_.back().first);
          by = batches_.back().second;
        }
        request.set_request_id(api::NewUuid());
        status = first
                     .AcceptHandovers(
                         As(ROLE_SERVICE_TEAM, by, "FirstContactService.AcceptHandovers"), request)
                     .status();
        break;
      }
      case 13: {
        if (random() % 4 != 0) return;
        auto request = Named<v1::MergeResultRequest>(result);
        request.set_into(Pick(results_, random));
        status =
            results
                .MergeResult(As(ROLE_SERVICE_TEAM, kOffice, "ResultService.MergeResult"), request)
                .status();
        break;
      }
      default:
        if (random() % 5 == 0) status = Withdraw(result, kOffice).status();
        break;
    }
    EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
                absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status) ||
                absl::IsUnavailable(status) || absl::IsAborted(status) ||
                absl::IsAlreadyExists(status))
        << status;
  }

  absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::string>> offers_;
  std::vector<std::pair<std::string, std::string>> batches_;
  std::vector<std::string> results_;
  std::vector<std::string> brokers_;
  std::map<std::string, std::string> broker_of_;
  const std::vector<std::string> agencies_ = {
      kMarineAgency, kHighTechAgency, "organizations/qd-agency-1", "organizations/qd-agency-4"};
  const std::vector<std::string> teams_ = {"teams/team-hy", "teams/team-gx"};
};

TEST_F(FirstContactPropertyTest, AtEveryMomentEveryOpenResultHasExactlyOneHolder) {
  const uint32_t seed = testing::Seed();
  for (int i = 0; i < 4; ++i) {
    results_.push_back(Create(Draft(absl::StrCat("成果", i)))->name());
    results_.push_back(
        Create(Draft(absl::StrCat("油气成果", i)), ROLE_RESEARCH_OFFICE, kUpc)->name());
  }
  for (const std::string& agency : agencies_) {
    for (int i = 0; i < 2; ++i) {
      const auto broker = AddBroker(agency, absl::StrCat("经纪", i, "（演示）"), true);
      ASSERT_TRUE(broker.ok()) << broker.status();
      brokers_.push_back(broker->name());
      broker_of_[broker->name()] = agency;
    }
  }
  database.db().InjectFaults({.inject_retry_every = 17,
                              .inject_ambiguous_commit_every = 23,
                              .inject_ambiguous_nocommit_every = 29});
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(seed + static_cast<unsigned>(i));
      for (int act = 0; act < kActs; ++act) Act(random);
    });
  }
  for (std::thread& thread : threads) thread.join();
  database.db().InjectFaults({});

  // The row and its open tenure say the same; what is closed has none.
  EXPECT_EQ(Count("result r LEFT JOIN tenure t ON t.open_result = r.name "
                  "WHERE r.state NOT IN ('WITHDRAWN', 'MERGED') AND "
                  "(t.name IS NULL OR t.tenant <> r.holder OR t.tenant_broker <> r.broker)"),
            0);
  EXPECT_EQ(Count("result WHERE holder = ''"), 0);
  EXPECT_EQ(Count("tenure t JOIN result r ON t.open_result = r.name "
                  "WHERE r.state IN ('WITHDRAWN', 'MERGED')"),
            0);
  // Tenures follow one another without gap or overlap from the first moment on.
  EXPECT_EQ(Count("tenure a LEFT JOIN tenure b ON a.result = b.result AND b.number = a.number + 1 "
                  "WHERE b.name IS NOT NULL AND a.end_time <> b.start_time"),
            0);
  EXPECT_EQ(Count("tenure a WHERE a.number > 1 AND NOT EXISTS (SELECT 1 FROM tenure b "
                  "WHERE b.result = a.result AND b.number = a.number - 1)"),
            0);
  EXPECT_EQ(Count("tenure a JOIN result r ON r.name = a.result "
                  "WHERE a.number = 1 AND a.start_time <> r.create_time"),
            0);
  // Nobody who has left, and no dissolved team, holds anything.
  EXPECT_EQ(Count("result r JOIN broker b ON r.broker = b.name WHERE b.state = 'LEFT' "
                  "AND r.state NOT IN ('WITHDRAWN', 'MERGED')"),
            0);
  EXPECT_EQ(Count("result r JOIN service_team t ON r.team = t.name WHERE t.state = 'DISSOLVED' "
                  "AND r.state NOT IN ('WITHDRAWN', 'MERGED')"),
            0);
  // An offer that waits is the one its result knows of.
  EXPECT_EQ(Count("handover h JOIN result r ON h.result = r.name "
                  "WHERE h.state = 'OFFERED' AND r.open_handover <> h.name"),
            0);
  EXPECT_EQ(Count("result r LEFT JOIN handover h ON h.name = r.open_handover "
                  "WHERE r.open_handover <> '' AND (h.name IS NULL OR h.state <> 'OFFERED')"),
            0);
  // What is merged went into another that knows of it, and holds nothing of its own any more.
  EXPECT_EQ(Count("result r LEFT JOIN result i ON i.name = r.merged_into AND i.name <> r.name "
                  "WHERE r.state = 'MERGED' AND i.name IS NULL"),
            0);
  EXPECT_EQ(Count("result WHERE state = 'MERGED' AND open_handover <> ''"), 0);
  // Something did happen.
  EXPECT_GT(Count("tenure WHERE cause = 'HANDED_OVER'"), 0);
}

}  // namespace
}  // namespace chanyan::triage
