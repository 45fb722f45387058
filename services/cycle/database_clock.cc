#include "services/cycle/database_clock.h"

#include <chrono>
#include <variant>

#include "common/status/status.h"
#include "google/protobuf/stubs/logging.h"

namespace chanyan::cycle {
namespace {

constexpr char kDatabaseNow[] = "SELECT UTC_TIMESTAMP(6)";

}  // namespace

absl::StatusOr<absl::Time> DatabaseTime(db::Database& database) {
  absl::Time now;
  CHANYAN_RETURN_IF_ERROR(database.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kDatabaseNow));
    now = std::get<absl::Time>(found.rows.at(0).at(0));
    return absl::OkStatus();
  }));
  return now;
}

absl::Time SteadyClock::Now() const {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

absl::Status DatabaseClock::Align() {
  CHANYAN_ASSIGN_OR_RETURN(const absl::Time its, read_());
  // By the ticks after the answer, so that it is not taken for later than it was.
  const absl::Duration ahead = its - ticks_.Now();
  absl::MutexLock lock(&mutex_);
  // An answer that took a little longer than the last one sets nothing back.
  if (aligned_ && ahead <= ahead_ && ahead_ - ahead < kClockJitter) return absl::OkStatus();
  ahead_ = ahead;
  aligned_ = true;
  return absl::OkStatus();
}

absl::Time DatabaseClock::Now() const {
  absl::MutexLock lock(&mutex_);
  GOOGLE_CHECK(aligned_) << "the database was not asked yet";
  return ticks_.Now() + ahead_;
}

}  // namespace chanyan::cycle
