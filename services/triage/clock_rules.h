// The clock over a push (TRI-4): workdays, pauses and extensions as events, and what it shows at
// any moment, past ones included. Pure.
//
// The day on which the clock starts is not counted. Of a pause the day on which it begins counts
// and the day on which it ends does not, so that pause and resumption on one day change nothing. A
// pause ends by itself with the last of its workdays. A clock that is past its time cannot be
// paused: no pause mends what is late.
//
//   START answer, 10 workdays, on 2025-04-01; PAUSE on 04-08; RESUME on 04-10:
//   counted 04-02 03 07 08 | 09 10 not | 11 14 15 16 17 18: due 2025-04-18 (04-04 is a holiday)
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "common/policy/calendar.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace chanyan::triage {

inline constexpr char kReceivePhase[] = "receive";
inline constexpr char kAnswerPhase[] = "answer";

using ClockEvents = google::protobuf::RepeatedPtrField<v1::ClockEvent>;

// What the clock showed at `as_of`; later events are not looked at. FAILED_PRECONDITION
// (CALENDAR_MISSING) where the calendar does not reach; before the first event it has not begun.
absl::StatusOr<v1::ClockReading> ReadClock(const policy::WorkCalendar& calendar,
                                           const ClockEvents& events, absl::Time as_of);

// Adds an event. FAILED_PRECONDITION (WRONG_STATE) if the clock is not in the state for it: PAUSE
// while it runs and is not overdue, RESUME while paused, EXTEND until it has stopped.
absl::Status AddClockEvent(const policy::WorkCalendar& calendar, absl::Time now,
                           v1::ClockEventKind kind, absl::string_view phase, int workdays,
                           absl::string_view reason, absl::string_view organization,
                           ClockEvents* events);

// What a push keeps of its clock beside the events: due_time (of a paused one, if the pause runs to
// its end) and resume_time.
absl::Status SetDue(const policy::WorkCalendar& calendar, absl::Time now, v1::Push* push);

// Extensions so far, in the phase that runs or in those before.
int ExtensionsOf(const ClockEvents& events);

}  // namespace chanyan::triage
