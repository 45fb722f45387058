#include "services/cycle/objection_windows.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {

absl::StatusOr<std::optional<v1::Leaderboard>> VersionOpenToObjections(db::Session& session,
                                                                       absl::string_view cycle,
                                                                       absl::Time now, bool lock) {
  const db::Table<v1::Leaderboard> leaderboards;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Leaderboard> versions,
                           leaderboards.Select(session,
                                               db::And(Below(absl::StrCat(cycle, "/leaderboards")),
                                                       {"state = 'PUBLISHED'", {}}),
                                               lock ? db::kByNameLocked : "name"));
  const auto newest = std::max_element(
      versions.begin(), versions.end(), [](const v1::Leaderboard& a, const v1::Leaderboard& b) {
        return time::ToTime(a.create_time()) < time::ToTime(b.create_time());
      });
  if (newest == versions.end() || !newest->has_objection_deadline() ||
      time::IsPastDeadline(now, time::ToTime(newest->objection_deadline()))) {
    return std::optional<v1::Leaderboard>();
  }
  return std::optional<v1::Leaderboard>(*newest);
}

}  // namespace chanyan::cycle
