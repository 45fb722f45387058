// One connection to MariaDB. connection.cc is the only file that includes the driver's headers, and
// these are the driver's traps it closes, each by construction and with a test of that name:
//
// - commit(), rollback() and setAutoCommit() report success whatever happened: transaction control
//   goes through Run() as SQL, which reports what the server said.
// - A SELECT that failed hangs in its destructor once another statement has run: a failed prepared
//   statement is destroyed before the error is returned.
// - Misspelt and TLS options are ignored in silence: options are fields of Config, and with a CA
//   the connection is refused unless the server reports a cipher.
// - reconnect() forgets the transaction: it is never used; a lost connection is discarded.
// - Parameters of the last execution stay bound: their number is checked at each execution.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "common/db/errors.h"
#include "common/db/value.h"

namespace chanyan::db {

// Prepared statements kept per connection; the one used longest ago makes room. The server allows
// 16382 in all, so this times the pool sizes of all replicas must stay below.
inline constexpr int kMaxPreparedStatements = 100;
// A longer parameter is refused as INVALID_ARGUMENT; below the server's 16 MiB packet.
inline constexpr int64_t kMaxValueBytes = 8 << 20;
// Longer parameters are sent in pieces of the driver's own.
inline constexpr int64_t kLongDataBytes = 256 << 10;

// The server would stop at once what it has less time for.
inline constexpr absl::Duration kLeastStatementTime = absl::Milliseconds(10);

// A change and its values.
struct Statement {
  std::string sql;
  Values params;
};

// Not thread-safe. After an error of Query, Execute or Run, last_error_kind() says what it was.
class Connection {
 public:
  // Connects and sets the session up (UTC, strict mode, snapshot isolation, time limits, utf8mb4).
  // With an empty config.schema no schema is selected. The error's text is for the operator.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Config& config);

  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // As in Session, for statements that CheckStatement accepts. The server stops a statement, also
  // one that waits for a lock, at `deadline` or half a second before the read timeout, whichever is
  // first: kTimeout. One that begins right before its deadline has kLeastStatementTime.
  virtual absl::StatusOr<Rows> Query(absl::string_view sql, const Values& params,
                                     absl::Time deadline = absl::InfiniteFuture()) = 0;
  virtual absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& params,
                                          absl::Time deadline = absl::InfiniteFuture()) = 0;

  // Changes in one round trip, in their order; the first that fails ends it. With `begin` a
  // transaction begins before the first, with `commit` it is committed after the last: then errors
  // are of the ambiguous class unless a statement refused (kDuplicate, kConstraint, kBadValue: the
  // transaction is still open), lost a conflict, or ran out of time and the server says that the
  // transaction is still open (kTimeout). All have until `deadline` together. Number of rows the
  // last one found.
  virtual absl::StatusOr<int64_t> ExecuteTogether(absl::Span<const Statement> statements,
                                                  bool begin, bool commit,
                                                  absl::Time deadline = absl::InfiniteFuture()) = 0;

  // One statement as text, without parameters, results dropped: transaction control and DDL.
  virtual absl::Status Run(absl::string_view sql) = 0;
  // COMMIT, with errors of the ambiguous class: kConflict or kLost; or kTimeout as above.
  virtual absl::Status Commit(absl::Time deadline = absl::InfiniteFuture()) = 0;

  virtual ErrorKind last_error_kind() const = 0;
  virtual const SqlError& last_error() const = 0;
  // False after an error that leaves the connection in doubt: discard it.
  virtual bool usable() const = 0;
  // Number of prepared statements held.
  virtual int prepared_statements() const = 0;

 protected:
  Connection() = default;
};

}  // namespace chanyan::db
