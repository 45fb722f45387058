// Creates that meet: each as if it had been alone, in fewer transactions.
#include "common/rpc/create.h"

#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::rpc {
namespace {

using identity::v1::Account;
using identity::v1::UpdateAccountRequest;
using ::testing::Each;
using ::testing::ElementsAre;

constexpr char kEffect[] =
    "CREATE TABLE effect (title VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL "
    "PRIMARY KEY) ENGINE=InnoDB";

// Each request adds a row of its title; "问" asks the database first, "禁" is refused.
class CreateTest : public ::testing::Test {
 protected:
  CreateTest() { database_.Apply(kEffect); }

  absl::StatusOr<Account> Work(const Call&, const UpdateAccountRequest& request, Change& change) {
    const std::string& title = request.account().display_name();
    if (title == "禁") return status::PermissionDenied("不可以");
    if (title == "问") {
      CHANYAN_RETURN_IF_ERROR(change.session().Query("SELECT COUNT(*) FROM effect").status());
    }
    CHANYAN_RETURN_IF_ERROR(
        change.session().Insert("INSERT INTO effect (title) VALUES (?)", {title}));
    Account reply = request.account();
    reply.set_etag(absl::StrCat(++runs_));
    return reply;
  }

  // One call and what came of it.
  struct Asker {
    Call call;
    UpdateAccountRequest request;
    grpc::ByteBuffer reply;
    absl::Status status;
    bool alone = false;
    std::string etag;
  };
  static Asker Of(const std::string& title) {
    Asker asker;
    asker.call.principal.account = "accounts/li";
    asker.call.method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        "chanyan.identity.v1.IdentityService.UpdateAccount");
    asker.call.deadline = absl::Now() + absl::Seconds(20);
    asker.request.set_request_id(api::NewUuid());
    asker.request.mutable_account()->set_display_name(title);
    return asker;
  }

  // As Gathering does it: together, then those who were left alone.
  void Meet(std::deque<Asker>& askers) {
    const StoreDeps store{database_.db(), clock_, [this] { ++rung_; }};
    const auto work = [this](const Call& call, const UpdateAccountRequest& request,
                             Change& change) { return Work(call, request, change); };
    const UnaryMethod method = MadeTogether<UpdateAccountRequest, Account>(
        Unary<UpdateAccountRequest, Account>(
            "UpdateAccount",
            [&](const Call& call, const UpdateAccountRequest& request) {
              return Mutate<Account>(store, call, request,
                                     [&](Change& change) { return work(call, request, change); });
            }),
        store, work, [](const Call&, Account account) { return account; });
    std::vector<Asked> all;
    for (Asker& asker : askers) {
      all.push_back({asker.call, asker.request, &asker.reply, absl::OkStatus()});
    }
    method.answer_together(absl::MakeSpan(all));
    for (size_t i = 0; i < askers.size(); ++i) {
      Asker& asker = askers[i];
      asker.alone = all[i].alone;
      asker.status =
          asker.alone ? method.answer(asker.call, asker.request, &asker.reply) : all[i].status;
      if (!asker.status.ok()) continue;
      Account reply;
      EXPECT_TRUE(Parse(&asker.reply, &reply).ok());
      EXPECT_EQ(reply.display_name(), asker.request.account().display_name());
      asker.etag = reply.etag();
    }
  }

  static std::vector<bool> Alone(const std::deque<Asker>& askers) {
    std::vector<bool> alone;
    for (const Asker& asker : askers) alone.push_back(asker.alone);
    return alone;
  }
  static std::vector<absl::StatusCode> Codes(const std::deque<Asker>& askers) {
    std::vector<absl::StatusCode> codes;
    for (const Asker& asker : askers) codes.push_back(asker.status.code());
    return codes;
  }
  int64_t Number(const std::string& sql) {
    return std::get<int64_t>(database_.Connect()->Query(sql, {})->rows.at(0).at(0));
  }

  testing::TestDatabase database_{std::vector<std::string>{"common:common/db/migrations"}};
  time::SystemClock clock_;
  int runs_ = 0;
  int rung_ = 0;
};

