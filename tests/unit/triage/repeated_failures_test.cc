// What a job says of its failures, without a job.
#include "services/triage/repeated_failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_CALENDAR_MISSING;
using options::v1::ERROR_REASON_FILE_TOO_LARGE;

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

TEST(RepeatedFailuresTest, OneLineForEachChangeOfStateAndNoneBetween) {
  using News = RepeatedFailures::News;
  const absl::Status missing =
      status::FailedPrecondition(ERROR_REASON_CALENDAR_MISSING, "缺2027年日历");
  RepeatedFailures failures;
  EXPECT_EQ(failures.Note(absl::OkStatus()), News::kNone);
  EXPECT_EQ(failures.Note(missing), News::kFails);
  // A year of minutes.
  for (int i = 0; i < 365 * 24 * 60; ++i) ASSERT_EQ(failures.Note(missing), News::kNone);
  // Another failure is another state, and so is the first again.
  const absl::Status other = absl::UnavailableError("数据库不可用");
  EXPECT_EQ(failures.Note(other), News::kFails);
  EXPECT_EQ(failures.Note(other), News::kNone);
  EXPECT_EQ(failures.Note(missing), News::kFails);
  EXPECT_EQ(failures.Note(absl::OkStatus()), News::kWorksAgain);
  EXPECT_EQ(failures.Note(absl::OkStatus()), News::kNone);
  EXPECT_EQ(failures.Note(missing), News::kFails);
  // One that says nothing is a failure too.
  EXPECT_EQ(failures.Note(absl::OkStatus()), News::kWorksAgain);
  EXPECT_EQ(failures.Note(absl::UnknownError("")), News::kFails);
  EXPECT_EQ(failures.Note(absl::UnknownError("")), News::kNone);
}

}  // namespace
}  // namespace chanyan::triage
