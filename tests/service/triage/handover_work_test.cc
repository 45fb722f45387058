// Hand-overs of thousands, teams and brokers as operations (TRI-2, TRI-5): as the calls do them,
// all or nothing, and once, whatever becomes of the process that does them.
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/service/triage/working.h"
#include "tests/support/barrier.h"

namespace chanyan::triage {
namespace {

using operation::v1::Operation;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kGivingTeam[] = "teams/team-hy";
constexpr char kTakingTeam[] = "teams/team-gx";

class HandoverWorkTest : public WorkingTest {
 protected:
  std::vector<std::string> Several(int count, const std::string& what) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(Create(Draft(absl::StrCat(what, i)))->name());
    return names;
  }
  static v1::OfferHandoversRequest Offering(const std::vector<std::string>& results,
                                            const std::string& to, const std::string& broker = "") {
    v1::OfferHandoversRequest request;
    for (const std::string& result : results) request.add_results(result);
    request.set_to_holder(to);
    request.set_to_broker(broker);
    request.set_reason("专班分工调整");
    request.set_request_id(api::NewUuid());
    return request;
  }
  template <class Request>
  static Request OfBatch(const std::string& batch) {
    Request request;
    request.set_batch(batch);
    request.set_request_id(api::NewUuid());
    return request;
  }
  static v1::DissolveServiceTeamRequest Dissolving(const std::string& successor) {
    auto request = Named<v1::DissolveServiceTeamRequest>(kGivingTeam);
    request.set_reason("机构调整");
    request.set_successor(successor);
    return request;
  }
  // The one that is offered.
  std::string OpenBatch() {
    const auto batches = Texts("SELECT DISTINCT batch FROM handover WHERE state = 'OFFERED'");
    EXPECT_THAT(batches, ::testing::SizeIs(1));
    return batches.empty() ? "" : batches[0];
  }
  // All that is stored of the matter: rows with their versions, and what the journal tells of them.
  std::vector<std::string> Standing() {
    std::vector<std::string> all;
    for (const char* table : {"result", "handover", "tenure", "stage_entry", "service_team",
                              "team_membership", "broker"}) {
      all.push_back(Texts(absl::StrCat("SELECT CONCAT('", table,
                                       " ', COUNT(*), ' ', "
                                       "COALESCE(SUM(version), 0)) FROM ",
                                       table))
                        .at(0));
    }
    all.push_back(Texts("SELECT CONCAT('journal ', COUNT(*)) FROM journal WHERE type NOT LIKE "
                        "'%Operation'")
                      .at(0));
    return all;
  }
  // Whether each open result has one holder, whose one open tenure is the last.
  void EachHasOneHolder() {
    EXPECT_EQ(Count("result r WHERE state NOT IN ('WITHDRAWN', 'MERGED') AND (SELECT COUNT(*) FROM "
                    "tenure t WHERE t.open_result = r.name AND t.tenant = r.holder AND "
                    "t.tenant_broker = r.broker) <> 1"),
              0);
    EXPECT_EQ(Count("tenure a JOIN tenure b ON a.result = b.result AND b.number = a.number + 1 "
                    "WHERE a.end_time <> b.start_time OR a.end_time IS NULL"),
              0);
  }
  void LeaseIsOver() {
    database.Apply("UPDATE lease SET expires_at = '2000-01-01' WHERE name LIKE 'operation/%'");
  }

  // Begins it; who does it is killed behind the COMMIT, before the end is written; another takes it
  // up.
  Operation KilledBehindItsCommit(const std::string& begin, options::v1::Role role,
                                  const std::string& organization,
                                  const google::protobuf::Message& request) {
    SCOPED_TRACE(begin);
    const auto begun = Begin(begin, role, organization, request);
    EXPECT_TRUE(begun.ok()) << begun.status();
    if (!begun.ok()) return Operation();
    const std::vector<std::string> before = Standing();
    int commits = 0;
    committed_ = [&] {
      if (++commits == 1) {
        database.Apply(
            "UPDATE lease SET owner = 'killed', token = token + 1 "
            "WHERE name LIKE 'operation/%'");
      }
    };
    runner_->RunWaiting();
    committed_ = nullptr;
    EXPECT_EQ(commits, 1);
    EXPECT_EQ(Seen(begun->name(), role, organization).state(),
              operation::v1::OPERATION_STATE_RUNNING);
    const std::vector<std::string> after = Standing();
    EXPECT_NE(after, before) << "it was done";
    EachHasOneHolder();
    LeaseIsOver();
    NewRunner()->RunWaiting();
    EXPECT_EQ(Standing(), after) << "and is not done again";
    const Operation done = Seen(begun->name(), role, organization);
    EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
    EXPECT_EQ(done.attempts(), 2);
    return done;
  }

