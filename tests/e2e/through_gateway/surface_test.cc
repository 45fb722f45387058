// The gateway's surface: its description, native gRPC, and how it ends (GW-1, OPS-5).
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <regex>
#include <string>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/identity/v1/identity.grpc.pb.h"
#include "chanyan/registry/v1/registry.grpc.pb.h"
#include "common/db/connection.h"
#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::HttpClient;
using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Json;
using ::chanyan::testing::Suite;
using ::chanyan::testing::SuiteOptions;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kPoll = absl::Milliseconds(10);

template <class Condition>
bool Eventually(Condition condition) {
  const absl::Time until = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(kPoll);
  }
  return true;
}

TEST(SurfaceTest, EveryPathOfTheDescriptionLeadsSomewhere) {
  Suite suite;
  HttpClient client(suite.http_address());
  const HttpReply openapi = client.Send("GET", "/openapi.json");
  ASSERT_EQ(openapi.status, 200);
  const Json json = openapi.json();
  EXPECT_EQ(json.At("openapi").substr(0, 3), "3.1");
  const Json listed = json.Sub("paths");
  const auto& paths = listed.value().struct_value().fields();
  EXPECT_GT(paths.size(), 30u);
  static const std::regex kVariable("\\{[^}]*\\}");
  int operations = 0;
  for (const auto& [path, item] : paths) {
    const std::string target = std::regex_replace(path, kVariable, "x1");
    for (const auto& [verb, operation] : item.struct_value().fields()) {
      if (!operation.has_struct_value()) continue;
      ++operations;
      const HttpReply reply =
          client.Send(absl::AsciiStrToUpper(verb), target, {{"Content-Type", "application/json"}},
                      verb == "get" ? "" : "{}");
      EXPECT_NE(reply.status, 0) << target << ": " << reply.failure;
      EXPECT_NE(reply.status, 405) << verb << " " << target;
      EXPECT_NE(reply.status / 100, 5) << verb << " " << target << ": " << reply.body;
      EXPECT_FALSE(absl::StrContains(reply.body, "没有这个接口")) << verb << " " << target;
    }
  }
  EXPECT_GT(operations, 40);
  EXPECT_TRUE(absl::StrContains(client.Send("GET", "/v1/nothing").body, "没有这个接口"));
  EXPECT_EQ(client.Send("GET", "/").status, 200) << "the status page";
}

TEST(SurfaceTest, NativeGrpcPassesThrough) {
  City city;
  const auto channel =
      grpc::CreateChannel(city.suite().GrpcTarget("gateway"), grpc::InsecureChannelCredentials());
  const auto stub = registry::v1::RegistryService::NewStub(channel);
  registry::v1::GetOrganizationRequest request;
  request.set_name(city.university());
  registry::v1::Organization organization;
  const auto call = [&](const std::string& token) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    return stub->GetOrganization(&context, request, &organization);
  };
  EXPECT_EQ(call("").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const std::string token = city.suite().Token("ROLE_SECRETARIAT", "organizations/secretariat");
  const grpc::Status answered = call(token);
  ASSERT_TRUE(answered.ok()) << answered.error_message();
  EXPECT_EQ(organization.display_name(), "演示大学");
  request.set_name("organizations/absent");
  const grpc::Status missing = call(token);
  EXPECT_EQ(missing.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_FALSE(missing.error_details().empty()) << "details pass through as well";
}

TEST(SurfaceTest, WhatIsNotServedIsRefusedWithReasonAndAdvice) {
  Suite suite;
  HttpClient client(suite.http_address());
  const HttpReply absent = client.Send("GET", "/v1/nothing");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.Reason(), "NOT_FOUND");
  const HttpReply wrong = client.Send("DELETE", "/v1/me");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Reason(), "NOT_FOUND");
  EXPECT_EQ(wrong.Header("allow"), "GET, HEAD");
  EXPECT_EQ(client.Send("POST", "/", {}, "{}").Header("allow"), "GET, HEAD");
  EXPECT_TRUE(absl::StrContains(wrong.body, wrong.Header("x-request-id"))) << wrong.body;
}

