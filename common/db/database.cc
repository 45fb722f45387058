#include "common/db/database.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/db/connection.h"
#include "common/db/errors.h"
#include "common/db/outcome.h"
#include "common/db/pool.h"
#include "common/db/sessions.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::Duration kFirstBackoff = absl::Milliseconds(10);
constexpr absl::Duration kLongestBackoff = absl::Milliseconds(200);
// Connections tried to learn the fate of one COMMIT.
constexpr int kMaxSettleAttempts = 3;

// Of Pool::Acquire.
bool IsBusy(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted;
}

// What a caller reads in place of what the operator reads in Ping.
absl::Status NoConnection(const absl::Status& status) {
  return status::Unavailable(IsBusy(status) ? "数据库繁忙，请稍后用同一请求编号重试"
                                            : "数据库暂时不可用，请稍后用同一请求编号重试");
}

absl::Status UnknownOutcome() {
  return status::Unavailable("提交时与数据库的连接中断，结果未知，请用同一请求编号重试");
}

absl::Status ReadsOnly(absl::string_view sql) {
  return status::Internal(absl::StrCat("a change outside a transaction: ", sql));
}

class PooledDatabase final : public Database {
 public:
  explicit PooledDatabase(Config config) : config_(std::move(config)), pool_(config_) {}

  absl::Status Transact(const TransactOptions& options,
                        absl::FunctionRef<absl::Status(Session&)> work) override;
  absl::Status Read(absl::Time deadline, absl::FunctionRef<absl::Status(Session&)> work) override;
  absl::Status Ping() override;

  void InjectFaults(const Faults& faults) override {
    retry_every_ = faults.inject_retry_every;
    ambiguous_commit_every_ = faults.inject_ambiguous_commit_every;
    ambiguous_nocommit_every_ = faults.inject_ambiguous_nocommit_every;
  }
  const Config& config() const override { return config_; }
  Stats stats() const override {
    return {pool_.open(), pool_.idle(), transactions_, conflicts_, losses_, ambiguous_};
  }

 private:
  class ReadSession;

  Outcome Attempt(const TransactOptions& options, bool hopeful,
                  absl::FunctionRef<absl::Status(Session&)> work);
  Outcome Finish(Loan& loan, TransactionSession& session, absl::Status status);
  Outcome Commit(Loan& loan, TransactionSession& session);
  Outcome GiveUp(Loan& loan, const TransactionSession& session, Outcome outcome);
  Outcome Settle(const TransactOptions& options);
  void Count(const Outcome& outcome);
  // False if there is no time left.
  bool BackOff(int attempt, absl::Time deadline);
  // Faults come every n-th time.
  static bool IsDue(const std::atomic<int>& every, std::atomic<int64_t>& count) {
    const int n = every.load(std::memory_order_relaxed);
    return n > 0 && ++count % n == 0;
  }

  const Config config_;
  Pool pool_;
  std::atomic<int> retry_every_{0}, ambiguous_commit_every_{0}, ambiguous_nocommit_every_{0};
  std::atomic<int64_t> retry_count_{0}, ambiguous_commit_count_{0}, ambiguous_nocommit_count_{0};
  std::atomic<int64_t> transactions_{0}, conflicts_{0}, losses_{0}, ambiguous_{0};
  absl::Mutex random_mutex_;
  std::minstd_rand random_ ABSL_GUARDED_BY(random_mutex_){std::random_device{}()};
  absl::Mutex ping_mutex_;
  std::unique_ptr<Connection> ping_ ABSL_GUARDED_BY(ping_mutex_);
};

// Each statement stands alone, so one that lost its connection is run again on another.
class PooledDatabase::ReadSession final : public Session {
 public:
  ReadSession(PooledDatabase& database, absl::Time deadline)
      : database_(database), deadline_(deadline) {}

  absl::StatusOr<Rows> Query(absl::string_view sql, const Values& params) override {
    for (int reconnects = 0;; ++reconnects) {
      const absl::Time started = absl::Now();
      if (started >= deadline_) return OutOfTime();
      absl::StatusOr<Rows> rows = QueryOnce(sql, params);
      if (rows.ok() || !lost_) {
        return rows;
      }
      ++database_.losses_;
      loan_.reset();
      database_.pool_.Flush();
      // A statement that ran into the read timeout would do so again.
      if (reconnects == kMaxReconnects ||
          absl::Now() - started >= database_.config_.read_timeout / 2 ||
          !database_.BackOff(reconnects + 1, deadline_)) {
        return rows;
      }
    }
  }

  absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values&) override {
    return ReadsOnly(sql);
  }

 private:
  absl::StatusOr<Rows> QueryOnce(absl::string_view sql, const Values& params) {
    if (!loan_.has_value()) {
      absl::StatusOr<Loan> loan = database_.pool_.Acquire(deadline_);
      if (!loan.ok()) {
        lost_ = !IsBusy(loan.status());
        return NoConnection(loan.status());
      }
      loan_.emplace(*std::move(loan));
    }
    absl::StatusOr<Rows> rows = loan_->connection().Query(sql, params, deadline_);
    lost_ = false;
    if (rows.ok()) return rows;
    const ErrorKind kind = loan_->connection().last_error_kind();
    lost_ = kind == ErrorKind::kLost;
    if (kind == ErrorKind::kTimeout && absl::Now() >= deadline_) {
      return status::DeadlineExceeded("查询未能在规定时间内完成，请缩小范围后重试");
    }
    return rows.status();
  }

  PooledDatabase& database_;
  const absl::Time deadline_;
  std::optional<Loan> loan_;
  // The last statement failed for want of a connection.
  bool lost_ = false;
};

absl::Status PooledDatabase::Transact(const TransactOptions& options,
                                      absl::FunctionRef<absl::Status(Session&)> work) {
  ++transactions_;
  int losses = 0;
  bool hopeful = options.hopeful;
  for (int attempt = 1;; ++attempt) {
    const absl::Time started = absl::Now();
    if (started >= options.deadline) {
      return status::DeadlineExceeded("剩余时间不足，未执行，请重试");
    }
    Outcome outcome = Attempt(options, hopeful, work);
    if (outcome.next == Next::kDisappointed) {
      hopeful = false;
      outcome = Attempt(options, hopeful, work);
    }
    Count(outcome);
    if (outcome.next == Next::kAmbiguous) {
      outcome = Settle(options);
    }
    if (outcome.next == Next::kReturn) {
      return outcome.status;
    }
    if (outcome.next == Next::kLost) {
      pool_.Flush();
      if (++losses > kMaxReconnects || absl::Now() - started >= config_.read_timeout / 2) {
        return outcome.status;
      }
    }
    if (attempt == kMaxAttempts || !BackOff(attempt, options.deadline)) {
      return outcome.status;
    }
  }
}

Outcome PooledDatabase::Attempt(const TransactOptions& options, bool hopeful,
                                absl::FunctionRef<absl::Status(Session&)> work) {
  absl::StatusOr<Loan> loan = pool_.Acquire(options.deadline);
  if (!loan.ok()) {
    return {IsBusy(loan.status()) ? Next::kReturn : Next::kLost, NoConnection(loan.status())};
  }
  // Until COMMIT or ROLLBACK has succeeded, nobody else gets this connection.
  loan->Discard();
  TransactionSession session(loan->connection(), options.deadline, hopeful);
  return Finish(*loan, session, work(session));
}

Outcome PooledDatabase::Finish(Loan& loan, TransactionSession& session, absl::Status status) {
  const bool injected = session.failure().ok() && status.ok() && IsDue(retry_every_, retry_count_);
  if (session.failure().ok() && status.ok() && !injected) {
    return Commit(loan, session);
  }
  if (injected) {
    return GiveUp(loan, session, {Next::kConflict, ToStatus(ErrorKind::kConflict, {})});
  }
  switch (session.failure_kind()) {
    case ErrorKind::kConflict:
      return GiveUp(loan, session, {Next::kConflict, session.failure()});
    case ErrorKind::kLost:
      return GiveUp(loan, session, {Next::kLost, session.failure()});
    default: {
      const bool refused = IsRefusal(session.failure_kind()) && session.hoped();
      return GiveUp(loan, session,
                    {refused ? Next::kDisappointed : Next::kReturn,
                     session.failure().ok() ? std::move(status) : session.failure()});
    }
  }
}

Outcome PooledDatabase::GiveUp(Loan& loan, const TransactionSession& session, Outcome outcome) {
  // ROLLBACK itself may fail; then the connection is discarded, which rolls back as well.
  if (loan.connection().usable() && (!session.begun() || loan.connection().Run("ROLLBACK").ok())) {
    loan.Keep();
  }
  return outcome;
}

