// What people are told of problems of projects and of what conferences ask of organizations, from
// pairing's journal (PAIR-5, PAIR-8). Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// What an entry changed; nothing before it of one that is new.
using ProblemBefore = std::optional<pairing::v1::Problem>;

// Of "assign" to whom it is assigned, of one that is assigned from the beginning, and of one that a
// sheet assigns anew; of "reminded" to whoever is at work on it, or else the project's unit; of
// "escalate" to the level that is asked now, and, if its term is over, to whoever is at work on it
// too. Nothing of other entries. An organization is told whatever its kind: a zone, a department,
// the secretariat.
std::vector<Notice> ProblemNoticesOf(const pairing::v1::Problem& problem, absl::string_view kind,
                                     const ProblemBefore& before = std::nullopt);

// Whether nobody need do any more what was told of the problem before an entry of `kind`: it is
// another's now, or due at another time, or nobody's.
bool IsProblemSettled(const pairing::v1::Problem& problem, absl::string_view kind,
                      const ProblemBefore& before);

// Of "assigned" and of one that came by a sheet at once, of "reminded" and of "overdue" to the
// organization that is to do it, whatever its kind: those who may report it are asked to, all
// others to let the secretariat know. A sheet that changes one which stands (not `is_new`), as a
// report of progress does, assigns nothing.
std::vector<Notice> FollowUpNoticesOf(const pairing::v1::FollowUp& follow_up,
                                      absl::string_view kind, bool is_new);

}  // namespace chanyan::cycle