  // Ids of this schema's transactions that wait for a lock.
  std::vector<std::string> Stuck() {
    return Texts(
        "SELECT CAST(p.ID AS CHAR) FROM information_schema.innodb_trx t JOIN "
        "information_schema.processlist p ON p.ID = t.trx_mysql_thread_id "
        "WHERE p.DB = DATABASE() AND t.trx_state = 'LOCK WAIT' ORDER BY t.trx_started");
  }
  bool WaitUntilStuck(size_t transactions) {
    const absl::Time until = absl::Now() + absl::Seconds(30);
    while (Stuck().size() < transactions && absl::Now() < until) {
      // What is asked oftener is answered from before.
      absl::SleepFor(absl::Milliseconds(200));
    }
    return Stuck().size() >= transactions;
  }
};

TEST_F(HandoverWorkTest, WhatTheCallRefusesFailsWithEveryReasonAndNothingIsOffered) {
  const std::vector<std::string> good = Several(2, "海水淡化膜");
  const Operation failed =
      Done("BeginOfferHandovers", ROLE_SERVICE_TEAM, kMarineAgency,
           Offering({good[0], "results/none", good[1], good[0]}, kHighTechAgency));
  EXPECT_EQ(failed.state(), operation::v1::OPERATION_STATE_FAILED);
  ASSERT_EQ(failed.error().violations_size(), 2);
  EXPECT_EQ(failed.error().violations(0).field(), "results[1]");
  EXPECT_THAT(failed.error().violations(1).description(), HasSubstr("第1项重复"));
  EXPECT_EQ(Count("handover"), 0);
  // A team that has something open goes to somebody or stays.
  const Operation alone =
      Done("BeginDissolveServiceTeam", ROLE_DEPARTMENT, kOffice, Dissolving(""));
  EXPECT_EQ(alone.state(), operation::v1::OPERATION_STATE_FAILED);
  EXPECT_THAT(alone.error().message(), HasSubstr("未办结的成果2项"));
  EXPECT_EQ(Texts("SELECT state FROM service_team WHERE name = 'teams/team-hy'")[0], "ACTIVE");
}

TEST_F(HandoverWorkTest, WhatIsAnothersIsNotThereForWhoBeginsIt) {
  const std::vector<std::string> names = Several(2, "海水淡化膜");
  ASSERT_EQ(Done("BeginOfferHandovers", ROLE_SERVICE_TEAM, kMarineAgency,
                 Offering(names, kHighTechAgency))
                .state(),
            operation::v1::OPERATION_STATE_DONE);
  const Operation stranger =
      Done("BeginAcceptHandovers", ROLE_SERVICE_TEAM, "organizations/qd-agency-5",
           OfBatch<v1::AcceptHandoversRequest>(OpenBatch()));
  EXPECT_EQ(stranger.error().code(), "NOT_FOUND");
  const Operation department =
      Done("BeginDissolveServiceTeam", ROLE_DEPARTMENT, kMarineDepartment, Dissolving(kTakingTeam));
  EXPECT_EQ(department.error().code(), "PERMISSION_DENIED");
  EXPECT_EQ(Count("handover WHERE state = 'OFFERED'"), 2);
}

TEST_F(HandoverWorkTest, DeclinedAndTakenBackAsTheCallsDo) {
  const std::vector<std::string> names = Several(3, "海水淡化膜");
  for (const bool declined : {true, false}) {
    ASSERT_EQ(Done("BeginOfferHandovers", ROLE_SERVICE_TEAM, kMarineAgency,
                   Offering(names, kHighTechAgency))
                  .state(),
              operation::v1::OPERATION_STATE_DONE);
    auto decline = OfBatch<v1::DeclineHandoversRequest>(OpenBatch());
    decline.set_reason("人手不足");
    auto cancel = OfBatch<v1::CancelHandoversRequest>(OpenBatch());
    cancel.set_reason("不再移交");
    const Operation done =
        declined ? Done("BeginDeclineHandovers", ROLE_SERVICE_TEAM, kHighTechAgency, decline)
                 : Done("BeginCancelHandovers", ROLE_SERVICE_TEAM, kMarineAgency, cancel);
    EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
    EXPECT_THAT(done.result(), HasSubstr("\"handovers\":3"));
  }
  EXPECT_THAT(Texts("SELECT CONCAT(state, COUNT(*)) FROM handover GROUP BY state ORDER BY state"),
              ElementsAre("CANCELLED3", "DECLINED3"));
  EXPECT_EQ(Count("result WHERE open_handover <> ''"), 0);
}

TEST_F(HandoverWorkTest, KilledBehindItsCommitEachIsDoneOnce) {
  const std::vector<std::string> given = Several(4, "移交的成果");
  const std::vector<std::string> kept = Several(2, "留下的成果");
  const auto broker = AddBroker(kHighTechAgency, "王经纪（演示）", true);
  ASSERT_TRUE(broker.ok()) << broker.status();
  KilledBehindItsCommit("BeginOfferHandovers", ROLE_SERVICE_TEAM, kMarineAgency,
                        Offering(given, kHighTechAgency, broker->name()));
  EXPECT_EQ(Count("handover WHERE state = 'OFFERED'"), 4);
  KilledBehindItsCommit("BeginAcceptHandovers", ROLE_SERVICE_TEAM, kHighTechAgency,
                        OfBatch<v1::AcceptHandoversRequest>(OpenBatch()));
  EXPECT_EQ(Count(absl::StrCat("result WHERE broker = '", broker->name(), "'")), 4);
  auto leave = Named<v1::LeaveBrokerRequest>(broker->name());
  leave.set_reason("调离");
  KilledBehindItsCommit("BeginLeaveBroker", ROLE_SERVICE_TEAM, kHighTechAgency, leave);
  EXPECT_EQ(Count("result WHERE broker <> ''"), 0);
  v1::UpdateServiceTeamRequest update;
  update.mutable_service_team()->set_name(kGivingTeam);
  update.mutable_service_team()->set_display_name("海洋专班");
  update.mutable_update_mask()->add_paths("display_name");
  update.set_request_id(api::NewUuid());
  KilledBehindItsCommit("BeginUpdateServiceTeam", ROLE_DEPARTMENT, kOffice, update);
  EXPECT_EQ(Count("result WHERE team_title = '海洋专班'"), 6);
  KilledBehindItsCommit("BeginDissolveServiceTeam", ROLE_DEPARTMENT, kOffice,
                        Dissolving(kTakingTeam));
  EXPECT_EQ(Count(absl::StrCat("result WHERE team = '", kTakingTeam, "' AND holder = '",
                               kHighTechAgency, "'")),
            6);
  // Collected, accepted, left; and collected, passed on with the team.
  EXPECT_EQ(Count("tenure"), 4 * 3 + 2 * 2);
}

TEST_F(HandoverWorkTest, KilledInTheMiddleNothingStaysAndAnotherDoesAll) {
  const std::vector<std::string> names = Several(5, "海水淡化膜");
  const auto begun =
      Begin("BeginDissolveServiceTeam", ROLE_DEPARTMENT, kOffice, Dissolving(kTakingTeam));
  ASSERT_TRUE(begun.ok()) << begun.status();
  const std::vector<std::string> before = Standing();
  // The team is dissolved and the tenures are passed on when the last of the records is waited for.
  testing::Barrier before_last(database.db(),
                               "SELECT name FROM stage_entry WHERE name LIKE ? FOR UPDATE",
                               {absl::StrCat(names.back(), "/%")});
  std::thread doer([&] { runner_->RunWaiting(); });
  const bool in_the_middle = WaitUntilStuck(1);
  const std::vector<std::string> stuck = Stuck();
  // Its lease is another's as soon as its transaction is gone, as the lease of the dead is.
  std::thread heir([&] {
    (void)database.db().Transact([](db::Session& session) {
      return session
          .Execute(
              "UPDATE lease SET owner = 'killed', token = token + 1, expires_at = '2000-01-01' "
              "WHERE name LIKE 'operation/%'",
              {})
          .status();
    });
  });
  const bool waits = WaitUntilStuck(2);
  if (!stuck.empty()) database.Apply(absl::StrCat("KILL ", stuck[0]));
  heir.join();
  before_last.Lift();
  doer.join();
  EXPECT_TRUE(in_the_middle && waits);
  EXPECT_EQ(Standing(), before) << "nothing of it stays";
  EXPECT_EQ(Seen(begun->name(), ROLE_DEPARTMENT, kOffice).state(),
            operation::v1::OPERATION_STATE_RUNNING);
  LeaseIsOver();
  NewRunner()->RunWaiting();
  EXPECT_EQ(Seen(begun->name(), ROLE_DEPARTMENT, kOffice).state(),
            operation::v1::OPERATION_STATE_DONE);
  EXPECT_EQ(Count(absl::StrCat("result WHERE team = '", kTakingTeam, "'")), 5);
  EXPECT_EQ(Count("tenure"), 5 * 2);
  EachHasOneHolder();
}

TEST_F(HandoverWorkTest, CommitsThatAreLostNeitherLoseNorDoubleAnything) {
  const std::vector<std::string> names = Several(6, "海水淡化膜");
  database.db().InjectFaults({.inject_retry_every = 3,
                              .inject_ambiguous_commit_every = 4,
                              .inject_ambiguous_nocommit_every = 5});
  const Operation offered = Done("BeginOfferHandovers", ROLE_SERVICE_TEAM, kMarineAgency,
                                 Offering(names, kHighTechAgency));
  const Operation accepted = Done("BeginAcceptHandovers", ROLE_SERVICE_TEAM, kHighTechAgency,
                                  OfBatch<v1::AcceptHandoversRequest>(OpenBatch()));
  database.db().InjectFaults({});
  EXPECT_EQ(offered.state(), operation::v1::OPERATION_STATE_DONE) << offered.error().message();
  EXPECT_EQ(accepted.state(), operation::v1::OPERATION_STATE_DONE) << accepted.error().message();
  EXPECT_EQ(Count("handover WHERE state = 'ACCEPTED'"), 6);
  EXPECT_EQ(Count("tenure"), 6 * 2);
  EachHasOneHolder();
}

}  // namespace
}  // namespace chanyan::triage
