// Rules of problems (PAIR-5): by when they are to be solved, when to remind, whom they go to, and
// who may do what. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"

namespace chanyan::pairing {

// Whether nobody has solved it or taken it back.
bool IsUnsolved(v1::ProblemState state);

// The latest term that the pack gives a problem raised or assigned on `day`: in or before the first
// window of its step (the fifth week) that has not ended by that day. FAILED_PRECONDITION if the
// pack has no such term, or the calendar does not reach.
absl::StatusOr<policy::Term> LatestTermOf(const policy::Pack& pack, absl::CivilDay day);
// The term that ends on `wanted`, which lies between `day` and the last day of the latest one.
// Where the latest one is the next quarter's and the calendar does not reach it, a day of `day`'s
// own quarter is early enough whatever that calendar will be.
absl::StatusOr<policy::Term> ChosenTermOf(const policy::Pack& pack, absl::CivilDay day,
                                          absl::CivilDay wanted);

// That term, or the latest one where nothing is wanted (null). INVALID_FIELD (due_date) for a day
// that does not exist.
absl::StatusOr<policy::Term> TermOf(const policy::Pack& pack, absl::CivilDay day,
                                    const google::type::Date* wanted);

// When to remind of a problem that is due on `due_day`: the beginnings of the days that lie the
// pack's numbers of workdays before it, those that are past at `now` left out, in ascending order.
absl::StatusOr<std::vector<absl::Time>> RemindersOf(const policy::Pack& pack,
                                                    absl::CivilDay due_day, absl::Time now);

// The level that a problem at `level` (0 = none) goes up to, from 1; the highest level again if it
// is there already. 0 if the pack has no levels.
int NextLevelOf(const policy::Pack& pack, int level);
// Whether there is a level above, for a problem that is with it now and not assigned anew.
bool HasLevelAbove(const policy::Pack& pack, int level);
// Who is asked on that level.
options::v1::Role RoleOfLevel(const policy::Pack& pack, int level);
// The first instant at which a problem that came to `level` on `day` goes to the next one;
// InfiniteFuture where there is none.
absl::StatusOr<absl::Time> NextEscalation(const policy::Pack& pack, int level, absl::CivilDay day);

// Who acts: an organization, and whether it is the secretariat.
struct Actor {
  std::string organization;
  bool secretariat = false;
};
// Whether the actor may do `verb` with the problem, whatever its state: the secretariat and the
// project's unit assign; the assignee and the secretariat decline and resolve; those three
// escalate; who raised it confirms, reopens and withdraws.
bool MayAct(const v1::Problem& problem, absl::string_view verb, const Actor& actor);
// Who that is, for a refusal.
std::string WhoMayAct(absl::string_view verb);

// Why an organization cannot work on a problem; empty if it can.
std::string AssigneeProblem(const registry::v1::Organization& organization);

// An assignment in its step's words; the instruction may be empty.
std::string AssignmentInWords(absl::string_view unit_title, absl::string_view owner,
                              absl::string_view instruction);
// Adds a step to the history.
void AddStep(absl::Time now, absl::string_view verb, absl::string_view organization,
             absl::string_view reason, v1::Problem* problem);

// Steps of a history; of more than these the oldest but the first go.
inline constexpr int kMaxSteps = 200;

}  // namespace chanyan::pairing
