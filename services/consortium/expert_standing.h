// Whether experts are still what their proofs were made of (CON-4), by what the service itself
// knows: asked at every step of a dossier that rests on their scores. What registry and pairing say
// besides is asked by a check of the panel.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "common/db/database.h"
#include "common/rpc/mutate.h"
#include "services/consortium/expert_rules.h"

namespace chanyan::consortium {

// Who goes on for what these experts name. Not locked: of a merger that is noted meanwhile the next
// check tells, as of one that comes later.
absl::StatusOr<Successions> SuccessionsOf(db::Session& session,
                                          const std::vector<v1::Expert>& experts);

// Names of those of `rows` whose expert is not what the latest proof was made of, or whose proof
// does not say what it was made of. Experts are locked, in the order of their names: a declaration
// at the same time comes before or after.
absl::StatusOr<std::set<std::string>> NotAsProven(rpc::Change& change,
                                                  const std::vector<v1::ReviewAssignment>& rows);

// Panels, not cancelled, of dossiers that are not decided, for which the expert has scored; by
// name.
absl::StatusOr<std::vector<std::string>> ScoredUndecided(db::Session& session,
                                                         const std::string& expert);

// That panels which were looked at are looked at again by `time`, and no later than was said
// before.
absl::Status LookAgain(rpc::Change& change, const std::vector<std::string>& panels,
                       absl::Time time);

}  // namespace chanyan::consortium
