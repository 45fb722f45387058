// What is said against a match (TRI-9): kept with its reason for both sides, until it is taken
// back.
#include <string>

#include "chanyan/journal/v1/journal.pb.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "tests/service/triage/match_world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(MatchTest, WhatCannotBeSaidIsRefused) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  const std::string unlisted = InLibrary("海水淡化泵");
  const std::string demand = Publish(Seawater());
  for (const auto& [subject, counterpart] :
       {std::pair(result, unlisted), std::pair(result, ListingOf(result)),
        std::pair(demand, demand)}) {
    const auto refused = Dismiss(subject, counterpart);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << refused.status();
  }
  for (const auto& [subject, counterpart] :
       {std::pair(demand, std::string("results/none")), std::pair(demand, unlisted),
        std::pair(demand, ListingOf(unlisted)), std::pair(std::string("demands/none"), result),
        std::pair(demand, std::string(kPlatform))}) {
    EXPECT_EQ(Dismiss(subject, counterpart).status().code(), absl::StatusCode::kNotFound)
        << subject << counterpart;
  }
  // A stranger to both of them.
  EXPECT_EQ(Dismiss(demand, result, ROLE_ENTERPRISE, kE2).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Dismiss(result, demand, ROLE_RESEARCH_OFFICE, kUpc).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("match_dismissal"), 0);
  EXPECT_EQ(Restore("matchDismissals/none", ROLE_ENTERPRISE, kE1).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(MatchTest, ADemandThatIsNotInTheLibraryIsNotSpokenOf) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  v1::CreateDemandRequest create;
  *create.mutable_demand() = Seawater();
  create.set_request_id(api::NewUuid());
  const auto draft =
      demands.CreateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.CreateDemand"), create);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(status::ReasonOf(Dismiss(draft->name(), result).status()), ERROR_REASON_WRONG_STATE);
  // Never published: nobody but its enterprise knows of it.
  auto withdraw = Named<v1::WithdrawDemandRequest>(draft->name());
  withdraw.set_reason("不再需要");
  ASSERT_TRUE(
      demands.WithdrawDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.WithdrawDemand"), withdraw)
          .ok());
  const auto refused = Dismiss(draft->name(), result);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE) << refused.status();
  EXPECT_EQ(Count("match_dismissal"), 0);
}

TEST_F(MatchTest, WhatWasSaidAgainstAPairIsKeptForBothSidesUntilItIsTakenBack) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  const std::string demand = Publish(Seawater());
  const auto said = Dismiss(demand, ListingOf(result));
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(said->subject(), result);
  EXPECT_EQ(said->counterpart(), demand);
  EXPECT_EQ(said->organization(), kE1);
  EXPECT_EQ(said->subject_title(), "海水淡化膜");
  // Gone for everybody, with the reason for those who may read it.
  const auto of_demand = OfDemand(demand);
  EXPECT_THAT(of_demand->results(), IsEmpty());
  ASSERT_THAT(Names(of_demand->dismissed()), ElementsAre(ListingOf(result)));
  EXPECT_EQ(of_demand->dismissed(0).dismissal_reason(), "膜面积太小");
  EXPECT_EQ(of_demand->dismissed(0).dismissal(), said->name());
  EXPECT_THAT(DemandsFor(result), IsEmpty());
  EXPECT_THAT(OfResult(result)->dismissed(), SizeIs(1));
  // Another university sees the demand, and neither the result nor what was said.
  const auto stranger = OfDemand(demand, ROLE_RESEARCH_OFFICE, kUpc);
  EXPECT_THAT(stranger->results(), IsEmpty());
  EXPECT_THAT(stranger->dismissed(), IsEmpty());
  // Who reads it.
  EXPECT_THAT(Reasons(ROLE_ENTERPRISE, kE1), SizeIs(1));
  EXPECT_THAT(Reasons(ROLE_RESEARCH_OFFICE, kOuc), SizeIs(1));
  EXPECT_THAT(Reasons(ROLE_SERVICE_TEAM, kMarineAgency), SizeIs(1));
  EXPECT_THAT(Reasons(ROLE_DEPARTMENT, kMarineDepartment), SizeIs(1));
  EXPECT_THAT(Reasons(ROLE_LEADER, "organizations/bureau"), SizeIs(1));
  EXPECT_THAT(Reasons(ROLE_ENTERPRISE, kE2), IsEmpty());
  EXPECT_THAT(Reasons(ROLE_RESEARCH_OFFICE, kUpc), IsEmpty());
  EXPECT_THAT(Reasons(ROLE_SERVICE_TEAM, kHighTechAgency), IsEmpty());
  // Said once, whichever side says it.
  EXPECT_EQ(Dismiss(result, demand, ROLE_RESEARCH_OFFICE, kOuc).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Count("match_dismissal"), 1);
  // Taken back by who said it or by the office.
  EXPECT_EQ(Restore(said->name(), ROLE_RESEARCH_OFFICE, kOuc).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Restore(said->name(), ROLE_ENTERPRISE, kE1, "stale").code(),
            absl::StatusCode::kAborted);
  EXPECT_TRUE(Restore(said->name(), ROLE_ENTERPRISE, kE1, said->etag()).ok());
  EXPECT_THAT(ResultsFor(demand), ElementsAre(ListingOf(result)));
  EXPECT_THAT(DemandsFor(result), ElementsAre(demand));
  const auto again = Dismiss(result, demand, ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Restore(again->name(), ROLE_DEPARTMENT, kOffice).ok());
  EXPECT_EQ(Count("journal WHERE kind = 'restored'"), 2);
}

