// Streams from the server, over real gRPC: OperationService with handlers of the test's own.
#include "common/rpc/stream.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "chanyan/operation/v1/operation.grpc.pb.h"
#include "common/rpc/stream_call.h"
#include "gmock/gmock.h"
#include "tests/unit/rpc/fake_journal.h"

namespace chanyan::rpc {
namespace {

using operation::v1::Operation;
using operation::v1::WatchOperationRequest;
using operation::v1::WatchOperationResponse;
using testing::FakeAuthenticator;
using ::testing::HasSubstr;
using Reader = grpc::ClientReader<WatchOperationResponse>;

constexpr char kName[] = "services/test/operations/o";

// Counts up to where the test lets it.
class Counting {
 public:
  explicit Counting(int limit_of_streams = 2)
      : log_("test", log::Level::kError),
        server_({"127.0.0.1:0", limit_of_streams, 1}, {log_, metrics_, authenticator_}) {
    const auto none = [](const Call&, const auto&) -> absl::StatusOr<Operation> {
      return absl::UnimplementedError("");
    };
    server_.Register(
        "chanyan.operation.v1.OperationService",
        {Unary<operation::v1::GetOperationRequest, Operation>("GetOperation", none),
         Unary<operation::v1::CancelOperationRequest, Operation>("CancelOperation", none),
         Unary<operation::v1::ListOperationsRequest, operation::v1::ListOperationsResponse>(
             "ListOperations",
             [](const Call&, const operation::v1::ListOperationsRequest&)
                 -> absl::StatusOr<operation::v1::ListOperationsResponse> {
               return absl::UnimplementedError("");
             }),
         Stream<WatchOperationRequest, WatchOperationResponse>(
             "WatchOperation", [this](const Call& call, const WatchOperationRequest& request) {
               return News(call, request);
             })});
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    stub_ = operation::v1::OperationService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_.port()), grpc::InsecureChannelCredentials()));
  }

  absl::StatusOr<rpc::News<WatchOperationResponse>> News(const Call&,
                                                         const WatchOperationRequest& request) {
    absl::MutexLock lock(&mutex_);
    ++asked_;
    if (!failure_.ok()) return failure_;
    rpc::News<WatchOperationResponse> news;
    if (request.last_event_id() == absl::StrCat(count_)) {
      news.ended = ended_;
      return news;
    }
    news.event.emplace().set_event_id(absl::StrCat(count_));
    news.event->mutable_operation()->set_done_units(count_);
    return news;
  }
  void Set(int count, bool ended = false) {
    absl::MutexLock lock(&mutex_);
    count_ = count;
    ended_ = ended;
  }
  void Fail(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }
  int asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

  std::unique_ptr<Reader> Watch(grpc::ClientContext* context,
                                const std::string& token = "enterprise",
                                const std::string& last = "", const std::string& name = kName) {
    if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
    context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    WatchOperationRequest request;
    request.set_name(name);
    request.set_last_event_id(last);
    return stub_->WatchOperation(context, request);
  }
  grpc::StatusCode Refusal(const std::string& token, const std::string& last = "",
                           const std::string& name = kName) {
    grpc::ClientContext context;
    auto reader = Watch(&context, token, last, name);
    WatchOperationResponse event;
    EXPECT_FALSE(reader->Read(&event));
    const grpc::StatusCode code = reader->Finish().error_code();
    EXPECT_FALSE(context.GetServerInitialMetadata().contains(kStreamMetadata));
    return code;
  }
  Server& server() { return server_; }
  std::string metrics() const { return metrics_.Text(); }

 private:
  log::Logger log_;
  metrics::Registry metrics_;
  FakeAuthenticator authenticator_;
  Server server_;
  std::unique_ptr<operation::v1::OperationService::Stub> stub_;
  mutable absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  int asked_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

