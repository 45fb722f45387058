// Matching (TRI-9) on the real database: who is suggested what, what was said against it, and that
// nothing which is not published moves anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/triage/v1/matching.pb.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/match_service.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using registry::v1::Platform;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kPlatform[] = "organizations/upc/platforms/membrane";

class MatchTest : public ::testing::Test, protected World {
 protected:
  MatchTest() {
    auto made = MatchingService::Make(
        {{database.db(), clock, nullptr}, triage, hygiene, peer.peers()}, PlatformsHere(),
        // Up to date at every call, however slow the machine is.
        absl::InfiniteDuration());
    EXPECT_TRUE(made.ok()) << made.status();
    matching_ = *std::move(made);
  }

  PlatformSource PlatformsHere() {
    return {.version = [this]() -> absl::StatusOr<std::string> {
              ++looks_;
              if (away_) return absl::UnavailableError("being built");
              return absl::StrCat(platforms_.size());
            },
            .each =
                [this](absl::FunctionRef<void(const Platform&)> visit) {
                  for (const Platform& platform : platforms_) visit(platform);
                  return absl::OkStatus();
                },
            .get = [this](const std::string& name) -> absl::StatusOr<Platform> {
              for (const Platform& platform : platforms_) {
                if (platform.name() == name) return platform;
              }
              return status::NotFound(name);
            },
            .as_of = [this] { return away_ ? absl::InfinitePast() : clock.now; }};
  }
  void AddPlatform() {
    Platform platform;
    platform.set_name(kPlatform);
    platform.set_organization(kUpc);
    platform.set_display_name("海水淡化膜中试平台");
    platform.set_organization_title("中国石油大学（华东）");
    platform.set_kind(registry::v1::PLATFORM_KIND_PILOT_TEST);
    platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
    platform.add_industries("海水淡化与综合利用");
    *platform.mutable_confirm_time() = time::ToTimestamp(clock.now);
    platforms_.push_back(platform);
  }

