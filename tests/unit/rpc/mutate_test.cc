#include "common/rpc/mutate.h"
#include "common/api/names.h"

#include <atomic>
#include <thread>
#include <vector>

#include "chanyan/identity/v1/identity.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::rpc {
namespace {

using identity::v1::Account;
using identity::v1::UpdateAccountRequest;

// The change of these tests: one more row in `effect` each time it is really made.
constexpr char kEffect[] =
    "CREATE TABLE effect (id BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB";

class MutateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_.Apply(kEffect);
    call_.principal.account = "accounts/li";
    call_.method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        "chanyan.identity.v1.IdentityService.UpdateAccount");
    call_.deadline = absl::Now() + absl::Seconds(20);
    request_.set_request_id(api::NewUuid());
    request_.mutable_account()->set_display_name("演示");
  }

  absl::StatusOr<Account> Change() { return Change(request_); }
  absl::StatusOr<Account> Change(const UpdateAccountRequest& request) {
    const StoreDeps deps{database_.db(), clock_, [this] { ++rung_; }};
    return Mutate<Account>(
        deps, call_, request, [&](rpc::Change& change) -> absl::StatusOr<Account> {
          ++runs_;
          CHANYAN_RETURN_IF_ERROR(
              change.session().Execute("INSERT INTO effect (id) VALUES (NULL)").status());
          CHANYAN_RETURN_IF_ERROR(refusal_);
          Account reply = request.account();
          reply.set_etag(absl::StrCat(runs_.load()));
          return reply;
        });
  }
  int64_t Effects() {
    int64_t count = -1;
    EXPECT_TRUE(database_.db()
                    .Read([&](db::Session& session) -> absl::Status {
                      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                                               session.Query("SELECT COUNT(*) FROM effect"));
                      count = std::get<int64_t>(rows.rows[0][0]);
                      return absl::OkStatus();
                    })
                    .ok());
    return count;
  }

  testing::TestDatabase database_{std::vector<std::string>{"common:common/db/migrations"}};
  time::SystemClock clock_;
  Call call_;
  UpdateAccountRequest request_;
  absl::Status refusal_;
  std::atomic<int> runs_ = 0;
  std::atomic<int> rung_ = 0;
};

TEST_F(MutateTest, SameRequestAgainGetsTheSameReplyAndHasNoSecondEffect) {
  const auto first = Change();
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Change();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(rung_, 1);
  EXPECT_EQ(Effects(), 1);
}

TEST_F(MutateTest, WhatIsRefusedBecauseItWasDoneGetsTheReplyOfThen) {
  const auto first = Change();
  ASSERT_TRUE(first.ok()) << first.status();
  refusal_ = status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, "已经提交");
  const auto second = Change();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Effects(), 1);
}

TEST_F(MutateTest, LongWorkIsNotDoneAgainForTheSameRequest) {
  call_.method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      "chanyan.registry.v1.RegistryService.ImportOrganizations");
  ASSERT_EQ(call_.method->options().GetExtension(options::v1::method).lane(),
            options::v1::LANE_BATCH);
  ASSERT_TRUE(Change().ok());
  ASSERT_TRUE(Change().ok());
  EXPECT_EQ(runs_, 1);
  request_.mutable_account()->set_display_name("别的");
  EXPECT_EQ(status::ReasonOf(Change().status()), options::v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(runs_, 1);
}

TEST_F(MutateTest, RequestIdOfAnotherRequestIsRefused) {
  ASSERT_TRUE(Change().ok());
  request_.mutable_account()->set_display_name("别的");
  const auto second = Change();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ReasonOf(second.status()), options::v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(Effects(), 1);
}

TEST_F(MutateTest, SameIdOfAnotherActorIsAnotherRequest) {
  ASSERT_TRUE(Change().ok());
  call_.principal.account = "accounts/wang";
  ASSERT_TRUE(Change().ok());
  EXPECT_EQ(Effects(), 2);
}

TEST_F(MutateTest, RefusalLeavesNothingBehindAndTheIdFree) {
  refusal_ = status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, "不可以");
  EXPECT_EQ(Change().status(), refusal_);
  EXPECT_EQ(Effects(), 0);
  EXPECT_EQ(rung_, 0);
  refusal_ = absl::OkStatus();
  EXPECT_TRUE(Change().ok());
  EXPECT_EQ(Effects(), 1);
}

TEST_F(MutateTest, WithoutAnIdEachRequestCounts) {
  request_.clear_request_id();
  ASSERT_TRUE(Change().ok());
  ASSERT_TRUE(Change().ok());
  EXPECT_EQ(Effects(), 2);
}

TEST_F(MutateTest, ACallThatWaitsForOthersEndsByItsDeadlineAndItsRepeatIsDone) {
  const auto holder = database_.Connect();
  ASSERT_TRUE(holder->Run("LOCK TABLES effect WRITE").ok());
  call_.deadline = absl::Now() + absl::Milliseconds(300);
  EXPECT_EQ(Change().status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now(), call_.deadline + absl::Seconds(1));
  ASSERT_TRUE(holder->Run("UNLOCK TABLES").ok());
  call_.deadline = absl::Now() + absl::Seconds(20);
  EXPECT_TRUE(Change().ok());
  EXPECT_EQ(Effects(), 1);
  EXPECT_EQ(database_.db().stats().losses, 0);
}

TEST_F(MutateTest, ClientThatIsGoneBeforeTheCommitChangedNothing) {
  call_.cancelled = [] { return true; };
  EXPECT_EQ(Change().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Effects(), 0);
}

TEST_F(MutateTest, ConflictRunsTheWorkAgainAndKeepsOneEffect) {
  database_.db().InjectFaults({.inject_retry_every = 2});
  for (int i = 0; i < 4; ++i) {
    request_.set_request_id(api::NewUuid());
    ASSERT_TRUE(Change().ok());
  }
  EXPECT_GT(runs_, 4);
  EXPECT_EQ(Effects(), 4);
}

TEST_F(MutateTest, LossAfterTheCommitIsSettledByTheRememberedReply) {
  database_.db().InjectFaults({.inject_ambiguous_commit_every = 1});
  const auto reply = Change();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->etag(), "1");
  EXPECT_EQ(reply->display_name(), "演示");
  EXPECT_EQ(runs_, 1);
  database_.db().InjectFaults({});
  EXPECT_EQ(Effects(), 1);
}

TEST_F(MutateTest, LossBeforeTheCommitIsRepeatedToOneEffect) {
  database_.db().InjectFaults({.inject_ambiguous_nocommit_every = 2});
  for (int i = 0; i < 4; ++i) {
    request_.set_request_id(api::NewUuid());
    const auto reply = Change();
    ASSERT_TRUE(reply.ok()) << reply.status();
  }
  database_.db().InjectFaults({});
  EXPECT_EQ(Effects(), 4);
}

TEST_F(MutateTest, SameRequestManyTimesAtOnceHasOneEffect) {
  constexpr int kCallers = 8;
  std::vector<std::thread> callers;
  std::atomic<int> answered = 0;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      const auto reply = Change();
      if (reply.ok()) ++answered;
      EXPECT_TRUE(reply.ok() || reply.status().code() == absl::StatusCode::kAborted)
          << reply.status();
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_GE(answered, 1);
  EXPECT_EQ(Effects(), 1);
}

}  // namespace
}  // namespace chanyan::rpc
