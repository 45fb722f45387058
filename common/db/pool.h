// Connections kept open between uses. Thread-safe.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "common/db/database.h"

namespace chanyan::db {

// A connection lives this long, plus up to as much again by chance, so that they do not all end at
// once and a server that came back is used again.
inline constexpr absl::Duration kConnectionAge = absl::Minutes(10);
// A connection idle for longer is asked for a sign of life before use.
inline constexpr absl::Duration kIdleBeforePing = absl::Seconds(30);

class Pool;

// A connection on loan. Goes back to the pool, or is closed if it is in doubt or was not settled.
class Loan {
 public:
  Loan(Pool& pool, std::unique_ptr<Connection> connection, absl::Time expires);
  ~Loan();
  Loan(Loan&& other) noexcept = default;
  Loan& operator=(Loan&&) = delete;

  Connection& connection() { return *connection_; }
  // The connection is not given to anyone again.
  void Discard() { discard_ = true; }
  void Keep() { discard_ = false; }

 private:
  friend class Pool;
  Pool* pool_;
  std::unique_ptr<Connection> connection_;
  absl::Time expires_;
  bool discard_ = false;
};

class Pool {
 public:
  explicit Pool(const Config& config) : config_(config) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Waits at most acquire_timeout and not past `deadline`. RESOURCE_EXHAUSTED if none comes free in
  // time, UNAVAILABLE if the server cannot be reached.
  absl::StatusOr<Loan> Acquire(absl::Time deadline);
  // A connection outside the pool's count and age, used once.
  absl::StatusOr<Loan> OpenExtra();
  // Closes what is idle: after a loss the others are most likely lost too.
  void Flush();

  int open() const;
  int idle() const;

 private:
  friend class Loan;
  struct Idle {
    std::unique_ptr<Connection> connection;
    absl::Time expires;
    absl::Time since;
  };

  void Return(std::unique_ptr<Connection> connection, absl::Time expires, bool discard);
  absl::Time Expiry() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget();

  const Config& config_;
  mutable absl::Mutex mutex_;
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::minstd_rand random_ ABSL_GUARDED_BY(mutex_){std::random_device{}()};
};

}  // namespace chanyan::db
