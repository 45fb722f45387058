// Browser sessions at the edge: the cookie, and the short-lived token it stands for.
#pragma once

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "services/gateway/backends.h"
#include "services/gateway/http_rules.h"
#include "services/gateway/routes.h"

namespace chanyan::gateway {

inline constexpr char kSessionCookie[] = "__Host-chanyan";
// Header that a page of ours sends with every change; a foreign page cannot without our consent.
inline constexpr char kRequestHeader[] = "x-chanyan-request";
// A token is used at most so long before identity is asked again, which is how long a session that
// was ended elsewhere still works here.
inline constexpr absl::Duration kTokenCacheTime = absl::Seconds(60);
// Tokens are not used so close to their end.
inline constexpr absl::Duration kTokenMargin = absl::Seconds(10);
inline constexpr size_t kMaxCachedTokens = 20'000;
inline constexpr absl::Duration kExchangeDeadline = absl::Seconds(2);
inline constexpr size_t kMaxSecretBytes = 128;

// The secret in the request's cookie; empty if there is none. INVALID_ARGUMENT if it comes twice or
// cannot be one.
absl::StatusOr<std::string> SessionSecret(const RequestHead& head);
// Set-Cookie values.
std::string SessionCookie(absl::string_view secret);
std::string ClearedSessionCookie();

// Refuses what a browser would send for a page that is not ours: PERMISSION_DENIED. For requests
// that change something; `by_cookie` when the cookie is what they are believed for.
absl::Status CheckSameOrigin(const RequestHead& head, bool by_cookie);

// Thread-safe.
class Sessions {
 public:
  using Done = std::function<void(absl::StatusOr<std::string> token)>;
  struct Deps {
    Backends& backends;
    const time::Clock& clock;
    // ExchangeSession; null = there are no sessions.
    const Method* exchange = nullptr;
  };

  explicit Sessions(Deps deps) : deps_(deps) {}

  // Calls `done` once: at once from the cache, else from a thread of gRPC's. UNAUTHENTICATED when
  // the session has ended.
  void Exchange(const std::string& secret, CallIdentity identity, Done done);
  // The session was ended here.
  void Forget(const std::string& secret);

 private:
  struct Token {
    std::string text;
    absl::Time until;
  };

  void Remember(const std::string& key, Token token);

  const Deps deps_;
  absl::Mutex mutex_;
  // By SHA-256 of the secret: a core dump holds no secrets of sessions.
  absl::flat_hash_map<std::string, Token> tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::gateway
