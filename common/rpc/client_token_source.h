// Tokens for this service, from identity, by its client secret.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/peers.h"
#include "common/time/clock.h"

namespace chanyan::rpc {

// A token is renewed this long before it ends.
inline constexpr absl::Duration kTokenRenewal = absl::Seconds(60);

// Thread-safe; one thread fetches while the others wait.
class ClientTokenSource final : public TokenSource {
 public:
  // `peers` must know "identity"; `client` is apiClients/{service}.
  ClientTokenSource(Peers& peers, const time::Clock& clock, std::string client, std::string secret);

  // UNAVAILABLE if identity cannot be reached; a token still in force is used up to its end.
  absl::StatusOr<std::string> Token(absl::Time deadline) override;

 private:
  absl::Status Fetch(absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Peers& peers_;
  const time::Clock& clock_;
  const std::string client_;
  const std::string secret_;
  absl::Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Time expires_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace chanyan::rpc
