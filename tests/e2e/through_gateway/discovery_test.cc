// Search and recommendation in the running suite: what is published in the registry is found in
// pairing, by everybody, and what is withdrawn is gone (REG-5, REG-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;

constexpr absl::Duration kPatience = absl::Seconds(60);
// 材料.
constexpr char kMaterials[] = "%E6%9D%90%E6%96%99";

// Asks until `size` hits are found, or for long enough.
HttpReply SearchUntil(Api& api, int size) {
  const absl::Time until = absl::Now() + kPatience;
  while (true) {
    HttpReply reply = api.Get(absl::StrCat("/v1/search?query=", kMaterials));
    if (reply.status == 200 && reply.json().Size("hits") == size) return reply;
    if (absl::Now() > until) return reply;
    absl::SleepFor(absl::Milliseconds(20));
  }
}

TEST(DiscoveryTest, WhatIsPublishedIsFoundAndWhatIsWithdrawnIsGoneAlsoAfterAKill) {
  City city;
  const std::string enterprise = city.Enterprise(2, "人工智能");
  Api anyone = city.suite().Anonymous();
  EXPECT_EQ(SearchUntil(anyone, 0).json().Size("hits"), 0);
  const HttpReply draft = city.research_office().Post(
      absl::StrCat("/v1/", city.university(), "/platforms"), PlatformBody("演示材料实验室"));
  ASSERT_EQ(draft.status, 200) << draft.body;
  const std::string name = draft.json().At("name");
  const std::string path = "/v1/" + name;
  ASSERT_EQ(city.research_office().Post(path + ":submit", "{}").status, 200);
  ASSERT_EQ(city.secretariat().Post(path + ":publish", "{}").status, 200);
  const HttpReply found = SearchUntil(anyone, 1);
  ASSERT_EQ(found.json().Size("hits"), 1) << found.body;
  EXPECT_EQ(found.json().At("hits.0.resource"), name);
  EXPECT_EQ(found.json().At("hits.0.titleMarks.0.begin"), "2");
  EXPECT_EQ(found.json().At("totalSize"), "1");

  const HttpReply suggested = city.secretariat().Get(
      absl::StrCat("/v1/platforms:recommend?subject=", enterprise, "&text=", kMaterials));
  ASSERT_EQ(suggested.status, 200) << suggested.body;
  EXPECT_EQ(suggested.json().At("suggestions.0.platform"), name);
  const HttpReply explained =
      city.secretariat().Get(absl::StrCat(path, ":explainRecommendation?text=", kMaterials));
  ASSERT_EQ(explained.status, 200) << explained.body;
  EXPECT_EQ(explained.json().At("suggestion.platform"), name);
  EXPECT_EQ(anyone.Get(absl::StrCat("/v1/platforms:recommend?text=", kMaterials)).status, 401);

  // The index outlives its process, and what happened meanwhile is caught up with.
  city.suite().Signal("pairing", SIGKILL);
  ASSERT_TRUE(city.suite().Wait("pairing", kPatience).has_value());
  ASSERT_EQ(city.secretariat().Post(path + ":withdraw", "{\"reason\":\"停用\"}").status, 200);
  city.suite().Start("pairing");
  city.suite().WaitReady("pairing");
  EXPECT_EQ(SearchUntil(anyone, 0).json().Size("hits"), 0);
  EXPECT_EQ(SearchUntil(city.secretariat(), 0).json().Size("hits"), 0);
}

TEST(DiscoveryTest, OnePageAsksBothSearchesForWhatTheyTake) {
  City city;
  Api anyone = city.suite().Anonymous();
  const HttpReply page = anyone.Get("/search.html");
  ASSERT_EQ(page.status, 200);
  EXPECT_THAT(page.Header("content-type"), ::testing::HasSubstr("text/html"));
  EXPECT_THAT(page.body, ::testing::HasSubstr("src=\"/search.js\""));
  const HttpReply script = anyone.Get("/search.js");
  ASSERT_EQ(script.status, 200);
  const struct {
    const char* address;
    std::vector<std::pair<std::string, std::string>> filters;
  } kSearches[] = {
      {"/v1/search",
       {{"types", "Platform"},
        {"kinds", "LABORATORY"},
        {"industries", "x"},
        {"zones", "x"},
        {"districts", "370211"},
        {"levels", "NATIONAL"}}},
      {"/v1/libraries:search",
       {{"types", "Result"},
        {"kinds", "TESTING"},
        {"industries", "x"},
        {"zones", "x"},
        {"districts", "370211"},
        {"stages", "EARLY"}}},
  };
  for (const auto& search : kSearches) {
    EXPECT_THAT(script.body, ::testing::HasSubstr(absl::StrCat("'", search.address, "'")));
    std::string target = absl::StrCat(search.address, "?query=", kMaterials, "&pageSize=20");
    for (const auto& [field, value] : search.filters) {
      // A field that the request does not have would be refused.
      EXPECT_THAT(script.body, ::testing::HasSubstr(absl::StrCat("['", field, "', ")));
      absl::StrAppend(&target, "&", field, "=", value);
    }
    HttpReply reply = anyone.Get(target);
    const absl::Time until = absl::Now() + kPatience;
    while (reply.status == 503 && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(20));
      reply = anyone.Get(target);
    }
    EXPECT_EQ(reply.status, 200) << target << reply.body;
  }
  EXPECT_EQ(anyone.Get("/v1/search?query=x&stages=EARLY").status, 400) << "is none of this one's";
}

}  // namespace
}  // namespace chanyan::e2e
