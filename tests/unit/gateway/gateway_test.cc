// The gateway in one process, with a service behind it that answers as told: real HTTP in front,
// real gRPC behind.
#include "services/gateway/gateway.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/peers.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "tests/unit/gateway/gateway_fixture.h"

namespace chanyan::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kOurs[] = "Cookie: __Host-chanyan=s3cret\r\nX-Chanyan-Request: 1\r\n";

TEST_F(GatewayTest, ServiceErrorsArriveWithReasonAndViolations) {
  backend_.On("GetAccount", [](const FakeBackend::Call&, grpc::ByteBuffer*) {
    return status::InvalidField("name", "名称不合法");
  });
  const ClientReply reply = Ask("GET", "/v1/accounts/x");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("\"status\":\"INVALID_ARGUMENT\""));
  EXPECT_THAT(reply.body, HasSubstr("\"reason\":\"INVALID_FIELD\""));
  EXPECT_THAT(reply.body, HasSubstr("\"field\":\"name\",\"description\":\"名称不合法\""));
}

TEST_F(GatewayTest, EachCodeHasItsHttpStatusAndInternalTextStaysInside) {
  struct Case {
    absl::Status status;
    int http_status;
  };
  for (const Case& c : std::vector<Case>{
           {status::NotFound("accounts/x"), 404},
           {status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, "不行"), 400},
           {status::StaleEtag("accounts/x"), 409},
           {status::AlreadyExists("accounts/x", "已有"), 409},
           {status::PermissionDenied("无权"), 403},
           {status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN, "未登录"), 401},
           {status::Overloaded("忙", absl::Milliseconds(2500)), 429},
           {status::DeadlineExceeded("迟"), 504},
           {status::Internal("secret stack"), 500},
           {absl::UnknownError("secret stack"), 500},
       }) {
    backend_.On("GetAccount",
                [&](const FakeBackend::Call&, grpc::ByteBuffer*) { return c.status; });
    const ClientReply reply = Ask("GET", "/v1/accounts/x");
    EXPECT_EQ(reply.status, c.http_status) << c.status;
    EXPECT_THAT(reply.body, Not(HasSubstr("secret"))) << c.status;
    EXPECT_EQ(reply.Header("retry-after"), c.http_status == 429 ? "3" : "");
    EXPECT_THAT(reply.Header("content-type"), "application/json; charset=utf-8");
    EXPECT_EQ(reply.Header("cache-control"), "no-store");
  }
}

TEST_F(GatewayTest, AServiceThatIsNotThereIsUnavailableWithoutItsAddress) {
  const ClientReply reply = Ask("GET", "/v1/projects/p1", "Authorization: Bearer t\r\n");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.Header("retry-after"), "1");
  EXPECT_THAT(reply.body, Not(HasSubstr("127.0.0.1")));
}

TEST_F(GatewayTest, ReadsAreRepeatedWhenTheServiceWasNotThere) {
  int calls = 0;
  backend_.On("GetAccount", [&](const FakeBackend::Call&, grpc::ByteBuffer* out) -> absl::Status {
    if (++calls < 3) return status::Unavailable("暂停");
    return rpc::Serialize(identity::v1::Account(), out);
  });
  EXPECT_EQ(Ask("GET", "/v1/accounts/x").status, 200);
  EXPECT_EQ(calls, 3);
}

