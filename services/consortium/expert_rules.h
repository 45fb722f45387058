// What an expert of the pool must be (CON-4). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/policy/v1/consortium_review.pb.h"
#include "common/status/status.h"

namespace chanyan::consortium {

// What is wrong, by path within the expert: a category that the pack does not have, terms that end
// before they begin or overlap, employments and interests twice or of the future.
std::vector<status::Violation> ExpertViolations(const policy::v1::ConsortiumReview& review,
                                                const v1::Expert& expert, absl::CivilDay today);

// What is wrong with a declaration, by path within the request.
std::vector<status::Violation> InterestViolations(const v1::DeclareInterestsRequest& request,
                                                  absl::CivilDay today);

// In office and not suspended.
bool InOffice(const v1::Expert& expert, absl::CivilDay day);

// Who goes on for organizations that have become part of another.
using Successions = absl::flat_hash_map<std::string, std::string>;

// Organizations that an expert names and that may have become part of another.
std::vector<std::string> NamedBy(const v1::Expert& expert);

// What a draw looks at, with organizations of the past under the names of those that go on for
// them, as parties are; organizations above the employer are the caller's.
v1::DrawCandidate CandidateOf(const v1::Expert& expert, absl::CivilDay day,
                              const Successions& successions);

}  // namespace chanyan::consortium