TEST_F(MatchTest, WhatIsSaidOfAResultThatIsNotOnTheMarketStaysOnItsSide) {
  // Of a company, collected by a team that is none of the results'.
  v1::CreateDemandRequest collected;
  *collected.mutable_demand() = Seawater();
  collected.mutable_demand()->set_enterprise(kE1);
  collected.set_request_id(api::NewUuid());
  const auto made = demands.CreateDemand(
      As(ROLE_SERVICE_TEAM, kHighTechAgency, "DemandService.CreateDemand"), collected);
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string demand = made->name();
  ASSERT_TRUE(demands
                  .PublishDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.PublishDemand"),
                                 Named<v1::PublishDemandRequest>(demand))
                  .ok());
  v1::Result limited = Draft("限定范围的海水淡化膜");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  const std::string closed = Pushed(limited).name();
  const auto draft = Create(Draft("海水淡化膜草稿"));
  ASSERT_TRUE(draft.ok()) << draft.status();
  const std::string unlisted = InLibrary("海水淡化泵");
  for (const std::string& result : {closed, draft->name(), unlisted}) {
    const auto said = Dismiss(result, demand, ROLE_RESEARCH_OFFICE, kOuc);
    ASSERT_TRUE(said.ok()) << said.status();
    EXPECT_EQ(said->enterprise(), "");
    EXPECT_EQ(said->collector(), "");
  }
  const auto seen = [&](Role role, const std::string& by) { return Reasons(role, by).size(); };
  EXPECT_EQ(seen(ROLE_ENTERPRISE, kE1), 0);
  EXPECT_EQ(seen(ROLE_SERVICE_TEAM, kHighTechAgency), 0);
  EXPECT_EQ(seen(ROLE_RESEARCH_OFFICE, kOuc), 3);
  EXPECT_EQ(seen(ROLE_SERVICE_TEAM, kMarineAgency), 3);
  // What follows the result does not tell the demand's side either.
  const auto offered = Offer(closed, kMarineAgency, kHighTechDepartment);
  ASSERT_TRUE(offered.ok()) << offered.status();
  ASSERT_TRUE(Accept(offered->name(), kHighTechDepartment).ok());
  EXPECT_EQ(seen(ROLE_DEPARTMENT, kHighTechDepartment), 1);
  EXPECT_EQ(seen(ROLE_ENTERPRISE, kE1), 0);
  // On the market at last: that it was said is told, and not why.
  ASSERT_TRUE(Dispose(unlisted).ok());
  ASSERT_TRUE(Dispatch(unlisted).ok());
  const auto again = Dismiss(demand, ListingOf(unlisted));
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists) << again.status();
  EXPECT_THAT(again.status().message(), ::testing::Not(HasSubstr("膜面积太小")));
}

TEST_F(MatchTest, NothingIsSaidOfADemandThatIsADraft) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  v1::CreateDemandRequest request;
  *request.mutable_demand() = Seawater("还没有公布的需求");
  request.set_request_id(api::NewUuid());
  const auto draft =
      demands.CreateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.CreateDemand"), request);
  ASSERT_TRUE(draft.ok()) << draft.status();
  AddPlatform();
  EXPECT_EQ(status::ReasonOf(Dismiss(draft->name(), ListingOf(result)).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Dismiss(draft->name(), ListingOf(result), ROLE_ENTERPRISE, kE2).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("match_dismissal"), 0);
  EXPECT_THAT(Reasons(ROLE_RESEARCH_OFFICE, kOuc), IsEmpty());
}

TEST_F(MatchTest, WhoServesTheResultReadsWhatWasSaidAndAMergerHandsItOn) {
  const std::string result = Pushed(Draft("海水淡化膜")).name();
  const std::string demand = Publish(Seawater());
  ASSERT_TRUE(Dismiss(demand, ListingOf(result)).ok());
  const auto offered = Offer(result, kMarineAgency, kHighTechAgency);
  ASSERT_TRUE(offered.ok()) << offered.status();
  ASSERT_TRUE(Accept(offered->name(), kHighTechAgency).ok());
  EXPECT_THAT(Reasons(ROLE_SERVICE_TEAM, kHighTechAgency), SizeIs(1));
  registry::v1::Organization survivor;
  survivor.set_name(kE2);
  survivor.set_display_name("企业二（演示）");
  survivor.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  survivor.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  survivor.add_absorbed()->set_organization(kE1);
  survivor.mutable_absorbed(0)->set_display_name("企业一（演示）");
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_after_json(journal::CanonicalJson(survivor));
  ASSERT_TRUE(database.db()
                  .Transact([&](db::Session& session) {
                    return follower.Follow(session, clock.now, entry);
                  })
                  .ok());
  EXPECT_THAT(Reasons(ROLE_ENTERPRISE, kE2), SizeIs(1));
  EXPECT_THAT(ResultsFor(demand, ROLE_ENTERPRISE, kE2), IsEmpty());
  EXPECT_THAT(OfDemand(demand, ROLE_ENTERPRISE, kE2)->dismissed(), SizeIs(1));
}

TEST_F(MatchTest, WhatWasSaidAgainstAPlatformIsRespectedFromItsSideToo) {
  AddPlatform();
  const std::string demand = Publish(Seawater());
  ASSERT_THAT(Names(OfPlatform(kPlatform)->demands()), ElementsAre(demand));
  ASSERT_TRUE(Dismiss(demand, kPlatform).ok());
  const auto after = OfPlatform(kPlatform);
  EXPECT_THAT(after->demands(), IsEmpty());
  ASSERT_THAT(after->dismissed(), SizeIs(1));
  EXPECT_EQ(after->dismissed(0).dismissal_reason(), "膜面积太小");
  // Who may not know who said so is not told that there is one.
  EXPECT_THAT(OfPlatform(kPlatform, ROLE_RESEARCH_OFFICE, kUpc)->dismissed(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::triage
