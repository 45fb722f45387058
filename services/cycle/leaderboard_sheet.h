// 新成果和贡献度榜单 as .xlsx (CYC-8): one sheet a board, each entry with what made its score.
// Pure: the same version makes the same bytes. The end of the window of objections is not in it,
// for an amended calendar moves that.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/time/civil.h"

namespace chanyan::cycle {

// A version that is not published yet says so in its title, and so does one of a rehearsal.
absl::StatusOr<std::string> WriteLeaderboard(const v1::Leaderboard& version, time::Quarter quarter,
                                             bool rehearsal);

}  // namespace chanyan::cycle
