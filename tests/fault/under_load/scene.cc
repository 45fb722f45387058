#include "tests/fault/under_load/scene.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/fault/under_load/bodies.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::HttpReply;

constexpr int kShared = 2;
constexpr int kInstruments = 2;
constexpr int kAttempts = 10;
// Above the numbers of the clients' own enterprises.
constexpr int kPartnerNumber = 900'000;
constexpr char kSecretariat[] = "organizations/secretariat";
// Units of the pack, called as it calls them so that nothing is renamed on the way; the office
// keeps what no team serves.
constexpr char kOffice[] = "qdst-cg";
constexpr char kDepartment[] = "qdst-hy";
constexpr char kAgency[] = "qd-agency-3";

// Repeated under one request id, as any client would: COMMITs may be lost already.
std::string MustPost(Api& api, const std::string& target, const std::string& body) {
  const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()}};
  HttpReply reply;
  for (int attempt = 0; attempt < kAttempts && reply.status != 200; ++attempt) {
    reply = api.Post(target, body, once);
  }
  EXPECT_EQ(reply.status, 200) << target << ": " << reply.body << reply.failure;
  return reply.json().At("name");
}

testing::Headers Bearer(const std::string& token) {
  return {{"Authorization", absl::StrCat("Bearer ", token)}};
}

}  // namespace

Scene::Scene(testing::Suite& suite) : address(suite.http_address()) {
  const auto act_as = [&](Actor actor, const char* role, const std::string& organization) {
    credentials[static_cast<size_t>(actor)] = Bearer(suite.Token(role, organization));
    return ApiOf(actor);
  };
  const auto organization = [](const std::string& id) {
    return absl::StrCat("/v1/organizations?organizationId=", id);
  };
  Api secretariat = act_as(Actor::kSecretariat, "ROLE_SECRETARIAT", kSecretariat);
  const std::string university =
      MustPost(secretariat, organization("university"), OrganizationBody("演示大学", "UNIVERSITY"));
  const std::string partner = MustPost(secretariat, organization("partner"),
                                       EnterpriseBody("演示伙伴企业", kPartnerNumber));
  for (int i = 0; i < kShared; ++i) {
    shared.push_back(MustPost(secretariat, organization(absl::StrCat("shared-", i)),
                              OrganizationBody(absl::StrCat("演示街道", i), "TOWN")));
  }
  Api research_office = act_as(Actor::kResearchOffice, "ROLE_RESEARCH_OFFICE", university);
  act_as(Actor::kEnterprise, "ROLE_ENTERPRISE", partner);
  act_as(Actor::kOffice, "ROLE_DEPARTMENT",
         MustPost(secretariat, organization(kOffice),
                  OrganizationBody("成果转化与创新孵化处", "DEPARTMENT")));
  act_as(
      Actor::kDepartment, "ROLE_DEPARTMENT",
      MustPost(secretariat, organization(kDepartment), OrganizationBody("海洋处", "DEPARTMENT")));
  agency = MustPost(secretariat, organization(kAgency),
                    OrganizationBody("第三专班服务机构", "SERVICE_AGENCY"));
  act_as(Actor::kAgency, "ROLE_SERVICE_TEAM", agency);

  const auto publish = [&](const std::string& title) {
    const std::string name = MustPost(
        research_office, absl::StrCat("/v1/", university, "/platforms"), PlatformBody(title));
    MustPost(research_office, absl::StrCat("/v1/", name, ":submit"), "{}");
    MustPost(secretariat, absl::StrCat("/v1/", name, ":publish"), "{}");
    return name;
  };
  platform = publish("演示实验室");
  revised_platform = publish("演示中试基地");
  for (int i = 0; i < kInstruments; ++i) {
    instruments.push_back(MustPost(research_office,
                                   absl::StrCat("/v1/", university, "/instruments"),
                                   InstrumentBody(platform, i)));
    MustPost(research_office, absl::StrCat("/v1/", instruments.back(), ":open"), "{}");
  }
  project = MustPost(research_office, "/v1/projects", ProjectBody(platform, partner));
  MustPost(research_office, absl::StrCat("/v1/", project, ":sign"),
           R"({"signDate": {"year": 2025, "month": 4, "day": 8}, "overrideReason": "文本用印中"})");
}

Api Scene::ApiOf(Actor actor) const {
  return Api(address, credentials[static_cast<size_t>(actor)]);
}

}  // namespace chanyan::fault
