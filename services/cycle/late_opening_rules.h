// What becomes of the steps that are over when a live cycle is opened (CYC-2): after a quarter's
// beginning was missed it is opened late, and some steps have ended before anybody could act. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/policy/pack.h"

namespace chanyan::cycle {

// A step that was over at the opening.
struct LateStep {
  int number = 0;
  // Its end as the calendar has it.
  absl::Time planned_end;
};

// Does to `cycle`, as planned and opened at `opened`, what the pack's late_opening says, and says
// which steps were over. An exception for all ends after so many workdays, and no later than the
// quarter; an extension ends then, and no later than extension_limit lets it, on a workday, and
// where that is not after the opening there is none. Of steps that follow one another the later is
// extended first.
absl::StatusOr<std::vector<LateStep>> RelieveLateSteps(const policy::Pack& pack, absl::Time opened,
                                                       v1::Cycle* cycle);

// What the secretariat is told: which steps of the cycle as it was opened were over, since when,
// and what was done about each.
std::string LateStepsInWords(const v1::Cycle& cycle, const std::vector<LateStep>& late);

}  // namespace chanyan::cycle