TEST(SurfaceTest, NativeCallsAreLimitedAsHttpRequestsAre) {
  SuiteOptions options;
  // One call, and another one after three seconds.
  options.flags["gateway"] = {"--rate_factor=0.007"};
  Suite suite(options);
  const auto stub = identity::v1::IdentityService::NewStub(
      grpc::CreateChannel(suite.GrpcTarget("gateway"), grpc::InsecureChannelCredentials()));
  std::string request_id;
  const auto call = [&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("authorization", "Bearer nobody");
    identity::v1::Account account;
    const grpc::Status status = stub->GetMe(&context, {}, &account);
    const auto& metadata = context.GetServerInitialMetadata();
    const auto id = metadata.find("x-request-id");
    if (id != metadata.end()) request_id.assign(id->second.data(), id->second.size());
    return status;
  };
  EXPECT_EQ(call().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  grpc::Status limited;
  EXPECT_TRUE(Eventually([&] {
    limited = call();
    return limited.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
  }));
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(limited.error_details()));
  const absl::Status refusal = status::FromProto(details);
  EXPECT_EQ(status::ReasonOf(refusal), options::v1::ERROR_REASON_OVERLOADED);
  google::rpc::RequestInfo info;
  ASSERT_TRUE(status::GetDetail(refusal, info));
  EXPECT_EQ(info.request_id(), request_id);
}

// Holds one row until it is let go, so that a change of it is under way for as long.
class RowLock {
 public:
  RowLock(const db::Config& config, const std::string& name) : schema_(config.schema) {
    connection_ = db::Connection::Open(config).value();
    EXPECT_TRUE(connection_->Run("START TRANSACTION").ok());
    EXPECT_EQ(connection_->Query("SELECT name FROM organization WHERE name = ? FOR UPDATE", {name})
                  ->rows.size(),
              1u);
  }
  // Somebody waits for it.
  bool IsWanted() {
    const auto waiting = connection_->Query(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> "
        "CONNECTION_ID() AND INFO LIKE '%FOR UPDATE%'",
        {schema_});
    return waiting.ok() && std::get<int64_t>(waiting->rows.at(0).at(0)) > 0;
  }
  void LetGo() { EXPECT_TRUE(connection_->Run("ROLLBACK").ok()); }

 private:
  const std::string schema_;
  std::unique_ptr<db::Connection> connection_;
};

TEST(SurfaceTest, CallsUnderWayFinishWhenTheSuiteIsAskedToEnd) {
  City city;
  Suite& suite = city.suite();
  const std::string path = "/v1/" + city.university();
  const std::string etag = city.secretariat().Get(path).Header("etag");
  RowLock lock(suite.DatabaseOf("registry"), city.university());
  HttpReply reply;
  std::thread caller([&] {
    reply = city.secretariat().Patch(path + "?updateMask=zone", "{\"zone\":\"古镇口\"}",
                                     {{"If-Match", etag}});
  });
  EXPECT_TRUE(Eventually([&] { return lock.IsWanted(); }));
  suite.Signal("gateway", SIGTERM);
  suite.Signal("registry", SIGTERM);
  // It takes nobody new, and still the old call is to be answered.
  EXPECT_TRUE(Eventually(
      [&] { return HttpClient(suite.http_address()).Send("GET", "/v1/status").status == 0; }));
  lock.LetGo();
  caller.join();
  EXPECT_EQ(reply.status, 200) << reply.failure << reply.body;
  EXPECT_EQ(reply.json().At("zone"), "古镇口");
  for (const char* service : {"gateway", "registry"}) {
    EXPECT_EQ(suite.Wait(service, kPatience), 0) << service;
  }
}

}  // namespace
}  // namespace chanyan::e2e
