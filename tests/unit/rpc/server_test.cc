#include "common/rpc/server.h"
#include "common/api/names.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/unit/rpc/fake_journal.h"

namespace chanyan::rpc {
namespace {

using testing::Empty;
using testing::FakeAuthenticator;
using testing::FakeJournal;
using ::testing::HasSubstr;
using testing::ListEntriesRequest;
using testing::ListEntriesResponse;
using ::testing::Not;

constexpr char kPath[] = "/chanyan.journal.v1.JournalService/ListEntries";
constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// A call of any path with any bytes.
grpc::Status Raw(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                 const std::string& bytes, const std::string& token) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1);
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, path, request, &queue);
  call->StartCall();
  grpc::ByteBuffer reply;
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  return status;
}

// Holds workers until released.
class Gate {
 public:
  FakeJournal::Entries Handler() {
    return [this](const Call&, const ListEntriesRequest&) -> absl::StatusOr<ListEntriesResponse> {
      entered_.fetch_add(1);
      open_.WaitForNotification();
      return ListEntriesResponse();
    };
  }
  void AwaitEntered(int count) const {
    while (entered_.load() < count) std::this_thread::yield();
  }
  int entered() const { return entered_.load(); }
  void Open() { open_.Notify(); }

 private:
  std::atomic<int> entered_ = 0;
  absl::Notification open_;
};

TEST(ServerTest, MethodThatIsNotServedIsUnimplemented) {
  FakeJournal journal(Empty);
  const grpc::Status status =
      Raw(journal.channel(), "/chanyan.journal.v1.JournalService/Nothing", "", "auditor");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(journal.metrics(), HasSubstr("chanyan_rpc_unknown_total 1"));
}

TEST(ServerTest, BytesThatAreNoMessageAreTheCallersFault) {
  FakeJournal journal(Empty);
  const grpc::Status status = Raw(journal.channel(), kPath, "\xff\xff\xff", "auditor");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status::ReasonOf(FromGrpc(status)), options::v1::ERROR_REASON_INVALID_FIELD);
}

TEST(ServerTest, RequestOfWrongShapeIsRefusedWithItsField) {
  FakeJournal journal(Empty);
  const grpc::Status status = journal.List("auditor", absl::Seconds(5), /*parent=*/"");
  ASSERT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto violations = status::ViolationsOf(FromGrpc(status));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "parent");
}