// Ten of a budget that nothing filled: five reads are repeated twice each, the sixth is not.
TEST_F(GatewayTest, RepeatsEndWithTheirBudget) {
  int calls = 0;
  backend_.On("GetAccount", [&](const FakeBackend::Call&, grpc::ByteBuffer*) {
    ++calls;
    return status::Unavailable("暂停");
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask("GET", "/v1/accounts/x").status, 503);
  EXPECT_EQ(calls, 5 * kMaxAttempts);
  EXPECT_EQ(Ask("GET", "/v1/accounts/x").status, 503);
  EXPECT_EQ(calls, 5 * kMaxAttempts + 1);
}

// A service behind which another is away: three attempts at that one, and not three for each of
// ours.
TEST_F(GatewayTest, OneLayerRepeats) {
  FakeBackend behind;
  int attempts = 0;
  behind.On("ListKeys", [&](const FakeBackend::Call&, grpc::ByteBuffer*) {
    ++attempts;
    return status::Unavailable("暂停");
  });
  rpc::Peers peers({{"behind", behind.target()}}, {clock_, metrics_});
  backend_.On("GetAccount", [&](const FakeBackend::Call& received, grpc::ByteBuffer*) {
    rpc::Call call;
    call.request_id = received.metadata.at("x-request-id");
    call.traceparent = received.metadata.at("traceparent");
    call.deadline = absl::Now() + received.time_left;
    return rpc::CallPeer<identity::v1::ListKeysResponse>(
               peers, "behind", "chanyan.identity.v1.IdentityService.ListKeys",
               identity::v1::ListKeysRequest(), rpc::As(call))
        .status();
  });
  EXPECT_EQ(Ask("GET", "/v1/accounts/x").status, 503);
  EXPECT_EQ(attempts, kMaxAttempts);
}

TEST_F(GatewayTest, ChangesAreRepeatedOnlyUnderARequestId) {
  int calls = 0;
  backend_.On("UpdateAccount", [&](const FakeBackend::Call&, grpc::ByteBuffer*) {
    ++calls;
    return status::Unavailable("暂停");
  });
  EXPECT_EQ(Ask("PATCH", "/v1/accounts/x", "", "{}").status, 503);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Ask("PATCH", "/v1/accounts/x",
                "Idempotency-Key: 6f1a3c1e-0000-4000-8000-000000000001\r\n", "{}")
                .status,
            503);
  EXPECT_EQ(calls, 1 + kMaxAttempts);
  const auto request = backend_.calls().back().As<identity::v1::UpdateAccountRequest>();
  EXPECT_EQ(request.request_id(), "6f1a3c1e-0000-4000-8000-000000000001");
  EXPECT_EQ(request.account().name(), "accounts/x");
}

TEST_F(GatewayTest, TheMethodsDeadlineTravelsAlong) {
  Ask("GET", "/v1/accounts/x");
  const FakeBackend::Call call = backend_.calls().back();
  EXPECT_GT(call.time_left, absl::Seconds(1));
  // On the wire a timeout is rounded up to a few digits.
  EXPECT_LE(call.time_left, kDefaultDeadline + absl::Milliseconds(100));
}

TEST_F(GatewayTest, WhatDoesNotFitIsRefusedWithItsName) {
  struct Case {
    const char* method;
    const char* target;
    const char* body;
    const char* type;
    int http_status;
    const char* text;
  };
  for (const Case& c : std::vector<Case>{
           {"GET", "/v1/nothing", "", "", 404, "NOT_FOUND"},
           {"GET", "/nothing.html", "", "", 404, "NOT_FOUND"},
           {"DELETE", "/v1/me", "", "", 405, "UNIMPLEMENTED"},
           {"GET", "/v1/accounts?nothing=1", "", "", 400, "\"field\":\"nothing\""},
           {"GET", "/v1/accounts?page_size=x", "", "", 400, "\"field\":\"page_size\""},
           {"GET", "/v1/accounts?pageSize=1&page_size=2", "", "", 400, "参数重复"},
           {"GET", "/v1/accounts/x?name=accounts/y", "", "", 400, "\"field\":\"name\""},
           {"PATCH", "/v1/accounts/x", "{\"login\":1}", "application/json", 400,
            "\"field\":\"login\""},
           {"PATCH", "/v1/accounts/x", "{\"a\":1,\"a\":1}", "application/json", 400, "字段名重复"},
           {"PATCH", "/v1/accounts/x", "{\"nothing\":1}", "application/json", 400,
            "\"field\":\"nothing\""},
           {"PATCH", "/v1/accounts/x", "{\"name\":\"accounts/y\"}", "application/json", 400,
            "account.name"},
           {"PATCH", "/v1/accounts/x", "a=1", "application/x-www-form-urlencoded", 415,
            "application/json"},
           {"PATCH", "/v1/accounts/x", "{}", "text/plain", 415, "application/json"},
           {"PATCH", "/v1/accounts/x", "{}", "application/json; charset=gbk", 415,
            "application/json"},
           {"POST", "/v1/organizations:import", "x", "text/plain", 415, "文件"},
       }) {
    const ClientReply reply = Ask(c.method, c.target, "", c.body, c.type);
    EXPECT_EQ(reply.status, c.http_status) << c.method << c.target << c.body << reply.body;
    EXPECT_THAT(reply.body, HasSubstr(c.text)) << c.target;
  }
}

