// Clocks of records: an alarm is a row that is set with the record and gone once it has rung.
// Whoever deletes it is the one who rings, so that it rings once however many replicas look.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "common/time/clock.h"

namespace chanyan::pairing {

// Alarms of one round.
inline constexpr int kAlarmsPerRound = 200;

// Pause of an alarm after its first failure; doubled after each further one, up to the longest.
inline constexpr absl::Duration kLeastPause = absl::Minutes(1);
inline constexpr absl::Duration kLongestPause = absl::Hours(1);

struct Alarm {
  // Name of the record.
  std::string resource;
  std::string kind;
  absl::Time time;
};

// Sets the alarms of one kind of a record, in place of those it had.
absl::Status SetAlarms(db::Session& session, absl::string_view resource, absl::string_view kind,
                       absl::Span<const absl::Time> times);
// Sets alarms of records that had none of their kind.
absl::Status AddAlarms(db::Session& session, const std::vector<Alarm>& alarms);
// Takes back all alarms of a record.
absl::Status ClearAlarms(db::Session& session, absl::string_view resource);
// Deletes an alarm that is about to ring; false if it is gone already. The record must be locked
// before, as by everybody else who changes its alarms: records first, then alarms.
absl::StatusOr<bool> TakeAlarm(db::Session& session, const Alarm& alarm);

// What an alarm of one kind does, in a transaction of its own: lock the record, take the alarm,
// act.
using Ring = std::function<absl::Status(db::Session& session, absl::Time now, const Alarm& alarm)>;

// Rings what is due, by kind. One that fails does not keep the others from ringing: it rings again
// after a pause that grows with each failure, and its error is returned. Alarms of a kind that
// nobody rings stay.
absl::StatusOr<int> RingDue(db::Database& db, const time::Clock& clock,
                            const std::map<std::string, Ring>& rings);

}  // namespace chanyan::pairing
