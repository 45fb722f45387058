#include "services/consortium/backfill_clock.h"

#include <variant>

#include "common/status/status.h"

namespace chanyan::consortium {
namespace {

constexpr char kBehind[] = "SELECT behind_seconds FROM backfill WHERE state = 'RUNNING'";
// One that has ended is behind by nothing, and no more to be moved.
constexpr char kEnded[] =
    "SELECT 1 FROM backfill WHERE name = 'backfills/consortium' AND state = 'ENDED'";
constexpr char kBehindNow[] =
    "SELECT behind_seconds FROM backfill WHERE name = 'backfills/consortium' FOR UPDATE";
// More than one attempt of a change takes.
constexpr absl::Duration kMostDrift = absl::Minutes(1);

}  // namespace

absl::Status BackfillClock::Refresh(db::Database& db) {
  absl::MutexLock lock(&mutex_);
  return db.Read([this](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kBehind));
    behind_ = found.rows.empty() ? 0 : std::get<int64_t>(found.rows[0][0]);
    return absl::OkStatus();
  });
}

absl::Status BackfillClock::RequireStill(db::Session& session, absl::Time now) const {
  int64_t behind = 0;
  // Where there is none the lock is of a gap, which others have at the same time.
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows ended, session.Query(kEnded));
  if (ended.rows.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kBehindNow));
    if (!found.rows.empty()) behind = std::get<int64_t>(found.rows[0][0]);
  }
  const absl::Duration drift = machine_.Now() - absl::Seconds(behind) - now;
  if (absl::AbsDuration(drift) <= kMostDrift) return absl::OkStatus();
  return status::Conflict("补录时钟刚刚拨动，请重试");
}

}  // namespace chanyan::consortium
