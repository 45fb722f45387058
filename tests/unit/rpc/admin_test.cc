#include "common/rpc/admin.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/rpc/raw_http.h"

namespace chanyan::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class AdminTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto admin = Admin::Start("127.0.0.1:0", [](absl::string_view path) {
      return AdminAnswer{path == "/metrics" ? 200 : 404, "text/plain", absl::StrCat(path, "!")};
    });
    ASSERT_TRUE(admin.ok()) << admin.status();
    admin_ = *std::move(admin);
  }

  std::unique_ptr<Admin> admin_;
};

TEST_F(AdminTest, OtherMethodsAndOversizedHeadersAreRefused) {
  EXPECT_THAT(testing::AskRaw(admin_->port(), "DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 405"));
  const std::string huge =
      absl::StrCat("GET /metrics HTTP/1.1\r\nA: ", std::string(20000, 'a'), "\r\n\r\n");
  EXPECT_EQ(testing::AskRaw(admin_->port(), huge), "");
}

TEST_F(AdminTest, PathIsAnsweredWithoutItsQuery) {
  const std::string answer =
      testing::AskRaw(admin_->port(), "GET /metrics?name=x HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\n/metrics!"));
}

TEST_F(AdminTest, ConnectionsThatSayNothingDoNotStandInTheWay) {
  std::vector<int> silent;
  for (int i = 0; i < kMaxAdminConnections / 2; ++i)
    silent.push_back(testing::Connect(admin_->port()));
  EXPECT_THAT(testing::AskRaw(admin_->port(), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  for (const int fd : silent) close(fd);
}

TEST_F(AdminTest, AddressInUseIsSaid) {
  const std::string address = absl::StrCat("127.0.0.1:", admin_->port());
  const auto second = Admin::Start(address, [](absl::string_view) { return AdminAnswer{}; });
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(address));
}

TEST(AdminAddressTest, WhatIsNoAddressIsRefused) {
  for (const char* address : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:https", "127.0.0.1:70000"}) {
    const auto admin = Admin::Start(address, [](absl::string_view) { return AdminAnswer{}; });
    EXPECT_EQ(admin.status().code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_THAT(std::string(admin.status().message()), HasSubstr("主机:端口")) << address;
  }
}

}  // namespace
}  // namespace chanyan::rpc
