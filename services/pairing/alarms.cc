#include "services/pairing/alarms.h"

#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr char kClearKind[] = "DELETE FROM alarm WHERE resource = ? AND kind = ?";
constexpr char kClear[] = "DELETE FROM alarm WHERE resource = ?";
constexpr char kSet[] = "INSERT INTO alarm (resource, kind, alarm_time) VALUES (?, ?, ?)";
constexpr char kTake[] = "DELETE FROM alarm WHERE resource = ? AND kind = ? AND alarm_time = ?";
// Read without a lock: the record is locked first, one alarm at a time.
constexpr char kDue[] =
    "SELECT resource, kind, alarm_time FROM alarm WHERE alarm_time <= ? "
    "ORDER BY alarm_time, resource, kind LIMIT ?";

}  // namespace

absl::Status SetAlarms(db::Session& session, absl::string_view resource, absl::string_view kind,
                       absl::Span<const absl::Time> times) {
  const std::string name(resource);
  CHANYAN_RETURN_IF_ERROR(session.Execute(kClearKind, {name, std::string(kind)}).status());
  for (const absl::Time time : times) {
    CHANYAN_RETURN_IF_ERROR(session.Execute(kSet, {name, std::string(kind), time}).status());
  }
  return absl::OkStatus();
}

absl::Status ClearAlarms(db::Session& session, absl::string_view resource) {
  return session.Execute(kClear, {std::string(resource)}).status();
}

absl::StatusOr<bool> TakeAlarm(db::Session& session, const Alarm& alarm) {
  CHANYAN_ASSIGN_OR_RETURN(const int64_t taken,
                           session.Execute(kTake, {alarm.resource, alarm.kind, alarm.time}));
  return taken > 0;
}

absl::StatusOr<int> RingDue(db::Database& db, const time::Clock& clock,
                            const std::map<std::string, Ring>& rings) {
  std::vector<Alarm> due;
  CHANYAN_RETURN_IF_ERROR(db.Read([&](db::Session& session) -> absl::Status {
    due.clear();
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                             session.Query(kDue, {clock.Now(), int64_t{kAlarmsPerRound}}));
    for (const db::Values& row : rows.rows) {
      due.push_back({std::get<std::string>(row[0]), std::get<std::string>(row[1]),
                     std::get<absl::Time>(row[2])});
    }
    return absl::OkStatus();
  }));
  absl::Status outcome;
  int rung = 0;
  for (const Alarm& alarm : due) {
    const auto ring = rings.find(alarm.kind);
    if (ring == rings.end()) continue;
    const absl::Status status = db.Transact(
        [&](db::Session& session) { return ring->second(session, clock.Now(), alarm); });
    outcome.Update(status);
    rung += status.ok() ? 1 : 0;
  }
  if (!outcome.ok()) return outcome;
  return rung;
}

}  // namespace chanyan::pairing
