#include "common/objection/quota.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::objection {
namespace {

constexpr char kTake[] =
    "INSERT INTO objection_quota (day, source, taken) VALUES (?, ?, 1) "
    "ON DUPLICATE KEY UPDATE taken = taken + 1";
constexpr char kTaken[] = "SELECT taken FROM objection_quota WHERE day = ? AND source = ?";
// Yesterday's stay, so that who counts today does not wait for the gap that this locks.
constexpr char kForget[] = "DELETE FROM objection_quota WHERE day < ? ORDER BY day, source LIMIT ?";
constexpr int64_t kForgetBatch = 500;

}  // namespace

absl::Status CountObjection(db::Session& session, absl::Time now, const crypto::Keyring& keys,
                            const std::vector<Source>& sources) {
  const absl::CivilDay today = time::DayOf(now);
  const std::string day = time::FormatDate(today);
  for (const Source& source : sources) {
    const std::string key =
        keys.Digest("objection quota", absl::StrCat(day, "\n", source.kind, "\n", source.value));
    CHANYAN_RETURN_IF_ERROR(session.Execute(kTake, {day, key}).status());
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kTaken, {day, key}));
    if (rows.rows.empty()) return status::Internal("objection_quota: nothing was counted");
    if (std::get<int64_t>(rows.rows[0][0]) <= static_cast<int64_t>(source.limit)) continue;
    return status::Overloaded(
        absl::StrCat(source.label, "今日已受理", source.limit, "件异议，请明日再提出"),
        time::StartOfDay(today + 1) - now);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ForgetCounts(db::Database& database, absl::Time now,
                                     const db::Lease& lease) {
  const std::string before = time::FormatDate(time::DayOf(now) - 1);
  int64_t forgotten = 0;
  for (int64_t gone = kForgetBatch; gone == kForgetBatch && lease.Held(); forgotten += gone) {
    CHANYAN_RETURN_IF_ERROR(database.Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      CHANYAN_ASSIGN_OR_RETURN(gone, session.Execute(kForget, {before, kForgetBatch}));
      return absl::OkStatus();
    }));
  }
  return forgotten;
}

}  // namespace chanyan::objection
