// The platforms in a simulated quarter (CYC-10; S0 二, first and fourth week): which are handed
// their parts of a form, when and until when; when they give them back; and when they get what the
// enterprises filled in. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "services/cycle/part_reminders.h"
#include "services/cycle/simulation_play.h"

namespace chanyan::cycle {

// Takes over from a quarter that is past how its universities handed out their parts, unless
// a later one is known.
void AddHandingOut(const v1::Cycle& cycle, const std::vector<v1::PlatformPart>& parts,
                   std::map<std::string, HandingOut>* known);

// The parts of the quarter: `inputs.parts` as they are stored, and with issue_time, due_time and no
// state those that are still to be handed out at `as_of`. A form that is with its university is
// handed out to all `platforms` that it is for:
//   as in the last quarter in which its university handed parts out, so long after the beginning of
//   step 1 and with a term so long before its end, and not to those whose part it filled in itself;
//   who never did within a day, by when it reported last, or until the end of step 1.
// What is not out when its term is over the university fills in itself.
std::vector<v1::PlatformPart> PlanParts(const SimulationInputs& inputs,
                                        const std::vector<registry::v1::Platform>& platforms,
                                        absl::Time as_of);

// Of those the ones that are with their platforms, or will be: for whose terms there are reminders.
std::vector<OpenPart> PartsToCome(const SimulationInputs& inputs);

// What the parts of one form mean for its university.
struct GatheredParts {
  int count = 0;
  // Of these, not there yet and likely to be late.
  int late = 0;
  // When the last has come. One that is not there is waited for until its term is over, and taken
  // back then.
  absl::Time until = absl::InfinitePast();
};
// Step 1: appends a task for each part that is handed out. By form.
std::map<std::string, GatheredParts> PlayParts(const SimulationInputs& inputs, absl::Time as_of,
                                               std::vector<v1::SimulatedTask>* tasks);

// Step 4: appends what comes back to each university, from the secretariat on its last afternoon,
// and what it sends on to each of its platforms. What came by `legs` already came when it came.
void PlayReturn(const SimulationInputs& inputs, absl::Time as_of, const Legs& legs,
                std::vector<v1::SimulatedTask>* tasks);

// A task, as one of them is written down.
v1::SimulatedTask TaskOf(int step, absl::Time received, absl::Time end, const Guess& guess);

}  // namespace chanyan::cycle