Outcome PooledDatabase::Commit(Loan& loan, TransactionSession& session) {
  if (IsDue(ambiguous_nocommit_every_, ambiguous_nocommit_count_)) {
    loan.connection().Run("ROLLBACK").IgnoreError();
    return {Next::kAmbiguous, UnknownOutcome()};
  }
  const absl::Status committed = session.Commit();
  if (!committed.ok()) {
    switch (loan.connection().last_error_kind()) {
      case ErrorKind::kConflict:
        return {Next::kConflict, committed};
      case ErrorKind::kTimeout:
        // The server says that nothing was committed.
        return GiveUp(loan, session, {Next::kReturn, committed});
      case ErrorKind::kDuplicate:
      case ErrorKind::kConstraint:
      case ErrorKind::kBadValue:
      case ErrorKind::kBug:
        return GiveUp(loan, session,
                      {session.hoped() ? Next::kDisappointed : Next::kReturn, committed});
      default:
        return {Next::kAmbiguous, committed};
    }
  }
  if (IsDue(ambiguous_commit_every_, ambiguous_commit_count_)) {
    return {Next::kAmbiguous, UnknownOutcome()};
  }
  loan.Keep();
  return {Next::kReturn, absl::OkStatus()};
}

Outcome PooledDatabase::Settle(const TransactOptions& options) {
  pool_.Flush();
  if (options.committed == nullptr) {
    return {Next::kReturn, UnknownOutcome()};
  }
  for (int attempt = 1; attempt <= kMaxSettleAttempts; ++attempt) {
    absl::StatusOr<Loan> loan = pool_.OpenExtra();
    // On Galera another node may answer: it must first have applied what was committed.
    if (loan.ok() && loan->connection().Run("SET SESSION wsrep_sync_wait=1").ok()) {
      // What was committed is worth knowing, however late.
      TransactionSession session(loan->connection(), absl::InfiniteFuture(), /*hopeful=*/false);
      const absl::Status found = options.committed(session);
      if (found.ok()) {
        return {Next::kReturn, absl::OkStatus()};
      }
      if (session.failure().ok() && found.code() == absl::StatusCode::kNotFound) {
        return {Next::kLost, UnknownOutcome()};
      }
      if (session.failure_kind() != ErrorKind::kLost) {
        break;
      }
    }
    if (!BackOff(attempt, options.deadline)) {
      break;
    }
  }
  return {Next::kReturn, UnknownOutcome()};
}

absl::Status PooledDatabase::Read(absl::Time deadline,
                                  absl::FunctionRef<absl::Status(Session&)> work) {
  if (absl::Now() >= deadline) {
    return status::DeadlineExceeded("剩余时间不足，未执行，请重试");
  }
  ReadSession session(*this, deadline);
  return work(session);
}

absl::Status PooledDatabase::Ping() {
  absl::MutexLock lock(&ping_mutex_);
  if (ping_ == nullptr) {
    CHANYAN_ASSIGN_OR_RETURN(ping_, Connection::Open(config_));
  }
  const absl::StatusOr<Rows> rows = ping_->Query(
      "SELECT @@global.read_only, @@wsrep_on, VARIABLE_VALUE "
      "FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_ready'",
      {});
  if (!rows.ok()) {
    ping_.reset();
    return rows.status();
  }
  if (rows->rows.empty()) {
    return absl::OkStatus();
  }
  const Values& row = rows->rows[0];
  if (std::get<int64_t>(row[0]) != 0) {
    return status::Unavailable("数据库处于只读状态");
  }
  if (std::get<int64_t>(row[1]) != 0 && std::get<std::string>(row[2]) != "ON") {
    return status::Unavailable("数据库节点未与集群同步，暂不能写入");
  }
  return absl::OkStatus();
}

void PooledDatabase::Count(const Outcome& outcome) {
  conflicts_ += outcome.next == Next::kConflict ? 1 : 0;
  losses_ += outcome.next == Next::kLost ? 1 : 0;
  ambiguous_ += outcome.next == Next::kAmbiguous ? 1 : 0;
}

bool PooledDatabase::BackOff(int attempt, absl::Time deadline) {
  const absl::Duration longest = std::min(kLongestBackoff, kFirstBackoff * (1 << (attempt - 1)));
  absl::Duration wait;
  {
    absl::MutexLock lock(&random_mutex_);
    std::uniform_int_distribution<int64_t> chance(0, absl::ToInt64Microseconds(longest));
    wait = absl::Microseconds(chance(random_));
  }
  if (absl::Now() + wait >= deadline) {
    return false;
  }
  absl::SleepFor(wait);
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(Config config) {
  auto database = std::make_unique<PooledDatabase>(std::move(config));
  CHANYAN_RETURN_IF_ERROR(database->Ping());
  return database;
}

}  // namespace chanyan::db
