// Two companies become one, through the real services (REG-1): what was of either is the
// survivor's, and accounts go along by the administrator's hand alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

template <class Condition>
bool Eventually(Condition condition) {
  const absl::Time until = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(kPoll);
  }
  return true;
}

int64_t Projects(Api& api) {
  const HttpReply listed = api.Get("/v1/projects");
  EXPECT_EQ(listed.status, 200) << listed.body;
  return listed.json().Size("projects");
}

TEST(OrganizationMergerTest, WhatWasOfEitherIsTheSurvivorsAndAccountsMoveByTheAdministratorAlone) {
  City city;
  const std::string gone = city.enterprise();
  const std::string survivor = city.Enterprise(2);
  const HttpReply draft = city.research_office().Post(
      absl::StrCat("/v1/", city.university(), "/platforms"), PlatformBody("演示材料实验室"));
  ASSERT_EQ(draft.status, 200) << draft.body;
  const std::string platform = draft.json().At("name");
  ASSERT_EQ(city.research_office().Post("/v1/" + platform + ":submit", "{}").status, 200);
  ASSERT_EQ(city.secretariat().Post("/v1/" + platform + ":publish", "{}").status, 200);
  std::string project;
  for (const std::string& enterprise : {gone, survivor}) {
    const HttpReply begun = city.research_office().Post(
        "/v1/projects",
        absl::StrCat(
            "{\"platform\":\"", platform, "\",\"enterprise\":\"", enterprise,
            "\",\"title\":\"共建中试线（演示）\",\"kinds\":[\"技术研发\"],\"content\":\"共建\"}"));
    ASSERT_EQ(begun.status, 200) << begun.body;
    if (enterprise == gone) project = begun.json().At("name");
  }
  Api person = city.suite().Person("ROLE_ENTERPRISE", gone);
  EXPECT_EQ(Projects(person), 1);

  const HttpReply merged = city.secretariat().Post(
      "/v1/" + gone + ":merge",
      absl::StrCat("{\"into\":\"", survivor, "\",\"reason\":\"吸收合并\"}"));
  ASSERT_EQ(merged.status, 200) << merged.body;
  Api other = city.suite().As("ROLE_ENTERPRISE", survivor);
  EXPECT_TRUE(Eventually([&] { return Projects(other) == 2; })) << "both are there";
  EXPECT_EQ(other.Get("/v1/" + project).json().At("enterprise"), survivor);
  // The old name leads to the one that goes on.
  const HttpReply found = other.Get(
      "/v1/organizations:lookup?text=%E6%BC%94%E7%A4%BA%E4%BC%81%E4%B8%9A1%E6%9C%89%E9%99%90"
      "%E5%85%AC%E5%8F%B8");
  ASSERT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(found.json().At("matches.0.organization.name"), survivor);
  EXPECT_EQ(found.json().At("matches.0.found"), gone);

  // Whoever signs in for what is no more sees nothing of the survivor's, and is told where to go.
  EXPECT_EQ(Projects(person), 0);
  EXPECT_EQ(person.Get("/v1/" + project).status, 404);
  const HttpReply begun = city.research_office().Post(
      "/v1/projects", absl::StrCat("{\"platform\":\"", platform, "\",\"enterprise\":\"", gone,
                                   "\",\"title\":\"再建（演示）\",\"kinds\":[\"技术研发\"],"
                                   "\"content\":\"共建\"}"));
  EXPECT_NE(begun.status, 200) << "nothing is begun with it";
  Api& administrator = city.suite().Administrator();
  const HttpReply accounts =
      administrator.Get(absl::StrCat("/v1/accounts?filter=organization%20%3D%20%22", gone, "%22"));
  ASSERT_EQ(accounts.status, 200) << accounts.body;
  ASSERT_EQ(accounts.json().Size("accounts"), 1) << accounts.body;
  const std::string account = accounts.json().At("accounts.0.name");
  const HttpReply moved =
      administrator.Patch(absl::StrCat("/v1/", account, "?updateMask=organization"),
                          absl::StrCat("{\"organization\":\"", survivor, "\"}"));
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(moved.json().At("organization"), survivor);
}

}  // namespace
}  // namespace chanyan::e2e