  v1::Demand Seawater(const std::string& title = "求购海水淡化反渗透膜") {
    v1::Demand demand = DemandDraft(title);
    demand.clear_fields();
    demand.add_fields("海洋");
    demand.clear_industries();
    demand.add_industries("海水淡化与综合利用");
    demand.add_cooperation_modes(v1::CONVERSION_MODE_LICENSE);
    return demand;
  }
  std::string Publish(const v1::Demand& demand, const std::string& organization = kE1) {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = demand;
    request.set_request_id(api::NewUuid());
    const auto made = demands.CreateDemand(
        As(ROLE_ENTERPRISE, organization, "DemandService.CreateDemand"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return "";
    const auto published =
        demands.PublishDemand(As(ROLE_ENTERPRISE, organization, "DemandService.PublishDemand"),
                              Named<v1::PublishDemandRequest>(made->name()));
    EXPECT_TRUE(published.ok()) << published.status();
    return made->name();
  }
  // In the library, not pushed and so not listed.
  std::string InLibrary(const std::string& title, const std::string& university = kOuc,
                        const std::string& team = kMarineAgency) {
    const auto made = Create(Draft(title), ROLE_RESEARCH_OFFICE, university);
    EXPECT_TRUE(made.ok()) << made.status();
    const auto published = World::Publish(made->name(), team);
    EXPECT_TRUE(published.ok()) << published.status();
    return made->name();
  }

  absl::StatusOr<v1::ListMatchesOfResultResponse> OfResult(const std::string& name,
                                                           Role role = ROLE_RESEARCH_OFFICE,
                                                           const std::string& organization = kOuc,
                                                           int limit = 0) {
    v1::ListMatchesOfResultRequest request;
    request.set_name(name);
    request.set_max_results(limit);
    return matching_->ListMatchesOfResult(
        As(role, organization, "MatchingService.ListMatchesOfResult"), request);
  }
  absl::StatusOr<v1::ListMatchesOfDemandResponse> OfDemand(const std::string& name,
                                                           Role role = ROLE_ENTERPRISE,
                                                           const std::string& organization = kE1) {
    v1::ListMatchesOfDemandRequest request;
    request.set_name(name);
    return matching_->ListMatchesOfDemand(
        As(role, organization, "MatchingService.ListMatchesOfDemand"), request);
  }
  absl::StatusOr<v1::ListMatchesOfPlatformResponse> OfPlatform(
      const std::string& name, Role role = ROLE_DEPARTMENT,
      const std::string& organization = kOffice, int limit = 0) {
    v1::ListMatchesOfPlatformRequest request;
    request.set_name(name);
    request.set_max_results(limit);
    return matching_->ListMatchesOfPlatform(
        As(role, organization, "MatchingService.ListMatchesOfPlatform"), request);
  }
  // What the other direction says of one platform: the suggestion of it, if there is one.
  template <class Matches>
  static const v1::Match* OfOne(const Matches& matches, const std::string& platform) {
    for (const v1::Match& match : matches) {
      if (match.counterpart() == platform) return &match;
    }
    return nullptr;
  }
  template <class Matches>
  static std::vector<std::string> Names(const Matches& matches) {
    std::vector<std::string> names;
    for (const v1::Match& match : matches) names.push_back(match.counterpart());
    return names;
  }
  std::vector<std::string> DemandsFor(const std::string& result, Role role = ROLE_RESEARCH_OFFICE,
                                      const std::string& organization = kOuc) {
    const auto matches = OfResult(result, role, organization);
    EXPECT_TRUE(matches.ok()) << matches.status();
    return matches.ok() ? Names(matches->demands()) : std::vector<std::string>();
  }
  std::vector<std::string> ResultsFor(const std::string& demand, Role role = ROLE_ENTERPRISE,
                                      const std::string& organization = kE1) {
    const auto matches = OfDemand(demand, role, organization);
    EXPECT_TRUE(matches.ok()) << matches.status();
    return matches.ok() ? Names(matches->results()) : std::vector<std::string>();
  }
  absl::StatusOr<v1::MatchDismissal> Dismiss(const std::string& subject,
                                             const std::string& counterpart,
                                             Role role = ROLE_ENTERPRISE,
                                             const std::string& organization = kE1) {
    v1::DismissMatchRequest request;
    request.set_subject(subject);
    request.set_counterpart(counterpart);
    request.set_reason("膜面积太小");
    request.set_request_id(api::NewUuid());
    return matching_->DismissMatch(As(role, organization, "MatchingService.DismissMatch"), request);
  }
  absl::Status Restore(const std::string& name, Role role, const std::string& organization,
                       const std::string& etag = "") {
    auto request = Named<v1::RestoreMatchRequest>(name);
    request.set_etag(etag);
    return matching_->RestoreMatch(As(role, organization, "MatchingService.RestoreMatch"), request)
        .status();
  }
  std::vector<std::string> Reasons(Role role, const std::string& organization) {
    const auto page = matching_->ListMatchDismissals(
        As(role, organization, "MatchingService.ListMatchDismissals"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> reasons;
    if (!page.ok()) return reasons;
    for (const auto& row : page->match_dismissals()) reasons.push_back(row.reason());
    return reasons;
  }
  static std::string ListingOf(const std::string& result) {
    return absl::StrCat("listings/", api::IdOfName(result));
  }

  std::vector<Platform> platforms_;
  bool away_ = false;
  // How often a board was to be brought up to date.
  std::atomic<int> looks_ = 0;
  std::unique_ptr<MatchingService> matching_;
};

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

TEST_F(MatchTest, PlatformsAreSuggestedAsSoonAsTheyAreKnown) {
  const std::string result = InLibrary("海水淡化膜");
  const std::string demand = Publish(Seawater());
  away_ = true;
  AddPlatform();
  auto matches = OfResult(result);
  ASSERT_TRUE(matches.ok()) << matches.status();
  EXPECT_THAT(matches->demands(), SizeIs(1));
  EXPECT_THAT(matches->platforms(), IsEmpty());
  EXPECT_FALSE(matches->has_platforms_as_of());
  away_ = false;
  matches = OfResult(result);
  ASSERT_TRUE(matches.ok()) << matches.status();
  EXPECT_THAT(Names(matches->platforms()), ElementsAre(kPlatform));
  EXPECT_TRUE(matches->has_platforms_as_of());
  EXPECT_THAT(OfDemand(demand)->platforms(), SizeIs(1));
  const auto dismissed = Dismiss(result, kPlatform, ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(dismissed.ok()) << dismissed.status();
  matches = OfResult(result);
  EXPECT_THAT(matches->platforms(), IsEmpty());
  EXPECT_THAT(Names(matches->dismissed()), ElementsAre(kPlatform));
  // The demand's own suggestions are another pair.
  EXPECT_THAT(OfDemand(demand)->platforms(), SizeIs(1));
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

TEST_F(MatchTest, WhoDoesNotRunAPlatformIsNotToldWhatFitsIt) {
  AddPlatform();
  EXPECT_TRUE(absl::IsNotFound(OfPlatform("organizations/upc/platforms/none").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(OfPlatform(kPlatform, ROLE_RESEARCH_OFFICE, kOuc).status()));
  for (const Role role : {ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER}) {
    EXPECT_TRUE(OfPlatform(kPlatform, role, kUpc).ok()) << role;
  }
  EXPECT_TRUE(OfPlatform(kPlatform, ROLE_LEADER, kCityLeaders).ok());
  // Until platforms are known nobody is told that there is none.
  away_ = true;
  EXPECT_FALSE(OfPlatform("organizations/upc/platforms/other").ok());
}

TEST_F(MatchTest, WhatFitsAPlatformIsWhatItFits) {
  const std::vector<std::string> industries = {"海水淡化与综合利用", "海洋装备", "人工智能"};
  const std::vector<std::string> words = {"反渗透膜", "耐压密封", "海水提锂", "图像识别",
                                          "防腐涂层"};
  for (int i = 0; i < 3; ++i) {
    Platform platform;
    platform.set_name(absl::StrCat("organizations/upc/platforms/p", i));
    platform.set_organization(kUpc);
    platform.set_organization_title("中国石油大学（华东）");
    platform.set_display_name(absl::StrCat(words[i], "平台"));
    platform.set_introduction(absl::StrCat("从事", words[i + 1], "与", words[i + 2], "研究。"));
    platform.set_kind(i == 0 ? registry::v1::PLATFORM_KIND_PILOT_TEST
                             : registry::v1::PLATFORM_KIND_LABORATORY);
    platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
    platform.add_industries(industries[i]);
    *platform.mutable_confirm_time() = time::ToTimestamp(clock.now - absl::Hours(24 * 40 * i));
    platforms_.push_back(platform);
  }
  std::vector<std::string> result_names;
  std::vector<std::string> demand_names;
  for (int i = 0; i < 24; ++i) {
    v1::Result draft = Draft(absl::StrCat(words[i % 5], "成果", i));
    draft.set_industries(0, industries[i % 3]);
    draft.set_abstract(absl::StrCat("已完成", words[i * 7 % 5], "中试。"));
    draft.set_stage(i % 2 == 0 ? v1::STAGE_EARLY : v1::STAGE_MIDDLE);
    // Of two universities; half of one's are on the market.
    if (i % 4 == 3) {
      const auto made = Create(draft, ROLE_RESEARCH_OFFICE, kUpc);
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_TRUE(World::Publish(made->name(), kHighTechAgency).ok());
      result_names.push_back(made->name());
    } else if (i % 4 == 1) {
      result_names.push_back(Pushed(draft).name());
    } else {
      const auto made = Create(draft);
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_TRUE(World::Publish(made->name()).ok());
      result_names.push_back(made->name());
    }
    v1::Demand demand = Seawater(absl::StrCat("求购", words[(i + 2) % 5], i));
    demand.set_industries(0, industries[(i + 1) % 3]);
    demand.set_description(absl::StrCat("需要", words[i * 3 % 5], "。"));
    demand_names.push_back(Publish(demand));
  }
  int suggested = 0;
  for (const Platform& platform : platforms_) {
    // The oracle: every result and demand is asked what fits it, and those that name the platform
    // are put in order.
    using Expected = std::tuple<int, std::string, std::string>;
    std::vector<Expected> of_results;
    std::vector<Expected> of_demands;
    std::map<std::string, v1::Match> reasons;
    for (const std::string& name : result_names) {
      const auto other = OfResult(name, ROLE_DEPARTMENT, kOffice, 50);
      ASSERT_TRUE(other.ok()) << other.status();
      const v1::Match* match = OfOne(other->platforms(), platform.name());
      if (match == nullptr) continue;
      of_results.emplace_back(-match->score(), Stored(name).title(), name);
      reasons[name] = *match;
    }
    for (const std::string& name : demand_names) {
      const auto other = OfDemand(name, ROLE_DEPARTMENT, kOffice);
      ASSERT_TRUE(other.ok()) << other.status();
      const v1::Match* match = OfOne(other->platforms(), platform.name());
      if (match == nullptr) continue;
      const auto title =
          Texts(absl::StrCat("SELECT title FROM demand WHERE name = '", name, "'"))[0];
      of_demands.emplace_back(-match->score(), title, name);
      reasons[name] = *match;
    }
    std::sort(of_results.begin(), of_results.end());
    std::sort(of_demands.begin(), of_demands.end());
    const auto found = OfPlatform(platform.name(), ROLE_DEPARTMENT, kOffice, 50);
    ASSERT_TRUE(found.ok()) << found.status();
    const auto in_order = [&](const auto& matches) {
      std::vector<Expected> all;
      for (const v1::Match& match : matches) {
        all.emplace_back(-match.score(), match.title(), match.counterpart());
        const v1::Match& other = reasons[match.counterpart()];
        EXPECT_EQ(match.score(), other.score());
        EXPECT_EQ(match.reasons_size(), other.reasons_size());
        for (int i = 0; i < std::min(match.reasons_size(), other.reasons_size()); ++i) {
          EXPECT_TRUE(MessageDifferencer::Equals(match.reasons(i), other.reasons(i)));
        }
      }
      return all;
    };
    EXPECT_EQ(in_order(found->results()), of_results) << platform.name();
    EXPECT_EQ(in_order(found->demands()), of_demands) << platform.name();
    suggested += found->results_size() + found->demands_size();
    // Who runs it is suggested his own and what is on the market.
    const auto own = OfPlatform(platform.name(), options::v1::ROLE_PLATFORM_MANAGER, kUpc, 50);
    ASSERT_TRUE(own.ok()) << own.status();
    std::vector<std::string> expected;
    for (const auto& [score, title, name] : of_results) {
      const v1::Result row = Stored(name);
      if (row.university() == kUpc) {
        expected.push_back(name);
      } else if (!row.listing().empty()) {
        expected.push_back(ListingOf(name));
      }
    }
    EXPECT_THAT(Names(own->results()), ::testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(own->demands_size(), found->demands_size());
    EXPECT_NE(own->pack_version(), "");
    EXPECT_TRUE(own->has_platforms_as_of());
  }
  EXPECT_GT(suggested, 40);
  // No more than is asked for.
  EXPECT_LE(OfPlatform(platforms_[0].name(), ROLE_DEPARTMENT, kOffice, 3)->results_size(), 3);
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

class CatalogueTest : public MatchTest {
 protected:
  CatalogueTest() : weights_(*MatchWeights::Make(*pack)) {}

  const std::unique_ptr<const MatchWeights> weights_;
};

TEST_F(CatalogueTest, WhoAsksWhileTheJobReadsGetsTheBoardThatThereIs) {
  std::atomic<bool> hold = false;
  absl::Notification reading, go_on;
  PlatformSource source = PlatformsHere();
  source.version = [&]() -> absl::StatusOr<std::string> {
    if (hold.exchange(false)) {
      reading.Notify();
      go_on.WaitForNotification();
    }
    return "1";
  };
  MatchCatalogue catalogue(*weights_, database.db(), source);
  const auto first = catalogue.Board();
  ASSERT_TRUE(first.ok()) << first.status();
  hold = true;
  std::future<absl::Status> job =
      std::async(std::launch::async, [&] { return catalogue.Refresh(); });
  reading.WaitForNotification();
  auto asked = std::async(std::launch::async, [&] { return catalogue.Board(); });
  EXPECT_EQ(asked.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  go_on.Notify();
  EXPECT_TRUE(job.get().ok());
  const auto second = asked.get();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(*second, *first);
}

TEST_F(CatalogueTest, ABoardThatCannotBeBroughtUpToDateIsBetterThanNone) {
  bool broken = true;
  PlatformSource source = PlatformsHere();
  source.version = [&]() -> absl::StatusOr<std::string> {
    if (broken) return absl::InternalError("broken");
    return "1";
  };
  MatchCatalogue catalogue(*weights_, database.db(), source);
  EXPECT_EQ(catalogue.Board().status().code(), absl::StatusCode::kInternal);
  broken = false;
  const auto first = catalogue.Board();
  ASSERT_TRUE(first.ok()) << first.status();
  broken = true;
  const auto second = catalogue.Board();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(*second, *first);
}

TEST_F(CatalogueTest, TheJobRestsAfterALookThatFoundNothing) {
  std::string version = "1";
  PlatformSource source = PlatformsHere();
  source.version = [&]() -> absl::StatusOr<std::string> {
    ++looks_;
    return version;
  };
  // One that takes long to make.
  const absl::Duration kMaking = 2 * MatchCatalogue::kAtOnce;
  source.each = [&](absl::FunctionRef<void(const Platform&)>) {
    absl::SleepFor(kMaking);
    return absl::OkStatus();
  };
  MatchCatalogue catalogue(*weights_, database.db(), source);
  ASSERT_TRUE(catalogue.Refresh().ok());
  EXPECT_EQ(looks_, 1);
  ASSERT_TRUE(catalogue.Refresh().ok());
  EXPECT_EQ(looks_, 1);
  // Its time has come: it looks once, finds nothing, and rests again.
  const absl::Time until = absl::Now() + absl::Seconds(60);
  while (looks_ == 1 && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(20));
    ASSERT_TRUE(catalogue.Refresh().ok());
  }
  EXPECT_EQ(looks_, 2);
  ASSERT_TRUE(catalogue.Refresh().ok());
  EXPECT_EQ(looks_, 2);
}

}  // namespace
}  // namespace chanyan::triage
