#include "common/config/config.h"

#include <cstdlib>
#include <fstream>

#include "common/config/redis_address.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/violations.h"

namespace chanyan::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Raw Good() {
  Raw raw;
  raw.listen = "unix:/run/chanyan/pairing.sock";
  raw.db = "mysql://chanyan@localhost/chanyan_pairing?socket=/run/mysqld.sock";
  raw.peers = "registry=unix:/run/chanyan/registry.sock, identity=dns:///identity:9000";
  return raw;
}

TEST(ConfigTest, EverythingWrongIsSaidAtOnce) {
  Raw raw;
  raw.listen = "here";
  raw.admin = "127.0.0.1:99999";
  raw.db = "postgres://x";
  raw.peers = "registry,identity=a,identity=b";
  raw.client_secret_file = "/nonexistent/secret";
  raw.workers = 0;
  raw.log_level = "loud";
  raw.drain_delay = absl::Hours(1);
  const auto config = Validate("pairing", raw, {.policy = true, .peers = {"registry"}});
  EXPECT_THAT(
      testing::FieldsOf(config.status()),
      ElementsAre("--listen", "--admin", "--db", "--peers", "--peers", "--peers", "--policy",
                  "--client_secret_file", "--workers", "--log_level", "--drain_delay"));
}

TEST(ConfigTest, AddressesAreUnixPathsOrHostAndPort) {
  const struct {
    std::string address;
    bool good;
  } kCases[] = {
      {"unix:/tmp/a.sock", true}, {"127.0.0.1:9001", true},
      {"[::1]:9001", true},       {"localhost:0", true},
      {"unix:relative", false},   {":9001", false},
      {"localhost", false},       {"localhost:x", false},
      {"localhost:-1", false},    {"unix:/" + std::string(200, 'a'), false},
  };
  for (const auto& [address, good] : kCases) {
    Raw raw = Good();
    raw.listen = address;
    EXPECT_EQ(Validate("pairing", raw, {}).ok(), good) << address;
  }
}

TEST(ConfigTest, FaultsAreRefusedWithoutLeaveAndReadWithIt) {
  Raw raw = Good();
  raw.inject_faults = "retry:20,ambiguous_commit:50";
  EXPECT_THAT(testing::FieldsOf(Validate("pairing", raw, {}).status()),
              ElementsAre("--inject_faults"));
  raw.allow_faults = true;
  const auto config = Validate("pairing", raw, {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->faults.retry, 20);
  EXPECT_EQ(config->faults.ambiguous_commit, 50);
  EXPECT_EQ(config->faults.lost_commit, 0);
  for (const char* wrong : {"retry", "retry:0", "retry:x", "fire:3"}) {
    raw.inject_faults = wrong;
    EXPECT_FALSE(Validate("pairing", raw, {}).ok()) << wrong;
  }
}

TEST(ConfigTest, GoodFlagsBecomeAConfig) {
  Raw raw = Good();
  raw.policy = "deploy/policies/calendar,deploy/policies/qingdao";
  raw.log_level = "debug";
  const auto config = Validate("pairing", raw, {.policy = true, .peers = {"registry"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->service, "pairing");
  EXPECT_EQ(config->peers.at("registry"), "unix:/run/chanyan/registry.sock");
  EXPECT_EQ(config->peers.at("identity"), "dns:///identity:9000");
  EXPECT_THAT(config->policy_dirs,
              ElementsAre("deploy/policies/calendar", "deploy/policies/qingdao"));
  EXPECT_EQ(config->log_level, log::Level::kDebug);
}

TEST(ConfigTest, ServiceWithoutDatabaseNeedsNone) {
  Raw raw = Good();
  raw.db = "";
  EXPECT_FALSE(Validate("gateway", raw, {}).ok());
  EXPECT_TRUE(Validate("gateway", raw, {.database = false}).ok());
}

TEST(ConfigTest, SecretIsTheFilesTextWithoutItsLastLineEnd) {
  char path[] = "/tmp/config_test_XXXXXX";
  close(mkstemp(path));
  EXPECT_THAT(std::string(ReadSecret("client_secret_file", path).status().message()),
              HasSubstr("是空的"));
  std::ofstream(path) << "s3cret\n";
  EXPECT_EQ(ReadSecret("client_secret_file", path).value(), "s3cret");
  std::ofstream(path) << std::string(70000, 'x');
  EXPECT_FALSE(ReadSecret("client_secret_file", path).ok());
  std::remove(path);
}

TEST(ConfigTest, RedisIsAnAddressWithAUserAndAPasswordFile) {
  const auto plain = ParseRedisAddress("unix:/run/redis.sock");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->address, "unix:/run/redis.sock");
  EXPECT_EQ(plain->password_file, "");
  const auto full = ParseRedisAddress("[::1]:6379?user=chan%40yan&password-file=/etc/a%26b%25");
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(full->address, "[::1]:6379");
  EXPECT_EQ(full->user, "chan@yan");
  EXPECT_EQ(full->password_file, "/etc/a&b%");
  for (const char* wrong : {"h:1?password=secret", "h:1?user=chanyan",
                            "h:1?password-file=", "h:1?password-file=%4", "h:1?password-file"}) {
    EXPECT_FALSE(ParseRedisAddress(wrong).ok()) << wrong;
  }
}

TEST(ConfigTest, AServiceDoesNotStartWithoutTheFileOfRedisPassword) {
  Raw raw = Good();
  raw.redis = "redis:6379?password-file=/nonexistent/password";
  EXPECT_THAT(testing::FieldsOf(Validate("pairing", raw, {}).status()), ElementsAre("--redis"));
  raw.redis = "redis?user=chanyan";
  EXPECT_THAT(testing::FieldsOf(Validate("pairing", raw, {}).status()), ElementsAre("--redis"));
}

}  // namespace
}  // namespace chanyan::config
