// When a booking may be made, moved, checked in and completed (REG-4). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "services/registry/opening_rules.h"

namespace chanyan::registry {

// Longest time that one booking may hold, whatever a pack says.
inline constexpr absl::Duration kMaxBooking = absl::Hours(31 * 24);

// The time of a booking.
Interval TimeOf(const v1::Booking& booking);

// Ends before it begins, not of whole minutes, longer than kMaxBooking, begins in the past; fields
// "start_time" and "end_time".
std::vector<status::Violation> TimeViolations(const Interval& time, absl::Time now);

// Workdays from the day of `now` to the day before `start`, both counted: what is asked on a Friday
// for the Monday after has one. A booking with two workdays' notice is asked for by the end of the
// second workday before its day.
absl::StatusOr<int> NoticeWorkdays(const policy::WorkCalendar& calendar, absl::Time now,
                                   absl::Time start);

// What the pack's rules say of booking `time` of the instrument at `now`. `user_type` is an id.
// Fails where a rule counts workdays of a year without calendar.
absl::StatusOr<policy::v1::Verdicts> BookingVerdicts(const policy::Pack& pack,
                                                     const v1::Instrument& instrument,
                                                     absl::string_view requester,
                                                     absl::string_view user_type,
                                                     const Interval& time, absl::Time now);

// FAILED_PRECONDITION (WINDOW_CLOSED) that says when the instrument is open on those days, unless
// `time` lies within its opening hours and outside its closures.
absl::Status RequireOpen(const policy::Pack& pack, const v1::Instrument& instrument,
                         const Interval& time);

// The first instant from which, and the last until which, the rules let book at `now`.
absl::StatusOr<Interval> BookableWindow(const policy::Pack& pack, const v1::Instrument& instrument,
                                        absl::Time now);

// Free times of the instrument within `window`: open, bookable and not `taken`.
absl::StatusOr<std::vector<Interval>> FreeTimes(const policy::Pack& pack,
                                                const v1::Instrument& instrument,
                                                std::vector<Interval> taken, const Interval& window,
                                                absl::Time now);

// Who is not of the owner's organization is served; the owner's own people say what they do.
// INVALID_FIELD if they do not.
absl::StatusOr<v1::UsePurpose> PurposeOf(bool own, v1::UsePurpose wanted);

// What the clock lets be done with a booking, by the instrument's owner or by who asked for it;
// FAILED_PRECONDITION (WINDOW_CLOSED) with the reason otherwise. Who uses it checks in some minutes
// before it begins; once it has begun it is neither approved nor moved, and cancelled by the owner
// alone; what costs something to give back is moved by the owner alone.
absl::Status RequireInTime(const policy::Pack& pack, absl::string_view verb,
                           const v1::Booking& booking, bool by_owner, absl::Time now);

// Why the instrument cannot be used in some part of the booking's time: a closure, a suspension
// that goes on, or that it is no longer there for others than its owner. Nothing if it can. Whoever
// has booked such a time owes nothing for giving it back. Whom to ask is the caller's to add.
std::optional<v1::Outage> OutageOf(const v1::Instrument& instrument, const v1::Booking& booking);

// The same of its very beginning, as it was then: whoever has booked such a time did not stay away.
// That the platform is not published says nothing of it: bookings that had not begun when it was
// withdrawn were cancelled with it (SettleOutages), and the others could be used.
std::optional<v1::Outage> OutageAtBeginning(const v1::Instrument& instrument,
                                            const v1::Booking& booking);

// As it stands at the booking, and in its settlement.
std::string OutageText(const v1::Outage& outage);

// Bookings of a suspended instrument that begin until then are cancelled: all, where the pack has
// no rule of outages.
absl::Time CancelledUntil(const policy::Pack& pack, absl::Time now);

// INVALID_FIELD if so much cannot have been used between the beginning, or the check-in if that was
// earlier, and `now`.
absl::Status CheckUsedMinutes(const v1::Booking& booking, int64_t used_minutes, absl::Time now);

}  // namespace chanyan::registry
