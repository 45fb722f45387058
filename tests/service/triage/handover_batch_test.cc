// Hand-overs of many results at once (TRI-5), on the real database: all or nothing, every reason at
// once, and what was one by one is the same together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/import.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kThird[] = "organizations/qd-agency-5";

class HandoverBatchTest : public ::testing::Test, protected World {
 protected:
  static v1::OfferHandoversRequest Wanted(const std::vector<std::string>& results,
                                          const std::string& to, const std::string& broker = "") {
    v1::OfferHandoversRequest request;
    for (const std::string& result : results) request.add_results(result);
    request.set_to_holder(to);
    request.set_to_broker(broker);
    request.set_reason("专班分工调整");
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::HandoverBatch> OfferAll(const v1::OfferHandoversRequest& request,
                                             const std::string& by = kMarineAgency) {
    return first.OfferHandovers(As(ROLE_SERVICE_TEAM, by, "FirstContactService.OfferHandovers"),
                                request);
  }
  absl::StatusOr<v1::HandoverBatch> AcceptAll(const std::string& batch, const std::string& by) {
    v1::AcceptHandoversRequest request;
    request.set_batch(batch);
    request.set_request_id(api::NewUuid());
    return first.AcceptHandovers(As(ROLE_SERVICE_TEAM, by, "FirstContactService.AcceptHandovers"),
                                 request);
  }
  absl::StatusOr<v1::HandoverBatch> DeclineAll(const std::string& batch, const std::string& by) {
    v1::DeclineHandoversRequest request;
    request.set_batch(batch);
    request.set_reason("人手不足");
    request.set_request_id(api::NewUuid());
    return first.DeclineHandovers(As(ROLE_SERVICE_TEAM, by, "FirstContactService.DeclineHandovers"),
                                  request);
  }
  absl::StatusOr<v1::HandoverBatch> CancelAll(const std::string& batch, const std::string& by) {
    v1::CancelHandoversRequest request;
    request.set_batch(batch);
    request.set_reason("不再移交");
    request.set_request_id(api::NewUuid());
    return first.CancelHandovers(As(ROLE_SERVICE_TEAM, by, "FirstContactService.CancelHandovers"),
                                 request);
  }
  std::vector<std::string> Several(int count, const std::string& what = "海水淡化膜") {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(Create(Draft(absl::StrCat(what, i)))->name());
    return names;
  }
  int64_t HeldBy(const std::string& holder) {
    return Count(
        absl::StrCat("result r JOIN tenure t ON t.open_result = r.name AND t.tenant = "
                     "r.holder WHERE r.holder = '",
                     holder, "'"));
  }
};

TEST_F(HandoverBatchTest, EverythingThatIsWrongIsSaidAtOnceAndNothingIsOffered) {
  const std::vector<std::string> good = Several(2);
  const std::string offered = Create(Draft("正在移交"))->name();
  ASSERT_TRUE(Offer(offered, kMarineAgency, kThird).ok());
  const std::string over = Create(Draft("已撤回"))->name();
  ASSERT_TRUE(Withdraw(over).ok());
  const std::string anothers = Create(Draft("油气成果"), ROLE_RESEARCH_OFFICE, kUpc)->name();
  // Served by the team, held by somebody else.
  const std::string elsewhere = Create(Draft("他人首问"))->name();
  ASSERT_TRUE(Accept(Offer(elsewhere, kMarineAgency, kThird)->name(), kThird).ok());

  EXPECT_EQ(status::ViolationsOf(OfferAll(Wanted({}, kHighTechAgency)).status()).at(0).field,
            "results");
  const auto request =
      Wanted({good[0], "results/none", offered, over, anothers, good[1], good[0], elsewhere}, kE1);
  const auto wrong = status::ViolationsOf(OfferAll(request).status());
  std::vector<std::string> fields;
  for (const auto& one : wrong) fields.push_back(one.field);
  EXPECT_THAT(fields, ElementsAre("to_holder", "results[1]", "results[2]", "results[3]",
                                  "results[4]", "results[6]", "results[7]"));
  EXPECT_THAT(wrong[2].description, HasSubstr("正在移交"));
  EXPECT_THAT(wrong[2].description, HasSubstr("待接收"));
  EXPECT_THAT(wrong[3].description, HasSubstr("不再移交"));
  // Another team's is not told apart from one that is not there.
  EXPECT_THAT(wrong[4].description, HasSubstr("没有成果“"));
  EXPECT_THAT(wrong[4].description, ::testing::Not(HasSubstr("油气")));
  EXPECT_THAT(wrong[5].description, HasSubstr("第1项重复"));
  EXPECT_THAT(wrong[6].description, HasSubstr("首问责任单位为"));
  EXPECT_EQ(Count("handover WHERE batch <> ''"), 0);
  EXPECT_EQ(Stored(good[0]).open_handover(), "");
  // To whom it is already.
  EXPECT_THAT(status::ViolationsOf(OfferAll(Wanted(good, kMarineAgency)).status()), SizeIs(2));
  // An untrained broker takes none.
  const auto untrained = AddBroker(kHighTechAgency, "李经纪（演示）", false);
  EXPECT_EQ(status::ReasonOf(OfferAll(Wanted(good, kHighTechAgency, untrained->name())).status()),
            ERROR_REASON_RULE_VIOLATED);
}

TEST_F(HandoverBatchTest, OfMoreThanAnAnswerCarriesTheRestIsCounted) {
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back(absl::StrCat("results/none", i));
  const auto wrong = status::ViolationsOf(OfferAll(Wanted(names, kHighTechAgency)).status());
  ASSERT_EQ(wrong.size(), rpc::MostViolations() + 1);
  EXPECT_EQ(wrong.back().field, "results");
  EXPECT_THAT(wrong.back().description,
              HasSubstr(absl::StrCat("另有", 300 - rpc::MostViolations(), "项")));
}

TEST_F(HandoverBatchTest, WhatIsOfferedTogetherIsAcceptedTogether) {
  const std::vector<std::string> results = Several(5);
  auto request = Wanted(results, kHighTechAgency);
  request.set_validate_only(true);
  const auto probe = OfferAll(request);
  ASSERT_TRUE(probe.ok()) << probe.status();
  EXPECT_EQ(probe->handovers(), 5);
  EXPECT_EQ(Count("handover"), 0);
  request.set_validate_only(false);
  const auto batch = OfferAll(request);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->handovers(), 5);
  EXPECT_EQ(batch->state(), v1::HANDOVER_STATE_OFFERED);
  // The same request offers once.
  EXPECT_EQ(OfferAll(request)->batch(), batch->batch());
  EXPECT_EQ(Count("handover"), 5);
  EXPECT_EQ(HeldBy(kMarineAgency), 5);
  v1::ListHandoversRequest list;
  list.set_parent("results/-");
  list.set_filter(absl::StrCat("batch = \"", batch->batch(), "\""));
  EXPECT_EQ(
      first
          .ListHandovers(
              As(ROLE_SERVICE_TEAM, kHighTechAgency, "FirstContactService.ListHandovers"), list)
          ->handovers_size(),
      5);
  // Whoever it was not offered to does not accept it.
  EXPECT_TRUE(absl::IsNotFound(AcceptAll(batch->batch(), kThird).status()));
  EXPECT_TRUE(absl::IsNotFound(AcceptAll("none", kHighTechAgency).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(AcceptAll(batch->batch(), kMarineAgency).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(CancelAll(batch->batch(), kHighTechAgency).status()));
  const auto accepted = AcceptAll(batch->batch(), kHighTechAgency);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->handovers(), 5);
  EXPECT_EQ(HeldBy(kHighTechAgency), 5);
  EXPECT_EQ(Count("tenure WHERE cause = 'HANDED_OVER'"), 5);
  EXPECT_EQ(Count("tenure a JOIN tenure b ON a.result = b.result AND b.number = a.number + 1 WHERE "
                  "a.end_time = b.start_time"),
            5);
  EXPECT_EQ(Count("handover WHERE state = 'ACCEPTED'"), 5);
  EXPECT_EQ(Count("result WHERE open_handover <> ''"), 0);
  // Records carry the new holder.
  EXPECT_EQ(Count(absl::StrCat("stage_entry WHERE holder = '", kHighTechAgency, "'")), 5);
  EXPECT_EQ(Count(absl::StrCat("handover WHERE holder = '", kHighTechAgency, "'")), 5);
  EXPECT_EQ(status::ReasonOf(AcceptAll(batch->batch(), kHighTechAgency).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("journal WHERE kind = 'accept'"), 5);
  EXPECT_EQ(Count("journal WHERE kind = 'handover accept'"), 5);
}

TEST_F(HandoverBatchTest, OneByOneAndTogetherLeaveTheSameBehind) {
  const std::vector<std::string> together = Several(2, "一并移交");
  const std::vector<std::string> single = Several(2, "逐项移交");
  const auto batch = OfferAll(Wanted(together, kHighTechAgency));
  ASSERT_TRUE(AcceptAll(batch->batch(), kHighTechAgency).ok());
  for (const std::string& result : single) {
    ASSERT_TRUE(
        Accept(Offer(result, kMarineAgency, kHighTechAgency)->name(), kHighTechAgency).ok());
  }
  const auto history = [&](const std::string& result) {
    return Texts(absl::StrCat(
        "SELECT CONCAT(kind, ' ', SUBSTRING_INDEX(type, '.', -1)) FROM journal WHERE resource "
        "LIKE '",
        result, "%' ORDER BY kind, type"));
  };
  const auto expected = history(single[0]);
  EXPECT_GT(expected.size(), 8U);
  EXPECT_EQ(history(together[0]), expected);
  EXPECT_EQ(history(together[1]), history(single[1]));
}

TEST_F(HandoverBatchTest, WhatWasAnsweredAloneIsNoPartOfTheRest) {
  const std::vector<std::string> results = Several(4);
  const auto batch = OfferAll(Wanted(results, kHighTechAgency));
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_TRUE(Accept(Stored(results[0]).open_handover(), kHighTechAgency).ok());
  ASSERT_TRUE(Withdraw(results[1]).ok());
  const auto declined = DeclineAll(batch->batch(), kHighTechAgency);
  ASSERT_TRUE(declined.ok()) << declined.status();
  EXPECT_EQ(declined->handovers(), 2);
  EXPECT_THAT(Texts("SELECT state FROM handover ORDER BY state"),
              ElementsAre("ACCEPTED", "CANCELLED", "DECLINED", "DECLINED"));
  EXPECT_EQ(Stored(results[2]).holder(), kMarineAgency);
  // They may be offered again, and be taken back.
  const auto again = OfferAll(Wanted({results[2], results[3]}, kHighTechAgency));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(CancelAll(again->batch(), kMarineAgency)->handovers(), 2);
  EXPECT_EQ(Count("result WHERE open_handover <> ''"), 0);
}

TEST_F(HandoverBatchTest, TheOfficeOffersForAllAndPastItsTimeNothingIsAccepted) {
  std::vector<std::string> results = Several(2);
  results.push_back(Create(Draft("油气成果"), ROLE_RESEARCH_OFFICE, kUpc)->name());
  const auto batch = OfferAll(Wanted(results, kThird), kOffice);
  ASSERT_TRUE(batch.ok()) << batch.status();
  // One of the givers does not take back what is the others'.
  EXPECT_TRUE(absl::IsPermissionDenied(CancelAll(batch->batch(), kMarineAgency).status()));
  Go(absl::CivilDay(2025, 4, 8));
  EXPECT_EQ(status::ReasonOf(AcceptAll(batch->batch(), kThird).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(HeldBy(kThird), 0);
  EXPECT_EQ(CancelAll(batch->batch(), kOffice)->handovers(), 3);
}

TEST_F(HandoverBatchTest, CommitsThatAreLostNeitherLoseNorDoubleAnything) {
  const std::vector<std::string> results = Several(6);
  database.db().InjectFaults({.inject_retry_every = 2,
                              .inject_ambiguous_commit_every = 3,
                              .inject_ambiguous_nocommit_every = 5});
  for (int round = 0; round < 4; ++round) {
    const std::string from = round % 2 == 0 ? kMarineAgency : kHighTechAgency;
    const std::string to = round % 2 == 0 ? kHighTechAgency : kMarineAgency;
    const auto request = Wanted(results, to);
    auto batch = OfferAll(request, from);
    while (absl::IsUnavailable(batch.status())) batch = OfferAll(request, from);
    ASSERT_TRUE(batch.ok()) << batch.status();
    v1::AcceptHandoversRequest accept;
    accept.set_batch(batch->batch());
    accept.set_request_id(api::NewUuid());
    const auto call = As(ROLE_SERVICE_TEAM, to, "FirstContactService.AcceptHandovers");
    auto accepted = first.AcceptHandovers(call, accept);
    while (absl::IsUnavailable(accepted.status())) accepted = first.AcceptHandovers(call, accept);
    ASSERT_TRUE(accepted.ok()) << accepted.status();
  }
  database.db().InjectFaults({});
  EXPECT_EQ(HeldBy(kMarineAgency), 6);
  EXPECT_EQ(Count("tenure"), 6 * 5);
  EXPECT_EQ(Count("handover"), 6 * 4);
}

TEST_F(HandoverBatchTest, ThousandsGoTogether) {
  // CHANYAN_HANDOVERS of them, to see how long as many take.
  int many = 2'000;
  if (const char* wanted = std::getenv("CHANYAN_HANDOVERS")) {
    ASSERT_TRUE(absl::SimpleAtoi(wanted, &many)) << wanted;
  }
  std::vector<std::string> names;
  for (int i = 0; i < many; ++i) names.push_back(absl::StrCat("results/many", i));
  const ResultBook book(triage);
  const journal::Origin origin{.method = "test", .actor = "test"};
  ASSERT_TRUE(database.db()
                  .Transact([&](db::Session& session) -> absl::Status {
                    rpc::Change change(session, clock.now, origin);
                    std::vector<v1::Result> rows;
                    const db::Table<v1::ServiceTeam> table;
                    CHANYAN_ASSIGN_OR_RETURN(const v1::ServiceTeam team,
                                             table.Get(session, "teams/team-hy"));
                    for (const std::string& name : names) {
                      v1::Result& row = rows.emplace_back(Draft(name));
                      row.set_name(name);
                      row.set_university(kOuc);
                      row.set_university_title("中国海洋大学");
                      row.set_state(v1::RESULT_STATE_PUBLISHED);
                      book.SetTeam(&team, &row);
                    }
                    return book.Begin(change, {kMarineAgency, "第三专班服务机构", ""}, &rows);
                  })
                  .ok());
  absl::Time begun = absl::Now();
  const auto batch = OfferAll(Wanted(names, kThird));
  ASSERT_TRUE(batch.ok()) << batch.status();
  std::cout << "offered " << many << " in " << absl::Now() - begun << "\n";
  begun = absl::Now();
  const auto accepted = AcceptAll(batch->batch(), kThird);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  std::cout << "accepted " << many << " in " << absl::Now() - begun << "\n";
  EXPECT_EQ(HeldBy(kThird), many);
  EXPECT_EQ(Count(absl::StrCat("stage_entry WHERE holder = '", kThird, "'")), many);
  begun = absl::Now();
  auto dissolve = Named<v1::DissolveServiceTeamRequest>("teams/team-hy");
  dissolve.set_reason("机构调整");
  dissolve.set_successor("teams/team-gx");
  ASSERT_TRUE(teams
                  .DissolveServiceTeam(
                      As(ROLE_DEPARTMENT, kOffice, "TeamService.DissolveServiceTeam"), dissolve)
                  .ok());
  std::cout << "dissolved with " << many << " in " << absl::Now() - begun << "\n";
  EXPECT_EQ(Count("result WHERE team = 'teams/team-gx'"), many);
  EXPECT_EQ(HeldBy(kThird), many);
}

}  // namespace
}  // namespace chanyan::triage
