// Where messages to office systems may go, and how they are signed.
#include "services/cycle/webhook_guard.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace chanyan::cycle {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'770'076'800);

std::vector<AllowedOrigin> Allowed() {
  return *ParseAllowedOrigins(
      "https://oa.example.gov.cn, http://office.example.gov.cn:8080@10.1.2.3");
}

TEST(WebhookGuardTest, OnlyWhatTheOperatorAllowsIsTaken) {
  const struct {
    const char* url;
    bool good;
  } kCases[] = {
      {"https://oa.example.gov.cn/hooks", true},
      {"https://OA.example.gov.cn/hooks?a=1", true},
      {"https://oa.example.gov.cn:443/hooks", true},
      {"http://office.example.gov.cn:8080/", true},
      {"https://oa.example.gov.cn", false},
      {"http://oa.example.gov.cn/hooks", false},
      {"https://oa.example.gov.cn:8443/hooks", false},
      {"https://oa.example.gov.cn.evil.example/hooks", false},
      {"https://oa.example.gov.cn@evil.example/hooks", false},
      {"https://evil.example/https://oa.example.gov.cn/", false},
      {"https://evil.example\\@oa.example.gov.cn/", false},
      {"https://oa.example.gov.cn/#@evil.example/", false},
      {"https://oa.example.gov.cn /hooks", false},
      {"https://oa.example.gov.cn/hooks\r\nHost: evil", false},
      {"https://oа.example.gov.cn/hooks", false},
      {"https://oa.example.gov.cn:443443/", false},
      {"https://oa.example.gov.cn:0/", false},
      {"file:///etc/passwd", false},
      {"gopher://oa.example.gov.cn/", false},
      {"https://10.1.2.3/", false},
      {"https://[::1]/", false},
      {"//oa.example.gov.cn/", false},
      {"", false},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(CheckUrl(one.url, Allowed()).ok(), one.good) << one.url;
  }
  EXPECT_FALSE(CheckUrl("https://oa.example.gov.cn/hooks", {}).ok());
}

TEST(WebhookGuardTest, AListThatCannotBeReadIsRefused) {
  for (const char* bad : {"oa.example.gov.cn", "https://", "https://oa.example.gov.cn/path",
                          "https://oa.example.gov.cn@office", "ftp://oa.example.gov.cn",
                          "https://oa.example.gov.cn:99999", "https://oa_example"}) {
    EXPECT_FALSE(ParseAllowedOrigins(bad).ok()) << bad;
  }
  EXPECT_TRUE(ParseAllowedOrigins("")->empty());
  EXPECT_EQ(ParseAllowedOrigins("https://[2001:db8::1]:8443@2001:db8::1")->at(0).port, 8443);
}

TEST(WebhookGuardTest, InnerNetworksAreReachedByAPinnedAddressAlone) {
  for (const char* inner : {"127.0.0.1",
                            "127.8.8.8",
                            "0.0.0.0",
                            "10.1.2.3",
                            "172.16.0.1",
                            "172.31.255.255",
                            "192.168.1.1",
                            "169.254.169.254",
                            "100.64.0.1",
                            "100.100.100.200",
                            "192.0.0.8",
                            "198.18.0.1",
                            "198.51.100.7",
                            "203.0.113.9",
                            "192.88.99.1",
                            "224.0.0.1",
                            "255.255.255.255",
                            "::",
                            "::1",
                            "::ffff:127.0.0.1",
                            "::ffff:a9fe:a9fe",
                            "64:ff9b::10.0.0.1",
                            "2002:7f00:1::",
                            "2001:0:5ef5:79fb::1",
                            "2001:db8::1",
                            "fc00::1",
                            "fd12::1",
                            "fe80::1",
                            "ff02::1",
                            "::127.0.0.1",
                            "nonsense",
                            ""}) {
    EXPECT_FALSE(IsPublicAddress(inner)) << inner;
  }
  for (const char* open : {"1.1.1.1", "114.114.114.114", "172.15.0.1", "172.32.0.1", "100.63.0.1",
                           "100.128.0.1", "2400:3200::1", "::ffff:114.114.114.114"}) {
    EXPECT_TRUE(IsPublicAddress(open)) << open;
  }
  const std::vector<AllowedOrigin> allowed = Allowed();
  EXPECT_TRUE(MayConnect(allowed[0], "114.114.114.114"));
  EXPECT_FALSE(MayConnect(allowed[0], "10.1.2.3"));
  EXPECT_TRUE(MayConnect(allowed[1], "10.1.2.3"));
  EXPECT_FALSE(MayConnect(allowed[1], "10.1.2.4"));
  EXPECT_FALSE(MayConnect(allowed[1], "114.114.114.114"));
}

TEST(WebhookGuardTest, ASignatureIsGoodForOneMessageAndAFewMinutes) {
  const std::string secret = SecretOf("key", "webhookEndpoints/a", 1);
  const std::string signature = SignatureOf(secret, kNow, "d1", "{}");
  EXPECT_TRUE(VerifySignature(secret, signature, kNow, "d1", "{}", kNow));
  EXPECT_TRUE(VerifySignature(secret, signature, kNow, "d1", "{}", kNow + absl::Minutes(5)));
  EXPECT_FALSE(VerifySignature(secret, signature, kNow, "d1", "{}",
                               kNow + absl::Minutes(5) + absl::Seconds(1)))
      << "replayed later";
  EXPECT_FALSE(VerifySignature(secret, signature, kNow + absl::Minutes(6), "d1", "{}",
                               kNow + absl::Minutes(6)))
      << "with a new time";
  EXPECT_FALSE(VerifySignature(secret, signature, kNow, "d2", "{}", kNow)) << "as another message";
  EXPECT_FALSE(VerifySignature(secret, signature, kNow, "d1", "{ }", kNow)) << "a changed byte";
  EXPECT_FALSE(
      VerifySignature(SecretOf("key", "webhookEndpoints/a", 2), signature, kNow, "d1", "{}", kNow))
      << "the secret before";
  EXPECT_NE(secret, SecretOf("key", "webhookEndpoints/b", 1));
  EXPECT_NE(secret, SecretOf("other", "webhookEndpoints/a", 1));
}

// Reckoned by another program, so that what office systems are told holds.
TEST(WebhookGuardTest, TheSignatureIsHmacSha256OverTimeDeliveryAndBody) {
  EXPECT_EQ(SignatureOf("Jefe", kNow, "d1", "{\"a\":1}"),
            "v1=781928957a6b2df5371af7af0aad0146ad2cf8cefd2eb8c98d1c56ce83b47c9c");
}

TEST(WebhookGuardTest, PausesGrowAndEnd) {
  absl::Duration before = absl::ZeroDuration();
  int attempts = 1;
  for (; PauseAfter(attempts); ++attempts) {
    EXPECT_GT(*PauseAfter(attempts), before);
    before = *PauseAfter(attempts);
  }
  EXPECT_EQ(attempts, kMaxDeliveryAttempts);
  EXPECT_FALSE(PauseAfter(0));
}

}  // namespace
}  // namespace chanyan::cycle
