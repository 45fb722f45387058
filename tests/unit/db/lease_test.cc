#include "common/db/lease.h"

#include "common/db/connection.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

constexpr absl::Duration kTtl = absl::Seconds(30);

class LeaseTest : public ::testing::Test {
 protected:
  LeaseTest() {
    EXPECT_TRUE(database_.Connect()->Run(kCreateLeaseTable).ok());
    database_.Apply("CREATE TABLE effect (n BIGINT NOT NULL PRIMARY KEY)");
  }

  Database& db() { return database_.db(); }
  // As if the holder had been silent for longer than the ttl.
  void Expire() { database_.Apply("UPDATE lease SET expires_at = '2000-01-01'"); }
  absl::Status Effect(const Lease& lease, int64_t n) {
    return db().Transact([&](Session& session) {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      return session.Execute("INSERT INTO effect (n) VALUES (?)", {n}).status();
    });
  }
  size_t Effects() { return database_.Connect()->Query("SELECT n FROM effect", {})->rows.size(); }

  testing::TestDatabase database_;
  Lease first_{db(), "sealer", "first", kTtl};
  Lease second_{db(), "sealer", "second", kTtl};
};

TEST_F(LeaseTest, NoEffectBeforeItIsHeld) {
  EXPECT_EQ(Effect(first_, 1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(first_.Held());
  EXPECT_EQ(Effects(), 0u);
}

TEST_F(LeaseTest, OneHoldsItAndRenewsWithTheSameToken) {
  ASSERT_TRUE(first_.Acquire().ok());
  EXPECT_EQ(second_.Acquire().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(second_.Held());
  const int64_t token = first_.token();
  ASSERT_TRUE(first_.Acquire().ok());
  EXPECT_EQ(first_.token(), token);
  EXPECT_TRUE(first_.Held());
  EXPECT_TRUE(Effect(first_, 1).ok());
  EXPECT_EQ(Effect(second_, 2).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Effects(), 1u);
}

TEST_F(LeaseTest, AfterATakeoverTheOldHolderHasNoEffect) {
  ASSERT_TRUE(first_.Acquire().ok());
  Expire();
  ASSERT_TRUE(second_.Acquire().ok());
  EXPECT_GT(second_.token(), first_.token());
  // The first still believes in its clock; the fence knows better.
  EXPECT_TRUE(first_.Held());
  EXPECT_EQ(Effect(first_, 1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Effect(second_, 2).ok());
  EXPECT_EQ(first_.Acquire().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(first_.Held());
  EXPECT_EQ(Effects(), 1u);
}

// The takeover waits for the fenced transaction, or the transaction fails; never both.
TEST_F(LeaseTest, ATakeoverCannotOvertakeAFencedTransaction) {
  ASSERT_TRUE(first_.Acquire().ok());
  Expire();
  bool overtaken = false;
  const absl::Status effect = db().Transact([&](Session& session) {
    CHANYAN_RETURN_IF_ERROR(first_.Fence(session));
    const auto rival = database_.Connect();
    rival->Run("SET innodb_lock_wait_timeout=0").IgnoreError();
    overtaken = rival->Execute("UPDATE lease SET token = token + 1, owner = 'second'", {}).ok();
    return session.Execute("INSERT INTO effect (n) VALUES (1)").status();
  });
  EXPECT_TRUE(effect.ok()) << effect;
  EXPECT_FALSE(overtaken);
}

TEST_F(LeaseTest, AReleaseLetsTheNextInAtOnce) {
  ASSERT_TRUE(first_.Acquire().ok());
  ASSERT_TRUE(first_.Release().ok());
  EXPECT_FALSE(first_.Held());
  ASSERT_TRUE(second_.Acquire().ok());
  ASSERT_TRUE(first_.Release().ok());
  EXPECT_EQ(first_.Acquire().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(LeaseTest, OwnersDiffer) { EXPECT_NE(NewLeaseOwner(), NewLeaseOwner()); }

}  // namespace
}  // namespace chanyan::db
