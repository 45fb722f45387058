#include "common/db/datetime.h"

#include "gtest/gtest.h"

namespace chanyan::db {
namespace {

absl::Time At(absl::CivilSecond civil, int64_t micros) {
  return absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

TEST(DateTimeTest, WhatCannotBeStoredIsRefused) {
  EXPECT_EQ(FormatDateTime(absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FormatDateTime(absl::InfinitePast()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(FormatDateTime(At(absl::CivilSecond(999, 12, 31, 23, 59, 59), 0)).ok());
  EXPECT_FALSE(FormatDateTime(At(absl::CivilSecond(10000, 1, 1), 0)).ok());
}

TEST(DateTimeTest, WhatIsNoDateTimeIsInternal) {
  for (const char* text : {"", "2025-03-01", "0000-00-00 00:00:00", "2025-03-01 12:34:5x",
                           "2025-03-01 12:34:56.1234567"}) {
    EXPECT_EQ(ParseDateTime(text).status().code(), absl::StatusCode::kInternal) << text;
  }
}

TEST(DateTimeTest, BothWaysAreExactToTheMicrosecond) {
  const struct {
    absl::Time time;
    const char* text;
  } kCases[] = {
      {absl::UnixEpoch(), "1970-01-01 00:00:00.000000"},
      {At(absl::CivilSecond(2025, 3, 1, 4, 5, 6), 7), "2025-03-01 04:05:06.000007"},
      {At(absl::CivilSecond(2024, 2, 29, 23, 59, 59), 999999), "2024-02-29 23:59:59.999999"},
      {absl::UnixEpoch() - absl::Microseconds(1), "1969-12-31 23:59:59.999999"},
      {At(absl::CivilSecond(1000, 1, 1), 0), "1000-01-01 00:00:00.000000"},
      {At(absl::CivilSecond(9999, 12, 31, 23, 59, 59), 999999), "9999-12-31 23:59:59.999999"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FormatDateTime(c.time).value(), c.text);
    EXPECT_EQ(ParseDateTime(c.text).value(), c.time) << c.text;
  }
  EXPECT_EQ(ParseDateTime("2025-03-01 04:05:06").value(),
            At(absl::CivilSecond(2025, 3, 1, 4, 5, 6), 0));
  EXPECT_EQ(ParseDateTime("2025-03-01 04:05:06.5").value(),
            At(absl::CivilSecond(2025, 3, 1, 4, 5, 6), 500000));
}

TEST(DateTimeTest, BelowAMicrosecondIsDroppedTowardsThePast) {
  EXPECT_EQ(FormatDateTime(absl::UnixEpoch() - absl::Nanoseconds(1)).value(),
            "1969-12-31 23:59:59.999999");
  EXPECT_EQ(FormatDateTime(absl::UnixEpoch() + absl::Nanoseconds(1999)).value(),
            "1970-01-01 00:00:00.000001");
}

}  // namespace
}  // namespace chanyan::db
