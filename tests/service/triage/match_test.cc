// Matching (TRI-9) on the real database: who is suggested what, and that nothing which is not
// published moves anything.
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/service/triage/match_world.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(MatchTest, TheTableIsWhatTheMessageSays) {
  EXPECT_THAT(testing::TableDifferences(database.db(), v1::MatchDismissal::descriptor()),
              IsEmpty());
}

TEST_F(MatchTest, WhatTheCallerDoesNotSeeIsNotThereAndWhatHasEndedIsNotMatched) {
  const std::string result = InLibrary("海水淡化膜");
  const std::string demand = Publish(Seawater());
  EXPECT_EQ(OfResult("results/none").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OfResult(result, ROLE_RESEARCH_OFFICE, kUpc).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(OfDemand("demands/none").status().code(), absl::StatusCode::kNotFound);
  v1::Demand limited = Seawater("限定范围的需求");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  const std::string hidden = Publish(limited);
  EXPECT_EQ(OfDemand(hidden, ROLE_ENTERPRISE, kE2).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Withdraw(result).ok());
  EXPECT_EQ(status::ReasonOf(OfResult(result).status()), ERROR_REASON_WRONG_STATE);
  auto withdraw = Named<v1::WithdrawDemandRequest>(demand);
  withdraw.set_reason("不再需要");
  ASSERT_TRUE(
      demands.WithdrawDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.WithdrawDemand"), withdraw)
          .ok());
  EXPECT_EQ(status::ReasonOf(OfDemand(demand).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(MatchTest, APairIsSuggestedFromEitherSideWithTheSameReasons) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  const std::string demand = Publish(Seawater());
  const std::string other = Publish(DemandDraft("防腐涂层"));
  const auto of_result = OfResult(result);
  ASSERT_TRUE(of_result.ok()) << of_result.status();
  ASSERT_THAT(Names(of_result->demands()), ElementsAre(demand));
  const auto of_demand = OfDemand(demand);
  ASSERT_TRUE(of_demand.ok()) << of_demand.status();
  ASSERT_THAT(Names(of_demand->results()), ElementsAre(ListingOf(result)));
  EXPECT_THAT(ResultsFor(other), IsEmpty());
  const v1::Match& there = of_result->demands(0);
  const v1::Match& here = of_demand->results(0);
  EXPECT_EQ(there.score(), here.score());
  EXPECT_EQ(there.organization_title(), "企业一（演示）");
  EXPECT_EQ(here.organization_title(), "中国海洋大学");
  ASSERT_EQ(there.reasons_size(), here.reasons_size());
  int points = 0;
  for (int i = 0; i < there.reasons_size(); ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(there.reasons(i), here.reasons(i)));
    points += there.reasons(i).points();
  }
  EXPECT_EQ(points, there.score());
  EXPECT_GT(there.score(), 450);
  EXPECT_THAT(of_result->pack_version(), HasSubstr("qingdao"));
  // The same question has the same answer.
  EXPECT_TRUE(MessageDifferencer::Equals(*of_result, *OfResult(result)));
}

TEST_F(MatchTest, AnEnterpriseIsSuggestedWhatIsOnTheMarketATeamWhatItServes) {
  const std::string listed = Pushed(Draft("海水淡化膜")).name();
  const std::string unlisted = InLibrary("海水淡化泵");
  v1::Result limited = Draft("海水淡化阀");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  const std::string closed = Pushed(limited).name();
  const std::string elsewhere = InLibrary("海水淡化管", kUpc, kHighTechAgency);
  const auto draft = Create(Draft("海水淡化箱"));
  ASSERT_TRUE(draft.ok());
  const std::string demand = Publish(Seawater());
  EXPECT_THAT(ResultsFor(demand), ElementsAre(ListingOf(listed)));
  EXPECT_THAT(ResultsFor(demand, ROLE_SERVICE_TEAM, kMarineAgency),
              UnorderedElementsAre(listed, unlisted, closed));
  EXPECT_THAT(ResultsFor(demand, ROLE_RESEARCH_OFFICE, kUpc),
              UnorderedElementsAre(ListingOf(listed), elsewhere));
  EXPECT_THAT(ResultsFor(demand, ROLE_DEPARTMENT, kOffice), SizeIs(4));
  // From the very moment.
  ASSERT_TRUE(Withdraw(listed).ok());
  EXPECT_THAT(ResultsFor(demand), IsEmpty());
}

TEST_F(MatchTest, AResultForJointDevelopmentAloneIsFoundByThePublicAndSuggested) {
  v1::Result draft = Draft("海水淡化膜");
  draft.clear_conversion_modes();
  draft.add_conversion_modes(v1::CONVERSION_MODE_DEVELOPMENT);
  const v1::Result open = Pushed(draft);
  EXPECT_THAT(open.classes(), ElementsAre(policy::v1::TRIAGE_CLASS_HORIZONTAL));
  draft.set_title("海水淡化泵");
  draft.set_disclosure(v1::DISCLOSURE_LIMITED);
  Pushed(draft);
  v1::Demand wanted = Seawater("海水淡化膜联合研发");
  wanted.clear_cooperation_modes();
  wanted.add_cooperation_modes(v1::CONVERSION_MODE_DEVELOPMENT);
  EXPECT_THAT(ResultsFor(Publish(wanted)), ElementsAre(ListingOf(open.name())));
  const auto market =
      dispatch.ListListings(As(options::v1::ROLE_PUBLIC, "", "DispatchService.ListListings"), {});
  ASSERT_TRUE(market.ok()) << market.status();
  ASSERT_THAT(market->listings(), SizeIs(1));
  EXPECT_EQ(market->listings(0).title(), "海水淡化膜");
}

TEST_F(MatchTest, ADemandIsSuggestedWhileItIsOpenToTheCaller) {
  const std::string result = InLibrary("海水淡化膜");
  const std::string open = Publish(Seawater());
  v1::Demand limited = Seawater("海水淡化膜清洗");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  const std::string closed = Publish(limited);
  EXPECT_THAT(DemandsFor(result), UnorderedElementsAre(open, closed));
  Go(time::DayOf(clock.now) + 30);
  EXPECT_THAT(DemandsFor(result), SizeIs(2));
  // Not a job, the day itself ends it.
  Go(time::DayOf(clock.now) + 1);
  EXPECT_THAT(DemandsFor(result), IsEmpty());
}

TEST_F(MatchTest, NothingThatIsNotPublishedMovesWhatAStrangerSees) {
  const v1::Result result = Pushed(Draft("海水淡化膜"));
  const std::string demand = Publish(Seawater());
  const auto before = OfDemand(demand);
  ASSERT_TRUE(before.ok()) << before.status();
  // A confidential part with the very words.
  v1::SetConfidentialPartRequest part;
  part.mutable_confidential_part()->set_subject(result.name());
  part.mutable_confidential_part()->set_technical_details("求购海水淡化反渗透膜");
  part.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      confidential
          .SetConfidentialPart(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.SetConfidentialPart"), part)
          .ok());
  // Fields of the result that the market does not show.
  v1::UpdateResultRequest update;
  *update.mutable_result() = Stored(result.name());
  update.mutable_result()->set_indicators("求购海水淡化反渗透膜");
  update.mutable_result()->set_contact_person("反渗透");
  update.mutable_update_mask()->add_paths("indicators");
  update.mutable_update_mask()->add_paths("contact_person");
  update.set_request_id(api::NewUuid());
  const auto updated =
      results.UpdateResult(As(ROLE_RESEARCH_OFFICE, kOuc, "ResultService.UpdateResult"), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  // Drafts, what is limited and what is not on the market, full of the same words.
  InLibrary("反渗透膜组件");
  v1::Result limited = Draft("反渗透膜清洗");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  Pushed(limited);
  ASSERT_TRUE(Create(Draft("反渗透膜草稿")).ok());
  v1::Demand closed = Seawater("求购反渗透膜壳");
  closed.set_disclosure(v1::DISCLOSURE_LIMITED);
  Publish(closed, kE2);
  const auto after = OfDemand(demand);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*before, *after)) << after->DebugString();
}

TEST_F(MatchTest, BestFirstAndNoMoreThanIsAskedFor) {
  const std::string result = InLibrary("海水淡化膜");
  for (int i = 0; i < 25; ++i) Publish(Seawater(absl::StrCat("海水淡化需求", i)));
  const std::string best = Publish(Seawater("海水淡化膜的许可，已完成中试"));
  const auto twenty = OfResult(result);
  ASSERT_TRUE(twenty.ok()) << twenty.status();
  ASSERT_THAT(twenty->demands(), SizeIs(20));
  EXPECT_EQ(twenty->demands(0).counterpart(), best);
  for (int i = 1; i < twenty->demands_size(); ++i) {
    const v1::Match& before = twenty->demands(i - 1);
    const v1::Match& here = twenty->demands(i);
    EXPECT_TRUE(before.score() > here.score() ||
                (before.score() == here.score() && before.title() < here.title()));
  }
  EXPECT_THAT(OfResult(result, ROLE_RESEARCH_OFFICE, kOuc, 3)->demands(), SizeIs(3));
}

TEST_F(MatchTest, ARequestLooksOnceWhateverItIsSuggested) {
  const std::string result = InLibrary("海水淡化膜");
  const std::string demand = Publish(Seawater());
  AddPlatform();
  for (const bool of_result : {true, false}) {
    const int before = looks_;
    if (of_result) {
      ASSERT_TRUE(OfResult(result).ok());
    } else {
      ASSERT_TRUE(OfDemand(demand).ok());
    }
    EXPECT_EQ(looks_ - before, 1);
  }
}

}  // namespace
}  // namespace chanyan::triage
