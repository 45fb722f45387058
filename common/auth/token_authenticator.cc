#include "common/auth/token_authenticator.h"

#include "common/api/digest.h"
#include "common/status/status.h"

namespace chanyan::auth {
namespace {

absl::Status KeysMissing() { return status::Unavailable("暂时无法核验登录凭证，请稍后重试"); }

}  // namespace

TokenAuthenticator::TokenAuthenticator(const time::Clock& clock, Refresh refresh)
    : TokenAuthenticator(clock, std::move(refresh), KeySet(std::vector<Key>())) {}

TokenAuthenticator::TokenAuthenticator(const time::Clock& clock, Refresh refresh, KeySet keys)
    : clock_(clock),
      refresh_(std::move(refresh)),
      keys_(std::make_shared<const KeySet>(std::move(keys))) {}

absl::StatusOr<Principal> TokenAuthenticator::Authenticate(absl::string_view bearer) {
  const absl::Time now = clock_.Now();
  // Before hashing: what is too long is not worth a digest.
  if (bearer.size() > kMaxTokenBytes) return KeyIdOf(bearer).status();
  const std::string digest = api::Sha256Hex(bearer);
  Principal principal;
  if (Recall(digest, now, &principal)) return principal;
  CHANYAN_ASSIGN_OR_RETURN(const std::string key_id, KeyIdOf(bearer));
  CHANYAN_ASSIGN_OR_RETURN(const std::shared_ptr<const KeySet> used, KeysFor(key_id));
  CHANYAN_ASSIGN_OR_RETURN(const Claims claims, VerifyToken(*used, bearer, now));
  Remember(digest, claims, used);
  return claims.principal;
}

void TokenAuthenticator::SetKeys(KeySet keys) {
  auto fresh = std::make_shared<const KeySet>(std::move(keys));
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(fresh);
  entries_.clear();
  order_.clear();
}

std::shared_ptr<const KeySet> TokenAuthenticator::keys() const {
  absl::MutexLock lock(&mutex_);
  return keys_;
}

absl::StatusOr<std::shared_ptr<const KeySet>> TokenAuthenticator::KeysFor(
    absl::string_view key_id) {
  std::shared_ptr<const KeySet> current = keys();
  if (current->Find(key_id) != nullptr || !refresh_) return current;
  absl::MutexLock lock(&refresh_mutex_);
  // Somebody may have fetched them while we waited.
  current = keys();
  if (current->Find(key_id) != nullptr) return current;
  const absl::Time now = clock_.Now();
  if (now - last_refresh_ >= kKeyRefreshInterval) {
    last_refresh_ = now;
    absl::StatusOr<KeySet> fresh = refresh_();
    last_refresh_failed_ = !fresh.ok();
    if (fresh.ok()) SetKeys(*std::move(fresh));
  }
  // A stranger's key and a key we could not fetch are different answers: the second is not the
  // caller's fault, and a browser must not be signed out for it.
  current = keys();
  if (current->Find(key_id) == nullptr && last_refresh_failed_) return KeysMissing();
  return current;
}

bool TokenAuthenticator::Recall(const std::string& digest, absl::Time now, Principal* principal) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(digest);
  if (found == entries_.end()) return false;
  const Order::iterator entry = found->second;
  if (now >= entry->expires) {
    entries_.erase(found);
    order_.erase(entry);
    return false;
  }
  order_.splice(order_.begin(), order_, entry);
  *principal = entry->principal;
  return true;
}

void TokenAuthenticator::Remember(const std::string& digest, const Claims& claims,
                                  const std::shared_ptr<const KeySet>& used) {
  absl::MutexLock lock(&mutex_);
  // Verified with keys that are out of force by now: right then, but not to be remembered.
  if (used != keys_ || entries_.contains(digest)) return;
  order_.push_front({digest, claims.principal, claims.expires});
  entries_[digest] = order_.begin();
  if (order_.size() > kTokenCacheEntries) {
    entries_.erase(order_.back().digest);
    order_.pop_back();
  }
}

}  // namespace chanyan::auth
