// Demands (TRI-1) on the real database: from the draft to the library, who sees what, sheets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DemandTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::Demand> Make(const v1::Demand& demand, Role role = ROLE_ENTERPRISE,
                                  const std::string& organization = kE1) {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = demand;
    request.set_request_id(api::NewUuid());
    return demands.CreateDemand(As(role, organization, "DemandService.CreateDemand"), request);
  }
  absl::StatusOr<v1::Demand> PublishDemand(const std::string& name,
                                           const std::string& organization = kE1) {
    return demands.PublishDemand(As(ROLE_ENTERPRISE, organization, "DemandService.PublishDemand"),
                                 Named<v1::PublishDemandRequest>(name));
  }
  std::vector<std::string> Titles(Role role, const std::string& organization,
                                  const std::string& filter = "") {
    v1::ListDemandsRequest request;
    request.set_filter(filter);
    const auto page =
        demands.ListDemands(As(role, organization, "DemandService.ListDemands"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> titles;
    if (!page.ok()) return titles;
    for (const v1::Demand& row : page->demands()) titles.push_back(row.title());
    return titles;
  }
};

TEST_F(DemandTest, FromTheDraftToTheLibraryAndWhoSeesIt) {
  const auto made = Make(DemandDraft("防腐涂层"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE2), IsEmpty());
  v1::Demand limited = DemandDraft("不公开的需求");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  const auto hidden = Make(limited);
  ASSERT_TRUE(PublishDemand(made->name()).ok());
  ASSERT_TRUE(PublishDemand(hidden->name()).ok());
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), ElementsAre("防腐涂层"));
  EXPECT_THAT(Titles(ROLE_RESEARCH_OFFICE, kOuc), SizeIs(2));
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE2), ElementsAre("防腐涂层"));
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE1), SizeIs(2));
}

TEST_F(DemandTest, ItIsNotFoundFromTheDayAfterItsLastWhetherOrNotTheJobHasCome) {
  const std::string name = Make(DemandDraft("防腐涂层"))->name();
  ASSERT_TRUE(PublishDemand(name).ok());
  const absl::CivilDay last = time::DayOf(clock.now) + 30;
  Go(last);
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), SizeIs(1));
  Go(last + 1);
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE1), SizeIs(1));
  const auto lease = JobLease();
  EXPECT_EQ(*demands.Expire(*lease), 1);
  EXPECT_EQ(*demands.Expire(*lease), 0);
  EXPECT_THAT(Texts("SELECT state FROM demand"), ElementsAre("EXPIRED"));
  EXPECT_EQ(status::ReasonOf(PublishDemand(name).status()), ERROR_REASON_WRONG_STATE);
  v1::UpdateDemandRequest update;
  update.mutable_demand()->set_name(name);
  *update.mutable_demand()->mutable_valid_until() = time::ToProto(last + 60);
  update.mutable_update_mask()->add_paths("valid_until");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      demands.UpdateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.UpdateDemand"), update).ok());
  EXPECT_TRUE(PublishDemand(name).ok());
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), SizeIs(1));
}

TEST_F(DemandTest, AChallengeHasItsTermAndOthersHaveNone) {
  v1::Demand challenge = DemandDraft("揭榜：深海密封");
  challenge.set_kind(v1::DEMAND_KIND_CHALLENGE);
  EXPECT_FALSE(Make(challenge).ok());
  challenge.mutable_challenge()->set_term_months(36);
  challenge.mutable_challenge()->set_bounty_yuan(2'000'000);
  EXPECT_TRUE(Make(challenge).ok());
  v1::Demand plain = DemandDraft("普通需求");
  plain.mutable_challenge()->set_term_months(12);
  EXPECT_FALSE(Make(plain).ok());
}

TEST_F(DemandTest, OneThatATeamCollectedIsTheCompanysAndTheTeams) {
  v1::Demand draft = DemandDraft("防腐涂层");
  draft.set_enterprise(kE1);
  const auto made = Make(draft, ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->collector(), kMarineAgency);
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE1), SizeIs(1));
  EXPECT_THAT(Titles(ROLE_SERVICE_TEAM, kMarineAgency), SizeIs(1));
  EXPECT_THAT(Titles(ROLE_SERVICE_TEAM, kHighTechAgency), IsEmpty());
  EXPECT_TRUE(absl::IsAlreadyExists(Make(DemandDraft("防腐塗層")).status()));
}

TEST_F(DemandTest, SheetsComeInOnceAndGoOutAsTheyCame) {
  v1::Demand row = DemandDraft("防腐涂层");
  row.set_enterprise_title("企业一（演示）");
  const auto import = [&](const google::api::HttpBody& file) {
    v1::ImportDemandsRequest request;
    *request.mutable_file() = file;
    request.set_request_id(api::NewUuid());
    return demands.ImportDemands(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.ImportDemands"), request);
  };
  const auto file = testing::Upload<v1::Demand>({row});
  const auto first = import(file);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->created(), 1);
  EXPECT_EQ(import(file)->unchanged(), 1);
  const auto out = demands.ExportDemands(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.ExportDemands"), {});
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_EQ(import(*out)->unchanged(), 1);
}

}  // namespace
}  // namespace chanyan::triage
