// What must hold of exchange events (CYC-7). Pure: the instant comes in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "common/policy/calendar.h"
#include "common/status/status.h"

namespace chanyan::cycle {

// What is wrong with an event that is announced: its times are in order.
std::vector<status::Violation> EventViolations(const v1::Event& event);

// What is wrong with correcting `before` to `after` at which `taken` people have signed up: what it
// must say is missing, its beginning or those who are invited are others, or it has no room for
// them; each with its field of v1.Event.
std::vector<status::Violation> UpdateViolations(const v1::Event& before, const v1::Event& after,
                                                int64_t taken);

// INVALID_FIELD, at `prefix` + start_time or end_time, if the event begins, ends or goes on on the
// days off of a holiday, with the holiday's name and the next workday. A weekend is no holiday, and
// of a year without calendar nobody knows.
absl::Status RefuseHolidays(const policy::WorkCalendar& calendar, absl::Time start, absl::Time end,
                            absl::string_view prefix);

// Last instant at which one may sign up, inclusive.
absl::Time SignUpEnd(const v1::Event& event);

// FAILED_PRECONDITION unless one more group of `people` may sign up at `now`, where `taken` people
// have signed up already: the event is still to come, sign-up is open, and there is room.
absl::Status RequireSignUp(const v1::Event& event, int64_t taken, int32_t people, absl::Time now);

// FAILED_PRECONDITION unless the event has begun at `now` and was not cancelled.
absl::Status RequireBegun(const v1::Event& event, absl::Time now, absl::string_view what);

// Moves an event to `start`, its end and sign-up along with it, in the same distance; `end` in its
// place if it is not the infinite past. The new beginning lies after `now`.
absl::Status PostponeTo(absl::Time start, absl::Time end, absl::Time now, v1::Event* event);

// One event on the sheet of a cycle's events; who takes part and what came of it are added one by
// one.
v1::EventLine LineOf(const v1::Event& event);
void AddToLine(const v1::EventParticipant& participant, v1::EventLine* line);
void AddToLine(const v1::EventOutcome& outcome, v1::EventLine* line);

// Folds one event's state, or one participant of an event in `event_state`, into the results.
void CountEvent(v1::EventState state, v1::EventResults* results);
void CountParticipant(const v1::EventParticipant& participant, v1::EventResults* results);
// Outcomes by kind, in the order of the enum, and their distinct projects.
void CountOutcomes(const std::vector<v1::EventOutcome>& outcomes, v1::EventResults* results);

}  // namespace chanyan::cycle
