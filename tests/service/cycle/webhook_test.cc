// Signed messages to office systems: who may be called, how often it is tried, what is signed.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_figures.h"
#include "services/cycle/webhook_outbox.h"
#include "services/cycle/webhook_service.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kUrl[] = "https://oa.example.gov.cn/hooks";

// An office system on this machine that takes one connection at a time and answers as told.
class OfficeSystem {
 public:
  explicit OfficeSystem(std::string answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 4), 0);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~OfficeSystem() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  int port = 0;
  // As they came; to be read once the call has returned.
  std::vector<std::string> requests;

 private:
  void Serve() {
    while (true) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      std::string text;
      char buffer[4096];
      while (!Whole(text)) {
        const ssize_t got = read(peer, buffer, sizeof(buffer));
        if (got <= 0) break;
        text.append(buffer, static_cast<size_t>(got));
      }
      requests.push_back(text);
      (void)!write(peer, answer_.data(), answer_.size());
      close(peer);
    }
  }
  static bool Whole(const std::string& text) {
    const size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    size_t length = 0;
    for (const absl::string_view line : absl::StrSplit(text.substr(0, head), "\r\n")) {
      if (absl::StartsWithIgnoreCase(line, "content-length: ")) {
        (void)absl::SimpleAtoi(line.substr(16), &length);
      }
    }
    return text.size() >= head + 4 + length;
  }

  const std::string answer_;
  int listener_ = -1;
  std::thread thread_;
};

std::string HeaderOf(const std::string& request, const std::string& name) {
  for (const absl::string_view line : absl::StrSplit(request, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, name + ": "))
      return std::string(line.substr(name.size() + 2));
  }
  return "";
}

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    options_.allowed = *ParseAllowedOrigins("https://oa.example.gov.cn");
    options_.key = "key of the operator";
    options_.send = [this](const WebhookMessage& message) {
      sent_.push_back(message);
      return answer_;
    };
    Restart();
  }
  void Restart() {
    service_ = std::make_unique<WebhookService>(
        CycleDeps{
            {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()},
        options_);
  }
  rpc::Call As(options::v1::Role role, const std::string& own, const char* method) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.WebhookService.", method));
  }
  absl::StatusOr<v1::WebhookEndpointSecret> Register(const std::string& own = kOuc,
                                                     const std::string& url = kUrl) {
    v1::CreateWebhookEndpointRequest request;
    request.mutable_webhook_endpoint()->set_url(url);
    request.mutable_webhook_endpoint()->add_events(v1::WEBHOOK_EVENT_NOTIFICATION);
    request.set_request_id(World::Uuid());
    return service_->CreateWebhookEndpoint(As(ROLE_RESEARCH_OFFICE, own, "CreateWebhookEndpoint"),
                                           request);
  }
  // Something is told to a person of `own`.
  void Tell(const std::string& id, const std::string& own = kOuc,
            v1::WebhookEvent event = v1::WEBHOOK_EVENT_NOTIFICATION) {
    v1::Notification told;
    told.set_name(absl::StrCat("notifications/", id));
    told.set_title("将于1月8日截止");
    const absl::Status put = world_.database.db().Transact([&](db::Session& session) {
      return PutInOutbox(session, world_.clock.now, {{own, event, &told}});
    });
    ASSERT_TRUE(put.ok()) << put;
  }
  absl::Status Look() {
    db::Lease lease(world_.database.db(), "cycle-webhooks", db::NewLeaseOwner(), absl::Minutes(2));
    CHANYAN_RETURN_IF_ERROR(lease.Acquire());
    const absl::Status done = service_->Deliver(lease);
    (void)lease.Release();
    return done;
  }
  std::vector<v1::WebhookDelivery> Deliveries(const v1::WebhookEndpoint& endpoint,
                                              const std::string& own = kOuc) {
    v1::ListWebhookDeliveriesRequest request;
    request.set_parent(endpoint.name());
    const auto page = service_->ListWebhookDeliveries(
        As(ROLE_RESEARCH_OFFICE, own, "ListWebhookDeliveries"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->deliveries().begin(), page->deliveries().end()};
  }

  World world_;
  WebhookService::Options options_;
  std::vector<WebhookMessage> sent_;
  absl::Status answer_;
  std::unique_ptr<WebhookService> service_;
};

