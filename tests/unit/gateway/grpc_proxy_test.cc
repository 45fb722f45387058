// Native gRPC through the gateway: what passes, and what is done for every call as for HTTP.
#include "services/gateway/grpc_proxy.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "tests/unit/gateway/gateway_fixture.h"

namespace chanyan::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

class GrpcProxyTest : public GatewayTest {};
class GrpcProxyRateTest : public RateTest {};

constexpr char kGetAccount[] = "/chanyan.identity.v1.IdentityService/GetAccount";

// A program inside the network at a pass-through of its own.
class NativeClient {
 public:
  explicit NativeClient(const GrpcProxy::Deps& deps)
      : proxy_(*GrpcProxy::Start("127.0.0.1:0", deps)),
        stub_(grpc::CreateChannel(absl::StrCat("127.0.0.1:", proxy_->port()),
                                  grpc::InsecureChannelCredentials())) {}
  ~NativeClient() { proxy_->Drain(absl::Now() + absl::Seconds(1)); }

  absl::Status Call(const std::string& path, const google::protobuf::Message& request,
                    google::protobuf::Message* reply) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer native");
    context.AddMetadata("x-user-id", "admin");
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    grpc::ByteBuffer in, out;
    EXPECT_TRUE(rpc::Serialize(request, &in).ok());
    absl::Notification done;
    grpc::Status status;
    stub_.UnaryCall(&context, path, grpc::StubOptions(), &in, &out, [&](grpc::Status s) {
      status = s;
      done.Notify();
    });
    done.WaitForNotification();
    if (status.ok()) {
      EXPECT_TRUE(rpc::Parse(&out, reply).ok());
    }
    const auto& metadata = context.GetServerInitialMetadata();
    const auto id = metadata.find("x-request-id");
    EXPECT_NE(id, metadata.end());
    if (id != metadata.end()) request_id_.assign(id->second.data(), id->second.size());
    return rpc::FromGrpc(status);
  }
  // Of the last call.
  const std::string& request_id() const { return request_id_; }

 private:
  std::unique_ptr<GrpcProxy> proxy_;
  grpc::GenericStub stub_;
  std::string request_id_;
};

TEST_F(GrpcProxyTest, NativeCallsPassThroughWithTheirErrors) {
  NativeClient client({*routes_, *backends_, limiter_, slots_, clock_, log_, metrics_});
  identity::v1::GetAccountRequest request;
  request.set_name("accounts/zhang");
  identity::v1::Account account;
  EXPECT_TRUE(client.Call(kGetAccount, request, &account).ok());
  EXPECT_EQ(account.etag(), "v7");
  const auto seen = backend_.calls().back();
  EXPECT_EQ(seen.metadata.at("authorization"), "Bearer native");
  EXPECT_EQ(seen.metadata.count("x-user-id"), 0u);
  EXPECT_EQ(seen.metadata.at("x-client-address"), "127.0.0.1");
  EXPECT_EQ(seen.As<identity::v1::GetAccountRequest>().name(), "accounts/zhang");

  backend_.On("GetAccount", [](const FakeBackend::Call&, grpc::ByteBuffer*) {
    return status::StaleEtag("accounts/zhang");
  });
  const absl::Status stale = client.Call(kGetAccount, request, &account);
  EXPECT_EQ(stale.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status::ReasonOf(stale), options::v1::ERROR_REASON_STALE_ETAG);
}

