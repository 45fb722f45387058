#include "common/rpc/breaker.h"

#include <algorithm>

namespace chanyan::rpc {

bool Breaker::Allow() {
  absl::MutexLock lock(&mutex_);
  if (state_ == State::kClosed) return true;
  if (state_ == State::kOpen) {
    if (clock_.Now() - opened_ < kBreakerOpenFor) return false;
    state_ = State::kHalfOpen;
    probes_ = 0;
  }
  if (probes_ >= kBreakerProbes) return false;
  ++probes_;
  return true;
}

void Breaker::Record(Result result) {
  absl::MutexLock lock(&mutex_);
  const bool failed = result == Result::kFailed || result == Result::kNotConnected;
  if (state_ == State::kHalfOpen) {
    if (failed) {
      Open();
    } else if (result == Result::kAnswered) {
      state_ = State::kClosed;
      not_connected_ = 0;
      seconds_.fill(Second{});
    } else {
      --probes_;
    }
    return;
  }
  // Late results of calls that were under way when it opened change nothing.
  if (state_ == State::kOpen || result == Result::kUnknown) return;
  Count(failed);
  not_connected_ = result == Result::kNotConnected ? not_connected_ + 1 : 0;
  if (not_connected_ >= kBreakerConnectErrors || (failed && TooManyFailures())) Open();
}

Breaker::State Breaker::state() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

void Breaker::Count(bool failed) {
  const int64_t now = absl::ToUnixSeconds(clock_.Now());
  Second& second = seconds_[static_cast<size_t>(now % kBreakerWindowSeconds)];
  if (second.at != now) second = {now, 0, 0};
  ++second.calls;
  second.failures += failed ? 1 : 0;
}

bool Breaker::TooManyFailures() const {
  const int64_t oldest = absl::ToUnixSeconds(clock_.Now()) - kBreakerWindowSeconds;
  int calls = 0;
  int failures = 0;
  for (const Second& second : seconds_) {
    if (second.at <= oldest) continue;
    calls += second.calls;
    failures += second.failures;
  }
  return calls >= kBreakerLeastCalls && failures >= calls * kBreakerFailureShare;
}

void Breaker::Open() {
  state_ = State::kOpen;
  opened_ = clock_.Now();
}

bool RetryBudget::Take() {
  absl::MutexLock lock(&mutex_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void RetryBudget::Succeeded() {
  absl::MutexLock lock(&mutex_);
  tokens_ = std::min(kMostTokens, tokens_ + kTokensPerSuccess);
}

}  // namespace chanyan::rpc
