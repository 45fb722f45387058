// A city whose results, demands and platforms are matched (TRI-9), for the tests of matching.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/matching.pb.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/triage/match_service.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {

inline constexpr char kPlatform[] = "organizations/upc/platforms/membrane";

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
              return absl::StrCat(platforms_.size(), " ", moves_);
            },
            .each =
                [this](absl::FunctionRef<void(const registry::v1::Platform&)> visit) {
                  for (const registry::v1::Platform& platform : platforms_) visit(platform);
                  return absl::OkStatus();
                },
            .get = [this](const std::string& name) -> absl::StatusOr<registry::v1::Platform> {
              for (const registry::v1::Platform& platform : platforms_) {
                if (platform.name() == name) return platform;
              }
              return status::NotFound(name);
            },
            .as_of = [this] { return away_ ? absl::InfinitePast() : clock.now; },
            .organization =
                [this](const std::string& name) -> absl::StatusOr<registry::v1::Organization> {
              const auto found = places_.find(name);
              if (found == places_.end()) return status::NotFound(name);
              return found->second;
            }};
  }
  // Where the registry says that an organization is.
  void Settle(const std::string& organization, const char* zone, const char* region_code) {
    places_[organization].set_zone(zone);
    places_[organization].set_region_code(region_code);
    ++moves_;
  }
  void AddPlatform() {
    registry::v1::Platform platform;
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
        As(options::v1::ROLE_ENTERPRISE, organization, "DemandService.CreateDemand"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return "";
    const auto published = demands.PublishDemand(
        As(options::v1::ROLE_ENTERPRISE, organization, "DemandService.PublishDemand"),
        Named<v1::PublishDemandRequest>(made->name()));
    EXPECT_TRUE(published.ok()) << published.status();
    return made->name();
  }
  // In the library, not pushed and so not listed.
  std::string InLibrary(const std::string& title, const std::string& university = kOuc,
                        const std::string& team = kMarineAgency) {
    const auto made = Create(Draft(title), options::v1::ROLE_RESEARCH_OFFICE, university);
    EXPECT_TRUE(made.ok()) << made.status();
    const auto published = World::Publish(made->name(), team);
    EXPECT_TRUE(published.ok()) << published.status();
    return made->name();
  }

  absl::StatusOr<v1::ListMatchesOfResultResponse> OfResult(
      const std::string& name, options::v1::Role role = options::v1::ROLE_RESEARCH_OFFICE,
      const std::string& organization = kOuc, int limit = 0) {
    v1::ListMatchesOfResultRequest request;
    request.set_name(name);
    request.set_max_results(limit);
    return matching_->ListMatchesOfResult(
        As(role, organization, "MatchingService.ListMatchesOfResult"), request);
  }
  absl::StatusOr<v1::ListMatchesOfDemandResponse> OfDemand(
      const std::string& name, options::v1::Role role = options::v1::ROLE_ENTERPRISE,
      const std::string& organization = kE1) {
    v1::ListMatchesOfDemandRequest request;
    request.set_name(name);
    return matching_->ListMatchesOfDemand(
        As(role, organization, "MatchingService.ListMatchesOfDemand"), request);
  }
  absl::StatusOr<v1::ListMatchesOfPlatformResponse> OfPlatform(
      const std::string& name, options::v1::Role role = options::v1::ROLE_DEPARTMENT,
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
  std::vector<std::string> DemandsFor(const std::string& result,
                                      options::v1::Role role = options::v1::ROLE_RESEARCH_OFFICE,
                                      const std::string& organization = kOuc) {
    const auto matches = OfResult(result, role, organization);
    EXPECT_TRUE(matches.ok()) << matches.status();
    return matches.ok() ? Names(matches->demands()) : std::vector<std::string>();
  }
  std::vector<std::string> ResultsFor(const std::string& demand,
                                      options::v1::Role role = options::v1::ROLE_ENTERPRISE,
                                      const std::string& organization = kE1) {
    const auto matches = OfDemand(demand, role, organization);
    EXPECT_TRUE(matches.ok()) << matches.status();
    return matches.ok() ? Names(matches->results()) : std::vector<std::string>();
  }
  absl::StatusOr<v1::MatchDismissal> Dismiss(const std::string& subject,
                                             const std::string& counterpart,
                                             options::v1::Role role = options::v1::ROLE_ENTERPRISE,
                                             const std::string& organization = kE1) {
    v1::DismissMatchRequest request;
    request.set_subject(subject);
    request.set_counterpart(counterpart);
    request.set_reason("膜面积太小");
    request.set_request_id(api::NewUuid());
    return matching_->DismissMatch(As(role, organization, "MatchingService.DismissMatch"), request);
  }
  absl::Status Restore(const std::string& name, options::v1::Role role,
                       const std::string& organization, const std::string& etag = "") {
    auto request = Named<v1::RestoreMatchRequest>(name);
    request.set_etag(etag);
    return matching_->RestoreMatch(As(role, organization, "MatchingService.RestoreMatch"), request)
        .status();
  }
  std::vector<std::string> Reasons(options::v1::Role role, const std::string& organization) {
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

  std::vector<registry::v1::Platform> platforms_;
  std::map<std::string, registry::v1::Organization> places_;
  int moves_ = 0;
  bool away_ = false;
  // How often a board was to be brought up to date.
  std::atomic<int> looks_ = 0;
  std::unique_ptr<MatchingService> matching_;
};

}  // namespace chanyan::triage
