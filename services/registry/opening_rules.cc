#include "services/registry/opening_rules.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::registry {
namespace {

v1::OpeningDay WeekdayOf(absl::CivilDay day) {
  return static_cast<v1::OpeningDay>(static_cast<int>(absl::GetWeekday(day)) + 1);
}

bool HasHoursOf(const v1::Instrument& instrument, v1::OpeningDay day) {
  return std::any_of(instrument.hours().begin(), instrument.hours().end(),
                     [day](const v1::OpeningHours& hours) { return hours.day() == day; });
}

// Whose hours hold on a day; UNSPECIFIED = closed.
absl::StatusOr<v1::OpeningDay> PatternOf(const v1::Instrument& instrument,
                                         const policy::WorkCalendar& calendar, absl::CivilDay day) {
  const bool has_makeup = HasHoursOf(instrument, v1::OPENING_DAY_MAKEUP_WORKDAY);
  if (!instrument.closed_on_holidays() && !has_makeup) return WeekdayOf(day);
  CHANYAN_ASSIGN_OR_RETURN(const policy::DayKind kind, calendar.KindOf(day));
  if (instrument.closed_on_holidays() && kind == policy::DayKind::kHoliday) {
    return v1::OPENING_DAY_UNSPECIFIED;
  }
  if (has_makeup && kind == policy::DayKind::kMakeupWorkday) return v1::OPENING_DAY_MAKEUP_WORKDAY;
  return WeekdayOf(day);
}

bool ByBegin(const Interval& a, const Interval& b) { return a.begin < b.begin; }

}  // namespace

bool IsWholeMinute(absl::Time time) { return absl::ToUnixMicros(time) % 60'000'000 == 0; }

std::vector<Interval> Merged(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(), ByBegin);
  std::vector<Interval> merged;
  for (const Interval& one : intervals) {
    if (one.end <= one.begin) continue;
    if (!merged.empty() && one.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, one.end);
    } else {
      merged.push_back(one);
    }
  }
  return merged;
}

std::vector<Interval> Without(std::vector<Interval> from, std::vector<Interval> taken) {
  from = Merged(std::move(from));
  taken = Merged(std::move(taken));
  std::vector<Interval> left;
  auto next = taken.begin();
  for (Interval rest : from) {
    while (next != taken.end() && next->end <= rest.begin) ++next;
    for (auto at = next; at != taken.end() && at->begin < rest.end; ++at) {
      if (rest.begin < at->begin) left.push_back({rest.begin, at->begin});
      rest.begin = std::max(rest.begin, at->end);
    }
    if (rest.begin < rest.end) left.push_back(rest);
  }
  return left;
}

bool Covers(const std::vector<Interval>& merged, const Interval& wanted) {
  return std::any_of(merged.begin(), merged.end(), [&](const Interval& one) {
    return one.begin <= wanted.begin && wanted.end <= one.end;
  });
}

absl::StatusOr<std::vector<Interval>> OpenIntervals(const v1::Instrument& instrument,
                                                    const policy::WorkCalendar& calendar,
                                                    const Interval& window) {
  std::vector<Interval> open;
  if (window.end <= window.begin || instrument.hours().empty()) return open;
  // Only days that can reach into the window are looked at: a year at whose edge it ends need have
  // no calendar.
  const bool past_midnight =
      std::any_of(instrument.hours().begin(), instrument.hours().end(),
                  [](const v1::OpeningHours& hours) { return hours.end_minute() > kMinutesOfDay; });
  const absl::CivilDay first = time::DayOf(window.begin) - (past_midnight ? 1 : 0);
  const absl::CivilDay last = time::DayOf(window.end - absl::Microseconds(1));
  for (absl::CivilDay day = first; day <= last; ++day) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::OpeningDay pattern, PatternOf(instrument, calendar, day));
    if (pattern == v1::OPENING_DAY_UNSPECIFIED) continue;
    const absl::Time midnight = time::StartOfDay(day);
    for (const v1::OpeningHours& hours : instrument.hours()) {
      if (hours.day() != pattern) continue;
      open.push_back({std::max(window.begin, midnight + absl::Minutes(hours.start_minute())),
                      std::min(window.end, midnight + absl::Minutes(hours.end_minute()))});
    }
  }
  std::vector<Interval> closed;
  for (const v1::Closure& closure : instrument.closures()) {
    closed.push_back({time::ToTime(closure.start_time()), time::ToTime(closure.end_time())});
  }
  return Without(std::move(open), std::move(closed));
}

std::vector<status::Violation> OpeningViolations(const v1::Instrument& instrument) {
  std::vector<status::Violation> violations;
  // End of each day's hours so far, by day and beginning.
  std::map<int, std::vector<std::pair<int, int>>> of_day;
  for (int i = 0; i < instrument.hours_size(); ++i) {
    const v1::OpeningHours& hours = instrument.hours(i);
    const std::string place = absl::StrCat("hours[", i, "]");
    const std::string day = policy::LabelOf(hours.day());
    const int length = hours.end_minute() - hours.start_minute();
    if (length <= 0 || length > kMinutesOfDay) {
      violations.push_back({place, absl::StrCat(day, "的开放时间应先开始后结束，且不超过24小时")});
      continue;
    }
    auto& others = of_day[hours.day()];
    for (const auto& [start, end] : others) {
      if (start < hours.end_minute() && hours.start_minute() < end) {
        violations.push_back({place, absl::StrCat(day, "的开放时间有重叠，请合并")});
        break;
      }
    }
    others.emplace_back(hours.start_minute(), hours.end_minute());
  }
  for (int i = 0; i < instrument.closures_size(); ++i) {
    const v1::Closure& closure = instrument.closures(i);
    const absl::Time begin = time::ToTime(closure.start_time());
    const absl::Time end = time::ToTime(closure.end_time());
    const std::string place = absl::StrCat("closures[", i, "]");
    if (end <= begin) violations.push_back({place, "停机时段的结束时间应晚于开始时间"});
    if (!IsWholeMinute(begin) || !IsWholeMinute(end)) {
      violations.push_back({place, "停机时段应精确到整分钟"});
    }
  }
  return violations;
}

}  // namespace chanyan::registry
