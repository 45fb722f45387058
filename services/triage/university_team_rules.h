// What the guidance of a university's own team must be, and what is left to do of it (TRI-2, S1
// 二(一)). Pure.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/university_team.pb.h"
#include "common/status/status.h"

namespace chanyan::triage {

// Everything wrong with one on `today`: it was given, and what follows from it has a last day, no
// earlier than it was given.
std::vector<status::Violation> GuidanceViolations(const v1::TeamGuidance& guidance,
                                                  absl::CivilDay today);

// Something follows from it and nothing was reported of that.
bool IsStepOpen(const v1::TeamGuidance& guidance);

// last_guide_date, open_steps and next_due_date, as follows from the guidance.
void SumUpGuidance(v1::UniversityTeam* row);

}  // namespace chanyan::triage
