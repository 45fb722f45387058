// MariaDB through Connector/C++ 1.1.12, with its traps closed (the driver's headers are included by
// connection.cc alone; tools/check forbids them elsewhere).
//
// A Database is a pool of connections. Work is done in closures: Transact for changes, Read for
// queries. Inside there is SQL with bound parameters and nothing else: no RPC, no sleep, no Redis.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/value.h"

namespace chanyan::db {

// Where the server is and how long it may take. Parsed from a URL:
//   mysql://user@host:3306/schema?ca=/path/ca.pem&password-file=/path   (TLS is asserted if ca is
//   set) mysql://user@localhost/schema?socket=/path/mariadb.sock
// and pool=16, connect-timeout=2s, read-timeout=5s, acquire-timeout=2s. Values are %-escaped. An
// unknown key is refused, never ignored, and a refusal names everything that is wrong.
struct Config {
  std::string host;
  int port = 3306;
  std::string socket;
  std::string user;
  std::string password;
  std::string schema;
  std::string ca_file;
  int pool_size = 16;
  absl::Duration connect_timeout = absl::Seconds(2);
  // A statement that runs longer is stopped by the server half a second before this, and earlier if
  // its call ends earlier (TransactOptions::deadline).
  absl::Duration read_timeout = absl::Seconds(5);
  // How long a caller waits for a free connection before UNAVAILABLE.
  absl::Duration acquire_timeout = absl::Seconds(2);

  static absl::StatusOr<Config> FromUrl(absl::string_view url);
};

// One connection in use. Not thread-safe; valid inside the closure it was given to.
class Session {
 public:
  virtual ~Session() = default;
  // After a conflict, a loss, a full disk, the deadline or a fault of ours the transaction is dead:
  // every further statement returns that error, and nothing of it is committed whatever the closure
  // returns. After ALREADY_EXISTS, FAILED_PRECONDITION (a foreign key or CHECK) and
  // INVALID_ARGUMENT it lives on. Statements are queries and changes; transaction control, DDL and
  // SET are refused.
  //
  // SELECT. `sql` must be a constant with `?` for every value; it is prepared once a connection.
  virtual absl::StatusOr<Rows> Query(absl::string_view sql, const Values& params = {}) = 0;
  // INSERT, UPDATE, DELETE. Number of rows found (not merely changed: CLIENT_FOUND_ROWS).
  virtual absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& params = {}) = 0;
  // As Execute, for a change that nothing in the transaction asks about again: it goes to the
  // server with the next statement, or with the COMMIT, so that it costs no round trip of its own.
  // Its error is the error of what it went with, and the transaction is dead after it; OK says
  // nothing.
  virtual absl::Status Later(absl::string_view sql, Values params) {
    return Execute(sql, params).status();
  }
  // As Execute of an INSERT that is expected to go in. In a hopeful transaction it goes Later at
  // first: OK then says nothing, and if it is refused the closure runs again, where it is an
  // Execute whose refusal the closure may act upon.
  virtual absl::Status Insert(absl::string_view sql, Values params) {
    return Execute(sql, params).status();
  }
};

// Faults to inject, for tests and drills; all zero in production.
struct Faults {
  // Every n-th transaction fails with a retryable conflict before COMMIT; 0 = never.
  int inject_retry_every = 0;
  // Every n-th COMMIT really commits and then reports a lost connection.
  int inject_ambiguous_commit_every = 0;
  // Every n-th COMMIT does not commit and reports a lost connection.
  int inject_ambiguous_nocommit_every = 0;
};

struct TransactOptions {
  // No attempt and no statement starts after it, and the server stops the statement that is under
  // way, be it that it waits for a lock: a closure that works long ends there with
  // DEADLINE_EXCEEDED, and nothing of it stays.
  absl::Time deadline = absl::InfiniteFuture();
  // Asked after a loss at COMMIT, on a new connection: OK if the transaction's effect is there (its
  // reply was read back), NOT_FOUND if it is absent. Without it a loss at COMMIT is UNAVAILABLE.
  std::function<absl::Status(Session&)> committed;
  // Session::Insert goes Later in the first attempt.
  bool hopeful = false;
};

// What the pool holds now and what happened since the start; for metrics.
struct Stats {
  int open = 0;
  int idle = 0;
  int64_t transactions = 0;
  // Attempts given up for another transaction.
  int64_t conflicts = 0;
  // Connections lost before COMMIT, or not to be had.
  int64_t losses = 0;
  // Losses at COMMIT.
  int64_t ambiguous = 0;
};

// Thread-safe.
class Database {
 public:
  virtual ~Database() = default;

  // Connects once to show that it can; UNAVAILABLE otherwise. The pool grows on demand.
  static absl::StatusOr<std::unique_ptr<Database>> Open(Config config);

  // Runs `work` in one transaction (REPEATABLE READ with snapshot isolation) and commits if it
  // returns OK. Conflicts (1213, 1020, 1205) run it again, at most kMaxAttempts times with full
  // jitter, so it keeps no state between runs. A connection lost before COMMIT does so too, at most
  // kMaxReconnects times. Any other error of it is returned after ROLLBACK. A
  // loss at COMMIT is settled with `committed`, and otherwise UNAVAILABLE.
  virtual absl::Status Transact(const TransactOptions& options,
                                absl::FunctionRef<absl::Status(Session&)> work) = 0;
  absl::Status Transact(absl::FunctionRef<absl::Status(Session&)> work) {
    return Transact(TransactOptions{}, work);
  }

  // Runs `work` without a transaction; each statement sees its own snapshot, none starts after
  // `deadline`, and the server stops the one that is under way then. For queries only.
  virtual absl::Status Read(absl::Time deadline,
                            absl::FunctionRef<absl::Status(Session&)> work) = 0;
  absl::Status Read(absl::FunctionRef<absl::Status(Session&)> work) {
    return Read(absl::InfiniteFuture(), work);
  }

  // OK if a writable server answers now; for readiness.
  virtual absl::Status Ping() = 0;
  virtual void InjectFaults(const Faults& faults) = 0;
  virtual const Config& config() const = 0;
  virtual Stats stats() const = 0;
};

// Attempts of one transaction, the first included.
inline constexpr int kMaxAttempts = 6;
// New connections tried in place of lost ones in one call.
inline constexpr int kMaxReconnects = 2;

}  // namespace chanyan::db
