// Errors that the gateway makes itself, as a client reads them.
#include "services/gateway/errors.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "tests/unit/gateway/gateway_fixture.h"

namespace chanyan::gateway {
namespace {

using testing::HasSubstr;

class GatewayErrorTest : public GatewayTest {};
class SlowErrorTest : public SlowTest {};

TEST_F(GatewayErrorTest, EveryErrorOfItsOwnHasReasonRequestIdAndAdvice) {
  const std::string long_target = absl::StrCat("/", std::string(kMaxTargetBytes, 'a'));
  const std::string many = absl::StrCat("X: ", std::string(kMaxHeadBytes, 'a'), "\r\n");
  const std::string patch = "PATCH /v1/accounts/x HTTP/1.1\r\nHost: a\r\n";
  struct Case {
    std::string request;
    int status;
    const char* reason;
    const char* advice;
  };
  const std::vector<Case> cases = {
      {"GET / HTTP/1.1\r\n\r\n", 400, "INVALID_FIELD", "应为所访问的主机名"},
      {"GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "INVALID_FIELD", "请去掉"},
      {HttpRequestText("GET", "/v1/me", "Cookie: __Host-chanyan=\"a\"\r\n"), 400, "INVALID_FIELD",
       "请重新登录"},
      {HttpRequestText("GET", "/v1/me", "Authorization: Basic eDp5\r\n"), 401, "NOT_SIGNED_IN",
       "请换取新令牌"},
      {HttpRequestText("PATCH", "/v1/accounts/x", "Origin: https://evil.example\r\n", "{}"), 403,
       "ROLE_NOT_PERMITTED", "请在本系统页面上操作"},
      {HttpRequestText("GET", "/v1/nothing"), 404, "NOT_FOUND", "/openapi.json"},
      {HttpRequestText("GET", "/nothing.html"), 404, "NOT_FOUND", "请检查网址"},
      {HttpRequestText("DELETE", "/v1/me"), 405, "NOT_FOUND", "请改用 GET"},
      {HttpRequestText("POST", "/index.html", "", "{}"), 405, "NOT_FOUND", "请改用 GET、HEAD"},
      {HttpRequestText("TRACE", "/v1/me"), 405, "NOT_FOUND", "请用 GET"},
      {patch + "Content-Length: 1048577\r\n\r\n", 413, "FILE_TOO_LARGE", "最多 1024 KB"},
      {patch + "Transfer-Encoding: chunked\r\n\r\n00100001\r\n", 413, "FILE_TOO_LARGE", "请拆分"},
      {HttpRequestText("GET", long_target), 414, "INVALID_FIELD", "请减少查询条件"},
      {HttpRequestText("PATCH", "/v1/accounts/x", "", "{}", "text/plain"), 415, "INVALID_FIELD",
       "必须是 application/json"},
      {HttpRequestText("PATCH", "/v1/accounts/x", "Content-Encoding: gzip\r\n", "{}"), 415,
       "INVALID_FIELD", "请不压缩发送"},
      {patch + "Expect: wonders\r\n\r\n", 417, "INVALID_FIELD", "只接受 100-continue"},
      {HttpRequestText("GET", "/", many), 431, "INVALID_FIELD", "请减少请求头"},
      {HttpRequestText("GET", "/v1/projects/p1"), 503, "UNAVAILABLE", "重试"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "INVALID_FIELD", "HTTP/1.1"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.request.substr(0, 100));
    const ClientReply reply = HttpClient(server_->port()).Ask(c.request);
    ExpectWholeError(reply, c.status, c.reason);
    EXPECT_THAT(Told(reply).message, HasSubstr(c.advice));
    EXPECT_EQ(reply.Header("allow").empty(), c.status != 405);
    EXPECT_EQ(reply.Header("retry-after").empty(), c.status != 503);
  }
}

TEST_F(GatewayErrorTest, AnErrorOfAServiceWithoutReasonGetsOne) {
  backend_.On("GetAccount", [](const FakeBackend::Call&, grpc::ByteBuffer*) {
    return absl::OutOfRangeError("太远了");
  });
  EXPECT_EQ(Told(Ask("GET", "/v1/accounts/x")).reason, "INVALID_FIELD");
  backend_.On("GetAccount", [](const FakeBackend::Call&, grpc::ByteBuffer*) {
    return status::Internal("secret stack");
  });
  EXPECT_EQ(Told(Ask("GET", "/v1/accounts/x")).reason, "INTERNAL");
}

TEST_F(GatewayErrorTest, AllowNamesWhatThePathHas) {
  EXPECT_EQ(Ask("DELETE", "/v1/me").Header("allow"), "GET, HEAD");
  EXPECT_EQ(Ask("PUT", "/v1/accounts/x").Header("allow"), "GET, HEAD, PATCH");
  EXPECT_EQ(Ask("POST", "/v1/status", "", "{}").Header("allow"), "GET, HEAD");
  EXPECT_EQ(HttpClient(server_->port()).Ask(HttpRequestText("BREW", "/")).Header("allow"),
            "GET, HEAD, POST, PUT, PATCH, DELETE");
}

TEST_F(SlowErrorTest, WhoIsTooSlowWithARequestIsToldSo) {
  HttpClient head(server_->port());
  ExpectWholeError(head.Ask("GET / HTTP/1.1\r\nHost: a\r\n"), 408, "DEADLINE");
  EXPECT_TRUE(head.WaitClosed());
  HttpClient body(server_->port());
  const ClientReply reply = body.Ask(
      "PATCH /v1/accounts/x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
      "Content-Length: 10\r\n\r\n{");
  ExpectWholeError(reply, 408, "DEADLINE");
  // What comes now belongs to nobody.
  body.Send("}        GET /v1/me HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body.Receive().status, 0);
  EXPECT_TRUE(backend_.calls().empty());
}

}  // namespace
}  // namespace chanyan::gateway
