// Rules of projects: what the policy pack asks, and how a quarter's report moves a project. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/policy/pack.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"

namespace chanyan::pairing {

// Whether a project has ended.
bool HasEnded(v1::ProjectState state);

// What the pack says of a new project; `existing` is the open project of the pair, or empty.
policy::v1::Verdicts CreateVerdicts(const policy::Pack& pack, const v1::Project& project,
                                    absl::string_view existing);
// What the pack says of signing.
policy::v1::Verdicts SignVerdicts(const policy::Pack& pack, const v1::Project& project);

// The verbs, in order, that take a project from `present` to `wanted`; none if it is there or
// beyond (a report of an earlier stage does not move a project back). FAILED_PRECONDITION if the
// life cycle has no such way.
absl::StatusOr<std::vector<absl::string_view>> VerbsTowards(v1::ProjectState present,
                                                            v1::ProjectState wanted);

// Kinds that the pack does not know, as violations of `kinds[i]`.
std::vector<status::Violation> KindViolations(
    const policy::Pack& pack, const google::protobuf::RepeatedPtrField<std::string>& kinds);

}  // namespace chanyan::pairing
