// What must hold in a cycle: windows of its steps, what a row must say (CYC-1, CYC-2, CYC-3,
// CYC-5). Pure: the instant comes in.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::cycle {

// The six steps by number (S0 二).
inline constexpr int kReportStep = 1;
inline constexpr int kDistributeStep = 2;
inline constexpr int kCollectStep = 3;
inline constexpr int kReturnStep = 4;
inline constexpr int kExchangeStep = 5;
inline constexpr int kPublishStep = 6;
inline constexpr int kSteps = 6;

// Windows of the six steps of a quarter, with their derivation; the pack's refusal if its calendar
// lacks the year.
absl::StatusOr<std::vector<v1::Step>> PlanSteps(const policy::Pack& pack, time::Quarter quarter);

// Step `number` of a cycle that has all six.
const v1::Step& StepOf(const v1::Cycle& cycle, int number);
v1::Step* MutableStepOf(v1::Cycle* cycle, int number);

// First instant of a step: 00:00:00 of its first day, or the early close of the step before it if
// that was sooner.
absl::Time BeginOf(const v1::Cycle& cycle, int number);
// Last second of a step, inclusive: its deadline, or its early close.
absl::Time EndOf(const v1::Cycle& cycle, int number);
// Whether `now` is no later than the end of a step, to the second.
bool IsInTime(const v1::Cycle& cycle, int number, absl::Time now);
v1::StepState StepStateAt(const v1::Cycle& cycle, int number, absl::Time now);

// The cycle as it stands at `now`: states of the steps; CLOSED once the last step has ended.
v1::Cycle AsOf(v1::Cycle cycle, absl::Time now);

// FAILED_PRECONDITION (WINDOW_CLOSED) unless `now` lies between the beginning of step `first` and
// the end of step `last`, or its exception for all; `what` is the act in words, e.g. "分发报表".
// `last` = 0: no end.
absl::Status RequireWindow(const v1::Cycle& cycle, int first, int last, absl::Time now,
                           absl::string_view what);
// The same for the university's own work on its form: step 1 or a lock exception.
absl::Status RequireFormWindow(const v1::Cycle& cycle, const v1::Form& form, absl::Time now,
                               absl::string_view what);
// The same for what an enterprise gives back: from the beginning of step 2 to the end of step
// `last`, or until `exception`, where it has one, inclusive.
absl::Status RequireReturnWindow(const v1::Cycle& cycle, int last,
                                 std::optional<absl::Time> exception, absl::Time now,
                                 absl::string_view what);

// Ends an open step at `now`; WRONG_STATE if it is not open.
absl::Status CloseStepAt(absl::Time now, int number, absl::string_view reason, v1::Cycle* cycle);
// Moves the deadline of a step that has not ended to the end of `last_day`, a workday;
// INVALID_FIELD with the next workday if it is none, the calendar's refusal if it lacks the year.
absl::Status ExtendStepTo(const policy::WorkCalendar& calendar, absl::CivilDay last_day,
                          absl::Time now, int number, absl::string_view reason, v1::Cycle* cycle);
// INVALID_FIELD unless a step that was extended ends by the pack's limit (its extension_limit;
// anything goes without); says by when.
absl::Status CheckExtension(const policy::Pack& pack, const v1::Cycle& extended, int number);
// An exception ends after `now` and within the cycle's quarter.
absl::Status CheckExceptionEnd(const v1::Cycle& cycle, absl::Time now, absl::Time until);

// What is missing or wrong in a row that is to be reported on `today`; each with its field of
// v1.Row.
std::vector<status::Violation> RowViolations(const policy::Pack& pack, const v1::Row& row,
                                             absl::CivilDay today);

// What a row says of its project: INTENT, SIGNED or BUILDING.
pairing::v1::ProjectState ReportedState(const v1::Row& row);
// A row as the project register takes it; a row without title goes as 结对共建意向.
pairing::v1::Report ReportOf(const v1::Row& row);

}  // namespace chanyan::cycle
