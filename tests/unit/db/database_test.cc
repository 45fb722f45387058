#include "common/db/database.h"

#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::db {
namespace {

TEST(DatabaseTest, ACommittedRowIsReadBack) {
  testing::TestDatabase database({"common:common/db/migrations"});
  ASSERT_TRUE(database.db()
                  .Transact([](Session& session) {
                    return session
                        .Execute("INSERT INTO `cursor` (follower, seq, moved_at) VALUES (?, ?, ?)",
                                 {"f", int64_t{7}, absl::UnixEpoch()})
                        .status();
                  })
                  .ok());
  ASSERT_TRUE(database.db()
                  .Read([](Session& session) -> absl::Status {
                    auto rows = session.Query("SELECT seq, moved_at FROM `cursor`");
                    EXPECT_EQ(std::get<int64_t>(rows->rows.at(0).at(0)), 7);
                    EXPECT_EQ(std::get<absl::Time>(rows->rows.at(0).at(1)), absl::UnixEpoch());
                    return rows.status();
                  })
                  .ok());
}

}  // namespace
}  // namespace chanyan::db
