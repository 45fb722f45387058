// Periods in which lists and reports are issued. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "chanyan/policy/v1/triage.pb.h"
#include "common/policy/calendar.h"

namespace chanyan::triage {

// Both days belong to it.
struct Period {
  absl::CivilDay first;
  absl::CivilDay last;
  // "2025年3月31日至4月6日", "2025年4月", "2025年第二季度".
  std::string label;
};

// The week from Monday on, month or quarter that a day lies in.
Period PeriodOf(policy::v1::Periodicity periodicity, absl::CivilDay day);

// The period whose list or report is due on a day: as of the last workday up to that day, the last
// period before its own in which people worked. So what is due falls due on the first workday after
// a period has ended, nothing new does on days off, a week of holidays alone has no report, and
// after an outage only the last period is made up for. FAILED_PRECONDITION (CALENDAR_MISSING)
// without that year's calendar.
absl::StatusOr<Period> DuePeriod(policy::v1::Periodicity periodicity,
                                 const policy::WorkCalendar& calendar, absl::CivilDay today);

// "〔2025〕第3期".
std::string IssueLabel(int year, int number);

}  // namespace chanyan::triage
