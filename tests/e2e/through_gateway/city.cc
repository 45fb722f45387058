#include "tests/e2e/through_gateway/city.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/demo/uscc.h"

namespace chanyan::e2e {

using ::chanyan::testing::HttpReply;

City::City(testing::SuiteOptions options)
    : suite_(std::move(options)),
      secretariat_(suite_.As("ROLE_SECRETARIAT", "organizations/secretariat")),
      university_(Organization("demo-university", "UNIVERSITY", "演示大学")),
      enterprise_(Enterprise(1)),
      research_office_(suite_.As("ROLE_RESEARCH_OFFICE", university_)) {}

std::string City::Organization(const std::string& id, const std::string& kind,
                               const std::string& title, const std::string& more) {
  const HttpReply reply = secretariat_.Post(
      absl::StrCat("/v1/organizations?organizationId=", id),
      absl::StrCat("{\"displayName\":\"", title, "\",\"kind\":\"ORGANIZATION_KIND_", kind,
                   "\",\"demonstration\":true", more, "}"));
  EXPECT_EQ(reply.status, 200) << reply.body << reply.failure;
  return reply.json().At("name");
}

std::string City::Enterprise(int number, const std::string& industry) {
  return Organization(
      absl::StrCat("enterprise-", number), "ENTERPRISE",
      absl::StrCat("演示企业", number, "有限公司"),
      absl::StrCat(",\"unifiedSocialCreditCode\":\"", demo::InventedUscc("370211", number), "\"",
                   industry.empty() ? "" : absl::StrCat(",\"industries\":[\"", industry, "\"]")));
}

std::string PlatformBody(const std::string& title) {
  return absl::StrCat(
      "{\"displayName\":\"", title,
      "\",\"kind\":\"PLATFORM_KIND_LABORATORY\",\"level\":\"PLATFORM_LEVEL_PROVINCIAL\","
      "\"introduction\":\"演示用的实验室，提供检测与中试服务。\",\"capabilities\":[\"检测认证\"],"
      "\"services\":[{\"title\":\"材料检测\",\"price\":\"面议\",\"booking\":\"电话预约\"}],"
      "\"industries\":[\"人工智能\"],"
      "\"contacts\":[{\"person\":\"演示联系人\",\"phone\":\"0532-85880000\"}]}");
}

}  // namespace chanyan::e2e
