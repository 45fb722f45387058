// Who gets in, and what those who do not are told (IDN-2, IDN-3).
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Suite;

std::string SignInBody(const std::string& login, const std::string& password) {
  return absl::StrCat("{\"login\":\"", login, "\",\"password\":", testing::JsonText(password), "}");
}

TEST(AccessTest, FirstPasswordOpensNothingUntilItIsChanged) {
  Suite suite;
  const std::string first = suite.FirstAdministratorPassword();
  Api anonymous = suite.Anonymous();

  const HttpReply unknown = anonymous.Post("/v1/sessions:signIn", SignInBody("nobody", first));
  const HttpReply wrong = anonymous.Post("/v1/sessions:signIn", SignInBody("admin", "x" + first));
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.Reason(), "LOGIN_FAILED");
  EXPECT_EQ(wrong.status, unknown.status);
  EXPECT_EQ(wrong.json().At("error.message"), unknown.json().At("error.message"));

  const HttpReply signed_in = anonymous.Post("/v1/sessions:signIn", SignInBody("admin", first));
  ASSERT_EQ(signed_in.status, 200) << signed_in.body;
  EXPECT_EQ(signed_in.json().At("passwordChangeRequired"), "true");
  EXPECT_FALSE(signed_in.json().Has("sessionSecret")) << "the secret is for the cookie alone";
  for (const char* attribute : {"__Host-chanyan=", "Secure", "HttpOnly", "SameSite=Strict"}) {
    EXPECT_TRUE(absl::StrContains(signed_in.Header("set-cookie"), attribute)) << attribute;
  }

  Api fresh = suite.SignIn("admin", first);
  for (const char* path : {"/v1/accounts", "/v1/organizations"}) {
    const HttpReply refused = fresh.Get(path);
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_EQ(refused.Reason(), "PASSWORD_CHANGE_REQUIRED") << path;
  }
  const HttpReply weak = fresh.Post(
      "/v1/me:changePassword",
      absl::StrCat("{\"oldPassword\":", testing::JsonText(first), ",\"newPassword\":\"admin\"}"));
  EXPECT_EQ(weak.status, 400);
  int violations = 0;
  for (int i = 0; i < weak.json().Size("error.details"); ++i) {
    violations += weak.json().Size(absl::StrCat("error.details.", i, ".fieldViolations"));
  }
  EXPECT_GE(violations, 2) << "every fault of the password at once: " << weak.body;
  EXPECT_EQ(suite.Administrator().Get("/v1/accounts").status, 200);
}

TEST(AccessTest, RolesRowsAndOriginsAreKept) {
  City city;
  Suite& suite = city.suite();
  const std::string body = "{\"displayName\":\"演示街道\",\"kind\":\"ORGANIZATION_KIND_TOWN\"}";

  const HttpReply nobody = suite.Anonymous().Get("/v1/organizations");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(nobody.Reason(), "NOT_SIGNED_IN");

  const HttpReply role = city.research_office().Post("/v1/organizations", body);
  EXPECT_EQ(role.status, 403);
  EXPECT_EQ(role.Reason(), "ROLE_NOT_PERMITTED");

  // What lies outside one's rows looks as if it were not there.
  const std::string absent = "organizations/enterprise-9";
  const HttpReply hidden = city.research_office().Get("/v1/" + city.enterprise());
  const HttpReply missing = city.research_office().Get("/v1/" + absent);
  EXPECT_EQ(hidden.status, 404);
  EXPECT_EQ(hidden.Reason(), "NOT_FOUND");
  EXPECT_EQ(absl::StrReplaceAll(hidden.body,
                                {{city.enterprise(), absent},
                                 {hidden.Header("x-request-id"), missing.Header("x-request-id")}}),
            missing.body);
  EXPECT_EQ(city.secretariat().Get("/v1/" + city.enterprise()).status, 200);
  EXPECT_EQ(suite.As("ROLE_ENTERPRISE", city.enterprise()).Get("/v1/" + city.enterprise()).status,
            200);

  // Administration is apart from business.
  EXPECT_EQ(suite.Administrator().Post("/v1/organizations", body).status, 403);

  // A change by cookie needs the page's own header and origin.
  const auto cookie = suite.Administrator().credentials()[0];
  Api foreign(suite.http_address(),
              {cookie, {"X-Chanyan-Request", "1"}, {"Origin", "https://elsewhere.example"}});
  Api bare(suite.http_address(), {cookie});
  EXPECT_EQ(foreign.Post("/v1/accounts", "{}").status, 403);
  EXPECT_EQ(bare.Post("/v1/accounts", "{}").status, 403);
  EXPECT_EQ(bare.Get("/v1/me").status, 200);
}

}  // namespace
}  // namespace chanyan::e2e
