// Which clock a state has and when it ends. Pure.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

struct StateClock {
  // End of the last day, inclusive; time::IsPastDeadline.
  absl::Time deadline;
  // How it follows, for people.
  std::string derivation;
};

// Of a state that begins on `day`; nothing where the pack sets no clock. A public notice has the
// pack's window. CALENDAR_MISSING if it reaches into a year without data.
absl::StatusOr<std::optional<StateClock>> ClockOf(const ConsortiumPack& pack,
                                                  v1::ConsortiumState state, absl::CivilDay day);

// Whether what ends the state now comes after its time. A notice is filed once its window is over:
// it is late where it could not be.
bool IsLate(const v1::Consortium& row, absl::Time now);

}  // namespace chanyan::consortium
