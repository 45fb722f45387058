// What people are told of problems of projects and of what conferences ask of organizations, from
// pairing's journal (PAIR-5, PAIR-8). Pure.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// Of "assign" to whom it is assigned, and of one that is assigned from the beginning; of "reminded"
// to whoever is at work on it, or else the project's unit; of "escalate" to the level
// that is asked now, and, if its term is over, to whoever is at work on it too. Nothing of other
// entries. An organization is told whatever its kind: a zone, a department, the secretariat.
std::vector<Notice> ProblemNoticesOf(const pairing::v1::Problem& problem, absl::string_view kind);

// Of "assigned" at once, of "reminded" and of "overdue" to the organization that is to do it,
// whatever its kind: those who may report it are asked to, all others to let the secretariat know.
std::vector<Notice> FollowUpNoticesOf(const pairing::v1::FollowUp& follow_up,
                                      absl::string_view kind);

}  // namespace chanyan::cycle
