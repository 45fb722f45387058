// A quarter played through on a virtual clock (CYC-10). Pure: what is known comes in, nothing goes
// out but the answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "services/cycle/reminder_rules.h"
#include "services/cycle/simulation_guess.h"
#include "services/cycle/simulation_state.h"

namespace chanyan::cycle {

// How a university handed out the parts of its form.
struct HandingOut {
  struct Part {
    // After the beginning of step 1; none if the university filled it in itself.
    std::optional<absl::Duration> issued_after;
    // Its term, before the end of step 1.
    absl::Duration due_before;
  };
  // By platform.
  std::map<std::string, Part> parts;
};

struct SimulationInputs {
  // Windows, secretariat, opening time; open or made up.
  v1::Cycle cycle;
  // The reminders of that cycle.
  std::vector<v1::Reminder> reminders;
  // Steps of which some could not be planned.
  std::vector<UnplannedStep> unplanned;
  std::vector<v1::Form> forms;
  std::vector<v1::Row> rows;
  // Parts of the forms: those that are stored, and as PlanParts adds to them; one a platform.
  std::vector<v1::PlatformPart> parts;
  // The reminders of their terms.
  std::vector<v1::Reminder> part_reminders;
  // Names of units by organization.
  std::map<std::string, std::string> unit_titles;
  std::string secretariat_title;
  // How organizations report and platforms fill in their parts.
  Habits habits;
  // How universities send on what comes back in step 4, and platforms sign for it.
  Habits return_habits;
  // By university, of its last quarter that has parts.
  std::map<std::string, HandingOut> handing_out;
  // What was done, if the quarter runs.
  QuarterSoFar so_far;
};

// The quarter as it would go. Everybody is taken to keep to his last quarter: who gave three days
// before the deadline gives three days before it again; who has no past gives on the last
// afternoon. A unit passes rows on within a day of getting them; so does a university hand out the
// parts of its form, and it reports once they have come, without those that do not come in time.
// What comes back in step 4 is sent on and signed for on the day on which it comes. Late is whoever
// would give after the deadline, and who was late in at least half of the quarters known.
//
// Of a quarter that runs, what was done by `as_of` is told as it was done, and what is open goes on
// from there: it comes from what was received indeed, and no sooner than `as_of`. What was sent
// back is open again, and the first time has decided whether it is late. The same inputs give the
// same bytes.
v1::Simulation Simulate(const SimulationInputs& inputs, absl::Time as_of);

}  // namespace chanyan::cycle
