// A day as messages have it. Pure.
#pragma once

#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"

namespace chanyan::time {

// Of a date that was checked before it was kept.
inline absl::CivilDay DayIn(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

}  // namespace chanyan::time
