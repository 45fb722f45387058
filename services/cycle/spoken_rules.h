// Instants as people are told of them, in China's time.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/time/clock.h"

namespace chanyan::cycle {

// "2025年4月8日23:59:59": of what counts to the second.
inline std::string SpokenToTheSecond(absl::Time time) {
  return absl::FormatTime("%Y年%-m月%-d日%H:%M:%S", time, time::Shanghai());
}

// "2025年4月8日09:30": of appointments.
inline std::string SpokenToTheMinute(absl::Time time) {
  return absl::FormatTime("%Y年%-m月%-d日%H:%M", time, time::Shanghai());
}

}  // namespace chanyan::cycle
