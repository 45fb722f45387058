// What time it is in a cycle.
#pragma once

#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/time/timestamp.h"

namespace chanyan::cycle {

// A rehearsal's own clock, or `now`.
inline absl::Time TimeInCycle(const v1::Cycle& cycle, absl::Time now) {
  return cycle.rehearsal() ? time::ToTime(cycle.clock()) : now;
}

}  // namespace chanyan::cycle
