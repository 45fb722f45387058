// W3C Trace Context through the gateway, by HTTP and by gRPC: a trace goes on with what others keep
// beside it, and nothing in it can make a request fail.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/identity/v1/identity.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "services/gateway/grpc_proxy.h"
#include "tests/unit/gateway/gateway_fixture.h"

namespace chanyan::gateway {
namespace {

constexpr char kIncoming[] = "00-11111111111111111111111111111111-2222222222222222-01";

class TraceContextTest : public GatewayTest {
 protected:
  TraceContextTest()
      : proxy_(*GrpcProxy::Start("127.0.0.1:0",
                                 {*routes_, *backends_, limiter_, slots_, clock_, log_, metrics_})),
        stub_(identity::v1::IdentityService::NewStub(grpc::CreateChannel(
            absl::StrCat("127.0.0.1:", proxy_->port()), grpc::InsecureChannelCredentials()))) {}

  // Header lines or metadata of one request.
  using Lines = std::vector<std::pair<std::string, std::string>>;

  // What the service was sent.
  std::map<std::string, std::string> ByHttp(const Lines& lines) {
    std::string headers;
    for (const auto& [name, value] : lines) absl::StrAppend(&headers, name, ": ", value, "\r\n");
    EXPECT_EQ(Ask("GET", "/v1/accounts/zhang", headers).status, 200) << headers;
    return backend_.calls().back().metadata;
  }
  std::map<std::string, std::string> ByGrpc(const Lines& lines) {
    grpc::ClientContext context;
    for (const auto& [name, value] : lines) context.AddMetadata(name, value);
    identity::v1::GetAccountRequest request;
    request.set_name("accounts/zhang");
    identity::v1::Account account;
    EXPECT_TRUE(stub_->GetAccount(&context, request, &account).ok());
    return backend_.calls().back().metadata;
  }

  std::unique_ptr<GrpcProxy> proxy_;
  std::unique_ptr<identity::v1::IdentityService::Stub> stub_;
};

TEST_F(TraceContextTest, TracestateGoesOnAsItCameInOneLineOrSeveral) {
  const Lines one = {{"traceparent", kIncoming}, {"tracestate", "rojo=00f067aa0ba902b7, a@b=c d"}};
  EXPECT_EQ(ByHttp(one).at("tracestate"), "rojo=00f067aa0ba902b7, a@b=c d");
  EXPECT_EQ(ByGrpc(one).at("tracestate"), "rojo=00f067aa0ba902b7, a@b=c d");
  const Lines two = {{"traceparent", kIncoming}, {"tracestate", "a=1,b=2"}, {"tracestate", "c=3"}};
  EXPECT_EQ(ByHttp(two).at("tracestate"), "a=1,b=2,c=3");
  EXPECT_EQ(ByGrpc(two).at("tracestate"), "a=1,b=2,c=3");
  const Lines tab = {{"traceparent", kIncoming}, {"Tracestate", "a=1,\tb=2"}};
  EXPECT_EQ(ByHttp(tab).at("tracestate"), "a=1, b=2") << "gRPC takes no tabs";
}

TEST_F(TraceContextTest, BadTracestateIsLeftOutAndTheTraceGoesOn) {
  for (const std::string& bad :
       {std::string("nothing"), std::string("a="), std::string("A=1"), std::string("a=1=2"),
        std::string("a=1,b=2,!=3"), absl::StrCat("a=", std::string(600, 'x'))}) {
    const Lines lines = {{"traceparent", kIncoming}, {"tracestate", bad}};
    for (const auto& sent : {ByHttp(lines), ByGrpc(lines)}) {
      EXPECT_EQ(sent.count("tracestate"), 0u) << bad;
      EXPECT_THAT(sent.at("traceparent"),
                  testing::StartsWith("00-11111111111111111111111111111111-"));
    }
  }
  EXPECT_EQ(
      ByHttp({{"traceparent", kIncoming}, {"tracestate", "a=\xe4\xba\xa7"}}).count("tracestate"),
      0u);
}

TEST_F(TraceContextTest, TracestateWithoutATraceOfItsOwnIsLeftOut) {
  for (const Lines& lines : std::vector<Lines>{
           {{"tracestate", "a=1"}}, {{"traceparent", "00-1-2-01"}, {"tracestate", "a=1"}}}) {
    EXPECT_EQ(ByHttp(lines).count("tracestate"), 0u);
    EXPECT_EQ(ByGrpc(lines).count("tracestate"), 0u);
  }
}

TEST_F(TraceContextTest, ATraceOfAHigherVersionGoesOn) {
  const Lines lines = {
      {"traceparent", "01-11111111111111111111111111111111-2222222222222222-01-more"},
      {"tracestate", "a=1"}};
  for (const auto& sent : {ByHttp(lines), ByGrpc(lines)}) {
    EXPECT_THAT(sent.at("traceparent"),
                testing::MatchesRegex("00-11111111111111111111111111111111-[0-9a-f]{16}-01"));
    EXPECT_EQ(sent.at("tracestate"), "a=1");
  }
}

}  // namespace
}  // namespace chanyan::gateway
