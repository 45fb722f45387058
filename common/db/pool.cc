#include "common/db/pool.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/status.h"

namespace chanyan::db {

Loan::Loan(Pool& pool, std::unique_ptr<Connection> connection, absl::Time expires)
    : pool_(&pool), connection_(std::move(connection)), expires_(expires) {}

Loan::~Loan() {
  if (connection_ != nullptr) {
    const bool discard = discard_ || !connection_->usable();
    pool_->Return(std::move(connection_), expires_, discard);
  }
}

absl::StatusOr<Loan> Pool::Acquire(absl::Time deadline) {
  const absl::Time give_up = std::min(deadline, absl::Now() + config_.acquire_timeout);
  while (true) {
    Idle taken;
    {
      absl::MutexLock lock(&mutex_);
      const auto available = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return !idle_.empty() || open_ < config_.pool_size;
      };
      if (!mutex_.AwaitWithDeadline(absl::Condition(&available), give_up)) {
        return absl::ResourceExhaustedError("no free connection");
      }
      if (idle_.empty()) {
        ++open_;
        taken.expires = Expiry();
      } else {
        taken = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (taken.connection == nullptr) {
      absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(config_);
      if (!opened.ok()) {
        Forget();
        return opened.status();
      }
      return Loan(*this, *std::move(opened), taken.expires);
    }
    const absl::Time now = absl::Now();
    Loan loan(*this, std::move(taken.connection), taken.expires);
    if (now >= taken.expires) {
      loan.Discard();
      continue;
    }
    if (now - taken.since > kIdleBeforePing && !loan.connection().Run("DO 0").ok()) {
      Flush();
      continue;
    }
    return loan;
  }
}

absl::StatusOr<Loan> Pool::OpenExtra() {
  CHANYAN_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(config_));
  {
    absl::MutexLock lock(&mutex_);
    ++open_;
  }
  Loan loan(*this, std::move(connection), absl::InfinitePast());
  loan.Discard();
  return loan;
}

void Pool::Flush() {
  std::vector<Idle> closing;
  absl::MutexLock lock(&mutex_);
  open_ -= static_cast<int>(idle_.size());
  closing.swap(idle_);
}

void Pool::Return(std::unique_ptr<Connection> connection, absl::Time expires, bool discard) {
  if (discard) {
    // Closing talks to the server: not under the lock.
    connection.reset();
    Forget();
    return;
  }
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  idle_.push_back({std::move(connection), expires, now});
}

absl::Time Pool::Expiry() {
  const int64_t spread = absl::ToInt64Milliseconds(kConnectionAge);
  std::uniform_int_distribution<int64_t> chance(0, spread);
  return absl::Now() + kConnectionAge + absl::Milliseconds(chance(random_));
}

void Pool::Forget() {
  absl::MutexLock lock(&mutex_);
  --open_;
}

int Pool::open() const {
  absl::MutexLock lock(&mutex_);
  return open_;
}

int Pool::idle() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(idle_.size());
}

}  // namespace chanyan::db
