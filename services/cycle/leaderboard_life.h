// Life cycle of a leaderboard version (CYC-8): a correction is a new version, never a change.
#pragma once

#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/policy/life.h"

namespace chanyan::cycle {

inline absl::Span<const policy::Transition<v1::LeaderboardState>> LeaderboardLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::LeaderboardState> kLife[] = {
      {"publish", "发布", Bits(v1::LEADERBOARD_STATE_COMPUTED), v1::LEADERBOARD_STATE_PUBLISHED},
  };
  return kLife;
}

}  // namespace chanyan::cycle