TEST_F(CreateTest, ThoseThatMeetShareATransactionAndAreRememberedEach) {
  std::deque<Asker> askers = {Of("甲"), Of("乙"), Of("丙"), Of("丁")};
  const int64_t before = database_.db().stats().transactions;
  Meet(askers);
  EXPECT_THAT(Codes(askers), Each(absl::StatusCode::kOk));
  EXPECT_THAT(Alone(askers), Each(false));
  EXPECT_EQ(database_.db().stats().transactions - before, 1);
  EXPECT_EQ(rung_, 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM effect"), 4);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM idempotency"), 4);

  // Sent again, each gets the answer of then, in whatever company.
  std::deque<Asker> again;
  for (const Asker& asker : askers) {
    again.push_back(asker);
    again.back().reply.Clear();
  }
  again.push_back(Of("戊"));
  Meet(again);
  EXPECT_THAT(Codes(again), Each(absl::StatusCode::kOk));
  for (size_t i = 0; i < askers.size(); ++i) EXPECT_EQ(again[i].etag, askers[i].etag) << i;
  EXPECT_EQ(Number("SELECT COUNT(*) FROM effect"), 5);
}

TEST_F(CreateTest, WhoAsksOrIsRefusedIsLeftAloneAndTheOthersAreMade) {
  std::deque<Asker> askers = {Of("甲"), Of("问"), Of("禁"), Of("乙")};
  Meet(askers);
  EXPECT_THAT(Alone(askers), ElementsAre(false, true, true, false));
  using Code = absl::StatusCode;
  EXPECT_THAT(Codes(askers), ElementsAre(Code::kOk, Code::kOk, Code::kPermissionDenied, Code::kOk));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM effect"), 3);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM idempotency"), 3);
}

TEST_F(CreateTest, WhatIsTakenIsTheFaultOfWhoTookItTwice) {
  std::deque<Asker> askers = {Of("甲"), Of("乙"), Of("甲"), Of("丙")};
  Meet(askers);
  using Code = absl::StatusCode;
  EXPECT_THAT(Codes(askers), ElementsAre(Code::kOk, Code::kOk, Code::kAlreadyExists, Code::kOk));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM effect"), 3);
}

TEST_F(CreateTest, WhatIsLostAtTheCommitIsThereOnceAndAnsweredAsItWasMade) {
  for (const bool committed : {false, true}) {
    database_.Apply("DELETE FROM effect; DELETE FROM idempotency");
    runs_ = 0;
    // The first COMMIT of two.
    database_.db().InjectFaults(committed ? db::Faults{.inject_ambiguous_commit_every = 1}
                                          : db::Faults{.inject_ambiguous_nocommit_every = 1});
    std::deque<Asker> askers = {Of("甲"), Of("乙")};
    askers[1].request.clear_request_id();
    std::vector<Mutation> mutations;
    std::vector<Account> replies(2);
    const StoreDeps store{database_.db(), clock_, nullptr};
    for (size_t i = 0; i < 2; ++i) {
      mutations.push_back({askers[i].call, askers[i].request,
                           [&, i](Change& change) -> absl::Status {
                             CHANYAN_ASSIGN_OR_RETURN(
                                 replies[i], Work(askers[i].call, askers[i].request, change));
                             return absl::OkStatus();
                           },
                           &replies[i], absl::OkStatus()});
    }
    MutateTogether(store, absl::MakeSpan(mutations));
    database_.db().InjectFaults({});
    // Who can be told apart finds out alone; who cannot is told that nobody knows.
    EXPECT_TRUE(mutations[0].alone);
    EXPECT_FALSE(mutations[1].alone);
    EXPECT_EQ(mutations[1].status.code(), absl::StatusCode::kUnavailable);
    std::deque<Asker> left = {askers[0]};
    Meet(left);
    EXPECT_EQ(left[0].status, absl::OkStatus());
    EXPECT_EQ(left[0].etag == "1", committed);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM effect"), committed ? 2 : 1);
  }
}

}  // namespace
}  // namespace chanyan::rpc
