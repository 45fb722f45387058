// The injected wall clock. Business code never asks the machine for the time.
#pragma once

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace chanyan::time {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// China Standard Time, UTC+8 without daylight saving. Fixed, so that no zone file is needed.
inline absl::TimeZone Shanghai() { return absl::FixedTimeZone(8 * 60 * 60); }

}  // namespace chanyan::time
