// What a version of the leaderboard was computed from, kept beside it (CYC-8): with it anybody
// computes the same boards again, whatever has become of rows, projects and the policy pack since.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/leaderboard_snapshot.pb.h"
#include "common/db/database.h"
#include "services/cycle/leaderboard_rules.h"

namespace chanyan::cycle {

// Of each fact the fields that CanonicalInputs has.
v1::LeaderboardSnapshot SnapshotOf(const policy::v1::PolicyPack& pack,
                                   const LeaderboardInputs& inputs);

// Back: a pack of formulas alone, and the inputs.
struct FrozenInputs {
  policy::v1::PolicyPack pack;
  LeaderboardInputs inputs;
};
FrozenInputs Thaw(v1::LeaderboardSnapshot snapshot);

absl::Status KeepSnapshot(db::Session& session, const std::string& leaderboard,
                          const v1::LeaderboardSnapshot& snapshot);
// FAILED_PRECONDITION (WRONG_STATE) if none was kept.
absl::StatusOr<v1::LeaderboardSnapshot> LoadSnapshot(db::Session& session,
                                                     const std::string& leaderboard);

}  // namespace chanyan::cycle
