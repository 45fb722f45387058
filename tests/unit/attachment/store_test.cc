// Contents on the real database: each once, and gone with its last holder.
#include "common/attachment/store.h"

#include <gtest/gtest.h>

#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/status/status.h"
#include "tests/support/test_database.h"

namespace chanyan::attachment {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    database_.Apply(R"sql(
      CREATE TABLE attachment_content (
        sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
        byte_count BIGINT NOT NULL, holders BIGINT NOT NULL) ENGINE = InnoDB;
      CREATE TABLE attachment_chunk (
        sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        number INT NOT NULL, data MEDIUMBLOB NOT NULL,
        PRIMARY KEY (sha256, number)) ENGINE = InnoDB;
    )sql");
  }

  absl::Status Hold(const std::string& bytes) {
    return database_.db().Transact([&](db::Session& session) {
      return attachment::Hold(session, api::Sha256Hex(bytes), bytes);
    });
  }
  absl::Status Release(const std::string& bytes) {
    return database_.db().Transact(
        [&](db::Session& session) { return attachment::Release(session, api::Sha256Hex(bytes)); });
  }
  absl::StatusOr<std::string> Load(const std::string& sha256) {
    absl::StatusOr<std::string> bytes = std::string();
    const absl::Status read = database_.db().Read([&](db::Session& session) {
      bytes = attachment::Load(session, sha256);
      return bytes.status();
    });
    if (!read.ok()) return read;
    return bytes;
  }
  int64_t Count(const char* sql) {
    int64_t count = -1;
    EXPECT_TRUE(database_.db()
                    .Read([&](db::Session& session) -> absl::Status {
                      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
                      count = std::get<int64_t>(rows.rows[0][0]);
                      return absl::OkStatus();
                    })
                    .ok());
    return count;
  }
  int64_t Chunks() { return Count("SELECT COUNT(*) FROM attachment_chunk"); }
  int64_t Contents() { return Count("SELECT COUNT(*) FROM attachment_content"); }

  chanyan::testing::TestDatabase database_;
};

// Bytes of every value, so that no character set can pass over them unseen.
std::string Bytes(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random() & 0xFF);
  return out;
}

TEST_F(StoreTest, BytesComeBackAsTheyWentIn) {
  const size_t sizes[] = {1, 255, kChunkBytes - 1, kChunkBytes, kChunkBytes + 1, kMaxFileBytes};
  for (size_t size : sizes) {
    const std::string bytes = Bytes(size, static_cast<unsigned>(size));
    ASSERT_TRUE(Hold(bytes).ok()) << size;
    const auto loaded = Load(api::Sha256Hex(bytes));
    ASSERT_TRUE(loaded.ok()) << size << loaded.status();
    EXPECT_TRUE(*loaded == bytes) << size;
  }
  EXPECT_EQ(Chunks(), 1 + 1 + 1 + 1 + 2 + 10);
}

TEST_F(StoreTest, TheSameFileIsStoredOnceAndGoesWithItsLastHolder) {
  const std::string bytes = Bytes(kChunkBytes + 5, 1);
  ASSERT_TRUE(Hold(bytes).ok());
  ASSERT_TRUE(Hold(bytes).ok());
  EXPECT_EQ(Chunks(), 2);
  ASSERT_TRUE(Release(bytes).ok());
  EXPECT_TRUE(Load(api::Sha256Hex(bytes)).ok());
  ASSERT_TRUE(Release(bytes).ok());
  EXPECT_EQ(Chunks() + Contents(), 0);
  EXPECT_EQ(Release(bytes).code(), absl::StatusCode::kInternal) << "nobody holds it";
  EXPECT_EQ(Load(api::Sha256Hex(bytes)).status().code(), absl::StatusCode::kInternal);
}

TEST_F(StoreTest, WhatWasTamperedWithIsNotServed) {
  const std::string bytes = Bytes(1000, 2);
  ASSERT_TRUE(Hold(bytes).ok());
  database_.Apply("UPDATE attachment_chunk SET data = CONCAT('x', SUBSTRING(data, 2))");
  EXPECT_EQ(Load(api::Sha256Hex(bytes)).status().code(), absl::StatusCode::kInternal);
}

TEST_F(StoreTest, ARefusedTransactionLeavesNothing) {
  const std::string bytes = Bytes(kChunkBytes * 2, 3);
  const absl::Status refused = database_.db().Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(attachment::Hold(session, api::Sha256Hex(bytes), bytes));
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, "not after all");
  });
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(Chunks() + Contents(), 0);
}

// Whoever comes and goes at once: a content is there exactly while somebody holds it.
TEST_F(StoreTest, HoldersThatComeAndGoAtOnceNeverLoseTheContent) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  const std::string bytes = Bytes(3000, 4);
  constexpr int kThreads = 4;
  constexpr int kRounds = 40;
  std::vector<int> held(kThreads);
  std::vector<int> lost(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(seed + static_cast<unsigned>(i));
      for (int round = 0; round < kRounds; ++round) {
        if (held[i] == 0 || random() % 2 == 0) {
          held[i] += Hold(bytes).ok();
        } else {
          held[i] -= Release(bytes).ok();
        }
        if (held[i] > 0) lost[i] += !Load(api::Sha256Hex(bytes)).ok();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int total = 0;
  for (int i = 0; i < kThreads; ++i) {
    EXPECT_EQ(lost[i], 0) << "thread " << i;
    total += held[i];
  }
  if (total == 0) {
    EXPECT_EQ(Chunks() + Contents(), 0);
  } else {
    EXPECT_EQ(Count("SELECT CAST(SUM(holders) AS SIGNED) FROM attachment_content"), total);
    EXPECT_EQ(Chunks(), 1);
  }
}

TEST(QuotaTest, FilesAndBytesAreCountedTogether) {
  const Quota quota = {.files = 2, .bytes = 100};
  EXPECT_TRUE(CheckQuota(quota, 0, 0, 100).ok());
  EXPECT_TRUE(CheckQuota(quota, 1, 60, 40).ok());
  EXPECT_EQ(status::ReasonOf(CheckQuota(quota, 1, 60, 41)),
            options::v1::ERROR_REASON_FILE_TOO_LARGE);
  EXPECT_EQ(status::ReasonOf(CheckQuota(quota, 2, 0, 1)), options::v1::ERROR_REASON_FILE_TOO_LARGE);
}

}  // namespace
}  // namespace chanyan::attachment
