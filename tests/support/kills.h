// How often a crash test kills at each of its points: CHANYAN_KILLS, or `standard`.
#pragma once

#include <cstdlib>

#include "absl/strings/numbers.h"

namespace chanyan::testing {

inline int Kills(int standard = 1) {
  const char* given = std::getenv("CHANYAN_KILLS");
  int kills = 0;
  return given != nullptr && absl::SimpleAtoi(given, &kills) && kills > 0 ? kills : standard;
}

}  // namespace chanyan::testing