TEST(StreamTest, WhoMayNotOrAsksWronglyIsRefusedAsEverywhere) {
  Counting counting;
  EXPECT_EQ(counting.Refusal(""), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(counting.Refusal("forged"), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(counting.Refusal("new"), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(counting.Refusal("enterprise", "", ""), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(counting.Refusal("enterprise", "1\n2"), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(counting.Refusal("enterprise", std::string(101, '1')),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(counting.asked(), 0);
  counting.Fail(status::NotFound(kName));
  EXPECT_EQ(counting.Refusal("enterprise"), grpc::StatusCode::NOT_FOUND);
}

TEST(StreamTest, SendsWhatIsNewAndEndsWithTheLast) {
  Counting counting;
  grpc::ClientContext context;
  auto reader = counting.Watch(&context);
  WatchOperationResponse event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.event_id(), "0");
  counting.Set(3);
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.operation().done_units(), 3);
  counting.Set(4, /*ended=*/true);
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.event_id(), "4");
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST(StreamTest, WhoComesAgainGetsWhatCameAfterHisLastEvent) {
  Counting counting;
  counting.Set(7);
  grpc::ClientContext context;
  auto reader = counting.Watch(&context, "enterprise", "7");
  // Accepted, though there is nothing to say.
  reader->WaitForInitialMetadata();
  EXPECT_TRUE(context.GetServerInitialMetadata().contains(kStreamMetadata));
  counting.Set(8, true);
  WatchOperationResponse event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.event_id(), "8");
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_TRUE(reader->Finish().ok());

  grpc::ClientContext late;
  auto nothing = counting.Watch(&late, "enterprise", "8");
  EXPECT_FALSE(nothing->Read(&event));
  EXPECT_TRUE(nothing->Finish().ok());
  EXPECT_FALSE(late.GetServerInitialMetadata().contains(kStreamMetadata));
}

TEST(StreamTest, WhatGoesWrongLaterEndsIt) {
  Counting counting;
  grpc::ClientContext context;
  auto reader = counting.Watch(&context);
  WatchOperationResponse event;
  ASSERT_TRUE(reader->Read(&event));
  counting.Fail(status::NotFound(kName));
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(StreamTest, WhoLeavesIsNotAskedForAnyMore) {
  Counting counting;
  {
    grpc::ClientContext context;
    auto reader = counting.Watch(&context);
    WatchOperationResponse event;
    ASSERT_TRUE(reader->Read(&event));
    context.TryCancel();
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  absl::SleepFor(2 * kStreamPeriod);
  const int asked = counting.asked();
  absl::SleepFor(2 * kStreamPeriod);
  EXPECT_EQ(counting.asked(), asked);
  EXPECT_THAT(counting.metrics(), HasSubstr("chanyan_rpc_in_flight 0"));
}

TEST(StreamTest, ManyWatchWithoutAThreadEach) {
  Counting counting(/*workers=*/2);
  constexpr int kWatchers = 100;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<Reader>> readers;
  WatchOperationResponse event;
  for (int i = 0; i < kWatchers; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(counting.Watch(contexts.back().get()));
    ASSERT_TRUE(readers.back()->Read(&event)) << i;
  }
  counting.Set(1, true);
  for (auto& reader : readers) {
    ASSERT_TRUE(reader->Read(&event));
    EXPECT_EQ(event.event_id(), "1");
    EXPECT_FALSE(reader->Read(&event));
    EXPECT_TRUE(reader->Finish().ok());
  }
}

TEST(StreamTest, AStopEndsStreamsAtOnceForThemToComeAgainElsewhere) {
  Counting counting;
  grpc::ClientContext context;
  auto reader = counting.Watch(&context);
  WatchOperationResponse event;
  ASSERT_TRUE(reader->Read(&event));
  const absl::Time begin = absl::Now();
  std::thread stop([&] { counting.server().Shutdown(absl::Now() + absl::Seconds(15)); });
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stop.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
}

}  // namespace
}  // namespace chanyan::rpc
