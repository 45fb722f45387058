#include "services/gateway/gateway.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/json_scan.h"
#include "common/api/names.h"
#include "common/rpc/trace.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "google/protobuf/arena.h"
#include "services/gateway/errors.h"
#include "services/gateway/event_stream.h"
#include "services/gateway/gzip.h"
#include "services/gateway/transcoder.h"

namespace chanyan::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kApiPrefix = "/v1/";
constexpr absl::string_view kStatusPath = "/v1/status";
constexpr absl::string_view kBearer = "Bearer ";
constexpr char kRequestIdHeader[] = "X-Request-Id";
// A token of ours is far shorter (RELIABILITY: 4 KB).
constexpr size_t kMaxAuthorizationBytes = 4 * 1024 + 16;

const std::vector<std::string> kStatusClasses = {"1xx", "2xx", "3xx", "4xx", "5xx"};

bool ReadsOnly(HttpMethod method) {
  return method == HttpMethod::kGet || method == HttpMethod::kHead;
}

absl::Status StatusOf(const grpc::Status& answer, const Method& method) {
  // Of what some services have, such as operations, this one has none.
  if (answer.error_code() == grpc::StatusCode::UNIMPLEMENTED && method.backend.empty()) {
    return absl::NotFoundError("这个服务没有这类资源，请核对网址中的服务名称");
  }
  return rpc::FromGrpc(answer);
}

// Takes the session secret out of a reply that has one.
std::string TakeSecret(const Method& method, Message& reply) {
  if (method.reply_session == nullptr) return {};
  const auto* reflection = reply.GetReflection();
  std::string secret = reflection->GetString(reply, method.reply_session);
  reflection->ClearField(&reply, method.reply_session);
  return secret;
}

std::string TracestateOf(const RequestHead& head) {
  std::string tracestate;
  for (const HttpHeader& header : head.headers) {
    if (absl::EqualsIgnoreCase(header.name, "tracestate")) {
      rpc::JoinTracestate(header.value, &tracestate);
    }
  }
  return tracestate;
}

}  // namespace

// One request on its way.
struct Gateway::Exchange {
  std::shared_ptr<const HttpRequest> request;
  Done done;
  absl::Time start;
  CallIdentity identity;
  PathMatcher::Match match;
  const Route* route = nullptr;
  const Method* method = nullptr;
  std::string session_secret;
  // The session in the cookie turned out to have ended.
  bool session_ended = false;
};

Gateway::Gateway(Deps deps)
    : deps_(deps),
      requests_(deps.metrics.Counters(
          "chanyan_gateway_requests_total", "HTTP requests by RPC and status class.",
          {{"method", deps.routes.MethodLabels()}, {"status", kStatusClasses}})),
      latency_(deps.metrics.Histograms("chanyan_gateway_request_seconds",
                                       "From a request's end to its answer.",
                                       {{"method", deps.routes.MethodLabels()}})) {}

size_t Gateway::MaxBodyBytes(const RequestHead& head) const {
  const PathMatcher::Match match = deps_.routes.Find(head.method, head.path);
  // What has no route is refused for that, once it is read.
  return match.route < 0 ? api::kMaxJsonBytes : deps_.routes.routes()[match.route].max_body_bytes;
}

HttpReply Gateway::Refuse(const Reject& reject) {
  const std::string request_id = api::NewUuid();
  deps_.log.Info(
      "refused",
      {{"request_id", request_id}, {"reason", reject.code}, {"http_status", reject.http_status}});
  HttpReply reply = RejectReply(reject, request_id);
  reply.headers.emplace_back(kRequestIdHeader, request_id);
  return reply;
}

void Gateway::Handle(std::shared_ptr<const HttpRequest> request, Done done) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(request);
  exchange->done = std::move(done);
  exchange->start = deps_.clock.Now();
  const RequestHead& head = exchange->request->head;
  exchange->identity.TakeIds(head.Header("x-request-id"), head.Header("traceparent"),
                             TracestateOf(head));
  exchange->identity.client_address = exchange->request->peer_address;
  const absl::string_view authorization = head.Header("authorization");
  auto secret = SessionSecret(head);
  if (!secret.ok()) return Fail(exchange, secret.status());
  exchange->session_secret = *std::move(secret);
  const absl::Duration wait = deps_.limiter.Take(
      exchange->request->peer_address,
      authorization.empty() ? absl::string_view(exchange->session_secret) : authorization,
      exchange->start);
  if (wait > absl::ZeroDuration()) {
    return Fail(exchange, status::Overloaded("请求过于频繁，请稍后再试", wait));
  }
  exchange->match = deps_.routes.Find(head.method, head.path);
  if (exchange->match.route < 0) return HandleLocal(exchange);
  exchange->route = &deps_.routes.routes()[exchange->match.route];
  exchange->method = &deps_.routes.methods()[exchange->route->method];
  Authenticate(exchange);
}

