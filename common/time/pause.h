// How long to leave alone what has failed. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace chanyan::time {

// After the `failures`-th failure in a row: `first`, then twice as long after each further one, up
// to `longest`.
inline absl::Duration PauseAfter(int64_t failures, absl::Duration first, absl::Duration longest) {
  absl::Duration pause = first;
  for (int64_t i = 1; i < failures && pause < longest; ++i) pause *= 2;
  return std::min(pause, longest);
}

}  // namespace chanyan::time
