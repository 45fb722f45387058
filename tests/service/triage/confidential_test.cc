// What of a result or a demand is for some alone (TRI-1), on the real database.
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

using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;

class ConfidentialTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::ConfidentialPart> Set(const std::string& subject, Role role,
                                           const std::string& organization,
                                           int64_t floor_price = 300'000) {
    v1::SetConfidentialPartRequest request;
    request.mutable_confidential_part()->set_subject(subject);
    request.mutable_confidential_part()->set_technical_details("膜配方：哌嗪与均苯三甲酰氯");
    request.mutable_confidential_part()->set_floor_price_yuan(floor_price);
    request.set_request_id(api::NewUuid());
    return confidential.SetConfidentialPart(
        As(role, organization, "ConfidentialService.SetConfidentialPart"), request);
  }
  // How many parts a caller finds with a filter on what they hold.
  int Found(Role role, const std::string& organization, const std::string& filter) {
    v1::ListConfidentialPartsRequest request;
    request.set_filter(filter);
    const auto page = confidential.ListConfidentialParts(
        As(role, organization, "ConfidentialService.ListConfidentialParts"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->confidential_parts_size() : -1;
  }
};

TEST_F(ConfidentialTest, WhoIsNotEntitledNeitherSeesNorCountsIt) {
  const v1::Result result = Pushed(Draft("海水淡化膜"));
  const auto part = Set(result.name(), ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(part.ok()) << part.status();
  const std::string by_price = "floor_price_yuan <= 300000";
  EXPECT_EQ(Found(ROLE_RESEARCH_OFFICE, kOuc, by_price), 1);
  EXPECT_EQ(Found(ROLE_SERVICE_TEAM, kMarineAgency, by_price), 1);
  EXPECT_EQ(Found(ROLE_DEPARTMENT, kOffice, by_price), 1);
  // Those to whom the result was pushed, leaders, other universities and enterprises.
  const v1::Push push = PushTo(result.name(), kHighTechAgency, policy::v1::TRIAGE_CLASS_TRANSFER);
  EXPECT_TRUE(See(result.name(), ROLE_SERVICE_TEAM, push.recipient()).ok());
  for (const auto& [role, organization] :
       std::vector<std::pair<Role, std::string>>{{ROLE_SERVICE_TEAM, kHighTechAgency},
                                                 {ROLE_SERVICE_TEAM, kMarineInvestor},
                                                 {ROLE_LEADER, "organizations/qd-city-leaders"},
                                                 {ROLE_RESEARCH_OFFICE, kUpc},
                                                 {ROLE_ENTERPRISE, kE1},
                                                 {ROLE_UNIT, kHuangdao}}) {
    for (const std::string& filter : {std::string(), by_price}) {
      EXPECT_EQ(Found(role, organization, filter), 0) << organization << " " << filter;
    }
    v1::GetConfidentialPartRequest get;
    get.set_name(part->name());
    const absl::Status absent =
        confidential
            .GetConfidentialPart(As(role, organization, "ConfidentialService.GetConfidentialPart"),
                                 get)
            .status();
    get.set_name("confidentialParts/results-nothing");
    const absl::Status nothing =
        confidential
            .GetConfidentialPart(As(role, organization, "ConfidentialService.GetConfidentialPart"),
                                 get)
            .status();
    EXPECT_TRUE(absl::IsNotFound(absent)) << organization;
    EXPECT_EQ(absent.code(), nothing.code());
  }
  // No filter on a result can reach into it: there is no such field.
  v1::ListResultsRequest list;
  list.set_filter("floor_price_yuan <= 300000");
  EXPECT_TRUE(absl::IsInvalidArgument(
      results.ListResults(As(ROLE_SERVICE_TEAM, kHighTechAgency, "ResultService.ListResults"), list)
          .status()));
}

TEST_F(ConfidentialTest, WhoIsEntitledReadsAndDoesNotChangeUntilItIsTakenBack) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  const std::string part = Set(result, ROLE_RESEARCH_OFFICE, kOuc)->name();
  auto entitle = Named<v1::EntitleOrganizationRequest>(part);
  entitle.set_organization(kE1);
  entitle.set_reason("签署保密协议");
  EXPECT_TRUE(absl::IsNotFound(
      confidential
          .EntitleOrganization(As(ROLE_ENTERPRISE, kE1, "ConfidentialService.EntitleOrganization"),
                               entitle)
          .status()));
  ASSERT_TRUE(
      confidential
          .EntitleOrganization(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.EntitleOrganization"), entitle)
          .ok());
  EXPECT_EQ(Found(ROLE_ENTERPRISE, kE1, ""), 1);
  EXPECT_EQ(Found(ROLE_ENTERPRISE, kE2, ""), 0);
  EXPECT_TRUE(absl::IsNotFound(Set(result, ROLE_ENTERPRISE, kE1).status()));
  auto revoke = Named<v1::RevokeEntitlementRequest>(part);
  revoke.set_organization(kE1);
  ASSERT_TRUE(
      confidential
          .RevokeEntitlement(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.RevokeEntitlement"), revoke)
          .ok());
  EXPECT_EQ(Found(ROLE_ENTERPRISE, kE1, ""), 0);
}

TEST_F(ConfidentialTest, ItIsWrittenByThoseWhoMayChangeTheSubjectAndIsOneOfEach) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  EXPECT_TRUE(absl::IsNotFound(Set(result, ROLE_RESEARCH_OFFICE, kUpc).status()));
  EXPECT_TRUE(absl::IsNotFound(Set(result, ROLE_SERVICE_TEAM, kHighTechAgency).status()));
  ASSERT_TRUE(Set(result, ROLE_RESEARCH_OFFICE, kOuc, 1).ok());
  const auto second = Set(result, ROLE_SERVICE_TEAM, kMarineAgency, 2);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->floor_price_yuan(), 2);
  EXPECT_EQ(Count("confidential_part"), 1);
}

}  // namespace
}  // namespace chanyan::triage
