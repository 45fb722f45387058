// Work calendar and the windows of the quarterly steps.
//
// A year without data is refused with FAILED_PRECONDITION, CALENDAR_MISSING and a message that says
// what to add; nothing is ever guessed from weekdays alone. Immutable once made: any thread may use
// it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/policy/v1/calendar.pb.h"
#include "common/time/civil.h"

namespace chanyan::policy {

// The time one step of a quarter has.
struct StepWindow {
  // First and last workday of the window.
  absl::CivilDay first_day;
  absl::CivilDay last_day;
  // End of last_day, 23:59:59 Asia/Shanghai, inclusive; compare with time::IsPastDeadline.
  absl::Time deadline;
  // Workdays from first_day to last_day, both counted.
  int workdays = 0;
  // How the window follows from reading and calendar, for people, e.g.
  // "第2周＝2025年第二季度第6—10个工作日（4月9日—4月15日）；清明节4月4日—4月6日放假；
  // 截止2025年4月15日23:59:59（含）；依据国办发明电〔2024〕12号".
  std::string derivation;
};

// What a day is under its year's notice.
enum class DayKind {
  kWorkday,
  // A Saturday or Sunday on which people work (调休上班).
  kMakeupWorkday,
  kWeekend,
  // Within the days off of a holiday, whatever day of the week it is.
  kHoliday,
};

// A term of some workdays from a day.
struct Term {
  absl::CivilDay last_day;
  // End of last_day, 23:59:59 Asia/Shanghai, inclusive; compare with time::IsPastDeadline.
  absl::Time deadline;
  // How it follows from the calendar, for people, e.g. "自2025年4月1日起5个工作日（当日不计）；
  // 清明节4月4日—4月6日放假；截止2025年4月9日23:59:59（含）；依据国办发明电〔2024〕12号".
  std::string derivation;
};

class WorkCalendar {
 public:
  // Knows no year.
  WorkCalendar() = default;
  // `years` must have passed the checks of a pack (Pack::Load); what does not is INVALID_ARGUMENT
  // with every violation.
  static absl::StatusOr<WorkCalendar> Make(const std::vector<v1::CalendarYear>& years);

  bool HasYear(int year) const { return years_.contains(year); }
  absl::StatusOr<bool> IsWorkday(absl::CivilDay day) const;
  absl::StatusOr<DayKind> KindOf(absl::CivilDay day) const;
  // Name of the holiday within whose days off it lies, such as 清明节; empty = none, which a
  // weekend is.
  absl::StatusOr<std::string> HolidayOn(absl::CivilDay day) const;
  // Workdays from `first` to `last`, both counted; 0 when last < first.
  absl::StatusOr<int> WorkdaysBetween(absl::CivilDay first, absl::CivilDay last) const;
  // The `n`-th workday, n >= 1, on or after `from`.
  absl::StatusOr<absl::CivilDay> NthWorkday(absl::CivilDay from, int n) const;
  // `n` workdays after `day` (n > 0) or before it (n < 0), `day` itself not counted: "三个工作日内"
  // from a Friday is the next Wednesday. n = 0 gives `day` itself, workday or not.
  absl::StatusOr<absl::CivilDay> AddWorkdays(absl::CivilDay day, int n) const;
  // The term of `workdays` >= 1 workdays after `day`, as AddWorkdays counts them.
  absl::StatusOr<Term> TermAfter(absl::CivilDay day, int workdays) const;

  // Window of week `week` (1 = first) of a quarter. INVALID_FIELD when the quarter has no such
  // week; FAILED_PRECONDITION when the week has no workday at all under the reading (week 1 of
  // 2025q4 by seven-day blocks), which a person must settle.
  absl::StatusOr<StepWindow> Window(time::Quarter quarter, int week, v1::WeekReading reading) const;

 private:
  struct Year {
    v1::CalendarYear data;
    // By day of the year, from 0.
    std::vector<bool> workdays;
  };
  struct Span {
    absl::CivilDay first;
    absl::CivilDay last;
    std::string description;
  };

  // Holidays and make-up workdays of a year from `since` to `until`, in words.
  static void AddExceptions(const v1::CalendarYear& year, absl::CivilDay since,
                            absl::CivilDay until, std::vector<std::string>* parts);
  absl::StatusOr<Span> WeekSpan(time::Quarter quarter, int week, v1::WeekReading reading) const;
  std::string Derivation(time::Quarter quarter, int week, const Span& span,
                         const StepWindow& window) const;

  absl::flat_hash_map<int, Year> years_;
};

// Everything wrong with a calendar's years: dates that do not exist or lie in another year,
// overlaps, make-up workdays that are no weekend days, years twice or missing between others, no
// number and no note. Each as (index of the year, what is wrong).
struct CalendarViolation {
  int index;
  std::string description;
};
std::vector<CalendarViolation> CheckCalendar(const std::vector<v1::CalendarYear>& years);

}  // namespace chanyan::policy