TEST(ServerTest, WhoMayNotCallIsRefusedBeforeTheHandler) {
  std::atomic<int> calls = 0;
  FakeJournal journal([&calls](const Call& call, const ListEntriesRequest& request) {
    ++calls;
    return Empty(call, request);
  });
  EXPECT_EQ(journal.List("").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(journal.List("forged").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(journal.List("enterprise").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  const absl::Status first_password = FromGrpc(journal.List("new"));
  EXPECT_EQ(status::ReasonOf(first_password), options::v1::ERROR_REASON_PASSWORD_CHANGE_REQUIRED);
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(journal.List("auditor").ok());
  EXPECT_EQ(calls, 1);
}

TEST(ServerTest, TwoTokensAreRefused) {
  FakeJournal journal(Empty);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer auditor");
  ListEntriesResponse reply;
  EXPECT_EQ(journal.List("auditor", &context, &reply).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST(ServerTest, CallWithoutDeadlineGetsTheMethodsOwn) {
  absl::Duration left;
  FakeJournal journal([&left](const Call& call, const ListEntriesRequest& request) {
    left = call.deadline - absl::Now();
    return Empty(call, request);
  });
  ASSERT_TRUE(journal.List("auditor", absl::ZeroDuration()).ok());
  EXPECT_GT(left, absl::Seconds(2));
  EXPECT_LE(left, kInteractiveDeadline - kReplyReserve);
  ASSERT_TRUE(journal.List("auditor", absl::Hours(1)).ok());
  EXPECT_LE(left, kInteractiveDeadline - kReplyReserve);
}

TEST(ServerTest, CallWithTooLittleTimeIsRefusedWithoutWork) {
  std::atomic<int> calls = 0;
  FakeJournal journal([&calls](const Call& call, const ListEntriesRequest& request) {
    ++calls;
    return Empty(call, request);
  });
  EXPECT_EQ(journal.List("auditor", absl::Milliseconds(90)).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(calls, 0);
}

TEST(ServerTest, RequestIdAndTraceAreKeptAndShownToTheCaller) {
  Call seen;
  FakeJournal journal([&seen](const Call& call, const ListEntriesRequest& request) {
    seen = call;
    return Empty(call, request);
  });
  const std::string id = api::NewUuid();
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", id);
  context.AddMetadata("traceparent", kTraceparent);
  context.AddMetadata("tracestate", "a=1");
  context.AddMetadata("tracestate", "b=2");
  context.AddMetadata("x-client-address", "10.0.0.7");
  ListEntriesResponse reply;
  ASSERT_TRUE(journal.List("auditor", &context, &reply).ok());
  EXPECT_EQ(seen.request_id, id);
  EXPECT_EQ(TraceId(seen.traceparent), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(seen.traceparent, kTraceparent);
  EXPECT_EQ(seen.tracestate, "a=1,b=2");
  EXPECT_EQ(seen.client_address, "10.0.0.7");
  EXPECT_EQ(seen.bearer, "auditor");
  const auto header = context.GetServerInitialMetadata().find("x-request-id");
  ASSERT_NE(header, context.GetServerInitialMetadata().end());
  EXPECT_EQ(std::string(header->second.data(), header->second.size()), id);
}

TEST(ServerTest, RequestIdOfAStrangeFormIsReplaced) {
  std::string seen;
  FakeJournal journal([&seen](const Call& call, const ListEntriesRequest& request) {
    seen = call.request_id;
    return Empty(call, request);
  });
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "'; DROP TABLE journal; --");
  ListEntriesResponse reply;
  ASSERT_TRUE(journal.List("auditor", &context, &reply).ok());
  EXPECT_TRUE(api::IsUuid(seen)) << seen;
}

TEST(ServerTest, ErrorsArriveWithTheirDetails) {
  FakeJournal journal([](const Call&, const ListEntriesRequest&) {
    return absl::StatusOr<ListEntriesResponse>(status::InvalidFields({{"a", "一"}, {"b", "二"}}));
  });
  const absl::Status error = FromGrpc(journal.List("auditor"));
  EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ViolationsOf(error).size(), 2u);
  google::rpc::RequestInfo request;
  ASSERT_TRUE(status::GetDetail(error, request));
  EXPECT_TRUE(api::IsUuid(request.request_id()));
}

TEST(ServerTest, LongListOfMistakesIsCutToWhatMetadataHolds) {
  FakeJournal journal([](const Call&, const ListEntriesRequest&) {
    std::vector<status::Violation> violations;
    for (int i = 0; i < 5000; ++i) {
      violations.push_back({absl::StrCat("海洋大学.xlsx / 季度报表 / C", i), "应为数字，请改正"});
    }
    return absl::StatusOr<ListEntriesResponse>(status::InvalidFields(std::move(violations)));
  });
  const absl::Status error = FromGrpc(journal.List("auditor"));
  EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(error.message()), HasSubstr("5000"));
  EXPECT_GT(status::ViolationsOf(error).size(), 100u);
}

TEST(ServerTest, TextOfAFaultGoesToTheLogAndNotToTheCaller) {
  FakeJournal journal([](const Call&, const ListEntriesRequest&) {
    return absl::StatusOr<ListEntriesResponse>(status::Internal("column 'secret' is gone"));
  });
  const grpc::Status status = journal.List("auditor");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), Not(HasSubstr("secret")));
  EXPECT_THAT(status.error_details(), Not(HasSubstr("secret")));
  EXPECT_THAT(journal.log(), HasSubstr("column 'secret' is gone"));
  EXPECT_THAT(journal.log(), HasSubstr("\"level\":\"ERROR\""));
}

TEST(ServerTest, ExceptionOfALibraryEndsTheCallAndNotTheProgram) {
  FakeJournal journal(
      [](const Call&, const ListEntriesRequest&) -> absl::StatusOr<ListEntriesResponse> {
        throw std::runtime_error("boom");
      });
  EXPECT_EQ(journal.List("auditor").error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(journal.log(), HasSubstr("exception: boom"));
  EXPECT_EQ(journal.List("auditor").error_code(), grpc::StatusCode::INTERNAL);
}

TEST(ServerTest, EachCallIsOneLogLineAndOneCount) {
  FakeJournal journal(Empty);
  ASSERT_TRUE(journal.List("auditor").ok());
  ASSERT_FALSE(journal.List("enterprise").ok());
  journal.server().Shutdown(absl::Now());
  const std::string log = journal.log();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2);
  EXPECT_THAT(log, HasSubstr("\"method\":\"chanyan.journal.v1.JournalService/ListEntries\""));
  EXPECT_THAT(log, HasSubstr("\"code\":\"OK\""));
  EXPECT_THAT(log, HasSubstr("\"account\":\"accounts/auditor\""));
  EXPECT_THAT(log, HasSubstr("\"reason\":\"ROLE_NOT_PERMITTED\""));
  EXPECT_THAT(journal.metrics(),
              HasSubstr("chanyan_rpc_handled_total{code=\"OK\",method=\"chanyan.journal.v1."
                        "JournalService/ListEntries\"} 1"));
  EXPECT_THAT(journal.metrics(), HasSubstr("chanyan_rpc_in_flight 0"));
}

TEST(ServerTest, FullQueueRefusesAtOnceAndHealthStillAnswers) {
  Gate gate;
  FakeJournal journal(gate.Handler(), /*workers=*/1);
  journal.server().SetServing(true);
  std::vector<std::thread> callers;
  for (int i = 0; i < 1 + kQueuePerWorker; ++i) {
    callers.emplace_back([&journal] { journal.List("auditor"); });
  }
  gate.AwaitEntered(1);
  // All of them are under way once a further one is refused.
  absl::Status refused;
  do {
    const absl::Time begun = absl::Now();
    refused = FromGrpc(journal.List("auditor", absl::Milliseconds(150)));
    if (refused.code() == absl::StatusCode::kResourceExhausted) {
      EXPECT_LT(absl::Now() - begun, absl::Milliseconds(140));
    }
  } while (refused.code() != absl::StatusCode::kResourceExhausted);
  google::rpc::RetryInfo retry;
  EXPECT_TRUE(status::GetDetail(refused, retry));
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_OVERLOADED);

  // grpc.health.v1.HealthCheckRequest without a service is no bytes at all.
  EXPECT_TRUE(Raw(journal.channel(), "/grpc.health.v1.Health/Check", "", "").ok());
  gate.Open();
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(journal.metrics(), HasSubstr("chanyan_rpc_shed_total{reason=\"queue_full\"}"));
}

TEST(ServerTest, CallThatWaitedTooLongIsDroppedBeforeWork) {
  Gate gate;
  FakeJournal journal(gate.Handler(), /*workers=*/1);
  std::thread first([&journal] { journal.List("auditor"); });
  gate.AwaitEntered(1);
  EXPECT_FALSE(journal.List("auditor", absl::Milliseconds(150)).ok());
  gate.Open();
  first.join();
  journal.server().Shutdown(absl::Now() + absl::Seconds(5));
  EXPECT_EQ(gate.entered(), 1);
}

TEST(ServerTest, ShutdownLetsCallsFinish) {
  Gate gate;
  FakeJournal journal(gate.Handler());
  grpc::Status status;
  std::thread caller([&] { status = journal.List("auditor"); });
  gate.AwaitEntered(1);
  std::thread stopper([&] { journal.server().Shutdown(absl::Now() + absl::Seconds(20)); });
  // New calls are not taken any more.
  while (journal.List("auditor", absl::Milliseconds(300)).error_code() !=
         grpc::StatusCode::UNAVAILABLE) {
  }
  gate.Open();
  caller.join();
  stopper.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST(ServerTest, AddressInUseIsSaidAtStart) {
  FakeJournal journal(Empty);
  log::Logger log("test", log::Level::kError);
  metrics::Registry metrics;
  FakeAuthenticator authenticator;
  Server second({journal.target(), 1, 1}, {log, metrics, authenticator});
  const absl::Status started = second.Start();
  EXPECT_EQ(started.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(started.message()), HasSubstr(journal.target()));
}

TEST(ServerTest, WrongRegistrationsAreAllNamedAtStart) {
  log::Logger log("test", log::Level::kError);
  metrics::Registry metrics;
  FakeAuthenticator authenticator;
  Server server({"127.0.0.1:0", 1, 1}, {log, metrics, authenticator});
  server.Register(
      "chanyan.journal.v1.JournalService",
      {Unary<ListEntriesRequest, ListEntriesRequest>("ListEntries",
                                                     [](const Call&, const ListEntriesRequest& r) {
                                                       return absl::StatusOr<ListEntriesRequest>(r);
                                                     }),
       Unary<ListEntriesRequest, ListEntriesResponse>("ListEverything", Empty)});
  server.Register("chanyan.nothing.v1.NothingService", {});
  const std::string message(server.Start().message());
  EXPECT_THAT(message, HasSubstr("ListEntries has a handler of other types"));
  EXPECT_THAT(message, HasSubstr("ListEverything is not in the proto"));
  EXPECT_THAT(message, HasSubstr("ListHistory has no handler"));
  EXPECT_THAT(message, HasSubstr("no proto service chanyan.nothing.v1.NothingService"));
}

}  // namespace
}  // namespace chanyan::rpc
