// What a version of the leaderboard was computed from, kept beside it (CYC-8): with it anybody
// computes the same boards again, whatever has become of rows, projects and the policy pack since.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/leaderboard_snapshot.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "common/db/database.h"
#include "services/cycle/leaderboard_rules.h"

namespace chanyan::cycle {

struct BoardSnapshot {
  v1::LeaderboardSnapshot facts;
  // LeaderboardInputs.resolved; none of versions of before problems were counted.
  std::optional<pairing::v1::ListProblemsResponse> problems;
};

// Of each fact the fields that CanonicalInputs has.
BoardSnapshot SnapshotOf(const policy::v1::PolicyPack& pack, const LeaderboardInputs& inputs);

// Back: a pack of formulas alone, and the inputs.
struct FrozenInputs {
  policy::v1::PolicyPack pack;
  LeaderboardInputs inputs;
};
FrozenInputs Thaw(BoardSnapshot snapshot);

absl::Status KeepSnapshot(db::Session& session, const std::string& leaderboard,
                          const BoardSnapshot& snapshot);
// FAILED_PRECONDITION (WRONG_STATE) if none was kept.
absl::StatusOr<BoardSnapshot> LoadSnapshot(db::Session& session, const std::string& leaderboard);

}  // namespace chanyan::cycle
