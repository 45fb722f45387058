#include "services/gateway/path_matcher.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::gateway {
namespace {

constexpr HttpMethod kGet = HttpMethod::kGet;
constexpr HttpMethod kPost = HttpMethod::kPost;

TEST(PathMatcherTest, WrongTemplatesAreRefused) {
  for (const char* text : {"", "v1/x", "/v1//x", "/v1/{name", "/v1/{a={b}}", "/v1/**/x",
                           "/v1/x:", "/v1/{name=a//b}", "/v1/x{name}"}) {
    EXPECT_FALSE(ParsePathTemplate(text).ok()) << text;
  }
}

TEST(PathMatcherTest, TwoRoutesForTheSamePathsAreRefused) {
  PathMatcher matcher;
  ASSERT_TRUE(matcher.Add(kGet, "/v1/{name=projects/*}", 0).ok());
  EXPECT_FALSE(matcher.Add(kGet, "/v1/projects/{project}", 1).ok());
  EXPECT_TRUE(matcher.Add(kPost, "/v1/projects/{project}", 1).ok());
  EXPECT_TRUE(matcher.Add(kGet, "/v1/projects/{project}:export", 2).ok());
}

PathMatcher Sample() {
  PathMatcher matcher;
  EXPECT_TRUE(matcher.Add(kGet, "/v1/me", 0).ok());
  EXPECT_TRUE(matcher.Add(kGet, "/v1/{name=projects/*}", 1).ok());
  EXPECT_TRUE(matcher.Add(kPost, "/v1/{name=projects/*}:sign", 2).ok());
  EXPECT_TRUE(matcher.Add(kGet, "/v1/{parent=organizations/*}/platforms", 3).ok());
  EXPECT_TRUE(matcher.Add(kGet, "/v1/projects/latest", 4).ok());
  EXPECT_TRUE(matcher.Add(HttpMethod::kPatch, "/v1/{account.name=accounts/*}", 5).ok());
  EXPECT_TRUE(matcher.Add(kGet, "/v1/files/{path=**}", 6).ok());
  EXPECT_TRUE(matcher.Add(kPost, "/v1/projects:import", 7).ok());
  return matcher;
}

TEST(PathMatcherTest, PathsFindTheirRouteAndVariables) {
  struct Case {
    HttpMethod method;
    const char* path;
    int route;
    std::vector<std::string> values;
  };
  const PathMatcher matcher = Sample();
  for (const Case& c : std::vector<Case>{
           {kGet, "/v1/me", 0, {}},
           {kGet, "/v1/projects/p1", 1, {"projects/p1"}},
           {kGet, "/v1/projects/%E4%BA%A7", 1, {"projects/产"}},
           {kGet, "/v1/projects/a%3Asign", 1, {"projects/a:sign"}},
           {kGet, "/v1/projects/a:unknown", 1, {"projects/a:unknown"}},
           {kGet, "/v1/projects/latest", 4, {}},
           {kPost, "/v1/projects/p1:sign", 2, {"projects/p1"}},
           {kGet, "/v1/organizations/o/platforms", 3, {"organizations/o"}},
           {HttpMethod::kPatch, "/v1/accounts/a", 5, {"accounts/a"}},
           {kGet, "/v1/files/a/b/c", 6, {"a/b/c"}},
           {kPost, "/v1/projects:import", 7, {}},
           {kGet, "/", -1, {}},
           {kGet, "/v1", -1, {}},
           {kGet, "/v1/me/", -1, {}},
           {kGet, "/v1/projects/", -1, {}},
           {kGet, "/v1//projects/p1", -1, {}},
           {kGet, "/v1/projects/p1/x", -1, {}},
           {kGet, "/v1/organizations/o/x/platforms", -1, {}},
       }) {
    const PathMatcher::Match match = matcher.Find(c.method, c.path);
    EXPECT_EQ(match.route, c.route) << c.path;
    std::vector<std::string> values;
    for (const auto& binding : match.bindings) values.push_back(binding.value);
    EXPECT_EQ(values, c.values) << c.path;
  }
}

TEST(PathMatcherTest, AKnownPathWithAnotherMethodNamesThoseItTakes) {
  const PathMatcher matcher = Sample();
  const auto match = matcher.Find(HttpMethod::kDelete, "/v1/projects/p1");
  EXPECT_EQ(match.route, -1);
  EXPECT_THAT(match.allowed, testing::ElementsAre(kGet));
  EXPECT_TRUE(matcher.Find(HttpMethod::kDelete, "/v1/nothing").allowed.empty());
}

TEST(PathMatcherTest, VeryDeepPathsAreNoRoute) {
  std::string path;
  for (size_t i = 0; i <= kMaxSegments; ++i) path += "/a";
  EXPECT_EQ(Sample().Find(kGet, "/v1/files" + path).route, -1);
}

}  // namespace
}  // namespace chanyan::gateway
