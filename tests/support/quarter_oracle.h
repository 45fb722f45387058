// The windows of a quarter's six steps by going through its days one by one, from lists of days of
// its own (the notices of the State Council for 2025 and 2026), for tests that do not ask the pack
// or the service.
#pragma once

#include <set>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/time/civil.h"

namespace chanyan::testing {

// What a week of a quarter is.
enum class WeeksBy { kWorkdays, kSevenDays, kFirstMonday, kThursdays };
inline constexpr WeeksBy kAllWeeks[] = {WeeksBy::kWorkdays, WeeksBy::kSevenDays,
                                        WeeksBy::kFirstMonday, WeeksBy::kThursdays};

class QuarterOracle {
 public:
  // Of 2025 or 2026; quarter from 1.
  QuarterOracle(int year, int quarter, WeeksBy weeks)
      : first_(year, 3 * quarter - 2, 1), end_(absl::CivilMonth(first_) + 3), weeks_(weeks) {
    const auto add = [&](std::set<absl::CivilDay>& days, int month, int from, int to) {
      for (int day = from; day <= to; ++day) days.insert(absl::CivilDay(year, month, day));
    };
    if (year == 2025) {
      add(off_, 1, 1, 1), add(off_, 1, 28, 31), add(off_, 2, 1, 4), add(off_, 4, 4, 6);
      add(off_, 5, 1, 5), add(off_, 5, 31, 31), add(off_, 6, 1, 2), add(off_, 10, 1, 8);
      add(makeup_, 1, 26, 26), add(makeup_, 2, 8, 8), add(makeup_, 4, 27, 27);
      add(makeup_, 9, 28, 28), add(makeup_, 10, 11, 11);
    } else {
      add(off_, 1, 1, 3), add(off_, 2, 15, 23), add(off_, 4, 4, 6), add(off_, 5, 1, 5);
      add(off_, 6, 19, 21), add(off_, 9, 25, 27), add(off_, 10, 1, 7);
      add(makeup_, 1, 4, 4), add(makeup_, 2, 14, 14), add(makeup_, 2, 28, 28);
      add(makeup_, 5, 9, 9), add(makeup_, 9, 20, 20), add(makeup_, 10, 10, 10);
    }
  }

  absl::CivilDay FirstDay() const { return first_; }
  bool Works(absl::CivilDay day) const {
    if (makeup_.contains(day)) return true;
    const absl::Weekday weekday = absl::GetWeekday(day);
    return !off_.contains(day) && weekday != absl::Weekday::saturday &&
           weekday != absl::Weekday::sunday;
  }
  bool IsMakeup(absl::CivilDay day) const { return makeup_.contains(day); }
  // A further day off.
  void TakeOff(absl::CivilDay day) { off_.insert(day); }

  // Days on which people work in a week, in order; perhaps none.
  std::vector<absl::CivilDay> Days(int week) const {
    std::vector<absl::CivilDay> days;
    int worked = 0;
    int passed = 0;
    for (absl::CivilDay day = first_; day < end_; ++day) {
      worked += Works(day) ? 1 : 0;
      passed += BeginsWeek(day) ? 1 : 0;
      const int of = weeks_ == WeeksBy::kWorkdays ? (worked + 4) / 5 : passed;
      if (of == week && Works(day) && Belongs(day)) days.push_back(day);
    }
    return days;
  }
  bool HasAll(int weeks) const {
    for (int week = 1; week <= weeks; ++week) {
      if (Days(week).empty()) return false;
    }
    return true;
  }
  // Of a step that has a day.
  absl::Time Begin(int step) const { return time::StartOfDay(Days(step).front()); }
  absl::Time End(int step) const { return time::EndOfDay(Days(step).back()); }

 private:
  // Whether the next week of the quarter begins with it, or, of its first days, has begun.
  bool BeginsWeek(absl::CivilDay day) const {
    const absl::Weekday weekday = absl::GetWeekday(day);
    switch (weeks_) {
      case WeeksBy::kSevenDays:
        return (day - first_) % 7 == 0;
      case WeeksBy::kFirstMonday:
        return weekday == absl::Weekday::monday;
      case WeeksBy::kThursdays:
        return (weekday == absl::Weekday::monday || day == first_) && Belongs(day);
      case WeeksBy::kWorkdays:
        break;
    }
    return false;
  }
  // Of weeks that are counted by their Thursdays: it is the quarter's.
  bool Belongs(absl::CivilDay day) const {
    if (weeks_ != WeeksBy::kThursdays) return true;
    absl::CivilDay thursday = day;
    while (absl::GetWeekday(thursday) > absl::Weekday::thursday) --thursday;
    while (absl::GetWeekday(thursday) < absl::Weekday::thursday) ++thursday;
    return thursday >= first_ && thursday < end_;
  }

  const absl::CivilDay first_;
  const absl::CivilDay end_;
  const WeeksBy weeks_;
  std::set<absl::CivilDay> off_;
  std::set<absl::CivilDay> makeup_;
};

}  // namespace chanyan::testing
