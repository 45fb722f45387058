// Periods in which lists and reports are issued. Pure.
#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "chanyan/policy/v1/triage.pb.h"

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

// "〔2025〕第3期".
std::string IssueLabel(int year, int number);

}  // namespace chanyan::triage
