#include "services/registry/held_times.h"

#include <string>

#include "common/status/status.h"

namespace chanyan::registry {
namespace {

// HoldsItsTime of booking_life.h, in SQL.
constexpr char kHeld[] =
    "SELECT start_time, end_time FROM booking WHERE instrument = ? AND end_time > ? "
    "AND start_time < ? AND state NOT IN ('DECLINED', 'CANCELLED')";
constexpr char kOverlaps[] =
    "SELECT 1 FROM booking WHERE instrument = ? AND end_time > ? AND start_time < ? "
    "AND name <> ? AND state NOT IN ('DECLINED', 'CANCELLED') LIMIT 1";
constexpr char kUnfinished[] =
    "SELECT COUNT(*) FROM booking WHERE instrument = ? "
    "AND state IN ('REQUESTED', 'APPROVED', 'CHECKED_IN')";

}  // namespace

absl::StatusOr<std::vector<Interval>> HeldTimes(db::Session& session, absl::string_view instrument,
                                                const Interval& window) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kHeld, {std::string(instrument),
                                                                       window.begin, window.end}));
  std::vector<Interval> held;
  held.reserve(found.rows.size());
  for (const db::Values& row : found.rows) {
    held.push_back({std::get<absl::Time>(row[0]), std::get<absl::Time>(row[1])});
  }
  return held;
}

absl::Status RequireFree(db::Session& session, absl::string_view instrument, const Interval& time,
                         absl::string_view except) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kOverlaps, {std::string(instrument), time.begin, time.end,
                                                     std::string(except)}));
  if (found.rows.empty()) return absl::OkStatus();
  return status::AlreadyExists(std::string(instrument),
                               "所选时段已有预约，请查询空闲时段后另选时间");
}

absl::StatusOr<int64_t> CountUnfinished(db::Session& session, absl::string_view instrument) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kUnfinished, {std::string(instrument)}));
  return std::get<int64_t>(found.rows.at(0).at(0));
}

}  // namespace chanyan::registry
