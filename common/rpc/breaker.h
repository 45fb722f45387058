// Stops calling a peer that does not answer, and tries it again a little later.
#pragma once

#include <array>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/time/clock.h"

namespace chanyan::rpc {

// Opens at this share of failures over at least this many calls of the window …
inline constexpr double kBreakerFailureShare = 0.5;
inline constexpr int kBreakerLeastCalls = 20;
inline constexpr int kBreakerWindowSeconds = 10;
// … or after this many calls in a row that could not connect.
inline constexpr int kBreakerConnectErrors = 5;
// Stays open this long, then lets a few calls through; the first that succeeds closes it.
inline constexpr absl::Duration kBreakerOpenFor = absl::Seconds(2);
inline constexpr int kBreakerProbes = 3;

// Thread-safe.
class Breaker {
 public:
  enum class State { kClosed, kOpen, kHalfOpen };
  enum class Result {
    // The peer answered, be it with a refusal.
    kAnswered,
    // It answered too late or said that it cannot.
    kFailed,
    // It was not reached.
    kNotConnected,
    // The call ended for reasons of its own; says nothing of the peer.
    kUnknown,
  };

  explicit Breaker(const time::Clock& clock) : clock_(clock) {}

  // Whether a call may be made now; each true must be followed by one Record.
  bool Allow();
  void Record(Result result);
  State state() const;

 private:
  struct Second {
    int64_t at = 0;
    int calls = 0;
    int failures = 0;
  };

  void Count(bool failed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TooManyFailures() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const time::Clock& clock_;
  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kClosed;
  absl::Time opened_ ABSL_GUARDED_BY(mutex_);
  int probes_ ABSL_GUARDED_BY(mutex_) = 0;
  int not_connected_ ABSL_GUARDED_BY(mutex_) = 0;
  std::array<Second, kBreakerWindowSeconds> seconds_ ABSL_GUARDED_BY(mutex_);
};

// Allows repeats up to a tenth of what succeeded, so that repeats cannot become a storm.
// Thread-safe.
class RetryBudget {
 public:
  // Takes one repeat; false if there is none left.
  bool Take();
  void Succeeded();

 private:
  static constexpr double kMostTokens = 10;
  static constexpr double kTokensPerSuccess = 0.1;

  absl::Mutex mutex_;
  double tokens_ ABSL_GUARDED_BY(mutex_) = kMostTokens;
};

}  // namespace chanyan::rpc
