// Duplicates (TRI-1): results that name the same right, demands that are alike, and what becomes of
// one demand that is merged into another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class DuplicatesTest : public ::testing::Test, protected World {
 protected:
  // "results/x RIGHT"
  template <class Response>
  static std::vector<std::string> Alike(const absl::StatusOr<Response>& found) {
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<std::string> alike;
    if (!found.ok()) return alike;
    for (const v1::Likeness& likeness : found->likenesses()) {
      for (const int reason : likeness.reasons()) {
        alike.push_back(
            absl::StrCat(likeness.name(), " ",
                         v1::LikenessReason_Name(static_cast<v1::LikenessReason>(reason))));
      }
    }
    return alike;
  }
  std::vector<std::string> OfResult(const std::string& name, Role role, const std::string& by) {
    v1::ListResultDuplicatesRequest request;
    request.set_name(name);
    return Alike(
        results.ListResultDuplicates(As(role, by, "ResultService.ListResultDuplicates"), request));
  }
  std::vector<std::string> OfDemand(const std::string& name, Role role, const std::string& by) {
    v1::ListDemandDuplicatesRequest request;
    request.set_name(name);
    return Alike(
        demands.ListDemandDuplicates(As(role, by, "DemandService.ListDemandDuplicates"), request));
  }
  std::string Demand(const v1::Demand& demand, Role role, const std::string& by) {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = demand;
    request.set_request_id(api::NewUuid());
    const auto made = demands.CreateDemand(As(role, by, "DemandService.CreateDemand"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  absl::StatusOr<v1::Demand> Merge(const std::string& name, const std::string& into,
                                   Role role = ROLE_SERVICE_TEAM,
                                   const std::string& by = kMarineAgency) {
    auto request = Named<v1::MergeDemandRequest>(name);
    request.set_into(into);
    return demands.MergeDemand(As(role, by, "DemandService.MergeDemand"), request);
  }
  // Two of different companies, collected by one agency, that have the same title.
  std::vector<std::string> Twins() {
    std::vector<std::string> names;
    for (const char* enterprise : {kE1, kE2}) {
      v1::Demand demand = DemandDraft("海水防腐塗層");
      demand.set_enterprise(enterprise);
      names.push_back(Demand(demand, ROLE_SERVICE_TEAM, kMarineAgency));
    }
    return names;
  }
};

TEST_F(DuplicatesTest, ResultsThatNameOneRightAreAlikeHoweverItsNumberIsWritten) {
  const auto with = [&](const std::string& title, const std::string& number,
                        const std::string& university) {
    v1::Result draft = Draft(title);
    v1::Right* right = draft.add_rights();
    right->set_kind(v1::RIGHT_KIND_INVENTION);
    right->set_number(number);
    right->set_status(v1::RIGHT_STATUS_GRANTED);
    const auto made = Create(draft, ROLE_RESEARCH_OFFICE, university);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : std::string();
  };
  const std::string one = with("海水淡化膜", "ZL 2025 1 0000001.X", kOuc);
  const std::string two = with("反渗透元件", "zl202510000001.x", kOuc);
  const std::string foreign = with("膜组件", "ＺＬ202510000001.X", kUpc);
  with("别的膜", "ZL202510000002.X", kOuc);
  EXPECT_THAT(OfResult(one, ROLE_DEPARTMENT, kOffice),
              UnorderedElementsAre(absl::StrCat(two, " LIKENESS_REASON_RIGHT"),
                                   absl::StrCat(foreign, " LIKENESS_REASON_RIGHT")));
  // Another team's is not told of.
  EXPECT_THAT(OfResult(one, ROLE_SERVICE_TEAM, kMarineAgency),
              ElementsAre(absl::StrCat(two, " LIKENESS_REASON_RIGHT")));
  // A right that it does not name any more makes it like nothing.
  v1::UpdateResultRequest update;
  update.mutable_result()->set_name(two);
  update.mutable_update_mask()->add_paths("rights");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      results
          .UpdateResult(As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.UpdateResult"), update)
          .ok());
  EXPECT_THAT(OfResult(one, ROLE_SERVICE_TEAM, kMarineAgency), IsEmpty());
}

TEST_F(DuplicatesTest, ADemandIsOfferedToThoseWhoMaySeeItAndMergedOnce) {
  const std::vector<std::string> twins = Twins();
  // A company sees its own drafts alone.
  EXPECT_THAT(OfDemand(twins[0], ROLE_ENTERPRISE, kE1), IsEmpty());
  EXPECT_THAT(OfDemand(twins[0], ROLE_SERVICE_TEAM, kMarineAgency),
              ElementsAre(absl::StrCat(twins[1], " LIKENESS_REASON_TITLE")));
  const auto merged = Merge(twins[1], twins[0]);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->state(), v1::DEMAND_STATE_MERGED);
  EXPECT_EQ(merged->merged_into(), twins[0]);
  EXPECT_THAT(OfDemand(twins[0], ROLE_SERVICE_TEAM, kMarineAgency), IsEmpty());
  EXPECT_EQ(status::ReasonOf(Merge(twins[1], twins[0]).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Merge(twins[0], twins[1]).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("journal WHERE kind = 'merge'"), 1);
  // Its title is free again.
  v1::Demand again = DemandDraft("海水防腐涂层");
  again.set_enterprise(kE2);
  EXPECT_NE(Demand(again, ROLE_SERVICE_TEAM, kMarineAgency), "");
}

TEST_F(DuplicatesTest, IntoItselfIntoNothingOrIntoAnothersNothingIsMerged) {
  const std::vector<std::string> twins = Twins();
  EXPECT_EQ(status::ViolationsOf(Merge(twins[0], twins[0]).status()).at(0).field, "into");
  EXPECT_TRUE(absl::IsNotFound(Merge(twins[0], "demands/none").status()));
  // Whose both are not his has neither into the other.
  EXPECT_TRUE(absl::IsNotFound(Merge(twins[0], twins[1], ROLE_ENTERPRISE, kE1).status()));
  EXPECT_TRUE(absl::IsNotFound(Merge(twins[1], twins[0], ROLE_ENTERPRISE, kE1).status()));
  auto stale = Named<v1::MergeDemandRequest>(twins[0]);
  stale.set_into(twins[1]);
  stale.set_etag("0");
  EXPECT_FALSE(
      demands.MergeDemand(As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.MergeDemand"), stale)
          .ok());
  EXPECT_EQ(Count("demand WHERE state = 'DRAFT'"), 2);
}

}  // namespace
}  // namespace chanyan::triage
