#include "services/triage/issue_rules.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::triage {

Period PeriodOf(policy::v1::Periodicity periodicity, absl::CivilDay day) {
  if (periodicity == policy::v1::PERIODICITY_WEEK) {
    const absl::CivilDay first = absl::PrevWeekday(day + 1, absl::Weekday::monday);
    const absl::CivilDay last = first + 6;
    return {first, last,
            absl::StrCat(time::FormatDateZh(first), "至",
                         first.year() == last.year() ? time::FormatMonthDayZh(last)
                                                     : time::FormatDateZh(last))};
  }
  if (periodicity == policy::v1::PERIODICITY_QUARTER) {
    const time::Quarter quarter = time::Quarter::Of(day);
    return {quarter.FirstDay(), quarter.LastDay(), quarter.LabelZh()};
  }
  const absl::CivilMonth month(day);
  return {absl::CivilDay(month), absl::CivilDay(month + 1) - 1,
          absl::StrCat(month.year(), "年", month.month(), "月")};
}

absl::StatusOr<Period> DuePeriod(policy::v1::Periodicity periodicity,
                                 const policy::WorkCalendar& calendar, absl::CivilDay today) {
  // The last workday before tomorrow is today, if people work today.
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay present, calendar.AddWorkdays(today + 1, -1));
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay before,
                           calendar.AddWorkdays(PeriodOf(periodicity, present).first, -1));
  return PeriodOf(periodicity, before);
}

std::string IssueLabel(int year, int number) {
  return absl::StrCat("〔", year, "〕第", number, "期");
}

}  // namespace chanyan::triage
