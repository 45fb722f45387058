#include <gtest/gtest.h>

#include <vector>

#include "services/identity/account_rules.h"
#include "services/identity/login_rules.h"

namespace chanyan::identity {
namespace {

using options::v1::Role;

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);

TEST(LoginRulesTest, FiveFailuresInAWindowLockForAQuarterOfAnHour) {
  Attempts attempts;
  absl::Time now = kStart;
  for (int i = 1; i < kMaxFailures; ++i) {
    attempts = AfterFailure(attempts, now);
    EXPECT_FALSE(IsLocked(attempts, now)) << i;
    now += absl::Minutes(3);
  }
  attempts = AfterFailure(attempts, now);
  EXPECT_TRUE(IsLocked(attempts, now));
  // Trying on does not prolong it.
  EXPECT_EQ(AfterFailure(attempts, now + absl::Minutes(14)).locked_until, attempts.locked_until);
  EXPECT_FALSE(IsLocked(attempts, now + kLockDuration));
  // And then one failure is one failure.
  EXPECT_FALSE(IsLocked(AfterFailure(attempts, now + kLockDuration), now + kLockDuration));
}

TEST(LoginRulesTest, FailuresFarApartDoNotLock) {
  Attempts attempts;
  absl::Time now = kStart;
  for (int i = 0; i < 50; ++i) {
    attempts = AfterFailure(attempts, now);
    EXPECT_FALSE(IsLocked(attempts, now)) << i;
    now += kFailureWindow / (kMaxFailures - 1);
  }
}

TEST(LoginRulesTest, SessionsEndAtTheirLimits) {
  const absl::Time now = kStart;
  EXPECT_FALSE(SessionEnded(now - absl::Hours(11), now - absl::Minutes(29), now));
  EXPECT_TRUE(SessionEnded(now - absl::Hours(11), now - kSessionIdle, now));
  EXPECT_TRUE(SessionEnded(now - kSessionLifetime, now, now));
  EXPECT_FALSE(TouchDue(now - absl::Seconds(59), now));
  EXPECT_TRUE(TouchDue(now - absl::Seconds(60), now));
}

// Every pair of roles: administration and audit go with nothing, the service role with nobody.
TEST(AccountRulesTest, OfficesThatKeepApart) {
  for (int a = options::v1::Role_MIN; a <= options::v1::Role_MAX; ++a) {
    for (int b = options::v1::Role_MIN; b <= options::v1::Role_MAX; ++b) {
      v1::Account account;
      account.add_roles(static_cast<Role>(a));
      account.add_roles(static_cast<Role>(b));
      const auto is_business = [](int role) {
        return role >= options::v1::ROLE_PLATFORM_MANAGER && role <= options::v1::ROLE_LEADER;
      };
      EXPECT_EQ(AccountRoleViolations(account).empty(), is_business(a) && is_business(b) && a != b)
          << options::v1::Role_Name(a) << " with " << options::v1::Role_Name(b);
    }
  }
  v1::Account administrator;
  administrator.add_roles(options::v1::ROLE_ADMINISTRATOR);
  EXPECT_TRUE(AccountRoleViolations(administrator).empty());
  EXPECT_EQ(AccountRoleViolations(v1::Account()).size(), 1u);
}

TEST(AccountRulesTest, AnApiClientActsForAnOrganizationAndIsNoService) {
  v1::ApiClient client;
  client.add_roles(options::v1::ROLE_SERVICE);
  EXPECT_EQ(ApiClientViolations(client).size(), 2u);
  client.set_organization("organizations/a");
  client.set_roles(0, options::v1::ROLE_ENTERPRISE);
  EXPECT_TRUE(ApiClientViolations(client).empty());
}

}  // namespace
}  // namespace chanyan::identity
