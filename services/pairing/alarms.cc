#include "services/pairing/alarms.h"

#include "absl/strings/str_cat.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr char kClearKind[] = "DELETE FROM alarm WHERE resource = ? AND kind = ?";
constexpr char kClear[] = "DELETE FROM alarm WHERE resource = ?";
constexpr char kSetHead[] = "INSERT INTO alarm (resource, kind, alarm_time) VALUES ";
constexpr char kSetRow[] = "(?, ?, ?)";
constexpr char kTake[] = "DELETE FROM alarm WHERE resource = ? AND kind = ? AND alarm_time = ?";
// Read without a lock: the record is locked first, one alarm at a time.
constexpr char kDue[] =
    "SELECT resource, kind, alarm_time FROM alarm WHERE alarm_time <= ? "
    "ORDER BY alarm_time, resource, kind LIMIT ?";

}  // namespace

absl::Status SetAlarms(db::Session& session, absl::string_view resource, absl::string_view kind,
                       absl::Span<const absl::Time> times) {
  CHANYAN_RETURN_IF_ERROR(
      session.Execute(kClearKind, {std::string(resource), std::string(kind)}).status());
  std::vector<Alarm> alarms;
  for (const absl::Time time : times) {
    alarms.push_back({std::string(resource), std::string(kind), time});
  }
  return AddAlarms(session, alarms);
}

absl::Status AddAlarms(db::Session& session, const std::vector<Alarm>& alarms) {
  return db::InChunks(alarms, [&](absl::Span<const Alarm> chunk) -> absl::Status {
    db::Values values;
    for (const Alarm& alarm : chunk) {
      values.insert(values.end(), {alarm.resource, alarm.kind, alarm.time});
    }
    return session.Execute(absl::StrCat(kSetHead, db::Repeat(chunk.size(), kSetRow)), values)
        .status();
  });
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
