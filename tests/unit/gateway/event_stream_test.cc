// Streaming RPCs as server-sent events: real HTTP in front, real gRPC behind.
#include "services/gateway/event_stream.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "chanyan/operation/v1/operation.pb.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "services/gateway/openapi.h"
#include "tests/unit/gateway/fake_backend.h"
#include "tests/unit/gateway/fake_stream.h"
#include "tests/unit/gateway/gateway_fixture.h"
#include "tests/unit/gateway/http_client.h"

namespace chanyan::gateway {
namespace {

using operation::v1::WatchOperationRequest;
using operation::v1::WatchOperationResponse;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPath[] = "/v1/services/cycle/operations/o1:watch";
constexpr char kBearer[] = "Authorization: Bearer t\r\n";

WatchOperationResponse Event(const std::string& id, int done, const std::string& title = "") {
  WatchOperationResponse event;
  event.set_event_id(id);
  event.mutable_operation()->set_done_units(done);
  event.mutable_operation()->set_title(title);
  return event;
}

// A listener at the socket: the head, then chunks as they come.
class Listener {
 public:
  explicit Listener(int port, absl::string_view headers = kBearer, absl::string_view target = kPath)
      : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    // So that a slow one is slow after some kilobytes.
    const int small = 4096;
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const timeval patience = {20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const std::string request = HttpRequestText("GET", target, headers);
    EXPECT_EQ(send(fd_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
  }
  ~Listener() { Leave(); }
  void Leave() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  // Everything up to and with `text`; what came instead if it does not come.
  std::string Until(absl::string_view text) {
    size_t at;
    while ((at = got_.find(text.data(), 0, text.size())) == std::string::npos) {
      char bytes[4096];
      const ssize_t read = recv(fd_, bytes, sizeof(bytes), 0);
      if (read <= 0) {
        closed_ = read == 0;
        return "missing \"" + std::string(text) + "\" in " + got_;
      }
      got_.append(bytes, static_cast<size_t>(read));
    }
    const std::string taken = got_.substr(0, at + text.size());
    got_.erase(0, at + text.size());
    return taken;
  }
  // True once the other end has closed.
  bool Closed() {
    while (!closed_) {
      char bytes[4096];
      const ssize_t read = recv(fd_, bytes, sizeof(bytes), 0);
      if (read == 0 || (read < 0 && errno == ECONNRESET)) closed_ = true;
      if (read < 0 && errno != ECONNRESET) return false;
    }
    return true;
  }

 private:
  int fd_;
  bool closed_ = false;
  std::string got_;
};

class EventStreamTest : public ::testing::Test {
 protected:
  explicit EventStreamTest(HttpTimeouts timeouts = {.beat = absl::Seconds(15)}) {
    routes_ = std::make_unique<Routes>(*Routes::FromLinked());
    backends_ = std::make_unique<Backends>(
        absl::flat_hash_map<std::string, std::string>{{"identity", identity_.target()},
                                                      {"cycle", streams_.target()},
                                                      {"registry", "127.0.0.1:1"}},
        Backends::Deps{clock_, metrics_});
    sessions_ = std::make_unique<Sessions>(
        Sessions::Deps{*backends_, clock_, routes_->FindGrpc(kExchange)});
    gateway_ = std::make_unique<Gateway>(Gateway::Deps{*routes_, files_, *backends_, *sessions_,
                                                       limiter_, slots_, clock_, log_, metrics_});
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    options.timeouts = timeouts;
    server_ = *HttpServer::Start(options, {*gateway_, metrics_});
    identity::v1::TokenResponse token;
    token.set_access_token("short.lived.token");
    token.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Minutes(5)));
    identity_.Answer("ExchangeSession", token);
  }
  ~EventStreamTest() override {
    server_->Drain(absl::Now() + absl::Seconds(5));
    // Before the services, which wait for their calls.
    server_.reset();
    backends_.reset();
  }
  ClientReply Ask(absl::string_view headers = kBearer, absl::string_view target = kPath,
                  absl::string_view method = "GET") {
    HttpClient client(server_->port());
    client.Send(HttpRequestText(method, target, headers));
    return client.Receive(method == "HEAD");
  }

