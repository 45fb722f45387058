// What an amended work calendar does to the deadlines of a cycle that runs (CYC-1). Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "common/policy/calendar.h"

namespace chanyan::cycle {

// Moves the windows of `cycle` to `planned` (PlanSteps under the pack in force), and says which
// moved. A step that has ended at `now` is left alone; one that has begun keeps its beginning; one
// that was extended by hand keeps the later of its two days; and no step is ended by it: whose new
// last day has passed keeps the one it had. The derivation says what it was before, why, and when.
std::vector<v1::MovedStep> Reproject(const std::vector<v1::Step>& planned, absl::Time now,
                                     absl::string_view reason, v1::Cycle* cycle);

// The same of the window of objection to a published version: nothing unless it is open at `now`
// and ends at another time than `wanted`. It is not ended by it either.
std::optional<v1::MovedWindow> ReprojectWindow(const policy::Term& wanted, absl::Time now,
                                               absl::string_view reason, v1::Leaderboard* version);

}  // namespace chanyan::cycle
