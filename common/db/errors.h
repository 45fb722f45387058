// What MariaDB's error numbers mean to us: one table, read by everything above the driver.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace chanyan::db {

enum class ErrorKind {
  kNone,
  // Lost against another transaction; nothing of it will be there. Run the whole transaction again.
  kConflict,
  // The connection is gone or the server does not serve. Before COMMIT nothing was done; at COMMIT
  // nobody can say.
  kLost,
  // The server stopped the statement because it ran too long. The connection is good.
  kTimeout,
  // The server has no room to write. The statement was undone, the connection is good; whoever
  // tries again at once fails again.
  kFull,
  // A unique key is taken. The connection and the transaction are good.
  kDuplicate,
  // A foreign key or CHECK constraint says no. The connection and the transaction are good.
  kConstraint,
  // A value does not fit its column. The connection and the transaction are good.
  kBadValue,
  // Ours: wrong SQL, wrong schema, or a number this table does not know. Discard the connection.
  kBug,
};

// As the driver reports it.
struct SqlError {
  int code = 0;
  std::string message;
};

// At a statement other than COMMIT.
ErrorKind KindOf(const SqlError& error);
// At COMMIT, where only a conflict is a definite answer: kConflict or kLost.
ErrorKind KindOfCommit(const SqlError& error);
// What a statement says no with; the transaction is good.
bool IsRefusal(ErrorKind kind);
// True if the connection may be used again after ROLLBACK.
bool LeavesConnectionClean(ErrorKind kind);

// ALREADY_EXISTS, FAILED_PRECONDITION, INVALID_ARGUMENT, ABORTED, UNAVAILABLE, DEADLINE_EXCEEDED or
// INTERNAL. Only INTERNAL holds the server's text, for the log.
absl::Status ToStatus(const SqlError& error);
absl::Status ToStatus(ErrorKind kind, const SqlError& error);

// The unique key an ALREADY_EXISTS of this layer names ("PRIMARY", "uk_code"); empty for any other
// status. Callers turn it into a sentence about their resource.
std::string DuplicateKey(const absl::Status& status);

// Numbers that code of this layer names.
inline constexpr int kErrLockWaitTimeout = 1205;
inline constexpr int kErrServerLost = 2013;

}  // namespace chanyan::db
