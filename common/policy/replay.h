// Decisions of the past, taken again (POL-2). Pure.
#pragma once

#include "absl/status/statusor.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "common/policy/pack.h"

namespace chanyan::policy {

// The verdicts that `pack` gives on the facts that `stored` rest on, rule by rule; what was set
// aside stays so where the rule is still not satisfied. With the pack of their day, which they
// name, they encode to the same bytes; where they do not, facts or verdicts were touched.
// FAILED_PRECONDITION, WRONG_STATE if they are of another pack or version; NOT_FOUND for a rule
// that the pack does not have.
absl::StatusOr<v1::Verdicts> Replay(const Pack& pack, const v1::Verdicts& stored);

}  // namespace chanyan::policy
