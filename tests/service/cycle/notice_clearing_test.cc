// Old notifications, digests and deliveries go, and nothing else, however many replicas clear
// (CYC-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/batches.h"
#include "common/status/status.h"
#include "services/cycle/notice_clearing.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr NoticeRetention kKept = {.read = 30, .unread = 60, .deliveries = 20};

class NoticeClearingTest : public ::testing::Test {
 protected:
  // Rows that were last changed `days` ago; `count` of them, numbered.
  void Put(const std::string& name, const std::string& state, int days, int count = 1) {
    world_.database.Apply(absl::StrCat(
        "INSERT INTO notification SELECT CONCAT('notifications/", name, "-', seq), 'accounts/a', '",
        kOuc, "', 'REMINDER', '提醒', '内容', 'cycles/2025q2/steps/1', '", kOuc, "', NULL, '",
        state, "', '', ", Ago(days), ", ", Ago(days), ", 1 FROM seq_1_to_", count));
  }
  void PutDelivery(const std::string& name, const std::string& state, int days, int count = 1) {
    world_.database.Apply(absl::StrCat(
        "INSERT INTO webhook_delivery SELECT CONCAT('webhookEndpoints/w/deliveries/", name,
        "-', seq), '", kOuc, "', 'NOTIFICATION', 'notifications/n', '{}', '", state, "', 1, NULL, ",
        "NULL, '', ", Ago(days), ", ", Ago(days), ", 1 FROM seq_1_to_", count));
  }
  void PutDigest(const std::string& name, int days) {
    world_.database.Apply(absl::StrCat(
        "INSERT INTO digest VALUES ('digests/", name, "', 'accounts/a', '", kOuc, "', DATE(",
        Ago(days), " + INTERVAL 8 HOUR), '汇总', '[]', ", Ago(days), ", ", Ago(days), ", 1)"));
  }
  std::string Ago(int days) const {
    return absl::StrCat(
        "'",
        absl::FormatTime("%Y-%m-%d %H:%M:%S", world_.clock.now - absl::Hours(24) * days,
                         absl::UTCTimeZone()),
        "'");
  }
  absl::StatusOr<int64_t> Clear(const NoticeRetention& kept = kKept) {
    db::Lease lease(world_.database.db(), "cycle-clearing", db::NewLeaseOwner(), absl::Minutes(2));
    CHANYAN_RETURN_IF_ERROR(lease.Acquire());
    const auto cleared = ClearNotices(world_.database.db(), world_.clock.now, lease, kept);
    (void)lease.Release();
    return cleared;
  }
  std::vector<std::string> Names(const std::string& table) {
    return testing::Texts(
        world_.database.db(),
        absl::StrCat("SELECT SUBSTRING_INDEX(name, '/', -1) FROM ", table, " ORDER BY name"));
  }

  World world_;
};

TEST_F(NoticeClearingTest, TooShortARetentionIsRefusedWithEveryFlag) {
  const absl::Status refused = CheckRetention({.read = 6, .unread = 0, .deliveries = -1});
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> flags;
  for (const auto& one : status::ViolationsOf(refused)) flags.push_back(one.field);
  EXPECT_THAT(flags, ElementsAre("--keep_read_notices_days", "--keep_unread_notices_days",
                                 "--keep_deliveries_days"));
  EXPECT_TRUE(CheckRetention({}).ok());
  EXPECT_TRUE(CheckRetention({.read = 7, .unread = 7, .deliveries = 7}).ok());
  EXPECT_GT(absl::Hours(24) * kLeastRetention, kOldNews);
}

TEST_F(NoticeClearingTest, WhatIsOldGoesByItsStateAndNothingElse) {
  Put("read-old", "READ", 31);
  Put("read-new", "READ", 29);
  Put("settled-old", "SETTLED", 31);
  Put("settled-new", "SETTLED", 29);
  Put("unread-old", "UNREAD", 61);
  Put("unread-new", "UNREAD", 59);
  PutDelivery("delivered-old", "DELIVERED", 21);
  PutDelivery("delivered-new", "DELIVERED", 19);
  PutDelivery("dead-old", "DEAD", 21);
  PutDelivery("dead-new", "DEAD", 19);
  PutDelivery("pending", "PENDING", 500);
  PutDigest("old", 31);
  PutDigest("new", 30);
  const auto cleared = Clear();
  ASSERT_TRUE(cleared.ok()) << cleared.status();
  EXPECT_EQ(*cleared, 6);
  EXPECT_THAT(Names("notification"), ElementsAre("read-new-1", "settled-new-1", "unread-new-1"));
  EXPECT_THAT(Names("webhook_delivery"), ElementsAre("dead-new-1", "delivered-new-1", "pending-1"));
  EXPECT_THAT(Names("digest"), ElementsAre("new"));
  EXPECT_EQ(Clear().value_or(-1), 0);
}

