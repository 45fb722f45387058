// Timestamp and instant, both ways.
#include "common/time/timestamp.h"

#include <gtest/gtest.h>

#include <random>

#include "google/protobuf/util/time_util.h"

namespace chanyan::time {
namespace {

using google::protobuf::util::TimeUtil;

TEST(TimestampTest, WhatIsBelowAMicrosecondIsDroppedTowardsThePast) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(-2);
  timestamp.set_nanos(1'999);
  EXPECT_EQ(absl::ToUnixMicros(ToTime(timestamp)), -1'999'999);
  EXPECT_EQ(ToTimestamp(absl::UnixEpoch() - absl::Nanoseconds(1)).seconds(), -1);
  EXPECT_EQ(ToTimestamp(absl::UnixEpoch() - absl::Nanoseconds(1)).nanos(), 999'999'000);
  EXPECT_EQ(ToTimestamp(absl::UnixEpoch() + absl::Nanoseconds(999)).nanos(), 0);
  EXPECT_EQ(ToTime({}), absl::UnixEpoch()) << "an unset one is the epoch";
}

TEST(TimestampTest, AnyMicrosecondComesBackAndIsThatOfProtobuf) {
  std::mt19937_64 random(20250401);
  // The years 1000 to 9999, which a table can hold.
  std::uniform_int_distribution<int64_t> micros(-30'610'224'000'000'000, 253'402'300'799'999'999);
  for (int i = 0; i < 20'000; ++i) {
    const int64_t drawn = micros(random);
    const absl::Time time = absl::FromUnixMicros(drawn);
    const google::protobuf::Timestamp timestamp = ToTimestamp(time);
    ASSERT_EQ(ToTime(timestamp), time) << drawn;
    ASSERT_EQ(TimeUtil::TimestampToMicroseconds(timestamp), drawn);
    ASSERT_GE(timestamp.nanos(), 0) << drawn;
  }
}

}  // namespace
}  // namespace chanyan::time