TEST_F(WebhookTest, AMessageIsSignedAndSentOnce) {
  const auto registered = Register();
  ASSERT_TRUE(registered.ok()) << registered.status();
  Tell("n1");
  Tell("n2", kUpc);
  Tell("n3", kOuc, v1::WEBHOOK_EVENT_DIGEST);
  ASSERT_TRUE(Look().ok());
  ASSERT_TRUE(Look().ok());
  ASSERT_THAT(sent_, SizeIs(1)) << "its own organization's, of the event it wants, once";
  const WebhookMessage& message = sent_[0];
  EXPECT_THAT(message.body, HasSubstr("\"event\":\"WEBHOOK_EVENT_NOTIFICATION\""));
  EXPECT_THAT(message.body, HasSubstr("notifications/n1"));
  EXPECT_TRUE(VerifySignature(registered->secret(), message.signature, message.time,
                              message.delivery, message.body, world_.clock.now));
  const auto deliveries = Deliveries(registered->webhook_endpoint());
  ASSERT_THAT(deliveries, SizeIs(1));
  EXPECT_EQ(deliveries[0].state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(deliveries[0].attempts(), 1);
}

TEST_F(WebhookTest, ItIsTriedAgainWithGrowingPausesAndThenGivenUpUntilAsked) {
  const auto registered = Register();
  ASSERT_TRUE(registered.ok()) << registered.status();
  answer_ = status::Unavailable("对方系统答复 503");
  Tell("n1");
  for (int attempt = 1; attempt <= kMaxDeliveryAttempts; ++attempt) {
    ASSERT_TRUE(Look().ok());
    ASSERT_THAT(sent_, SizeIs(attempt));
    EXPECT_EQ(sent_.back().delivery, sent_.front().delivery) << "the same id each time";
    ASSERT_TRUE(Look().ok());
    ASSERT_THAT(sent_, SizeIs(attempt)) << "not before the pause is over";
    if (const auto pause = PauseAfter(attempt)) world_.clock.now += *pause;
  }
  auto deliveries = Deliveries(registered->webhook_endpoint());
  ASSERT_THAT(deliveries, SizeIs(1));
  EXPECT_EQ(deliveries[0].state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(deliveries[0].failure(), "对方系统答复 503");
  world_.clock.now += absl::Hours(1000);
  ASSERT_TRUE(Look().ok());
  EXPECT_THAT(sent_, SizeIs(kMaxDeliveryAttempts));

  v1::RetryWebhookDeliveryRequest retry;
  retry.set_name(deliveries[0].name());
  EXPECT_TRUE(absl::IsNotFound(
      service_->RetryWebhookDelivery(As(ROLE_UNIT, kZone, "RetryWebhookDelivery"), retry)
          .status()));
  ASSERT_TRUE(
      service_->RetryWebhookDelivery(As(ROLE_RESEARCH_OFFICE, kOuc, "RetryWebhookDelivery"), retry)
          .ok());
  answer_ = absl::OkStatus();
  ASSERT_TRUE(Look().ok());
  EXPECT_EQ(Deliveries(registered->webhook_endpoint())[0].state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(status::ReasonOf(service_
                                 ->RetryWebhookDelivery(
                                     As(ROLE_RESEARCH_OFFICE, kOuc, "RetryWebhookDelivery"), retry)
                                 .status()),
            options::v1::ERROR_REASON_WRONG_STATE);
}

TEST_F(WebhookTest, WhatWaitsFailsAndIsGivenUpIsCounted) {
  metrics::Registry registry;
  const NoticeFigures figures(world_.database.db(), registry);
  options_.ended = [&figures](DeliveryEnd end) { figures.Ended(end); };
  Restart();
  ASSERT_TRUE(figures.Measure().ok());
  EXPECT_THAT(registry.Text(), HasSubstr("chanyan_cycle_webhook_overdue_seconds 0"));
  ASSERT_TRUE(Register().ok());
  answer_ = status::Unavailable("对方系统答复 503");
  Tell("n1");
  ASSERT_TRUE(Look().ok());
  Tell("n2");
  ASSERT_TRUE(figures.Measure().ok());
  EXPECT_THAT(registry.Text(), HasSubstr("chanyan_cycle_webhook_deliveries{state=\"waiting\"} 2"));
  EXPECT_THAT(registry.Text(),
              HasSubstr("chanyan_cycle_webhook_attempts_total{outcome=\"failed\"} 1"));
  world_.database.Apply(absl::StrCat("UPDATE webhook_delivery SET attempts = ",
                                     kMaxDeliveryAttempts - 1, ", next_time = '2020-01-01'"));
  ASSERT_TRUE(figures.Measure().ok());
  EXPECT_THAT(registry.Text(), Not(HasSubstr("chanyan_cycle_webhook_overdue_seconds 0")));
  ASSERT_TRUE(Look().ok());
  Tell("n3");
  answer_ = absl::OkStatus();
  ASSERT_TRUE(Look().ok());
  ASSERT_TRUE(figures.Measure().ok());
  EXPECT_THAT(registry.Text(), HasSubstr("chanyan_cycle_webhook_deliveries{state=\"given_up\"} 2"));
  EXPECT_THAT(registry.Text(),
              HasSubstr("chanyan_cycle_webhook_attempts_total{outcome=\"given_up\"} 2"));
  EXPECT_THAT(registry.Text(),
              HasSubstr("chanyan_cycle_webhook_attempts_total{outcome=\"delivered\"} 1"));
  EXPECT_THAT(registry.Text(), HasSubstr("chanyan_cycle_webhook_deliveries{state=\"waiting\"} 0"));
}

TEST_F(WebhookTest, WhoDiesWhileSendingLeavesItToTheNextWithTheSameId) {
  const auto registered = Register();
  ASSERT_TRUE(registered.ok()) << registered.status();
  Tell("n1");
  options_.send = [this](const WebhookMessage& message) {
    sent_.push_back(message);
    // Frozen while it sent; another has the lease when it wakes up.
    if (sent_.size() == 1) {
      world_.database.Apply("UPDATE lease SET owner = 'another', token = token + 1");
    }
    return absl::OkStatus();
  };
  Restart();
  EXPECT_TRUE(absl::IsFailedPrecondition(Look()));
  EXPECT_EQ(Deliveries(registered->webhook_endpoint())[0].state(), v1::DELIVERY_STATE_PENDING);
  world_.database.Apply("DELETE FROM lease");
  ASSERT_TRUE(Look().ok());
  EXPECT_THAT(sent_, SizeIs(1)) << "not before the pause is over";
  world_.clock.now += *PauseAfter(1);
  ASSERT_TRUE(Look().ok());
  ASSERT_THAT(sent_, SizeIs(2));
  EXPECT_EQ(sent_[1].delivery, sent_[0].delivery);
  EXPECT_EQ(Deliveries(registered->webhook_endpoint())[0].state(), v1::DELIVERY_STATE_DELIVERED);
}

TEST_F(WebhookTest, AnAddressTakenOffTheListOrDisabledIsNotCalled) {
  const auto registered = Register();
  ASSERT_TRUE(registered.ok()) << registered.status();
  Tell("n1");
  options_.allowed.clear();
  Restart();
  ASSERT_TRUE(Look().ok());
  EXPECT_THAT(sent_, IsEmpty());
  EXPECT_THAT(Deliveries(registered->webhook_endpoint())[0].failure(),
              HasSubstr("不在允许推送的地址之内"));
  v1::SetWebhookEndpointDisabledRequest disable;
  disable.set_name(registered->webhook_endpoint().name());
  disable.set_disabled(true);
  ASSERT_TRUE(service_
                  ->SetWebhookEndpointDisabled(
                      As(ROLE_RESEARCH_OFFICE, kOuc, "SetWebhookEndpointDisabled"), disable)
                  .ok());
  Tell("n2");
  EXPECT_THAT(Deliveries(registered->webhook_endpoint()), SizeIs(1));
  world_.clock.now += absl::Hours(1);
  ASSERT_TRUE(Look().ok());
  EXPECT_EQ(Deliveries(registered->webhook_endpoint())[0].state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(WebhookTest, TheSecretIsInOneAnswerAndNowhereElse) {
  const auto registered = Register();
  ASSERT_TRUE(registered.ok()) << registered.status();
  EXPECT_EQ(registered->secret().size(), 64u);
  v1::RotateWebhookSecretRequest rotate;
  rotate.set_name(registered->webhook_endpoint().name());
  rotate.set_request_id(World::Uuid());
  const auto rotated =
      service_->RotateWebhookSecret(As(ROLE_RESEARCH_OFFICE, kOuc, "RotateWebhookSecret"), rotate);
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_NE(rotated->secret(), registered->secret());
  for (const auto& secret : {registered->secret(), rotated->secret()}) {
    for (const char* where :
         {"SELECT after_json FROM journal", "SELECT url FROM webhook_endpoint"}) {
      for (const std::string& text : testing::Texts(world_.database.db(), where)) {
        EXPECT_EQ(text.find(secret), std::string::npos);
      }
    }
  }
  options_.key.clear();
  Restart();
  EXPECT_EQ(status::ReasonOf(Register().status()), options::v1::ERROR_REASON_WRONG_STATE);
}

TEST_F(WebhookTest, AForeignAddressIsRefusedAndOnesOwnAreFew) {
  EXPECT_TRUE(absl::IsInvalidArgument(Register(kOuc, "https://evil.example/hooks").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Register(kOuc, "http://169.254.169.254/latest").status()));
  for (int i = 0; i < kEndpointsPerOrganization; ++i) {
    ASSERT_TRUE(Register(kOuc, absl::StrCat(kUrl, "/", i)).ok());
  }
  EXPECT_FALSE(Register().ok());
  ASSERT_TRUE(Register(kUpc).ok());
  const auto mine =
      service_->ListWebhookEndpoints(As(ROLE_RESEARCH_OFFICE, kUpc, "ListWebhookEndpoints"), {});
  ASSERT_TRUE(mine.ok()) << mine.status();
  EXPECT_EQ(mine->webhook_endpoints_size(), 1);
}

class WebhookClientTest : public ::testing::Test {
 protected:
  static WebhookMessage MessageTo(const OfficeSystem& office, const std::string& host,
                                  const std::string& pinned) {
    WebhookMessage message;
    message.url = absl::StrCat("http://", host, ":", office.port, "/hooks");
    message.origin = {"http", host, office.port, pinned};
    message.delivery = "d0123456789abcdef";
    message.body = "{\"event\":\"甲\"}";
    message.time = absl::FromUnixSeconds(1'770'076'800);
    message.signature = SignatureOf("secret", message.time, message.delivery, message.body);
    return message;
  }
};

TEST_F(WebhookClientTest, TheOfficeSystemCanCheckWhatItGets) {
  const OfficeSystem office("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  const absl::Status sent = SendWebhook(MessageTo(office, "office.example.gov.cn", "127.0.0.1"));
  ASSERT_TRUE(sent.ok()) << sent;
  ASSERT_THAT(office.requests, SizeIs(1));
  const std::string& request = office.requests[0];
  EXPECT_TRUE(absl::StartsWith(request, "POST /hooks HTTP/1.1\r\n"));
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  int64_t seconds = 0;
  ASSERT_TRUE(absl::SimpleAtoi(HeaderOf(request, "X-Chanyan-Timestamp"), &seconds));
  const absl::Time time = absl::FromUnixSeconds(seconds);
  EXPECT_TRUE(VerifySignature("secret", HeaderOf(request, "X-Chanyan-Signature"), time,
                              HeaderOf(request, "X-Chanyan-Delivery"), body, time));
  EXPECT_EQ(HeaderOf(request, "Host"), absl::StrCat("office.example.gov.cn:", office.port));
}

TEST_F(WebhookClientTest, ARedirectIsNotFollowed) {
  const OfficeSystem inner("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const OfficeSystem office(
      absl::StrCat("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:", inner.port,
                   "/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  const absl::Status sent = SendWebhook(MessageTo(office, "office.example.gov.cn", "127.0.0.1"));
  EXPECT_THAT(std::string(sent.message()), HasSubstr("302"));
  EXPECT_THAT(inner.requests, IsEmpty());
}

TEST_F(WebhookClientTest, ANameThatResolvesToThisMachineIsNotConnectedTo) {
  const OfficeSystem office("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const absl::Status sent = SendWebhook(MessageTo(office, "localhost", ""));
  EXPECT_THAT(std::string(sent.message()), HasSubstr("内部网络"));
  EXPECT_THAT(office.requests, IsEmpty());
}

TEST_F(WebhookClientTest, AnEndlessAnswerEnds) {
  const OfficeSystem office(
      absl::StrCat("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", std::string(1 << 20, 'x')));
  EXPECT_FALSE(SendWebhook(MessageTo(office, "office.example.gov.cn", "127.0.0.1")).ok());
}

}  // namespace
}  // namespace chanyan::cycle
