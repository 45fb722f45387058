#include "services/gateway/sessions.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/api/digest.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"

namespace chanyan::gateway {
namespace {

constexpr absl::string_view kCookieAttributes = "; Path=/; Secure; HttpOnly; SameSite=Strict";

bool IsSecret(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxSecretBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '=';
         });
}

}  // namespace

absl::StatusOr<std::string> SessionSecret(const RequestHead& head) {
  std::optional<std::string> secret;
  for (absl::string_view pair : absl::StrSplit(head.Header("cookie"), ';')) {
    pair = absl::StripAsciiWhitespace(pair);
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) != kSessionCookie) continue;
    if (secret)
      return status::InvalidField("Cookie", "会话 Cookie 重复出现，请清除 Cookie 后重新登录");
    secret = equals == absl::string_view::npos ? "" : std::string(pair.substr(equals + 1));
  }
  if (!secret || secret->empty()) return std::string();
  if (!IsSecret(*secret)) return status::InvalidField("Cookie", "会话 Cookie 不合法，请重新登录");
  return *secret;
}

std::string SessionCookie(absl::string_view secret) {
  return absl::StrCat(kSessionCookie, "=", secret, kCookieAttributes);
}

std::string ClearedSessionCookie() {
  return absl::StrCat(kSessionCookie, "=", kCookieAttributes, "; Max-Age=0");
}

absl::Status CheckSameOrigin(const RequestHead& head, bool by_cookie) {
  const absl::string_view site = head.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    return status::PermissionDenied("不接受其他网站发起的请求，请在本系统页面上操作");
  }
  absl::string_view origin = head.Header("origin");
  if (!origin.empty()) {
    const bool scheme =
        absl::ConsumePrefix(&origin, "https://") || absl::ConsumePrefix(&origin, "http://");
    if (!scheme || !absl::EqualsIgnoreCase(origin, head.host)) {
      return status::PermissionDenied("不接受其他网站发起的请求，请在本系统页面上操作");
    }
  }
  if (by_cookie && head.Header(kRequestHeader) != "1") {
    return status::PermissionDenied("缺少请求头 X-Chanyan-Request: 1，请从本系统页面操作");
  }
  return absl::OkStatus();
}

void Sessions::Exchange(const std::string& secret, CallIdentity identity, Done done) {
  if (deps_.exchange == nullptr)
    return done(status::Unavailable("登录服务暂时无法连接，请稍后重试"));
  const std::string key = api::Sha256(secret);
  const absl::Time now = deps_.clock.Now();
  std::optional<std::string> known;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = tokens_.find(key);
    if (it != tokens_.end() && now < it->second.until) known = it->second.text;
  }
  if (known) return done(*std::move(known));
  identity::v1::ExchangeSessionRequest request;
  request.set_session_secret(secret);
  BackendCall call;
  call.backend = deps_.exchange->backend;
  call.grpc_path = deps_.exchange->grpc_path;
  call.identity = std::move(identity);
  call.deadline = now + kExchangeDeadline;
  // Exchanging twice gives two tokens and does no harm.
  call.repeatable = true;
  if (auto bad = rpc::Serialize(request, &call.request); !bad.ok()) return done(bad);
  deps_.backends.Call(std::move(call), [this, key, done = std::move(done)](
                                           const grpc::Status& answer, grpc::ByteBuffer bytes) {
    if (!answer.ok()) return done(rpc::FromGrpc(answer));
    identity::v1::TokenResponse token;
    if (!rpc::Parse(&bytes, &token).ok()) return done(status::Internal("bad TokenResponse"));
    const absl::Time now = deps_.clock.Now();
    const absl::Time expiry = absl::FromUnixSeconds(token.expire_time().seconds()) - kTokenMargin;
    Remember(key, {token.access_token(), std::min(now + kTokenCacheTime, expiry)});
    done(token.access_token());
  });
}

void Sessions::Remember(const std::string& key, Token token) {
  const absl::Time now = deps_.clock.Now();
  absl::MutexLock lock(&mutex_);
  if (tokens_.size() >= kMaxCachedTokens) {
    absl::erase_if(tokens_, [now](const auto& entry) { return entry.second.until <= now; });
    // All in use: better to ask identity again than to grow.
    if (tokens_.size() >= kMaxCachedTokens) tokens_.clear();
  }
  tokens_[key] = std::move(token);
}

void Sessions::Forget(const std::string& secret) {
  absl::MutexLock lock(&mutex_);
  tokens_.erase(api::Sha256(secret));
}

}  // namespace chanyan::gateway