  FakeStreams streams_;
  FakeBackend identity_;
  time::SystemClock clock_;
  metrics::Registry metrics_;
  log::Logger log_{"gateway", log::Level::kError};
  RateLimiter limiter_{{.address_per_second = 1e6,
                        .address_burst = 1e6,
                        .credential_per_second = 1e6,
                        .credential_burst = 1e6}};
  StreamSlots slots_{metrics_};
  StaticFiles files_;
  std::unique_ptr<Routes> routes_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Backends> backends_;
  std::unique_ptr<HttpServer> server_;
};

// Signs of life every 300 ms; who does not take anything for a second is given up.
class HastyTest : public EventStreamTest {
 protected:
  HastyTest() : EventStreamTest({.write = absl::Seconds(1), .beat = absl::Milliseconds(300)}) {}
};

// Streams stay for minutes: a service that takes no more on their connection still answers calls.
TEST_F(EventStreamTest, StreamsDoNotTakeThePlaceOfCalls) {
  FakeStreams service(1);
  Backends backends({{"cycle", service.target()}}, Backends::Deps{clock_, metrics_});
  const grpc::Slice nothing;
  const auto call = [&nothing] {
    return BackendCall{.backend = "cycle",
                       .grpc_path = "/chanyan.operation.v1.OperationService/GetOperation",
                       .request = grpc::ByteBuffer(&nothing, 1),
                       .deadline = absl::Now() + absl::Seconds(5)};
  };
  absl::Notification accepted;
  std::shared_ptr<BackendStream> watched;
  backends.Stream(call(), [&](std::shared_ptr<BackendStream> stream, const grpc::Status&) {
    watched = std::move(stream);
    accepted.Notify();
  });
  service.At(0).Accept();
  accepted.WaitForNotification();
  ASSERT_NE(watched, nullptr);
  absl::Notification answered;
  grpc::Status answer;
  backends.Call(call(), [&](const grpc::Status& status, grpc::ByteBuffer) {
    answer = status;
    answered.Notify();
  });
  while (service.count() < 2 && !answered.HasBeenNotified()) std::this_thread::yield();
  if (service.count() == 2) service.At(1).End(status::NotFound("operations/none"));
  answered.WaitForNotification();
  EXPECT_EQ(answer.error_code(), grpc::StatusCode::NOT_FOUND) << answer.error_message();
  watched->Cancel();
}

TEST_F(EventStreamTest, RefusalsAreOrdinaryErrors) {
  std::thread service(
      [&] { streams_.At(0).End(status::NotFound("services/cycle/operations/o1")); });
  const ClientReply reply = Ask();
  service.join();
  ExpectWholeError(reply, 404, "NOT_FOUND");
  // No such service, one that is away, both credentials, none of the allowed methods.
  EXPECT_EQ(Ask(kBearer, "/v1/services/nobody/operations/o1:watch").status, 404);
  EXPECT_EQ(Ask(kBearer, "/v1/services/registry/operations/o1:watch").status, 503);
  EXPECT_EQ(Ask("Authorization: Bearer t\r\nCookie: __Host-chanyan=s3cret\r\n").status, 400);
  EXPECT_EQ(Ask(kBearer, kPath, "POST").status, 405);
  EXPECT_EQ(Ask(kBearer, absl::StrCat(kPath, "?nothing=1")).status, 400);
  EXPECT_EQ(streams_.count(), 1u);
}

TEST_F(EventStreamTest, EventsHaveIdNameAndDataAndEndWithTheLast) {
  Listener listener(server_->port());
  auto& stream = streams_.At(0);
  EXPECT_EQ(stream.authorization, "Bearer t");
  EXPECT_EQ(stream.Request<WatchOperationRequest>().name(), "services/cycle/operations/o1");
  stream.Accept();
  const std::string head = listener.Until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream; charset=utf-8\r\n"));
  EXPECT_THAT(head, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(head, Not(HasSubstr("Content-Encoding")));
  stream.Send(Event("e1", 1, "两\n行"));
  EXPECT_THAT(listener.Until("\n\n\r\n"),
              HasSubstr("retry: 2000\n\nid: e1\nevent: watchOperation\ndata: "
                        "{\"operation\":{\"title\":\"两\\n行\",\"doneUnits\":1}}\n\n"));
  stream.Send(Event("e2", 2));
  EXPECT_THAT(listener.Until("\n\n\r\n"), HasSubstr("id: e2\n"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("chanyan_gateway_streams 1"));
  stream.End(absl::OkStatus());
  EXPECT_EQ(listener.Until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_TRUE(listener.Closed());
}

TEST_F(EventStreamTest, WhoComesAgainSaysWhichEventWasTheLast) {
  Listener listener(server_->port(), absl::StrCat(kBearer, "Last-Event-ID: e7\r\n"),
                    absl::StrCat(kPath, "?lastEventId=e3"));
  EXPECT_EQ(streams_.At(0).Request<WatchOperationRequest>().last_event_id(), "e7");
  streams_.At(0).Send(Event("e8", 8));
  EXPECT_THAT(listener.Until("\n\n\r\n"), HasSubstr("id: e8\n"));
  streams_.At(0).End(absl::OkStatus());
}

TEST_F(EventStreamTest, AfterTheLastEventThereIsNothingToComeFor) {
  std::thread service([&] { streams_.At(0).End(absl::OkStatus()); });
  EXPECT_EQ(Ask(absl::StrCat(kBearer, "Last-Event-ID: e9\r\n")).status, 204);
  service.join();
}

TEST_F(EventStreamTest, ABrowsersSessionIsExchangedAsForEveryRead) {
  Listener listener(server_->port(), "Cookie: __Host-chanyan=s3cret\r\n");
  EXPECT_EQ(streams_.At(0).authorization, "Bearer short.lived.token");
  streams_.At(0).End(status::PermissionDenied("无权"));
  EXPECT_THAT(listener.Until("\r\n\r\n"), HasSubstr("HTTP/1.1 403"));
}

TEST_F(EventStreamTest, WhatBreaksOffSaysWhy) {
  Listener listener(server_->port());
  auto& stream = streams_.At(0);
  stream.Send(Event("e1", 1));
  EXPECT_THAT(listener.Until("\n\n\r\n"), HasSubstr("id: e1\n"));
  stream.End(status::Unavailable("服务正在停止，请重新连接"));
  const std::string last = listener.Until("0\r\n\r\n");
  EXPECT_THAT(last, HasSubstr("event: failure\ndata: {\"error\":{\"code\":503"));
  EXPECT_THAT(last, HasSubstr("请重新连接"));
  EXPECT_TRUE(listener.Closed());
}

TEST_F(EventStreamTest, WhoLeavesEndsTheCallBehind) {
  {
    Listener listener(server_->port());
    streams_.At(0).Send(Event("e1", 1));
    listener.Until("\n\n\r\n");
  }
  EXPECT_TRUE(streams_.At(0).AwaitCancelled(absl::Seconds(5)));
  // And who leaves before there was anything.
  {
    Listener listener(server_->port());
    streams_.At(1).Accept();
    listener.Until("\r\n\r\n");
  }
  EXPECT_TRUE(streams_.At(1).AwaitCancelled(absl::Seconds(5)));
}

TEST_F(HastyTest, SilenceIsFilledSoThatBothEndsKnowOfEachOther) {
  Listener listener(server_->port());
  streams_.At(0).Accept();
  listener.Until("\r\n\r\n");
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(listener.Until(":\n\n\r\n"), HasSubstr("3\r\n:"));
  EXPECT_GT(absl::Now() - begin, absl::Milliseconds(600));
  streams_.At(0).Send(Event("e1", 1));
  EXPECT_THAT(listener.Until("}\n\n\r\n"), HasSubstr("id: e1\n"));
  streams_.At(0).End(absl::OkStatus());
}

TEST_F(HastyTest, ASlowListenerHoldsBackTheServiceAndIsGivenUp) {
  Listener slow(server_->port());
  auto& held = streams_.At(0);
  Listener quick(server_->port());
  auto& other = streams_.At(1);
  const std::string large(200'000, 'x');
  bool stuck = false;
  for (int i = 0; i < 400 && !stuck; ++i) {
    held.Send(Event(absl::StrCat("e", i), i, large));
    stuck = !held.Sent(absl::Milliseconds(500));
  }
  EXPECT_TRUE(stuck) << "everything was taken and kept somewhere";
  EXPECT_TRUE(held.AwaitCancelled(absl::Seconds(10)));
  // Others are not held up.
  other.Send(Event("q", 1));
  EXPECT_THAT(quick.Until("}\n\n\r\n"), HasSubstr("id: q\n"));
  other.End(absl::OkStatus());
}

TEST_F(EventStreamTest, OneCredentialHasAFewStreamsAndOthersHaveTheirs) {
  std::vector<std::unique_ptr<Listener>> listeners;
  for (int i = 0; i < kMaxStreamsOfOne; ++i) {
    listeners.push_back(std::make_unique<Listener>(server_->port()));
    streams_.At(static_cast<size_t>(i)).Accept();
    listeners.back()->Until("\r\n\r\n");
  }
  const ClientReply refused = Ask();
  ExpectWholeError(refused, 429, "OVERLOADED");
  EXPECT_EQ(refused.Header("retry-after"), "2");
  Listener another(server_->port(), "Authorization: Bearer other\r\n");
  streams_.At(kMaxStreamsOfOne).Accept();
  EXPECT_THAT(another.Until("\r\n\r\n"), HasSubstr("HTTP/1.1 200"));
  // A place that is free again is given again.
  listeners.pop_back();
  EXPECT_TRUE(streams_.At(kMaxStreamsOfOne - 1).AwaitCancelled(absl::Seconds(5)));
  const std::string fewer = absl::StrCat("chanyan_gateway_streams ", kMaxStreamsOfOne, "\n");
  for (int i = 0; i < 100 && !absl::StrContains(metrics_.Text(), fewer); ++i) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  Listener again(server_->port());
  streams_.At(kMaxStreamsOfOne + 1).Accept();
  EXPECT_THAT(again.Until("\r\n\r\n"), HasSubstr("HTTP/1.1 200"));
}

TEST_F(EventStreamTest, AStopEndsStreamsAtOnce) {
  Listener listener(server_->port());
  streams_.At(0).Accept();
  listener.Until("\r\n\r\n");
  const absl::Time begin = absl::Now();
  std::thread stop([&] { server_->Drain(absl::Now() + absl::Seconds(15)); });
  EXPECT_EQ(listener.Until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_TRUE(listener.Closed());
  stop.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_TRUE(streams_.At(0).AwaitCancelled(absl::Seconds(5)));
}

TEST(EventStreamDescriptionTest, OpenApiSaysThatItIsOne) {
  const auto openapi = OpenApiJson(*Routes::FromLinked(), "");
  ASSERT_TRUE(openapi.ok()) << openapi.status();
  EXPECT_THAT(*openapi, HasSubstr("\"text/event-stream\""));
}

TEST(BackendOfNameTest, IsTheSecondSegment) {
  EXPECT_EQ(BackendOfName("services/cycle/operations/o1"), "cycle");
  EXPECT_EQ(BackendOfName("journals/registry"), "registry");
  for (const char* none : {"", "services", "services/", "services//x"}) {
    EXPECT_EQ(BackendOfName(none), "") << none;
  }
}

}  // namespace
}  // namespace chanyan::gateway