TEST_F(NoticeClearingTest, ManyGoInBatchesAndARunEndsSomewhere) {
  const int many = static_cast<int>(db::kDeleteBatch) * kClearBatches + 700;
  Put("old", "READ", 40, many);
  PutDelivery("old", "DELIVERED", 40, 900);
  EXPECT_EQ(Clear().value_or(-1), db::kDeleteBatch * kClearBatches);
  EXPECT_EQ(world_.Count("notification"), 700);
  EXPECT_EQ(Clear().value_or(-1), 700 + 900);
  EXPECT_EQ(world_.Count("notification"), 0);
}

TEST_F(NoticeClearingTest, ABatchReadsNoMoreThanItDeletes) {
  Put("old", "READ", 40, 2000);
  Put("new", "READ", 1, 20000);
  world_.database.Apply("ANALYZE TABLE notification");
  const auto plan = testing::Texts(
      world_.database.db(),
      absl::StrCat("EXPLAIN FORMAT=JSON DELETE FROM notification WHERE state = 'READ' AND "
                   "update_time < ",
                   Ago(30), " ORDER BY update_time LIMIT 500"));
  ASSERT_THAT(plan, SizeIs(1));
  EXPECT_THAT(plan[0], AllOf(HasSubstr("notification_clearing"), Not(HasSubstr("filesort"))));
}

TEST_F(NoticeClearingTest, AReplicaThatLostItsLeaseClearsNothing) {
  Put("old", "READ", 40);
  db::Lease stale(world_.database.db(), "cycle-clearing", db::NewLeaseOwner(), absl::Minutes(2));
  ASSERT_TRUE(stale.Acquire().ok());
  world_.database.Apply("UPDATE lease SET owner = 'another', token = token + 1");
  const auto cleared = ClearNotices(world_.database.db(), world_.clock.now, stale, kKept);
  EXPECT_TRUE(absl::IsFailedPrecondition(cleared.status()));
  EXPECT_EQ(world_.Count("notification"), 1);
}

// Three replicas clear while leases are taken over, people read, messages come, conflicts are many
// and answers of COMMITs are lost: all that is old is gone in the end, and all else is there.
TEST_F(NoticeClearingTest, SeveralReplicasClearBesidePeopleWhoRead) {
  Put("old", "READ", 40, 3000);
  Put("older", "UNREAD", 70, 1500);
  Put("kept", "UNREAD", 10, 300);
  PutDelivery("old", "DELIVERED", 40, 1200);
  world_.database.db().InjectFaults({.inject_retry_every = 5,
                                     .inject_ambiguous_commit_every = 11,
                                     .inject_ambiguous_nocommit_every = 13});
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this] {
      for (int run = 0; run < 15; ++run) (void)Clear();
    });
  }
  std::thread reader([this, &done] {
    for (int i = 1; i <= 300 && !done; ++i) {
      const auto read = [&](db::Session& session) {
        return session
            .Execute(
                "UPDATE notification SET state = 'READ', update_time = ?, version = version "
                "+ 1 WHERE name = ? AND state = 'UNREAD'",
                {world_.clock.now, absl::StrCat("notifications/kept-", i)})
            .status();
      };
      while (!world_.database.db().Transact(read).ok() && !done) {
      }
    }
  });
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  world_.database.db().InjectFaults({});
  world_.database.Apply("DELETE FROM lease WHERE name = 'cycle-clearing'");
  ASSERT_TRUE(Clear().ok());
  EXPECT_EQ(world_.Count("notification"), 300);
  for (const std::string& name : Names("notification")) EXPECT_THAT(name, HasSubstr("kept-"));
  EXPECT_EQ(world_.Count("webhook_delivery"), 0);
}

}  // namespace
}  // namespace chanyan::cycle
