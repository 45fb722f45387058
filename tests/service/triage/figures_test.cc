// The series of triage against what was done, on the real database.
#include "services/triage/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/metrics/metrics.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FiguresTest : public ::testing::Test, protected World {
 protected:
  std::string Measured() {
    const absl::Status measured = figures_.Measure();
    EXPECT_TRUE(measured.ok()) << measured;
    return metrics_.Text();
  }
  static std::string Idle(const char* rung, int number) {
    return absl::StrCat("chanyan_triage_results_idle{rung=\"", rung, "\"} ", number, "\n");
  }
  static std::string Overdue(int number) {
    return absl::StrCat("chanyan_triage_pushes_overdue ", number, "\n");
  }

  metrics::Registry metrics_;
  const Figures figures_{database.db(), clock, triage, metrics_};
};

TEST_F(FiguresTest, APushCountsFromTheSecondAfterItsTermUntilItIsAnswered) {
  EXPECT_THAT(Measured(), HasSubstr(Overdue(0)));
  v1::Result draft = Draft("海水淡化膜");
  draft.clear_conversion_modes();
  draft.add_conversion_modes(v1::CONVERSION_MODE_DEVELOPMENT);
  const v1::Push push =
      PushTo(Pushed(draft).name(), kMarineDepartment, policy::v1::TRIAGE_CLASS_HORIZONTAL);
  clock.now = time::EndOfDay(absl::CivilDay(2025, 4, 3));
  EXPECT_THAT(Measured(), HasSubstr(Overdue(0)));
  clock.now += absl::Seconds(1);
  EXPECT_THAT(Measured(), HasSubstr(Overdue(1)));
  auto answer = Named<v1::AnswerPushRequest>(push.name());
  answer.set_answer("已列入项目指南");
  const auto receive = dispatch.ReceivePush(
      As(options::v1::ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.ReceivePush"),
      Named<v1::ReceivePushRequest>(push.name()));
  ASSERT_TRUE(receive.ok()) << receive.status();
  EXPECT_THAT(Measured(), HasSubstr(Overdue(0))) << "it has another term";
  Go(absl::CivilDay(2025, 6, 18));
  EXPECT_THAT(Measured(), HasSubstr(Overdue(1)));
  ASSERT_TRUE(dispatch
                  .AnswerPush(As(options::v1::ROLE_DEPARTMENT, kMarineDepartment,
                                 "DispatchService.AnswerPush"),
                              answer)
                  .ok());
  EXPECT_THAT(Measured(), HasSubstr(Overdue(0)));
}

TEST_F(FiguresTest, AnIdleResultStandsAtTheLastRungThatWasCalledUntilItEnds) {
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Create(Draft("另一种膜")).ok());
  EXPECT_THAT(Measured(), HasSubstr(Idle("department", 0)));
  const auto lease = JobLease();
  Go(absl::CivilDay(2025, 4, 9));
  ASSERT_TRUE(first.Climb(*lease).ok());
  EXPECT_THAT(Measured(), HasSubstr(Idle("department", 2)));
  Go(absl::CivilDay(2025, 4, 16));
  ASSERT_TRUE(first.Climb(*lease).ok());
  EXPECT_THAT(Measured(), HasSubstr(Idle("department", 0)));
  EXPECT_THAT(Measured(), HasSubstr(Idle("bureau-leader", 2)));
  ASSERT_TRUE(Withdraw(made->name()).ok());
  EXPECT_THAT(Measured(), HasSubstr(Idle("bureau-leader", 1)));
  EXPECT_THAT(Measured(), HasSubstr(Idle("city-leader", 0)));
}

TEST_F(FiguresTest, EachRunThatFailsIsCountedAtItsPart) {
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("chanyan_triage_job_failures_total{")));
  for (int i = 0; i < 3; ++i) figures_.Failed(JobPartId::kLadder);
  figures_.Failed(JobPartId::kReports);
  EXPECT_THAT(metrics_.Text(), HasSubstr("chanyan_triage_job_failures_total{part=\"ladder\"} 3\n"));
  EXPECT_THAT(metrics_.Text(),
              HasSubstr("chanyan_triage_job_failures_total{part=\"reports\"} 1\n"));
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("part=\"pushes\"")));
}

TEST_F(FiguresTest, WhatCannotBeReadLeavesTheFiguresOfBefore) {
  ASSERT_TRUE(Create(Draft("海水淡化膜")).ok());
  const auto lease = JobLease();
  Go(absl::CivilDay(2025, 4, 9));
  ASSERT_TRUE(first.Climb(*lease).ok());
  const std::string before = Measured();
  ASSERT_TRUE(database.Connect()->Run("RENAME TABLE result TO away").ok());
  EXPECT_FALSE(figures_.Measure().ok());
  EXPECT_EQ(metrics_.Text(), before);
  ASSERT_TRUE(database.Connect()->Run("RENAME TABLE away TO result").ok());
}

}  // namespace
}  // namespace chanyan::triage