TEST_F(GatewayTest, ABodyOverTheMethodsLimitIsRefusedBeforeItIsSent) {
  HttpClient client(server_->port());
  const ClientReply reply = client.Ask(
      "PATCH /v1/accounts/x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.Header("connection"), "close");
  EXPECT_TRUE(client.WaitClosed());
}

TEST_F(GatewayTest, AFileInJsonHasNoMoreRoomThanOtherJson) {
  const auto with_file = [&](size_t bytes) {
    return Ask("POST", "/v1/organizations:import", "",
               absl::StrCat("{\"contentType\":\"a/b\",\"data\":\"", std::string(bytes, 'A'), "\"}"),
               "application/json");
  };
  const ClientReply refused = with_file(size_t{1} << 20);
  EXPECT_EQ(refused.status, 413) << refused.body;
  EXPECT_THAT(refused.body, HasSubstr("FILE_TOO_LARGE"));
  EXPECT_THAT(refused.body, HasSubstr("最多 1024 KB；文件请按其类型直接上传"));
  backend_.Answer("ImportOrganizations", registry::v1::ImportResult());
  EXPECT_EQ(with_file((size_t{1} << 20) - 1024).status, 200);
  // As it is, it has.
  EXPECT_EQ(Ask("POST", "/v1/organizations:import", "", std::string(size_t{2} << 20, 'x'),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
                .status,
            200);
}

TEST_F(GatewayTest, ARefusedRequestEndsTheConnection) {
  HttpClient client(server_->port());
  const ClientReply reply = client.Ask(
      "POST /v1/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"
      "GET /v1/me HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(client.Receive().status, 0);
  EXPECT_TRUE(backend_.calls().empty());
}

TEST_F(GatewayTest, TheCallersRequestIdAndTraceGoOn) {
  constexpr char kId[] = "0190f3a2-7c1b-7d3e-8f4a-5b6c7d8e9f01";
  const ClientReply reply = Ask(
      "GET", "/v1/accounts/x",
      absl::StrCat("X-Request-Id: ", kId,
                   "\r\ntraceparent: 00-11111111111111111111111111111111-2222222222222222-01\r\n"));
  EXPECT_EQ(reply.Header("x-request-id"), kId);
  const auto metadata = backend_.calls().back().metadata;
  EXPECT_EQ(metadata.at("x-request-id"), kId);
  EXPECT_THAT(metadata.at("traceparent"),
              testing::MatchesRegex("00-11111111111111111111111111111111-[0-9a-f]{16}-01"));
  EXPECT_THAT(metadata.at("traceparent"), Not(HasSubstr("2222222222222222"))) << "a span of ours";
}

TEST_F(GatewayTest, IdentitiesAndBadIdsFromOutsideAreNotBelieved) {
  Ask("GET", "/v1/accounts/x",
      "X-User-Id: admin\r\nX-Forwarded-For: 1.2.3.4\r\nX-Request-Id: evil\r\n"
      "traceparent: 00-11111111111111111111111111111111-2222222222222222\r\n");
  const auto metadata = backend_.calls().back().metadata;
  EXPECT_EQ(metadata.count("x-user-id"), 0u);
  EXPECT_EQ(metadata.count("x-forwarded-for"), 0u);
  EXPECT_NE(metadata.at("x-request-id"), "evil");
  EXPECT_THAT(metadata.at("traceparent"), Not(HasSubstr("1111111111111111")));
  EXPECT_EQ(metadata.at("x-client-address"), "127.0.0.1");
}

TEST_F(GatewayTest, OneWayToSayWhoIsAskingAtATime) {
  EXPECT_EQ(Ask("GET", "/v1/me", absl::StrCat(kOurs, "Authorization: Bearer x\r\n")).status, 400);
  EXPECT_EQ(Ask("GET", "/v1/me", "Authorization: Basic eDp5\r\n").status, 401);
  EXPECT_EQ(Ask("GET", "/v1/me", "Authorization: Bearer a\tb\r\n").status, 401);
  EXPECT_EQ(Ask("GET", "/v1/me", "Authorization: Bearer \xe4\xba\xa7\r\n").status, 401);
  EXPECT_EQ(Ask("GET", "/v1/me", "Cookie: __Host-chanyan=a; __Host-chanyan=b\r\n").status, 400);
  EXPECT_EQ(Ask("GET", "/v1/me", "Cookie: __Host-chanyan=\"a\"\r\n").status, 400);
  EXPECT_EQ(Ask("GET", "/v1/me", "Authorization: Bearer abc\r\n").status, 200);
  EXPECT_EQ(backend_.calls().back().metadata.at("authorization"), "Bearer abc");
}

TEST_F(GatewayTest, ChangesByCookieComeFromOurOwnPagesOnly) {
  const char* cookie = "Cookie: __Host-chanyan=s3cret\r\n";
  EXPECT_EQ(Ask("PATCH", "/v1/accounts/x", cookie, "{}").status, 403);
  for (const char* foreign :
       {"Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n", "Origin: https://chanyan.test.evil\r\n"}) {
    EXPECT_EQ(Ask("PATCH", "/v1/accounts/x", absl::StrCat(kOurs, foreign), "{}").status, 403);
    EXPECT_EQ(Ask("POST", "/v1/sessions:signIn", foreign, "{}").status, 403);
  }
  EXPECT_TRUE(backend_.calls().empty());
  EXPECT_EQ(
      Ask("PATCH", "/v1/accounts/x",
          absl::StrCat(kOurs, "Origin: https://chanyan.test\r\nSec-Fetch-Site: same-origin\r\n"),
          "{}")
          .status,
      200);
}

TEST_F(GatewayTest, SigningInPutsTheSecretIntoACookieAndNowhereElse) {
  identity::v1::SignInResponse answer;
  answer.set_session_secret("top-secret");
  answer.mutable_account()->set_name("accounts/zhang");
  backend_.Answer("SignIn", answer);
  const ClientReply reply = Ask("POST", "/v1/sessions:signIn", "User-Agent: test/1\r\n",
                                R"({"login":"zhang","password":"x"})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("set-cookie"),
            "__Host-chanyan=top-secret; Path=/; Secure; HttpOnly; SameSite=Strict");
  EXPECT_EQ(reply.body, R"({"account":{"name":"accounts/zhang"}})");
  EXPECT_EQ(backend_.calls().back().As<identity::v1::SignInRequest>().user_agent(), "test/1");
}

TEST_F(GatewayTest, ASessionIsExchangedForATokenThatIsKeptForAWhile) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask("GET", "/v1/me", kOurs).status, 200);
  int exchanges = 0;
  for (const auto& call : backend_.calls()) {
    if (call.method == kExchange) {
      ++exchanges;
      EXPECT_EQ(call.As<identity::v1::ExchangeSessionRequest>().session_secret(), "s3cret");
      EXPECT_EQ(call.metadata.count("authorization"), 0u);
    } else {
      EXPECT_EQ(call.metadata.at("authorization"), "Bearer short.lived.token");
    }
  }
  EXPECT_EQ(exchanges, 1);
}

TEST_F(GatewayTest, SigningOutForgetsTokenAndCookie) {
  EXPECT_EQ(Ask("GET", "/v1/me", kOurs).status, 200);
  const ClientReply out = Ask("POST", "/v1/sessions:signOut", kOurs, "{}");
  EXPECT_EQ(out.status, 200);
  EXPECT_THAT(out.Header("set-cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(backend_.calls().back().As<identity::v1::SignOutRequest>().session_secret(), "s3cret");
  backend_.On("ExchangeSession", [](const FakeBackend::Call&, grpc::ByteBuffer*) {
    return status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN, "请重新登录");
  });
  const ClientReply after = Ask("GET", "/v1/me", kOurs);
  EXPECT_EQ(after.status, 401);
  EXPECT_THAT(after.Header("set-cookie"), HasSubstr("Max-Age=0"));
  // What is open to all stays open.
  EXPECT_EQ(Ask("GET", "/v1/keys", kOurs).status, 200);
}

TEST_F(GatewayTest, EtagsTravelBothWays) {
  const ClientReply first = Ask("GET", "/v1/accounts/zhang");
  EXPECT_EQ(first.Header("etag"), "\"v7\"");
  const ClientReply again = Ask("GET", "/v1/accounts/zhang", "If-None-Match: \"v7\"\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Ask("PATCH", "/v1/accounts/zhang", "If-Match: \"v7\"\r\n", "{}").status, 200);
  EXPECT_EQ(backend_.calls().back().As<identity::v1::UpdateAccountRequest>().account().etag(),
            "v7");
  EXPECT_EQ(Ask("PATCH", "/v1/accounts/zhang", "If-Match: \"v7\"\r\n", R"({"etag":"v6"})").status,
            400);
}

TEST_F(GatewayTest, FilesGoUpAndComeDownAsTheyAre) {
  backend_.Answer("ImportOrganizations", registry::v1::ImportResult());
  const std::string sheet(3 << 20, '\xf7');
  const char* xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  const ClientReply up =
      Ask("POST", "/v1/organizations:import?file_name=%E5%8D%95.xlsx&validateOnly=true", "", sheet,
          xlsx);
  EXPECT_EQ(up.status, 200) << up.body;
  const auto request = backend_.calls().back().As<registry::v1::ImportOrganizationsRequest>();
  EXPECT_EQ(request.file().data(), sheet);
  EXPECT_EQ(request.file().content_type(), xlsx);
  EXPECT_EQ(request.file_name(), "单.xlsx");
  EXPECT_TRUE(request.validate_only());

  google::api::HttpBody body;
  body.set_content_type(xlsx);
  body.set_data(sheet);
  google::protobuf::StringValue name;
  name.set_value("单位\r\n.xlsx");
  body.add_extensions()->PackFrom(name);
  backend_.Answer("ExportOrganizations", body);
  const ClientReply down = Ask("GET", "/v1/organizations:export");
  EXPECT_EQ(down.status, 200);
  EXPECT_TRUE(down.body == sheet);
  EXPECT_EQ(down.Header("content-type"), xlsx);
  EXPECT_EQ(down.Header("content-disposition"),
            "attachment; filename=\"__.xlsx\"; filename*=UTF-8''%E5%8D%95%E4%BD%8D%0D%0A.xlsx");
  EXPECT_EQ(down.Header("content-security-policy"), "default-src 'none'; sandbox");
  EXPECT_EQ(down.Header("x-content-type-options"), "nosniff");
}

TEST_F(GatewayTest, TheJournalIsAskedOfTheServiceInItsName) {
  backend_.Answer("ListEntries", journal::v1::ListEntriesResponse());
  EXPECT_EQ(Ask("GET", "/v1/journals/registry/entries?afterSeq=5").status, 200);
  EXPECT_EQ(backend_.calls().back().As<journal::v1::ListEntriesRequest>().after_seq(), 5);
  EXPECT_EQ(Ask("GET", "/v1/journals/nobody/entries").status, 404);
}

TEST_F(GatewayTest, RequestsSentTogetherAreAnsweredInOrder) {
  HttpClient client(server_->port());
  std::string bytes;
  for (int i = 0; i < 20; ++i) {
    bytes += HttpRequestText("PATCH", absl::StrCat("/v1/accounts/a", i), "", "{}");
  }
  bytes += "GET /v1/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  client.Send(bytes);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.Receive().status, 200) << i;
  EXPECT_EQ(client.Receive().status, 404);
  EXPECT_TRUE(client.WaitClosed());
  const auto calls = backend_.calls();
  ASSERT_EQ(calls.size(), 20u);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(calls[i].As<identity::v1::UpdateAccountRequest>().account().name(),
              absl::StrCat("accounts/a", i));
  }
}