void Gateway::HandleLocal(const ExchangePtr& exchange) {
  const RequestHead& head = exchange->request->head;
  std::vector<HttpMethod> allowed = exchange->match.allowed;
  const bool local = head.path == kStatusPath || deps_.files.Has(head.path);
  if (allowed.empty() && local && !ReadsOnly(head.method)) allowed = {HttpMethod::kGet};
  if (!allowed.empty()) {
    const auto get = std::find(allowed.begin(), allowed.end(), HttpMethod::kGet);
    if (get != allowed.end()) allowed.insert(get + 1, HttpMethod::kHead);
    return Finish(exchange, MethodNotAllowedReply(HttpMethodName(head.method), allowed,
                                                  exchange->identity.request_id));
  }
  if (local) {
    if (head.path == kStatusPath) {
      HttpReply reply;
      reply.content_type = kJsonContentType;
      reply.body = "{\"services\":[";
      for (const auto& [name, ready] : deps_.backends.States()) {
        absl::StrAppend(&reply.body, reply.body.back() == '[' ? "" : ",", "{\"name\":\"", name,
                        "\",\"ready\":", ready ? "true" : "false", "}");
      }
      reply.body.append("]}");
      return Finish(exchange, std::move(reply));
    }
    return Finish(exchange, deps_.files.Serve(head.path, head));
  }
  Fail(exchange, absl::NotFoundError(absl::StartsWith(head.path, kApiPrefix)
                                         ? "没有这个接口，请查看 /openapi.json"
                                         : "没有这个页面，请检查网址或从首页进入"));
}

void Gateway::Authenticate(const ExchangePtr& exchange) {
  const RequestHead& head = exchange->request->head;
  const Method& method = *exchange->method;
  const absl::string_view authorization = head.Header("authorization");
  if (!authorization.empty()) {
    if (!exchange->session_secret.empty()) {
      return Fail(exchange, status::InvalidField("Authorization",
                                                 "不能同时使用会话 Cookie 与令牌，请去掉其中一个"));
    }
    if (!absl::StartsWith(authorization, kBearer) ||
        authorization.size() > kMaxAuthorizationBytes ||
        !std::all_of(authorization.begin() + kBearer.size(), authorization.end(),
                     absl::ascii_isgraph)) {
      return Fail(exchange,
                  status::Unauthenticated(options::v1::ERROR_REASON_NOT_SIGNED_IN,
                                          "令牌格式不正确，应为“Bearer 令牌”，请换取新令牌后重试"));
    }
    exchange->identity.authorization = std::string(authorization);
  }
  if (!ReadsOnly(head.method)) {
    const absl::Status origin = CheckSameOrigin(head, !exchange->session_secret.empty());
    if (!origin.ok()) return Fail(exchange, origin);
  }
  // The methods that take the secret itself need no token.
  if (exchange->session_secret.empty() || method.request_session != nullptr) return Call(exchange);
  deps_.sessions.Exchange(exchange->session_secret, exchange->identity,
                          [this, exchange](absl::StatusOr<std::string> token) {
                            if (token.ok()) {
                              exchange->identity.authorization = absl::StrCat(kBearer, *token);
                              return Call(exchange);
                            }
                            exchange->session_ended =
                                token.status().code() == absl::StatusCode::kUnauthenticated;
                            // What is open to all stays open to a browser with an old cookie,
                            // signing in above all.
                            if (exchange->session_ended && exchange->method->public_call)
                              return Call(exchange);
                            Fail(exchange, token.status());
                          });
}

void Gateway::Call(const ExchangePtr& exchange) {
  const Method& method = *exchange->method;
  int http_status = 0;
  auto message =
      ToMessage(*exchange->request, *exchange->route, method, exchange->match, http_status);
  if (!message.ok()) return Fail(exchange, message.status(), http_status);
  const auto* reflection = (*message)->GetReflection();
  if (method.request_session != nullptr && !exchange->session_secret.empty() &&
      reflection->GetString(**message, method.request_session).empty()) {
    reflection->SetString(message->get(), method.request_session, exchange->session_secret);
  }
  BackendCall call;
  call.backend = method.backend;
  if (call.backend.empty()) {
    const std::string name = reflection->GetString(**message, method.request_backend);
    call.backend = BackendOfName(name);
    const auto& known = deps_.routes.backends();
    if (!std::binary_search(known.begin(), known.end(), call.backend)) {
      return Fail(exchange, status::NotFound(name));
    }
  }
  call.grpc_path = method.grpc_path;
  const bool named =
      method.request_id != nullptr && !reflection->GetString(**message, method.request_id).empty();
  // The request's own id, so that the service's log line and journal carry the one the client
  // knows.
  if (named) {
    const std::string id = reflection->GetString(**message, method.request_id);
    if (api::IsUuid(id)) exchange->identity.request_id = id;
  }
  call.identity = exchange->identity;
  if (method.streams()) {
    call.deadline = deps_.clock.Now() + method.deadline;
    if (auto bad = rpc::Serialize(**message, &call.request); !bad.ok()) return Fail(exchange, bad);
    return Stream(exchange, std::move(call));
  }
  call.deadline = std::min(deps_.clock.Now() + method.deadline, exchange->request->deadline);
  call.repeatable = exchange->route->http_method == HttpMethod::kGet || named;
  if (auto bad = rpc::Serialize(**message, &call.request); !bad.ok()) return Fail(exchange, bad);
  deps_.backends.Call(std::move(call),
                      [this, exchange](const grpc::Status& answer, grpc::ByteBuffer bytes) {
                        OnAnswer(exchange, answer, std::move(bytes));
                      });
}

