// A quarter played through on a virtual clock (CYC-10). Pure: what is known comes in, nothing goes
// out but the answer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "services/cycle/reminder_rules.h"

namespace chanyan::cycle {

// How an organization kept its deadlines in the last quarters, the latest first.
struct Habit {
  struct Quarter {
    // "2025年第二季度".
    std::string label;
    bool late = false;
    // How long before the deadline it gave; negative if after it. Zero and `absent` if it never
    // did.
    absl::Duration lead;
    bool absent = false;
  };
  std::vector<Quarter> quarters;
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
  // Names of units by organization.
  std::map<std::string, std::string> unit_titles;
  std::string secretariat_title;
  // By organization.
  std::map<std::string, Habit> habits;
};

// The quarter as it would go. Everybody is taken to keep to his last quarter: who gave three days
// before the deadline gives three days before it again; who has no past gives on the last
// afternoon. A unit passes rows on within a day of getting them. Late is whoever would give after
// the deadline, and who was late in at least half of the quarters known. The same inputs give the
// same bytes.
v1::Simulation Simulate(const SimulationInputs& inputs, absl::Time as_of);

}  // namespace chanyan::cycle
