// How everybody did in the quarters before, for a simulation to go by (CYC-10).
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/database.h"
#include "services/cycle/simulation_play.h"

namespace chanyan::cycle {

// Quarters that a habit is made of.
inline constexpr size_t kQuartersOfHabit = 4;

// Adds to the inputs' habits what is known of `past`, in which it is `time`: of step 4 once it is
// over. Quarters come the latest first.
absl::Status AddHabits(db::Session& session, const v1::Cycle& past, absl::Time time,
                       SimulationInputs* inputs);

}  // namespace chanyan::cycle
