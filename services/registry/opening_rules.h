// When an instrument is open: weekly hours, holidays, closures (REG-4). Pure. Times are half-open
// intervals [begin, end) of instants; hours are Chinese civil time, which knows no summer time.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/calendar.h"
#include "common/status/status.h"

namespace chanyan::registry {

inline constexpr int kMinutesOfDay = 24 * 60;

struct Interval {
  absl::Time begin;
  absl::Time end;

  absl::Duration Length() const { return end - begin; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

// In order, empty ones left out, overlapping and touching ones made one.
std::vector<Interval> Merged(std::vector<Interval> intervals);
// What is left of `from` without `taken`; both in any order.
std::vector<Interval> Without(std::vector<Interval> from, std::vector<Interval> taken);
// Whether `wanted` lies within one of `merged`.
bool Covers(const std::vector<Interval>& merged, const Interval& wanted);

// The parts of `window` in which the instrument is open, merged. A piece of hours belongs to the
// day on which it begins, and so runs on past midnight into a day that is closed:
//   Friday 20:00–26:00, Saturday a holiday: open until Saturday 02:00.
// On a make-up workday the hours of MAKEUP_WORKDAY hold, or where there are none those of its
// weekday. The work calendar is asked only where holidays or make-up workdays make a difference; a
// year that it does not have is FAILED_PRECONDITION (CALENDAR_MISSING).
absl::StatusOr<std::vector<Interval>> OpenIntervals(const v1::Instrument& instrument,
                                                    const policy::WorkCalendar& calendar,
                                                    const Interval& window);

// Hours that end before they begin, are longer than a day or overlap on their day; closures that
// end before they begin or are not of whole minutes.
std::vector<status::Violation> OpeningViolations(const v1::Instrument& instrument);

// Whether an instant is a whole minute.
bool IsWholeMinute(absl::Time time);

}  // namespace chanyan::registry
