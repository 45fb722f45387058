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

// Of a state that begins on `day`; nothing where the pack sets no clock. CALENDAR_MISSING if it
// reaches into a year without data.
absl::StatusOr<std::optional<StateClock>> ClockOf(const ConsortiumPack& pack,
                                                  v1::ConsortiumState state, absl::CivilDay day);

}  // namespace chanyan::consortium
