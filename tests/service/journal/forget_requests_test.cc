// Remembered replies go after thirty days, in every service that has a database.
#include "common/rpc/forget_requests.h"

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/batches.h"
#include "common/db/connection.h"
#include "common/rpc/runtime.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Nobody final : public auth::Authenticator {
 public:
  absl::StatusOr<auth::Principal> Authenticate(absl::string_view) override {
    return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN, "没有登录");
  }
};

class ForgetRequestsTest : public ::testing::Test {
 protected:
  // Requests of `actor` that were answered `age` ago.
  void Put(absl::string_view actor, absl::Duration age, int count = 1) {
    database_.Apply(
        absl::StrCat("INSERT INTO idempotency SELECT 'accounts/", actor,
                     "', 'm', seq, REPEAT('a', 32), 'done', "
                     "'reply', '",
                     absl::FormatTime("%Y-%m-%d %H:%M:%E6S", now_ - age, absl::UTCTimeZone()),
                     "' FROM seq_1_to_", count));
  }
  int64_t Left() {
    return std::get<int64_t>(
        database_.Connect()->Query("SELECT COUNT(*) FROM idempotency", {})->rows.at(0).at(0));
  }
  absl::StatusOr<int64_t> Forget() {
    db::Lease lease(database_.db(), "requests", db::NewLeaseOwner(), absl::Minutes(2));
    CHANYAN_RETURN_IF_ERROR(lease.Acquire());
    const auto forgotten = ForgetRequests(database_.db(), now_, lease);
    (void)lease.Release();
    return forgotten;
  }

  testing::TestDatabase database_{
      {"common:common/db/migrations", "journal:common/journal/migrations"}};
  const absl::Time now_ = absl::Now();
};

TEST_F(ForgetRequestsTest, WhatIsThirtyDaysOldGoesAndNothingYounger) {
  Put("old", kRememberRequests + absl::Seconds(1));
  Put("young", kRememberRequests - absl::Seconds(1));
  Put("new", absl::ZeroDuration());
  EXPECT_EQ(Forget().value_or(-1), 1);
  EXPECT_EQ(Left(), 2);
  EXPECT_EQ(Forget().value_or(-1), 0);
}

TEST_F(ForgetRequestsTest, ManyGoInBatchesThatReadNoMoreThanTheyDelete) {
  const int many = 2 * static_cast<int>(db::kDeleteBatch) + 7;
  Put("old", absl::Hours(24 * 40), many);
  Put("new", absl::Hours(1), 20000);
  database_.Apply("ANALYZE TABLE idempotency");
  const auto plan = database_.Connect()->Query(
      absl::StrCat("EXPLAIN FORMAT=JSON DELETE FROM idempotency WHERE created_at < '",
                   absl::FormatTime("%Y-%m-%d", now_ - kRememberRequests, absl::UTCTimeZone()),
                   "' ORDER BY created_at LIMIT 500"),
      {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(std::get<std::string>(plan->rows.at(0).at(0)),
              AllOf(HasSubstr("created_at"), Not(HasSubstr("filesort"))));
  EXPECT_EQ(Forget().value_or(-1), many);
  EXPECT_EQ(Left(), 20000);
}

TEST_F(ForgetRequestsTest, AServiceForgetsByItself) {
  Put("old", absl::Hours(24 * 40));
  Put("new", absl::Hours(1));
  const std::string dir = absl::StrCat(std::filesystem::temp_directory_path().string(),
                                       "/chanyan-forgetting-", getpid());
  std::filesystem::create_directories(dir);
  config::Config config;
  config.service = "registry";
  config.listen = absl::StrCat("unix:", dir, "/registry");
  config.db = database_.Url();
  config.workers = 2;
  config.log_level = log::Level::kError;
  ServiceSpec spec;
  spec.name = "registry";
  spec.authenticator = [](Runtime&) -> absl::StatusOr<std::unique_ptr<auth::Authenticator>> {
    return std::make_unique<Nobody>();
  };
  spec.build = [](Runtime&) { return absl::OkStatus(); };
  auto runtime = Runtime::Create(spec, config);
  ASSERT_TRUE(runtime.ok()) << runtime.status();
  ASSERT_TRUE((*runtime)->Start().ok());
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  while (Left() > 1 && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(Left(), 1);
  (*runtime)->Stop();
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace chanyan::rpc
