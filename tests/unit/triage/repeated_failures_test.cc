// What a job says of its failures, without a job.
#include "services/triage/repeated_failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_CALENDAR_MISSING;
using options::v1::ERROR_REASON_FILE_TOO_LARGE;

// Noon in Beijing.
absl::Time Noon(int day) {
  return absl::FromCivil(absl::CivilHour(2025, 4, day, 4), absl::UTCTimeZone());
}

TEST(FailuresTest, AllAreSaidEachOnceAndTheFirstIsTheReason) {
  Failures failures;
  EXPECT_TRUE(failures.All().ok());
  failures.Add(absl::OkStatus());
  EXPECT_TRUE(failures.All().ok());
  const absl::Status missing =
      status::FailedPrecondition(ERROR_REASON_CALENDAR_MISSING, "缺2027年日历");
  failures.Add(missing);
  failures.Add(status::FailedPrecondition(ERROR_REASON_FILE_TOO_LARGE, "“甲”太长"));
  failures.Add(missing);
  const absl::Status all = failures.All();
  EXPECT_EQ(all.message(), "缺2027年日历；“甲”太长");
  EXPECT_EQ(status::ReasonOf(all), ERROR_REASON_CALENDAR_MISSING);
  EXPECT_EQ(all.code(), absl::StatusCode::kFailedPrecondition);
}

TEST(RepeatedFailuresTest, EachIsSaidOnceADayAndAgainAfterAGoodRun) {
  const absl::Status missing =
      status::FailedPrecondition(ERROR_REASON_CALENDAR_MISSING, "缺2027年日历");
  RepeatedFailures failures;
  EXPECT_EQ(failures.Filter(missing, Noon(1)), missing);
  EXPECT_TRUE(failures.Filter(missing, Noon(1) + absl::Minutes(1)).ok());
  // Another one is said, and does not bring the first back.
  const absl::Status other = absl::UnavailableError("数据库不可用");
  EXPECT_EQ(failures.Filter(other, Noon(1) + absl::Minutes(2)), other);
  EXPECT_TRUE(failures.Filter(missing, Noon(1) + absl::Minutes(3)).ok());
  EXPECT_TRUE(failures.Filter(other, Noon(1) + absl::Hours(11)).ok());
  // The next day begins at midnight in Beijing.
  EXPECT_EQ(failures.Filter(missing, Noon(1) + absl::Hours(12)), missing);
  EXPECT_TRUE(failures.Filter(missing, Noon(2)).ok());
  EXPECT_TRUE(failures.Filter(absl::OkStatus(), Noon(2)).ok());
  EXPECT_EQ(failures.Filter(missing, Noon(2)), missing);
}

}  // namespace
}  // namespace chanyan::triage
