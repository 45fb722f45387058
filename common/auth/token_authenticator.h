// Verifies tokens with identity's published keys, without asking identity during a call.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/authenticator.h"
#include "common/auth/token.h"
#include "common/time/clock.h"

namespace chanyan::auth {

// Verified tokens that are remembered, so that a signature is computed once a token and not once a
// call.
inline constexpr size_t kTokenCacheEntries = 4096;
// An unknown key id asks for the keys at most this often.
inline constexpr absl::Duration kKeyRefreshInterval = absl::Seconds(10);

// Thread-safe.
class TokenAuthenticator final : public Authenticator {
 public:
  // Gives the keys in force now, for example by IdentityService.ListKeys with a short deadline.
  using Refresh = std::function<absl::StatusOr<KeySet>()>;

  // Starts without keys if none are given: the first token fetches them.
  TokenAuthenticator(const time::Clock& clock, Refresh refresh);
  TokenAuthenticator(const time::Clock& clock, Refresh refresh, KeySet keys);

  absl::StatusOr<Principal> Authenticate(absl::string_view bearer) override;

  // Puts other keys in force; what was verified with the old ones is forgotten.
  void SetKeys(KeySet keys);

 private:
  struct Entry {
    std::string digest;
    Principal principal;
    absl::Time expires;
  };
  using Order = std::list<Entry>;

  std::shared_ptr<const KeySet> keys() const;
  // Keys that know `key_id`, fetched if need be and allowed.
  absl::StatusOr<std::shared_ptr<const KeySet>> KeysFor(absl::string_view key_id);
  bool Recall(const std::string& digest, absl::Time now, Principal* principal);
  void Remember(const std::string& digest, const Claims& claims,
                const std::shared_ptr<const KeySet>& used);

  const time::Clock& clock_;
  const Refresh refresh_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  // Newest first.
  Order order_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Order::iterator> entries_ ABSL_GUARDED_BY(mutex_);
  // One refresh at a time, whoever asks.
  absl::Mutex refresh_mutex_;
  absl::Time last_refresh_ ABSL_GUARDED_BY(refresh_mutex_) = absl::InfinitePast();
  bool last_refresh_failed_ ABSL_GUARDED_BY(refresh_mutex_) = false;
};

}  // namespace chanyan::auth
