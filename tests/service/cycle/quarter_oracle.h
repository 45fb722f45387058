// The deadlines of the second quarter of 2025 by counting days, for tests that do not ask the
// service.
#pragma once

#include <set>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/time/civil.h"

namespace chanyan::cycle {

// Deadlines by counting days, from lists of its own (国办发明电〔2024〕12号).
struct QuarterOracle {
  std::set<absl::CivilDay> off = {absl::CivilDay(2025, 4, 4), absl::CivilDay(2025, 4, 5),
                                  absl::CivilDay(2025, 4, 6), absl::CivilDay(2025, 5, 1),
                                  absl::CivilDay(2025, 5, 2), absl::CivilDay(2025, 5, 3),
                                  absl::CivilDay(2025, 5, 4), absl::CivilDay(2025, 5, 5)};
  const std::set<absl::CivilDay> makeup = {absl::CivilDay(2025, 4, 27)};

  bool Works(absl::CivilDay day) const {
    if (makeup.contains(day)) return true;
    const absl::Weekday weekday = absl::GetWeekday(day);
    return !off.contains(day) && weekday != absl::Weekday::saturday &&
           weekday != absl::Weekday::sunday;
  }
  absl::CivilDay Nth(int n) const {
    absl::CivilDay day(2025, 4, 1);
    for (int seen = Works(day) ? 1 : 0; seen < n; seen += Works(day) ? 1 : 0) ++day;
    return day;
  }
  absl::Time Begin(int step) const { return time::StartOfDay(Nth(5 * step - 4)); }
  absl::Time End(int step) const { return time::EndOfDay(Nth(5 * step)); }
};

}  // namespace chanyan::cycle
