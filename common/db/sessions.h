// The sessions that a closure of a transaction may get. Internal to common/db.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "common/db/database.h"
#include "common/db/errors.h"

namespace chanyan::db {

// Of a transaction that its deadline has overtaken.
absl::Status OutOfTime();
// An error of a statement that had until `deadline`: OutOfTime if that is what stopped it.
absl::Status WithinDeadline(const absl::Status& error, ErrorKind kind, absl::Time deadline);

// A session on one connection. The transaction begins with its first statement. The first fatal
// error is kept and answers everything after it: after a deadlock the server has ended the
// transaction, and a further statement would commit by itself.
class TransactionSession final : public Session {
 public:
  TransactionSession(Connection& connection, absl::Time deadline, bool hopeful)
      : connection_(connection), deadline_(deadline), hopeful_(hopeful) {}

  absl::StatusOr<Rows> Query(absl::string_view sql, const Values& params) override;
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& params) override;
  absl::Status Later(absl::string_view sql, Values params) override;
  absl::Status Insert(absl::string_view sql, Values params) override;

  // With everything that waits; what it returns is of the connection's COMMIT, a refusal of a
  // statement that waited, or OutOfTime of what is still open.
  absl::Status Commit();

  const absl::Status& failure() const { return failure_; }
  ErrorKind failure_kind() const { return failure_kind_; }
  // There is something to roll back.
  bool begun() const { return begun_; }
  // A refusal may be one that the closure would have acted upon.
  bool hoped() const { return hoped_; }

 private:
  absl::Status MayGoOn();
  absl::Status SendWaiting();
  absl::Status Fail(const absl::Status& error);
  // Remembers the error if it is fatal.
  void Note(const absl::Status& status);

  Connection& connection_;
  const absl::Time deadline_;
  const bool hopeful_;
  bool hoped_ = false;
  bool begun_ = false;
  std::vector<Statement> waiting_;
  size_t waiting_bytes_ = 0;
  size_t waiting_values_ = 0;
  absl::Status failure_;
  ErrorKind failure_kind_ = ErrorKind::kNone;
};

// A closure whose changes may all wait runs without a connection. One that asks the database
// something, or has much to say, must run with one: it has `asked`.
class CollectingSession final : public Session {
 public:
  absl::StatusOr<Rows> Query(absl::string_view sql, const Values& params) override;
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& params) override;
  absl::Status Later(absl::string_view sql, Values params) override;
  absl::Status Insert(absl::string_view sql, Values params) override;

  bool asked() const { return asked_; }
  std::vector<Statement>& statements() { return statements_; }

 private:
  absl::Status Asked();

  std::vector<Statement> statements_;
  size_t bytes_ = 0;
  size_t values_ = 0;
  bool asked_ = false;
};

}  // namespace chanyan::db
