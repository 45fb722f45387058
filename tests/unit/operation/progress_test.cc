#include "common/operation/progress.h"

#include "common/rpc/long_work.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "gtest/gtest.h"

namespace chanyan::operation {
namespace {

const absl::Time kStart = absl::UnixEpoch() + absl::Hours(480'000);

v1::Operation Running(int done, int total) {
  v1::Operation operation;
  operation.set_state(v1::OPERATION_STATE_RUNNING);
  operation.set_done_units(done);
  operation.set_total_units(total);
  *operation.mutable_start_time() = time::ToTimestamp(kStart);
  operation.set_etag("e");
  return operation;
}

v1::Operation Shown(v1::Operation operation, const Pace& pace,
                    absl::Duration after = absl::Minutes(2)) {
  Show(pace, kStart + after, &operation);
  return operation;
}

TEST(ProgressTest, NumbersThatCannotBeAreNotShownAsMoreThanAllOrLessThanNothing) {
  EXPECT_EQ(Shown(Running(5, 3), {}).percent(), 99);
  EXPECT_EQ(Shown(Running(-1, 3), {}).percent(), 0);
  EXPECT_EQ(Shown(Running(0, 0), {.stage = 77, .done = 1, .total = 2}).percent(), 0);
  EXPECT_EQ(Shown(Running(0, 0), {.stage = -1, .done = 1, .total = 2}).stage(),
            v1::OPERATION_STAGE_UNSPECIFIED);
  EXPECT_EQ(Shown(Running(0, 0), {.stage = 3, .done = 9, .total = 2}).percent(), 99);
  // Its clock was set back since.
  EXPECT_FALSE(Shown(Running(1, 2), {}, absl::Minutes(-1)).has_estimated_end_time());
}

TEST(ProgressTest, UnitsSayHowFarItIsAndWhenItEnds) {
  const v1::Operation shown = Shown(Running(40, 100), {.stage = 3, .done = 1, .total = 2});
  EXPECT_EQ(shown.percent(), 40);
  EXPECT_EQ(time::ToTime(shown.estimated_end_time()), kStart + absl::Minutes(5));
  EXPECT_EQ(shown.stage(), v1::OPERATION_STAGE_WRITING);
  EXPECT_EQ(shown.stage_done(), 1);
  EXPECT_EQ(shown.actions_size(), 1);
}

TEST(ProgressTest, WithoutUnitsTheStagesDo) {
  const auto percent = [](rpc::Stage stage, int done, int total) {
    return Shown(Running(0, 0), {.stage = static_cast<int>(stage), .done = done, .total = total})
        .percent();
  };
  EXPECT_EQ(Shown(Running(0, 0), {}).percent(), 0);
  EXPECT_EQ(percent(rpc::Stage::kReading, 0, 1000), 0);
  EXPECT_EQ(percent(rpc::Stage::kReading, 500, 1000), 20);
  EXPECT_EQ(percent(rpc::Stage::kChecking, 0, 0), 40);
  EXPECT_EQ(percent(rpc::Stage::kWriting, 0, 1000), 50);
  EXPECT_EQ(percent(rpc::Stage::kWriting, 500, 1000), 75);
  EXPECT_EQ(percent(rpc::Stage::kWriting, 1000, 1000), 99);
}

TEST(ProgressTest, NothingIsForetoldFromNothing) {
  EXPECT_FALSE(Shown(Running(1, 100), {}).has_estimated_end_time());
  EXPECT_TRUE(Shown(Running(2, 100), {}).has_estimated_end_time());
  v1::Operation waiting = Running(0, 0);
  waiting.set_state(v1::OPERATION_STATE_PENDING);
  waiting.clear_start_time();
  EXPECT_FALSE(Shown(waiting, {.stage = 1, .done = 1, .total = 1}).has_estimated_end_time());
}

TEST(ProgressTest, OnlyWhatIsDoneIsWhole) {
  for (const auto state :
       {v1::OPERATION_STATE_DONE, v1::OPERATION_STATE_FAILED, v1::OPERATION_STATE_CANCELLED}) {
    v1::Operation ended = Running(3, 4);
    ended.set_state(state);
    const v1::Operation shown = Shown(ended, {.stage = 2, .done = 1, .total = 2, .beat = 9});
    EXPECT_EQ(shown.percent(), state == v1::OPERATION_STATE_DONE ? 100 : 75);
    EXPECT_EQ(shown.stage(), v1::OPERATION_STAGE_UNSPECIFIED);
    EXPECT_TRUE(shown.actions().empty());
    EXPECT_EQ(EventId(ended, {.beat = 9}), EventId(ended, {})) << "an ended one changes no more";
  }
}

TEST(ProgressTest, EachVisibleChangeIsAnotherEvent) {
  v1::Operation operation = Running(1, 4);
  const std::string first = EventId(operation, {.beat = 1});
  EXPECT_NE(EventId(operation, {.beat = 2}), first);
  operation.set_etag("f");
  EXPECT_NE(EventId(operation, {.beat = 1}), first);
}

TEST(ProgressTest, AnErrorIsToldWholeButAFaultOfOursIsNot) {
  std::vector<status::Violation> wrong;
  for (int row = 0; row < 400; ++row) wrong.push_back({"表.xlsx / C7", "不对"});
  v1::Operation operation;
  *operation.mutable_error() =
      ErrorOf(status::InvalidFields(wrong, options::v1::ERROR_REASON_INVALID_FILE));
  EXPECT_EQ(operation.error().code(), "INVALID_ARGUMENT");
  EXPECT_EQ(operation.error().reason(), "INVALID_FILE");
  EXPECT_EQ(operation.error().violations_size(), 400);
  KeepFewViolations(&operation);
  EXPECT_EQ(operation.error().violations_size(), kFewViolations);
  EXPECT_EQ(ErrorOf(status::Internal("secret stack")).message().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace chanyan::operation
