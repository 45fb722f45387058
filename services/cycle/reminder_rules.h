// When people are reminded of a cycle's deadlines, and what is done about times that were missed
// (CYC-9). Pure: calendar, instant and what has fired come in.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "common/policy/pack.h"

namespace chanyan::cycle {

// A step of which something was left out, and the calendar's words of why.
struct UnplannedStep {
  int step = 0;
  std::string why;
};

// All times at which people are reminded of the steps of a cycle under the pack's plan, in order,
// with name, step, kind, schedule_time and deadline. The name follows from step, kind and time: a
// deadline that was moved has reminders of its own. None where the pack has no plan, and none
// before the cycle was opened. What would fall into a year without calendar is left out; all else
// of its step and of the others is planned.
// `unplanned` may be null.
absl::StatusOr<std::vector<v1::Reminder>> PlanReminders(
    const policy::Pack& pack, const v1::Cycle& cycle,
    std::vector<UnplannedStep>* unplanned = nullptr);

// A term by which parts of forms are to be with their universities (step 1), and since when the
// first of them has been out.
struct PartTerm {
  absl::Time end;
  absl::Time since;
};

// The same for one such term: no time before `since`, for whom a part is handed out to is told of
// it then. `unplanned` may be null.
absl::StatusOr<std::vector<v1::Reminder>> PlanPartReminders(
    const policy::Pack& pack, const v1::Cycle& cycle, const PartTerm& term,
    std::vector<UnplannedStep>* unplanned = nullptr);

// Of those in `planned` whose time has come at `now` and whose names are not in `fired`: what
// becomes of each, in `outcome`, in order. SENT means: to be sent if somebody has something to do.
//
// What was missed follows the plan's catch_up: older than catch_up_hours it is EXPIRED; under
// LATEST the last one of a step and kind of telling (its own people, its leader) is SENT and those
// before it are SUPERSEDED; under NONE what is older than an hour is EXPIRED. A reminder of what
// lies ahead is never sent once the deadline has passed.
std::vector<v1::Reminder> DueReminders(const policy::v1::NotificationPlan& plan,
                                       const std::vector<v1::Reminder>& planned,
                                       const std::set<std::string>& fired, absl::Time now);

// "2025年4月8日23:59:59".
std::string SpokenTime(absl::Time time);

}  // namespace chanyan::cycle
