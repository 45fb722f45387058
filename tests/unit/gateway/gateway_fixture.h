// The gateway in one process, with a service behind it that answers as told: real HTTP in front,
// real gRPC behind.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "chanyan/options/v1/error_reason.pb.h"
#include "common/api/names.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/time/clock.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway.h"
#include "services/gateway/http_server.h"
#include "tests/unit/gateway/fake_backend.h"
#include "tests/unit/gateway/http_client.h"

namespace chanyan::gateway {

inline constexpr char kExchange[] = "/chanyan.identity.v1.IdentityService/ExchangeSession";

class GatewayTest : public testing::Test {
 protected:
  explicit GatewayTest(HttpTimeouts timeouts = {}, RateLimits rates = {.address_per_second = 1e6,
                                                                       .address_burst = 1e6,
                                                                       .credential_per_second = 1e6,
                                                                       .credential_burst = 1e6})
      : limiter_(rates) {
    routes_ = std::make_unique<Routes>(*Routes::FromLinked());
    files_.Add("/index.html", "text/html; charset=utf-8", std::string(5000, 'x'));
    backends_ = std::make_unique<Backends>(
        absl::flat_hash_map<std::string, std::string>{{"identity", backend_.target()},
                                                      {"registry", backend_.target()},
                                                      {"pairing", "127.0.0.1:1"}},
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
    backend_.Answer("ExchangeSession", token);
    identity::v1::Account account;
    account.set_name("accounts/zhang");
    account.set_etag("v7");
    backend_.Answer("GetMe", account);
    backend_.Answer("GetAccount", account);
    backend_.Answer("UpdateAccount", account);
    backend_.Answer("ListAccounts", identity::v1::ListAccountsResponse());
    backend_.Answer("ListKeys", identity::v1::ListKeysResponse());
    backend_.Answer("SignOut", google::protobuf::Empty());
  }
  ~GatewayTest() override { server_->Drain(absl::Now() + absl::Seconds(5)); }

  ClientReply Ask(absl::string_view method, absl::string_view target,
                  absl::string_view headers = "", absl::string_view body = "",
                  absl::string_view type = "application/json") {
    HttpClient client(server_->port());
    client.Send(HttpRequestText(method, target, headers, body, type));
    return client.Receive(method == "HEAD");
  }

  FakeBackend backend_;
  time::SystemClock clock_;
  metrics::Registry metrics_;
  log::Logger log_{"gateway", log::Level::kError};
  std::unique_ptr<Routes> routes_;
  StaticFiles files_;
  RateLimiter limiter_;
  StreamSlots slots_{metrics_};
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Backends> backends_;
  std::unique_ptr<HttpServer> server_;
};

// A credential may ask twice, and then for a long time not.
class RateTest : public GatewayTest {
 protected:
  RateTest()
      : GatewayTest({}, {.address_per_second = 1e6,
                         .address_burst = 1e6,
                         .credential_per_second = 0.01,
                         .credential_burst = 2}) {}
};

// Nothing may take long.
class SlowTest : public GatewayTest {
 protected:
  SlowTest()
      : GatewayTest({.head = absl::Milliseconds(300),
                     .body = absl::Milliseconds(300),
                     .answer = absl::Milliseconds(400),
                     .idle = absl::Milliseconds(300)}) {}
};

// What an answer says went wrong (AIP-193).
struct Told {
  explicit Told(const ClientReply& reply) {
    google::protobuf::Struct json;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(reply.body, &json).ok()) << reply.body;
    const auto& error = json.fields().at("error").struct_value().fields();
    code = static_cast<int>(error.at("code").number_value());
    message = error.at("message").string_value();
    for (const auto& one : error.at("details").list_value().values()) {
      const auto& detail = one.struct_value().fields();
      const std::string type = detail.at("@type").string_value();
      if (absl::EndsWith(type, "ErrorInfo")) {
        reason = detail.at("reason").string_value();
        domain = detail.at("domain").string_value();
      } else if (absl::EndsWith(type, "RequestInfo")) {
        request_id = detail.at("requestId").string_value();
      }
    }
  }
  int code = 0;
  std::string message, reason, domain, request_id;
};

// Holds for every error, whoever made it.
inline void ExpectWholeError(const ClientReply& reply, int status, const std::string& reason) {
  ASSERT_EQ(reply.status, status) << reply.body;
  EXPECT_EQ(reply.Header("content-type"), "application/json; charset=utf-8");
  const Told told(reply);
  EXPECT_EQ(told.code, status);
  EXPECT_EQ(told.reason, reason) << reply.body;
  options::v1::ErrorReason known;
  EXPECT_TRUE(options::v1::ErrorReason_Parse("ERROR_REASON_" + told.reason, &known)) << reason;
  EXPECT_EQ(told.domain, "chanyan");
  EXPECT_EQ(told.request_id, reply.Header("x-request-id"));
  EXPECT_TRUE(api::IsUuid(told.request_id)) << reply.body;
  const bool chinese = std::any_of(told.message.begin(), told.message.end(),
                                   [](char c) { return static_cast<uint8_t>(c) >= 0xe4; });
  EXPECT_TRUE(chinese) << told.message;
}

}  // namespace chanyan::gateway