TEST_F(GrpcProxyTest, WhatThePassThroughRefusesItselfHasReasonAndRequestId) {
  NativeClient client({*routes_, *backends_, limiter_, slots_, clock_, log_, metrics_});
  identity::v1::GetAccountRequest request;
  google::rpc::RequestInfo info;

  const absl::Status unknown = client.Call("/no.Such/Method", request, nullptr);
  EXPECT_EQ(unknown.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(status::ReasonOf(unknown), options::v1::ERROR_REASON_NOT_FOUND);
  ASSERT_TRUE(status::GetDetail(unknown, info));
  EXPECT_EQ(info.request_id(), client.request_id());

  const absl::Status away =
      client.Call("/chanyan.pairing.v1.PairingService/GetProject", request, nullptr);
  EXPECT_EQ(away.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::ReasonOf(away), options::v1::ERROR_REASON_UNAVAILABLE);
  ASSERT_TRUE(status::GetDetail(away, info));
  EXPECT_EQ(info.request_id(), client.request_id());

  const absl::Status nobodys =
      client.Call("/chanyan.journal.v1.JournalService/ListEntries", request, nullptr);
  EXPECT_EQ(status::ReasonOf(nobodys), options::v1::ERROR_REASON_UNAVAILABLE);
}

TEST_F(GrpcProxyTest, NativeCallsAreLoggedAndCountedAsHttpRequestsAre) {
  std::FILE* file = std::tmpfile();
  const log::Logger log("gateway", log::Level::kInfo, fileno(file));
  NativeClient client({*routes_, *backends_, limiter_, slots_, clock_, log, metrics_});
  identity::v1::UpdateAccountRequest change;
  change.mutable_account()->set_name("accounts/zhang");
  change.set_request_id("6f1a3c1e-0000-4000-8000-000000000007");
  identity::v1::Account account;
  EXPECT_TRUE(
      client.Call("/chanyan.identity.v1.IdentityService/UpdateAccount", change, &account).ok());
  EXPECT_EQ(client.request_id(), change.request_id()) << "the one the service journals";
  EXPECT_EQ(backend_.calls().back().metadata.at("x-request-id"), change.request_id());
  EXPECT_EQ(client.Call("/no.Such/Method", change, nullptr).code(),
            absl::StatusCode::kUnimplemented);
  const std::string unknown_id = client.request_id();

  std::rewind(file);
  std::vector<std::string> lines;
  char line[4096];
  while (std::fgets(line, sizeof(line), file) != nullptr) lines.push_back(line);
  std::fclose(file);
  ASSERT_EQ(lines.size(), 2u) << "one line a call";
  for (const std::string& expected :
       {absl::StrCat("\"request_id\":\"", change.request_id(), "\""),
        std::string("\"rpc\":\"/chanyan.identity.v1.IdentityService/UpdateAccount\""),
        std::string("\"message\":\"grpc\""), std::string("\"code\":\"OK\""),
        std::string("\"trace_id\":\""), std::string("\"ms\":")}) {
    EXPECT_THAT(lines[0], HasSubstr(expected));
  }
  EXPECT_THAT(lines[0], Not(HasSubstr("native"))) << "no credential in the log";
  EXPECT_THAT(lines[1], HasSubstr(unknown_id));
  EXPECT_THAT(lines[1], HasSubstr("\"rpc\":\"none\""));
  EXPECT_THAT(lines[1], HasSubstr("\"code\":\"UNIMPLEMENTED\""));

  const std::string metrics = metrics_.Text();
  EXPECT_THAT(metrics, HasSubstr("chanyan_gateway_grpc_requests_total{code=\"OK\",method="
                                 "\"chanyan.identity.v1.IdentityService.UpdateAccount\"} 1"));
  EXPECT_THAT(
      metrics,
      HasSubstr("chanyan_gateway_grpc_requests_total{code=\"UNIMPLEMENTED\",method=\"none\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("chanyan_gateway_grpc_request_seconds_count{method=\"none\"} 1"));
}

TEST(AddressOfPeerTest, IsTheAddressWithoutPort) {
  EXPECT_EQ(AddressOfPeer("ipv4:10.0.0.7:4711"), "10.0.0.7");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B::1%5D:4711"), "::1");
  EXPECT_EQ(AddressOfPeer("ipv6:[fe80::1%25eth0]:4711"), "fe80::1");
  EXPECT_EQ(AddressOfPeer("unix:"), "unix");
  EXPECT_EQ(AddressOfPeer("unix:/run/gateway.sock"), "unix");
}

TEST_F(GrpcProxyRateTest, ACredentialHasOneAllowanceForHttpAndGrpc) {
  NativeClient client({*routes_, *backends_, limiter_, slots_, clock_, log_, metrics_});
  identity::v1::GetAccountRequest request;
  identity::v1::Account account;
  EXPECT_EQ(Ask("GET", "/v1/me", "Authorization: Bearer native\r\n").status, 200);
  EXPECT_TRUE(client.Call(kGetAccount, request, &account).ok());
  const absl::Status refused = client.Call(kGetAccount, request, &account);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_OVERLOADED);
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(status::GetDetail(refused, retry));
  EXPECT_GT(retry.retry_delay().seconds(), 0);
  EXPECT_EQ(Ask("GET", "/v1/me", "Authorization: Bearer native\r\n").status, 429);
  EXPECT_EQ(backend_.calls().size(), 2u) << "a refused call costs the service nothing";
}

}  // namespace
}  // namespace chanyan::gateway
