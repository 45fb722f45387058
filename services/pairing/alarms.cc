#include "services/pairing/alarms.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"
#include "common/time/pause.h"

namespace chanyan::pairing {
namespace {

constexpr char kClearKind[] = "DELETE FROM alarm WHERE resource = ? AND kind = ?";
constexpr char kClear[] = "DELETE FROM alarm WHERE resource = ?";
constexpr char kSetHead[] = "INSERT INTO alarm (resource, kind, alarm_time, ring_time) VALUES ";
constexpr char kSetRow[] = "(?, ?, ?, ?)";
constexpr char kTake[] = "DELETE FROM alarm WHERE resource = ? AND kind = ? AND alarm_time = ?";
// Read without a lock: the record is locked first, one alarm at a time. The kinds stand between.
constexpr char kDueHead[] =
    "SELECT resource, kind, alarm_time, failures FROM alarm WHERE ring_time <= ? AND kind IN (";
constexpr char kDueTail[] = ") ORDER BY ring_time, resource, kind LIMIT ?";
constexpr char kPutOff[] =
    "UPDATE alarm SET failures = failures + 1, ring_time = ? "
    "WHERE resource = ? AND kind = ? AND alarm_time = ?";

// An alarm and how often it could not be rung.
struct DueAlarm {
  Alarm alarm;
  int64_t failures = 0;
};

absl::StatusOr<std::vector<DueAlarm>> DueAlarms(db::Session& session, absl::Time now,
                                                const std::map<std::string, Ring>& rings) {
  db::Values values = {now};
  for (const auto& [kind, ring] : rings) values.push_back(kind);
  values.push_back(int64_t{kAlarmsPerRound});
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows rows,
      session.Query(absl::StrCat(kDueHead, db::Repeat(rings.size(), "?"), kDueTail), values));
  std::vector<DueAlarm> due;
  for (const db::Values& row : rows.rows) {
    due.push_back({{std::get<std::string>(row[0]), std::get<std::string>(row[1]),
                    std::get<absl::Time>(row[2])},
                   std::get<int64_t>(row[3])});
  }
  return due;
}

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
      values.insert(values.end(), {alarm.resource, alarm.kind, alarm.time, alarm.time});
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
  if (rings.empty()) return 0;
  std::vector<DueAlarm> due;
  CHANYAN_RETURN_IF_ERROR(db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(due, DueAlarms(session, clock.Now(), rings));
    return absl::OkStatus();
  }));
  absl::Status outcome;
  int rung = 0;
  for (const DueAlarm& one : due) {
    const Alarm& alarm = one.alarm;
    const Ring& ring = rings.at(alarm.kind);
    const absl::Status status =
        db.Transact([&](db::Session& session) { return ring(session, clock.Now(), alarm); });
    if (status.ok()) {
      ++rung;
      continue;
    }
    outcome.Update(status);
    const absl::Time again =
        clock.Now() + time::PauseAfter(one.failures + 1, kLeastPause, kLongestPause);
    outcome.Update(db.Transact([&](db::Session& session) {
      return session.Execute(kPutOff, {again, alarm.resource, alarm.kind, alarm.time}).status();
    }));
  }
  if (!outcome.ok()) return outcome;
  return rung;
}

}  // namespace chanyan::pairing
