// Operations that lose their process, their lease, their peers or their time, and are watched.
#include "common/operation/runner.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/unit/operation/operation_fixture.h"

namespace chanyan::operation {
namespace {

TEST_F(OperationTest, AnotherTakesUpWhatOneLostAndNothingIsDoneTwice) {
  const v1::Operation begun = *Begin();
  Runner::Options brief;
  brief.lease = absl::Milliseconds(300);
  auto first = NewRunner(brief);
  auto second = NewRunner();
  absl::Notification stuck, over;
  std::atomic<bool> stop = true;
  before_ = [&](int unit) -> absl::Status {
    // Only the first time: as a process that is stopped for longer than its lease.
    if (unit == 3 && stop.exchange(false)) {
      stuck.Notify();
      over.WaitForNotification();
    }
    return absl::OkStatus();
  };
  std::thread slow([&] { first->RunWaiting(); });
  stuck.WaitForNotification();
  EXPECT_EQ(Effects(), 3);
  // `first` has no thread that renews: its lease ends.
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_EQ(second->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_DONE);
  over.Notify();
  slow.join();
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
  const v1::Operation done = Get(begun.name());
  EXPECT_EQ(done.state(), v1::OPERATION_STATE_DONE);
  EXPECT_EQ(done.done_units(), kUnits);
  EXPECT_EQ(done.total_units(), kUnits);
  EXPECT_EQ(done.attempts(), 2);
  EXPECT_EQ(done.result(), R"({"created":5})") << "the units of both runs";
}

TEST_F(OperationTest, TwoProcessesAtOnceDoEachUnitOnce) {
  const v1::Operation begun = *Begin();
  auto first = NewRunner(), second = NewRunner();
  std::thread a([&] { first->RunWaiting(); });
  std::thread b([&] { second->RunWaiting(); });
  a.join();
  b.join();
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
  EXPECT_EQ(Get(begun.name()).attempts(), 1);
}

TEST_F(OperationTest, LostCommitsAndConflictsDoNotDoubleOrSkip) {
  database_.db().InjectFaults({.inject_retry_every = 3,
                               .inject_ambiguous_commit_every = 4,
                               .inject_ambiguous_nocommit_every = 5});
  const auto begun = Begin();
  ASSERT_TRUE(begun.ok()) << begun.status();
  auto runner = NewRunner();
  for (int i = 0; i < 40 && !HasEnded(Get(begun->name()).state()); ++i) runner->RunWaiting();
  database_.db().InjectFaults({});
  const v1::Operation done = Get(begun->name());
  EXPECT_EQ(done.state(), v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(done.done_units(), kUnits);
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
}

TEST_F(OperationTest, WhatAPeerBreaksOffIsTriedAgainUntilItIsEnough) {
  const v1::Operation begun = *Begin();
  std::atomic<int> runs = 0;
  before_ = [&](int unit) -> absl::Status {
    if (unit != 1 || ++runs > 2) return absl::OkStatus();
    // A peer that is away, and one that ends while it is asked.
    return runs == 1 ? status::Unavailable("名录服务暂停") : absl::CancelledError("请求已取消");
  };
  auto runner = NewRunner();
  EXPECT_EQ(runner->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_RUNNING);
  for (int i = 0; i < 5; ++i) runner->RunWaiting();
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_DONE);
  EXPECT_EQ(Get(begun.name()).attempts(), 3);
  EXPECT_EQ(Effects(), kUnits);

  const v1::Operation hopeless = *Begin();
  before_ = [](int) { return status::Unavailable("名录服务暂停"); };
  for (int i = 0; i < 20; ++i) runner->RunWaiting();
  const v1::Operation failed = Get(hopeless.name());
  EXPECT_EQ(failed.state(), v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(failed.error().code(), "UNAVAILABLE");
  EXPECT_EQ(failed.attempts(), Runner::kMaxAttempts);
}

TEST_F(OperationTest, WhatKillsItsProcessIsGivenUp) {
  const v1::Operation begun = *Begin();
  database_.Apply(
      absl::StrCat("UPDATE operation SET state = 'RUNNING', attempts = ", Runner::kMaxAttempts));
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(Effects(), 0);
}

TEST_F(OperationTest, AStopPutsItDownForAnother) {
  const v1::Operation begun = *Begin();
  auto runner = NewRunner();
  absl::Notification there;
  before_ = [&](int unit) -> absl::Status {
    if (unit != 2) return absl::OkStatus();
    there.Notify();
    absl::SleepFor(absl::Milliseconds(300));
    return absl::OkStatus();
  };
  runner->Start();
  there.WaitForNotification();
  runner->Stop();
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_RUNNING);
  EXPECT_EQ(Get(begun.name()).attempts(), 0) << "a stop is no failure";
  before_ = nullptr;
  EXPECT_EQ(NewRunner()->RunWaiting(), 1) << "at once: the lease was given up";
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_DONE);
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
}

TEST_F(OperationTest, ALongReadingKeepsItsLeaseAndIsSeen) {
  const v1::Operation begun = *Begin();
  Runner::Options brief;
  brief.lease = absl::Milliseconds(600);
  auto runner = NewRunner(brief);
  absl::Notification reading, go;
  before_ = [&](int unit) -> absl::Status {
    if (unit != 0) return absl::OkStatus();
    rpc::LongWork::OfThisThread().Say(rpc::Stage::kReading, 300, 1000);
    reading.Notify();
    go.WaitForNotification();
    return absl::OkStatus();
  };
  runner->Start();
  reading.WaitForNotification();
  absl::SleepFor(absl::Milliseconds(1500));
  EXPECT_EQ(NewRunner()->RunWaiting(), 0) << "it is taken";
  const v1::Operation seen = Get(begun.name());
  EXPECT_EQ(seen.stage(), v1::OPERATION_STAGE_READING);
  EXPECT_EQ(seen.stage_done(), 300);
  EXPECT_EQ(seen.stage_total(), 1000);
  go.Notify();
  for (int i = 0; i < 100 && !HasEnded(Get(begun.name()).state()); ++i) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  runner->Stop();
  EXPECT_EQ(Get(begun.name()).attempts(), 1);
  EXPECT_EQ(Effects(), kUnits);
}

TEST_F(OperationTest, WhoeverWatchesIsToldWhatIsNewAndWhenItIsOver) {
  const v1::Operation begun = *Begin();
  v1::WatchOperationRequest request;
  request.set_name(begun.name());
  const rpc::Call call = Li("chanyan.operation.v1.OperationService.WatchOperation");
  auto news = service_.WatchOperation(call, request);
  ASSERT_TRUE(news.ok()) << news.status();
  ASSERT_TRUE(news->event.has_value());
  EXPECT_EQ(news->event->operation().state(), v1::OPERATION_STATE_PENDING);
  request.set_last_event_id(news->event->event_id());
  news = service_.WatchOperation(call, request);
  EXPECT_FALSE(news->event.has_value());
  EXPECT_FALSE(news->ended);
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  news = service_.WatchOperation(call, request);
  ASSERT_TRUE(news->event.has_value());
  EXPECT_EQ(news->event->operation().state(), v1::OPERATION_STATE_DONE);
  request.set_last_event_id(news->event->event_id());
  EXPECT_TRUE(service_.WatchOperation(call, request)->ended);
  request.set_last_event_id("of-another-time");
  EXPECT_TRUE(service_.WatchOperation(call, request)->event.has_value());
}

}  // namespace
}  // namespace chanyan::operation
