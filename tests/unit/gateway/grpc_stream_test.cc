// Streams from the server through the native pass-through: real gRPC in front and behind.
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chanyan/operation/v1/operation.grpc.pb.h"
#include "common/rpc/breaker.h"
#include "common/rpc/stream_call.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "services/gateway/grpc_proxy.h"
#include "tests/unit/gateway/fake_stream.h"

namespace chanyan::gateway {
namespace {

using operation::v1::OperationService;
using operation::v1::WatchOperationRequest;
using operation::v1::WatchOperationResponse;
using ::testing::HasSubstr;

constexpr char kWatched[] = "services/cycle/operations/o1";
constexpr char kToken[] = "Bearer native";

WatchOperationResponse MessageOf(const std::string& id, int percent,
                                 const std::string& title = "") {
  WatchOperationResponse message;
  message.set_event_id(id);
  message.mutable_operation()->set_percent(percent);
  message.mutable_operation()->set_title(title);
  return message;
}

// A program inside the network that watches an operation.
class Watcher {
 public:
  explicit Watcher(int port, absl::Duration time = absl::Seconds(20),
                   const std::string& name = kWatched, const std::string& last = "",
                   const std::string& token = kToken) {
    context_.AddMetadata("authorization", token);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + time));
    WatchOperationRequest request;
    request.set_name(name);
    request.set_last_event_id(last);
    stub_ = OperationService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
    reader_ = stub_->WatchOperation(&context_, request);
  }
  // The id of the next message; empty at the end.
  std::string Next() {
    message_.Clear();
    return reader_->Read(&message_) ? message_.event_id() : "";
  }
  const WatchOperationResponse& message() const { return message_; }
  absl::Status End() {
    WatchOperationResponse rest;
    while (reader_->Read(&rest)) {
    }
    const grpc::Status status = reader_->Finish();
    // FromGrpc gives what has no details a reason of ours. Who leaves is this client itself.
    return status.ok() ? absl::OkStatus() : rpc::FromGrpc(status, rpc::Ended::kHere);
  }
  void Leave() { context_.TryCancel(); }
  void AwaitHead() { reader_->WaitForInitialMetadata(); }
  std::string Head(const std::string& key) const {
    const auto& head = context_.GetServerInitialMetadata();
    const auto found = head.find(key);
    return found == head.end() ? "" : std::string(found->second.data(), found->second.size());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<OperationService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<WatchOperationResponse>> reader_;
  WatchOperationResponse message_;
};

class GrpcStreamTest : public ::testing::Test {
 protected:
  GrpcStreamTest() {
    proxy_ = *GrpcProxy::Start("127.0.0.1:0", GrpcProxy::Deps{*routes_, *backends_, limiter_,
                                                              slots_, clock_, log_, metrics_});
  }
  ~GrpcStreamTest() override {
    proxy_.reset();
    // Before the service, which waits for its calls.
    backends_.reset();
    std::fclose(log_file_);
  }
  // True once all streams are closed on this side too.
  bool AllClosed() const {
    for (int i = 0; i < 100; ++i) {
      if (absl::StrContains(metrics_.Text(), "chanyan_gateway_streams 0\n")) return true;
      absl::SleepFor(absl::Milliseconds(50));
    }
    return false;
  }
  std::vector<std::string> LogLines() const {
    std::rewind(log_file_);
    std::vector<std::string> lines;
    char line[4096];
    while (std::fgets(line, sizeof(line), log_file_) != nullptr) lines.emplace_back(line);
    return lines;
  }
  int port() const { return proxy_->port(); }

