// Old rows that go a batch a transaction.
#include "common/db/batches.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/db/connection.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

constexpr char kOld[] = "DELETE FROM old WHERE n < ? ORDER BY n LIMIT ?";

class BatchesTest : public ::testing::Test {
 protected:
  BatchesTest() {
    EXPECT_TRUE(database_.Connect()->Run(kCreateLeaseTable).ok());
    database_.Apply("CREATE TABLE old (n BIGINT NOT NULL PRIMARY KEY)");
    lease_ = std::make_unique<Lease>(database_.db(), "clearing", "first", absl::Minutes(2));
  }
  void Put(int64_t count) {
    database_.Apply(absl::StrCat("INSERT INTO old SELECT seq FROM seq_1_to_", count));
  }
  absl::StatusOr<int64_t> DeleteBelow(int64_t n, int* batches) {
    return DeleteInBatches(database_.db(), *lease_, {kOld, {n}}, batches);
  }
  size_t Left() { return database_.Connect()->Query("SELECT n FROM old", {})->rows.size(); }

  testing::TestDatabase database_;
  std::unique_ptr<Lease> lease_;
};

TEST_F(BatchesTest, WhoNeverHeldTheLeaseDeletesNothing) {
  Put(10);
  int batches = 10;
  EXPECT_EQ(DeleteBelow(100, &batches).value_or(-1), 0);
  EXPECT_EQ(batches, 10);
  EXPECT_EQ(Left(), 10u);
}

TEST_F(BatchesTest, WhoLostTheLeaseDeletesNothing) {
  Put(10);
  ASSERT_TRUE(lease_->Acquire().ok());
  database_.Apply("UPDATE lease SET owner = 'second', token = token + 1");
  int batches = 10;
  EXPECT_TRUE(absl::IsFailedPrecondition(DeleteBelow(100, &batches).status()));
  EXPECT_EQ(Left(), 10u);
}

TEST_F(BatchesTest, AllThatIsOldGoesAndNothingElse) {
  Put(3 * kDeleteBatch + 10);
  ASSERT_TRUE(lease_->Acquire().ok());
  int batches = 10;
  EXPECT_EQ(DeleteBelow(2 * kDeleteBatch + 1, &batches).value_or(-1), 2 * kDeleteBatch);
  EXPECT_EQ(batches, 7) << "the third found nothing";
  EXPECT_EQ(DeleteBelow(2 * kDeleteBatch + 8, &batches).value_or(-1), 7);
  EXPECT_EQ(batches, 6);
  EXPECT_EQ(Left(), static_cast<size_t>(kDeleteBatch + 3));
}

TEST_F(BatchesTest, ARunEndsWithItsBatches) {
  Put(3 * kDeleteBatch);
  ASSERT_TRUE(lease_->Acquire().ok());
  int batches = 2;
  EXPECT_EQ(DeleteBelow(1'000'000, &batches).value_or(-1), 2 * kDeleteBatch);
  EXPECT_EQ(batches, 0);
  EXPECT_EQ(DeleteBelow(1'000'000, &batches).value_or(-1), 0);
  EXPECT_EQ(Left(), static_cast<size_t>(kDeleteBatch));
}

}  // namespace
}  // namespace chanyan::db
