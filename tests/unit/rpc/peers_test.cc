#include "common/rpc/peers.h"

#include <atomic>

#include "common/api/names.h"
#include "common/rpc/breaker.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "tests/unit/rpc/fake_journal.h"

namespace chanyan::rpc {
namespace {

using testing::Empty;
using testing::FakeJournal;
using ::testing::HasSubstr;
using testing::ListEntriesRequest;
using testing::ListEntriesResponse;

constexpr char kListEntries[] = "chanyan.journal.v1.JournalService.ListEntries";

class FixedToken final : public TokenSource {
 public:
  absl::StatusOr<std::string> Token(absl::Time) override { return std::string("auditor"); }
};

class PeersTest : public ::testing::Test {
 protected:
  absl::StatusOr<ListEntriesResponse> List(Peers& peers, const Caller& caller) {
    ListEntriesRequest request;
    request.set_parent("journals/test");
    return CallPeer<ListEntriesResponse>(peers, "journal", kListEntries, request, caller);
  }
  Peers::Deps deps() { return {clock_, metrics_}; }

  time::SystemClock clock_;
  metrics::Registry metrics_;
};

Call UserCall() {
  Call call;
  call.bearer = "auditor";
  call.request_id = api::NewUuid();
  call.traceparent = ContinueTrace("");
  call.tracestate = "rojo=00f067aa0ba902b7, b=2";
  call.deadline = absl::Now() + absl::Seconds(2);
  return call;
}

// A peer's answer, and how often it was asked.
auto NeverReady(std::atomic<int>* calls) {
  return [calls](const Call&, const ListEntriesRequest&) {
    ++*calls;
    return absl::StatusOr<ListEntriesResponse>(status::Unavailable("稍后"));
  };
}

TEST_F(PeersTest, PeerOrMethodThatDoesNotExistIsAFaultOfOurs) {
  Peers peers({{"journal", "127.0.0.1:1"}}, deps());
  ListEntriesRequest request;
  EXPECT_EQ(CallPeer<ListEntriesResponse>(peers, "nobody", kListEntries, request, Caller{})
                .status()
                .code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(
      CallPeer<ListEntriesResponse>(peers, "journal", "a.B.C", request, Caller{}).status().code(),
      absl::StatusCode::kInternal);
  EXPECT_EQ(CallPeer<ListEntriesRequest>(peers, "journal", kListEntries, request, Caller{})
                .status()
                .code(),
            absl::StatusCode::kInternal);
}

TEST_F(PeersTest, PeerThatIsNotThereIsUnavailableAndThenNotAskedAnyMore) {
  Peers peers({{"journal", "unix:/nonexistent/journal.sock"}}, deps());
  for (int i = 0; i < kBreakerConnectErrors; ++i) {
    const absl::Status away = List(peers, As(UserCall())).status();
    EXPECT_EQ(away.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(away.message(), HasSubstr("无法连接")) << i;
  }
  const absl::Status refused = List(peers, As(UserCall())).status();
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_UNAVAILABLE);
  EXPECT_THAT(refused.message(), HasSubstr("暂时不可用")) << "nobody was asked";
}

TEST_F(PeersTest, APeerThatFailsAndFailsIsLeftAlone) {
  std::atomic<int> calls = 0;
  FakeJournal journal(NeverReady(&calls));
  Peers peers({{"journal", journal.target()}}, deps());
  for (int i = 0; i < 2 * kBreakerLeastCalls; ++i) {
    EXPECT_EQ(List(peers, As(UserCall())).status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(calls, kBreakerLeastCalls);
}

TEST_F(PeersTest, CallersIdentityRequestAndTraceArePassedOn) {
  Call seen;
  absl::Time arrived;
  FakeJournal journal([&](const Call& call, const ListEntriesRequest& request) {
    seen = call;
    arrived = absl::Now();
    return Empty(call, request);
  });
  Peers peers({{"journal", journal.target()}}, deps());
  const absl::Time asked = absl::Now();
  const Call call = UserCall();
  ASSERT_TRUE(List(peers, As(call)).ok());
  EXPECT_EQ(seen.principal.account, "accounts/auditor");
  EXPECT_EQ(seen.request_id, call.request_id);
  EXPECT_EQ(TraceId(seen.traceparent), TraceId(call.traceparent));
  EXPECT_EQ(seen.tracestate, call.tracestate);
  // gRPC sends how much time is left, in whole hundredths of a second.
  EXPECT_LE(seen.deadline - arrived, call.deadline - asked + absl::Milliseconds(10));
}

TEST_F(PeersTest, CallInOurOwnNameCarriesOurToken) {
  FakeJournal journal(Empty);
  Peers peers({{"journal", journal.target()}}, deps());
  EXPECT_EQ(List(peers, AsService()).status().code(), absl::StatusCode::kInternal);
  FixedToken token;
  peers.SetTokenSource(&token);
  EXPECT_TRUE(List(peers, AsService()).ok());
}

TEST_F(PeersTest, InOurOwnNameACallsTraceGoesOnAndAJobsIsNew) {
  Call seen;
  FakeJournal journal([&](const Call& call, const ListEntriesRequest& request) {
    seen = call;
    return Empty(call, request);
  });
  Peers peers({{"journal", journal.target()}}, deps());
  FixedToken token;
  peers.SetTokenSource(&token);
  const Call call = UserCall();
  ASSERT_TRUE(List(peers, AsService(call)).ok());
  EXPECT_EQ(seen.request_id, call.request_id);
  EXPECT_EQ(TraceId(seen.traceparent), TraceId(call.traceparent));
  EXPECT_EQ(seen.tracestate, call.tracestate);
  ASSERT_TRUE(List(peers, AsService()).ok());
  EXPECT_NE(TraceId(seen.traceparent), TraceId(call.traceparent));
  EXPECT_EQ(seen.tracestate, "");
}

TEST_F(PeersTest, RefusalOfThePeerComesBackWithItsDetailsAndIsNotRepeated) {
  std::atomic<int> calls = 0;
  FakeJournal journal([&calls](const Call&, const ListEntriesRequest&) {
    ++calls;
    return absl::StatusOr<ListEntriesResponse>(status::InvalidFields({{"a", "一"}}));
  });
  Peers peers({{"journal", journal.target()}}, deps());
  const absl::Status refused = List(peers, As(UserCall())).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ViolationsOf(refused).size(), 1u);
  EXPECT_EQ(calls, 1);
}

// As a server does that ends: with the details of a handler that stopped, or with none.
TEST_F(PeersTest, APeerThatGivesACallUpWasNotCancelledByItsCaller) {
  std::atomic<int> calls = 0;
  FakeJournal journal([&calls](const Call&, const ListEntriesRequest&) {
    ++calls;
    return absl::StatusOr<ListEntriesResponse>(absl::CancelledError("请求已取消"));
  });
  Peers peers({{"journal", journal.target()}}, deps());
  const absl::Status given_up = List(peers, As(UserCall())).status();
  EXPECT_EQ(given_up.code(), absl::StatusCode::kUnavailable) << given_up;
  EXPECT_EQ(status::ReasonOf(given_up), options::v1::ERROR_REASON_UNAVAILABLE);
  EXPECT_THAT(given_up.message(), HasSubstr("用同一请求编号重试"));
  EXPECT_EQ(calls, 1) << "who repeats is above";
  FixedToken token;
  peers.SetTokenSource(&token);
  EXPECT_EQ(List(peers, AsService()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls, 1 + kReadAttempts) << "a job's read is repeated";

  const grpc::Status bare(grpc::StatusCode::CANCELLED, "CANCELLED");
  EXPECT_EQ(FromGrpc(bare).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::ReasonOf(FromGrpc(bare)), options::v1::ERROR_REASON_UNAVAILABLE);
  EXPECT_EQ(FromGrpc(bare, Ended::kHere).code(), absl::StatusCode::kCancelled)
      << "who cancels knows it";
}

TEST_F(PeersTest, AJobsReadIsRepeatedWhileThePeerIsUnavailable) {
  std::atomic<int> calls = 0;
  FakeJournal journal([&calls](const Call& call, const ListEntriesRequest& request) {
    if (++calls < kReadAttempts) {
      return absl::StatusOr<ListEntriesResponse>(status::Unavailable("稍后"));
    }
    return Empty(call, request);
  });
  Peers peers({{"journal", journal.target()}}, deps());
  FixedToken token;
  peers.SetTokenSource(&token);
  EXPECT_TRUE(List(peers, AsService()).ok());
  EXPECT_EQ(calls, kReadAttempts);
}

// The gateway repeats the call that it belongs to.
TEST_F(PeersTest, ReadsWithinACallAreRepeatedByNobodyHere) {
  std::atomic<int> calls = 0;
  FakeJournal journal(NeverReady(&calls));
  Peers peers({{"journal", journal.target()}}, deps());
  FixedToken token;
  peers.SetTokenSource(&token);
  EXPECT_EQ(List(peers, As(UserCall())).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(List(peers, AsService(UserCall())).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls, 2);
}

// Ten of a budget that nothing filled: five reads are repeated twice each, the sixth is not.
TEST_F(PeersTest, RepeatsEndWithTheirBudget) {
  std::atomic<int> calls = 0;
  FakeJournal journal(NeverReady(&calls));
  Peers peers({{"journal", journal.target()}}, deps());
  FixedToken token;
  peers.SetTokenSource(&token);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(List(peers, AsService()).ok());
  EXPECT_EQ(calls, 5 * kReadAttempts);
  EXPECT_FALSE(List(peers, AsService()).ok());
  EXPECT_EQ(calls, 5 * kReadAttempts + 1);
}

}  // namespace
}  // namespace chanyan::rpc
