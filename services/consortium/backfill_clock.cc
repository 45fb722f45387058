#include "services/consortium/backfill_clock.h"

#include <variant>

#include "common/status/status.h"

namespace chanyan::consortium {
namespace {

constexpr char kBehind[] = "SELECT behind_seconds FROM backfill WHERE state = 'RUNNING'";

}  // namespace

absl::Status BackfillClock::Refresh(db::Database& db) {
  absl::MutexLock lock(&mutex_);
  return db.Read([this](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kBehind));
    behind_ = found.rows.empty() ? 0 : std::get<int64_t>(found.rows[0][0]);
    return absl::OkStatus();
  });
}

}  // namespace chanyan::consortium