TEST_F(GatewayTest, ChunkedBodiesAndExpectationsAreServed) {
  HttpClient client(server_->port());
  client.Send(
      "PATCH /v1/accounts/x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("1\r\n{\r\n1\r\n}\r\n0\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 200);
}

TEST_F(GatewayTest, LongAnswersAreCompressedForWhoTakesIt) {
  identity::v1::ListAccountsResponse many;
  for (int i = 0; i < 100; ++i) many.add_accounts()->set_name(absl::StrCat("accounts/a", i));
  backend_.Answer("ListAccounts", many);
  const ClientReply packed = Ask("GET", "/v1/accounts", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(packed.Header("content-encoding"), "gzip");
  const ClientReply plain = Ask("GET", "/v1/accounts", "Accept-Encoding: gzip;q=0\r\n");
  EXPECT_EQ(plain.Header("content-encoding"), "");
  EXPECT_LT(packed.body.size(), plain.body.size());
}

TEST_F(GatewayTest, PagesHaveTheirPolicyAndNobodyFindsAnotherFile) {
  const ClientReply page = Ask("GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.Header("content-security-policy"),
              HasSubstr("default-src 'none'; script-src 'self'"));
  EXPECT_EQ(Ask("GET", "/", absl::StrCat("If-None-Match: ", page.Header("etag"), "\r\n")).status,
            304);
  const ClientReply head = Ask("HEAD", "/");
  EXPECT_EQ(head.Header("content-length"), "5000");
  EXPECT_EQ(Ask("GET", "//etc/passwd").status, 404);
  EXPECT_EQ(Ask("GET", "/../etc/passwd").status, 400);
  EXPECT_EQ(Ask("POST", "/", "", "{}").status, 405);
  const ClientReply state = Ask("GET", "/v1/status");
  EXPECT_THAT(state.body, HasSubstr("{\"name\":\"pairing\",\"ready\":false}"));
}

TEST_F(RateTest, ACallerWhoAsksTooOftenWaits) {
  const char* one = "Authorization: Bearer one\r\n";
  EXPECT_EQ(Ask("GET", "/v1/me", one).status, 200);
  EXPECT_EQ(Ask("GET", "/v1/me", one).status, 200);
  const ClientReply reply = Ask("GET", "/v1/me", one);
  ExpectWholeError(reply, 429, "OVERLOADED");
  EXPECT_NE(reply.Header("retry-after"), "");
  EXPECT_EQ(Ask("GET", "/v1/me", "Authorization: Bearer two\r\n").status, 200);
}

TEST_F(SlowTest, ATrickleOfHeadersDoesNotKeepAConnection) {
  HttpClient client(server_->port());
  const absl::Time start = absl::Now();
  client.Send("GET / HTTP/1.1\r\nHost: a\r\n");
  for (int i = 0; i < 100 && client.Send("X: y\r\n"); ++i) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
  EXPECT_TRUE(client.WaitClosed());
}

TEST_F(SlowTest, SilenceAndHalfABodyEndTheConnection) {
  HttpClient silent(server_->port());
  HttpClient half(server_->port());
  half.Send(
      "PATCH /v1/accounts/x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
      "Content-Length: 10\r\n\r\n{");
  HttpClient idle(server_->port());
  EXPECT_EQ(idle.Ask(HttpRequestText("GET", "/")).status, 200);
  EXPECT_TRUE(silent.WaitClosed());
  EXPECT_TRUE(half.WaitClosed());
  EXPECT_TRUE(idle.WaitClosed());
}

TEST_F(SlowTest, ARequestIsAnsweredByItsDeadlineWhateverTheServiceDoes) {
  backend_.On("GetAccount", [](const FakeBackend::Call&, grpc::ByteBuffer* out) {
    absl::SleepFor(absl::Seconds(1));
    return rpc::Serialize(identity::v1::Account(), out);
  });
  const absl::Time start = absl::Now();
  ExpectWholeError(Ask("GET", "/v1/accounts/x"), 504, "DEADLINE");
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(950));
}

TEST_F(GatewayTest, DrainingLetsRequestsUnderWayFinish) {
  absl::Notification entered, leave;
  backend_.On("GetAccount", [&](const FakeBackend::Call&, grpc::ByteBuffer* out) {
    entered.Notify();
    leave.WaitForNotification();
    return rpc::Serialize(identity::v1::Account(), out);
  });
  HttpClient busy(server_->port());
  HttpClient idle(server_->port());
  EXPECT_EQ(idle.Ask(HttpRequestText("GET", "/")).status, 200);
  busy.Send(HttpRequestText("GET", "/v1/accounts/x"));
  entered.WaitForNotification();
  std::thread drain([&] { server_->Drain(absl::Now() + absl::Seconds(10)); });
  EXPECT_TRUE(idle.WaitClosed());
  leave.Notify();
  const ClientReply reply = busy.Receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("connection"), "close");
  drain.join();
  EXPECT_FALSE(HttpClient(server_->port()).connected());
}

}  // namespace
}  // namespace chanyan::gateway