  FakeStreams streams_;
  time::SystemClock clock_;
  metrics::Registry metrics_;
  std::FILE* const log_file_ = std::tmpfile();
  log::Logger log_{"gateway", log::Level::kInfo, fileno(log_file_)};
  RateLimiter limiter_{{.address_per_second = 1e6,
                        .address_burst = 1e6,
                        .credential_per_second = 1e6,
                        .credential_burst = 1e6}};
  StreamSlots slots_{metrics_};
  std::unique_ptr<Routes> routes_ = std::make_unique<Routes>(*Routes::FromLinked());
  std::unique_ptr<Backends> backends_ = std::make_unique<Backends>(
      absl::flat_hash_map<std::string, std::string>{{"cycle", streams_.target()},
                                                    {"registry", "127.0.0.1:1"}},
      Backends::Deps{clock_, metrics_});
  std::unique_ptr<GrpcProxy> proxy_;
};

TEST_F(GrpcStreamTest, MessagesPassAsTheyComeAndTheEndWithThem) {
  Watcher watcher(port(), absl::Seconds(20), kWatched, "e7");
  auto& stream = streams_.At(0);
  EXPECT_EQ(stream.authorization, kToken);
  EXPECT_EQ(stream.Request<WatchOperationRequest>().name(), kWatched);
  EXPECT_EQ(stream.Request<WatchOperationRequest>().last_event_id(), "e7");
  stream.Accept();
  watcher.AwaitHead();
  EXPECT_EQ(watcher.Head(rpc::kStreamMetadata), "open") << "before there is anything to send";
  EXPECT_EQ(watcher.Head("x-request-id").size(), 36u);
  EXPECT_THAT(metrics_.Text(), HasSubstr("chanyan_gateway_streams 1\n"));
  stream.Send(MessageOf("e8", 40));
  EXPECT_EQ(watcher.Next(), "e8");
  EXPECT_EQ(watcher.message().operation().percent(), 40);
  stream.Send(MessageOf("e9", 100));
  EXPECT_EQ(watcher.Next(), "e9");
  stream.End(absl::OkStatus());
  EXPECT_EQ(watcher.Next(), "");
  EXPECT_TRUE(watcher.End().ok());
  EXPECT_TRUE(AllClosed());

  const std::vector<std::string> lines = LogLines();
  ASSERT_EQ(lines.size(), 1u) << "one line a call";
  for (const std::string& expected :
       {std::string("\"message\":\"grpc\""), std::string("\"code\":\"OK\""),
        std::string("\"events\":2"), watcher.Head("x-request-id"),
        std::string("\"rpc\":\"/chanyan.operation.v1.OperationService/WatchOperation\"")}) {
    EXPECT_THAT(lines[0], HasSubstr(expected));
  }
  EXPECT_THAT(metrics_.Text(),
              HasSubstr("chanyan_gateway_grpc_requests_total{code=\"OK\",method="
                        "\"chanyan.operation.v1.OperationService.WatchOperation\"} 1"));
}

TEST_F(GrpcStreamTest, AfterTheLastEventThereIsNothingToComeFor) {
  Watcher watcher(port(), absl::Seconds(20), kWatched, "e9");
  streams_.At(0).End(absl::OkStatus());
  EXPECT_TRUE(watcher.End().ok());
  EXPECT_EQ(watcher.Head("x-request-id").size(), 36u);
}

TEST_F(GrpcStreamTest, RefusalsArriveAsTheServiceMadeThem) {
  Watcher watcher(port());
  streams_.At(0).End(status::NotFound(kWatched));
  const absl::Status refused = watcher.End();
  EXPECT_EQ(refused.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(watcher.Head(rpc::kStreamMetadata), "") << "it was never open";
  EXPECT_EQ(watcher.Head("x-request-id").size(), 36u);
  // A service that is away, and one that there is not.
  for (const char* name : {"services/registry/operations/o1", "services/nobody/operations/o1"}) {
    const absl::Status away = Watcher(port(), absl::Seconds(20), name).End();
    EXPECT_EQ(status::ReasonOf(away), options::v1::ERROR_REASON_UNAVAILABLE) << name;
  }
  EXPECT_EQ(streams_.count(), 1u);
  EXPECT_TRUE(AllClosed());
}

TEST_F(GrpcStreamTest, WhatBreaksOffSaysWhy) {
  Watcher watcher(port());
  streams_.At(0).Send(MessageOf("e1", 1));
  EXPECT_EQ(watcher.Next(), "e1");
  streams_.At(0).End(status::Unavailable("服务正在停止，请重新连接"));
  const absl::Status broken = watcher.End();
  EXPECT_EQ(broken.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(broken.message()), HasSubstr("请重新连接"));
  EXPECT_TRUE(AllClosed());
  EXPECT_THAT(LogLines().at(0), HasSubstr("\"code\":\"UNAVAILABLE\""));
}

TEST_F(GrpcStreamTest, WhoLeavesEndsTheCallBehind) {
  {
    Watcher watcher(port());
    streams_.At(0).Send(MessageOf("e1", 1));
    EXPECT_EQ(watcher.Next(), "e1");
    watcher.Leave();
    EXPECT_EQ(watcher.End().code(), absl::StatusCode::kCancelled);
  }
  EXPECT_TRUE(streams_.At(0).AwaitCancelled(absl::Seconds(5)));
  // Before it was accepted too; and that says nothing about the service.
  for (int i = 1; i <= 2 * rpc::kBreakerConnectErrors; ++i) {
    Watcher watcher(port());
    auto& stream = streams_.At(static_cast<size_t>(i));
    watcher.Leave();
    EXPECT_EQ(watcher.End().code(), absl::StatusCode::kCancelled);
    EXPECT_TRUE(stream.AwaitCancelled(absl::Seconds(5))) << i;
  }
  EXPECT_TRUE(AllClosed());
  for (const std::string& line : LogLines()) {
    EXPECT_THAT(line, HasSubstr("\"code\":\"CANCELLED\""));
  }
  Watcher watcher(port());
  auto& stream = streams_.At(2 * rpc::kBreakerConnectErrors + 1);
  stream.Send(MessageOf("e1", 1));
  EXPECT_EQ(watcher.Next(), "e1") << "its circuit is closed";
  stream.End(absl::OkStatus());
  EXPECT_TRUE(watcher.End().ok());
}

TEST_F(GrpcStreamTest, TheClientsDeadlineReachesTheServiceAndTheMethodsIsTheMost) {
  Watcher hasty(port(), absl::Seconds(2));
  EXPECT_LE(streams_.At(0).time_left, absl::Milliseconds(2100));
  streams_.At(0).Accept();
  EXPECT_EQ(hasty.End().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(streams_.At(0).AwaitCancelled(absl::Seconds(5)));
  Watcher patient(port(), absl::Hours(2));
  EXPECT_LE(streams_.At(1).time_left, absl::Minutes(10) + absl::Seconds(1));
  EXPECT_GT(streams_.At(1).time_left, absl::Minutes(9));
  streams_.At(1).End(absl::OkStatus());
  EXPECT_TRUE(patient.End().ok());
}

TEST_F(GrpcStreamTest, ASlowClientHoldsBackItsOwnStreamAndLosesNothing) {
  Watcher slow(port(), absl::Minutes(2));
  Watcher quick(port(), absl::Minutes(2), "services/cycle/operations/o2");
  size_t slow_at = 0;
  if (streams_.At(0).Request<WatchOperationRequest>().name() != kWatched) slow_at = 1;
  (void)streams_.At(1);
  auto& held = streams_.At(slow_at);
  auto& other = streams_.At(1 - slow_at);
  const std::string large(1'000'000, 'x');
  int sent = 0;
  bool stuck = false;
  while (sent < 200 && !stuck) {
    held.Send(MessageOf(absl::StrCat("e", sent), 1, large));
    ++sent;
    stuck = !held.Sent(absl::Seconds(1));
  }
  EXPECT_TRUE(stuck) << "everything was taken and kept somewhere";
  other.Send(MessageOf("q", 1));
  EXPECT_EQ(quick.Next(), "q");
  other.End(absl::OkStatus());
  EXPECT_TRUE(quick.End().ok());
  for (int i = 0; i < sent; ++i) EXPECT_EQ(slow.Next(), absl::StrCat("e", i));
  EXPECT_TRUE(held.Sent(absl::Seconds(10)));
  held.End(absl::OkStatus());
  EXPECT_TRUE(slow.End().ok());
}

TEST_F(GrpcStreamTest, ACredentialHasOneAllowanceOfStreamsHoweverItComes) {
  std::vector<std::shared_ptr<void>> taken;
  for (int i = 0; i + 1 < kMaxStreamsOfOne; ++i) taken.push_back(*slots_.Take(kToken));
  Watcher last(port());
  streams_.At(0).Accept();
  last.AwaitHead();
  const absl::Status refused = Watcher(port()).End();
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_OVERLOADED);
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(status::GetDetail(refused, retry));
  EXPECT_EQ(retry.retry_delay().seconds(), kRetryMilliseconds / 1000);
  EXPECT_EQ(streams_.count(), 1u) << "the service was not asked";
  Watcher another(port(), absl::Seconds(20), kWatched, "", "Bearer other");
  streams_.At(1).End(absl::OkStatus());
  EXPECT_TRUE(another.End().ok());
  streams_.At(0).End(absl::OkStatus());
  EXPECT_TRUE(last.End().ok());
  taken.clear();
  EXPECT_TRUE(AllClosed()) << "a place that is free again is given back";
}

TEST_F(GrpcStreamTest, AStopEndsStreamsAtOnce) {
  Watcher open(port());
  streams_.At(0).Accept();
  open.AwaitHead();
  // One that the service has not accepted.
  Watcher waiting(port());
  (void)streams_.At(1);
  const absl::Time begin = absl::Now();
  std::thread stop([&] { proxy_->Drain(absl::Now() + absl::Seconds(15)); });
  for (Watcher* watcher : {&open, &waiting}) {
    const absl::Status ended = watcher->End();
    EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable) << ended;
    EXPECT_THAT(std::string(ended.message()), HasSubstr("请重新连接"));
  }
  stop.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_TRUE(streams_.At(0).AwaitCancelled(absl::Seconds(5)));
  EXPECT_TRUE(streams_.At(1).AwaitCancelled(absl::Seconds(5)));
}

}  // namespace
}  // namespace chanyan::gateway