void Gateway::Stream(const ExchangePtr& exchange, BackendCall call) {
  const RequestHead& head = exchange->request->head;
  const std::string& own = exchange->session_secret.empty() ? exchange->identity.authorization
                                                            : exchange->session_secret;
  auto slot = deps_.slots.Take(own.empty() ? exchange->request->peer_address : own);
  if (!slot.ok()) return Fail(exchange, slot.status());
  if (head.method == HttpMethod::kHead) {
    HttpReply reply;
    reply.content_type = kEventStreamType;
    return Finish(exchange, std::move(reply));
  }
  deps_.backends.Stream(
      std::move(call), [this, exchange, slot = *std::move(slot)](
                           std::shared_ptr<BackendStream> messages, const grpc::Status& answer) {
        HttpReply reply;
        if (messages == nullptr && !answer.ok()) {
          return Fail(exchange, StatusOf(answer, *exchange->method));
        }
        if (messages == nullptr) {
          // There is nothing after the client's last event, and never will be: it need not come
          // again.
          reply.status = 204;
          return Finish(exchange, std::move(reply));
        }
        reply.content_type = kEventStreamType;
        // For proxies in between that would wait for more.
        reply.headers.emplace_back("X-Accel-Buffering", "no");
        reply.stream = std::make_shared<EventStream>(
            std::move(messages), *exchange->method, exchange->identity.request_id, slot,
            [this, start = exchange->start, request_id = exchange->identity.request_id,
             rpc = exchange->method->grpc_path](int events, const absl::Status& status) {
              deps_.log.Info("stream ended",
                             {{"request_id", request_id},
                              {"rpc", rpc},
                              {"events", events},
                              {"code", CodeName(status.code())},
                              {"ms", absl::ToDoubleMilliseconds(deps_.clock.Now() - start)}});
            });
        Finish(exchange, std::move(reply));
      });
}

void Gateway::OnAnswer(const ExchangePtr& exchange, const grpc::Status& answer,
                       grpc::ByteBuffer bytes) {
  const Method& method = *exchange->method;
  if (!answer.ok()) return Fail(exchange, StatusOf(answer, method));
  google::protobuf::Arena arena;
  Message* message = method.reply->New(&arena);
  if (!rpc::Parse(&bytes, message).ok()) return Fail(exchange, status::Internal("bad reply"));
  const std::string secret = TakeSecret(method, *message);
  HttpReply reply = ToReply(*exchange->request, *exchange->route, method, *message);
  if (!secret.empty()) {
    reply.headers.emplace_back("Set-Cookie", SessionCookie(secret));
  } else if (method.request_session != nullptr) {
    deps_.sessions.Forget(exchange->session_secret);
    reply.headers.emplace_back("Set-Cookie", ClearedSessionCookie());
  }
  Finish(exchange, std::move(reply));
}

void Gateway::Fail(const ExchangePtr& exchange, const absl::Status& status, int http_status) {
  if (status.code() == absl::StatusCode::kInternal) {
    deps_.log.Error("request failed",
                    {{"request_id", exchange->identity.request_id}, {"detail", status.message()}});
  }
  HttpReply reply = ErrorReply(status, exchange->identity.request_id, http_status);
  if (exchange->session_ended) {
    reply.headers.emplace_back("Set-Cookie", ClearedSessionCookie());
  }
  Finish(exchange, std::move(reply));
}

void Gateway::Finish(const ExchangePtr& exchange, HttpReply reply) {
  const RequestHead& head = exchange->request->head;
  if (reply.stream == nullptr) GzipReply(head.Header("accept-encoding"), reply);
  reply.headers.emplace_back(kRequestIdHeader, exchange->identity.request_id);
  const absl::Duration took = deps_.clock.Now() - exchange->start;
  const size_t method = deps_.routes.LabelIndex(exchange->method);
  requests_.At({method, static_cast<size_t>(reply.status / 100 - 1)}).Increment();
  latency_.At({method}).Observe(absl::ToDoubleSeconds(took));
  // The template, not the path: names in paths can be personal.
  deps_.log.Info("http", {{"request_id", exchange->identity.request_id},
                          {"trace_id", rpc::TraceId(exchange->identity.traceparent)},
                          {"http_method", HttpMethodName(head.method)},
                          {"rpc", exchange->method == nullptr
                                      ? absl::string_view("none")
                                      : absl::string_view(exchange->method->grpc_path)},
                          {"http_status", reply.status},
                          {"bytes", reply.body.size()},
                          {"ms", absl::ToDoubleMilliseconds(took)}});
  exchange->done(std::move(reply));
}

}  // namespace chanyan::gateway
