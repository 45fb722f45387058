#include "common/db/sessions.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "common/db/company.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

// Changes that wait for the next statement, their values (the server takes 65,535 in a statement)
// and the bytes of these.
constexpr size_t kMostWaiting = 16;
constexpr size_t kMostWaitingValues = 30'000;
constexpr size_t kMaxWaitingBytes = 4 << 20;
// Of one transaction that goes in company.
constexpr size_t kMostValuesInCompany = kMostWaitingValues / kMostInCompany;
constexpr size_t kMaxBytesInCompany = kMaxWaitingBytes / kMostInCompany;

// True if the transaction or connection cannot go on after it.
bool IsFatal(ErrorKind kind) {
  return kind == ErrorKind::kConflict || kind == ErrorKind::kTimeout || kind == ErrorKind::kFull ||
         !LeavesConnectionClean(kind);
}

size_t BytesOf(const Values& values) {
  size_t bytes = 0;
  for (const Value& value : values) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

}  // namespace

absl::Status OutOfTime() {
  return status::DeadlineExceeded("未能在规定时间内完成，已全部撤销，请用同一请求编号重试");
}

absl::Status WithinDeadline(const absl::Status& error, ErrorKind kind, absl::Time deadline) {
  return kind == ErrorKind::kTimeout && absl::Now() >= deadline ? OutOfTime() : error;
}

absl::StatusOr<Rows> TransactionSession::Query(absl::string_view sql, const Values& params) {
  CHANYAN_RETURN_IF_ERROR(MayGoOn());
  CHANYAN_RETURN_IF_ERROR(SendWaiting());
  if (!begun_) {
    const absl::Status begun = connection_.Run("START TRANSACTION");
    if (!begun.ok()) return Fail(begun);
    begun_ = true;
  }
  absl::StatusOr<Rows> rows = connection_.Query(sql, params, deadline_);
  Note(rows.status());
  if (!failure_.ok()) return failure_;
  return rows;
}

absl::StatusOr<int64_t> TransactionSession::Execute(absl::string_view sql, const Values& params) {
  CHANYAN_RETURN_IF_ERROR(MayGoOn());
  CHANYAN_RETURN_IF_ERROR(SendWaiting());
  absl::StatusOr<int64_t> found;
  if (begun_) {
    found = connection_.Execute(sql, params, deadline_);
  } else {
    const Statement first{std::string(sql), params};
    found = connection_.ExecuteTogether(absl::MakeConstSpan(&first, 1), /*begin=*/true,
                                        /*commit=*/false, deadline_);
    begun_ = true;
  }
  Note(found.status());
  if (!failure_.ok()) return failure_;
  return found;
}

absl::Status TransactionSession::Later(absl::string_view sql, Values params) {
  CHANYAN_RETURN_IF_ERROR(MayGoOn());
  if (waiting_values_ + params.size() > kMostWaitingValues) CHANYAN_RETURN_IF_ERROR(SendWaiting());
  waiting_bytes_ += BytesOf(params);
  waiting_values_ += params.size();
  waiting_.push_back({std::string(sql), std::move(params)});
  if (waiting_.size() < kMostWaiting && waiting_bytes_ < kMaxWaitingBytes) return absl::OkStatus();
  return SendWaiting();
}

absl::Status TransactionSession::Insert(absl::string_view sql, Values params) {
  if (!hopeful_) return Execute(sql, params).status();
  hoped_ = true;
  return Later(sql, std::move(params));
}

absl::Status TransactionSession::Commit() {
  if (waiting_.empty() && !begun_) return absl::OkStatus();
  absl::Status committed;
  if (waiting_.empty()) {
    committed = connection_.Commit(deadline_);
  } else {
    // If something of it is refused, what came before is still there to be rolled back.
    const bool begin = !std::exchange(begun_, true);
    committed = connection_.ExecuteTogether(waiting_, begin, /*commit=*/true, deadline_).status();
  }
  if (committed.ok()) return committed;
  return WithinDeadline(committed, connection_.last_error_kind(), deadline_);
}

absl::Status TransactionSession::MayGoOn() {
  if (failure_.ok() && absl::Now() >= deadline_) {
    failure_ = OutOfTime();
    failure_kind_ = ErrorKind::kTimeout;
  }
  return failure_;
}

absl::Status TransactionSession::SendWaiting() {
  if (waiting_.empty()) return absl::OkStatus();
  const absl::StatusOr<int64_t> sent =
      connection_.ExecuteTogether(waiting_, !begun_, /*commit=*/false, deadline_);
  begun_ = true;
  waiting_.clear();
  waiting_bytes_ = 0;
  waiting_values_ = 0;
  // Nobody asked about it in its place: whatever it is, the transaction is not what was meant.
  return sent.ok() ? absl::OkStatus() : Fail(sent.status());
}

absl::Status TransactionSession::Fail(const absl::Status& error) {
  failure_kind_ = connection_.last_error_kind();
  failure_ = WithinDeadline(error, failure_kind_, deadline_);
  return failure_;
}

void TransactionSession::Note(const absl::Status& status) {
  if (!status.ok() && IsFatal(connection_.last_error_kind())) Fail(status).IgnoreError();
}

absl::StatusOr<Rows> CollectingSession::Query(absl::string_view, const Values&) { return Asked(); }

absl::StatusOr<int64_t> CollectingSession::Execute(absl::string_view, const Values&) {
  return Asked();
}

absl::Status CollectingSession::Later(absl::string_view sql, Values params) {
  bytes_ += BytesOf(params);
  values_ += params.size();
  if (bytes_ > kMaxBytesInCompany || values_ > kMostValuesInCompany) return Asked();
  statements_.push_back({std::string(sql), std::move(params)});
  return absl::OkStatus();
}

absl::Status CollectingSession::Insert(absl::string_view sql, Values params) {
  return Later(sql, std::move(params));
}

absl::Status CollectingSession::Asked() {
  asked_ = true;
  return absl::AbortedError("");
}

}  // namespace chanyan::db
