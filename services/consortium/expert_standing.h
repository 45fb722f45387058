// Whether experts are still what their proofs were made of (CON-4), by what the service itself
// knows: asked at every step of a dossier that rests on their scores. What registry and pairing say
// besides is asked by a check of the panel.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
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

// Whether the expert has scored for a panel, not cancelled, of a dossier that is not decided.
absl::StatusOr<bool> HasScoredUndecided(db::Session& session, const std::string& expert);

}  // namespace chanyan::consortium
