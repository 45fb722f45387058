// The window of objection that is open in a cycle (CYC-8).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/database.h"

namespace chanyan::cycle {

// The version in force of a cycle, if its window is open at `now`; nothing of those that are
// superseded, which take no objections, nor of what is over. `lock` all versions for a change.
absl::StatusOr<std::optional<v1::Leaderboard>> VersionOpenToObjections(db::Session& session,
                                                                       absl::string_view cycle,
                                                                       absl::Time now, bool lock);

}  // namespace chanyan::cycle
