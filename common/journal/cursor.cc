#include "common/journal/cursor.h"

#include <string>
#include <variant>

#include "common/status/status.h"

namespace chanyan::journal {
namespace {

constexpr char kRead[] = "SELECT seq FROM `cursor` WHERE follower = ?";

}  // namespace

absl::StatusOr<std::optional<int64_t>> CursorOf(db::Session& session, absl::string_view follower) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kRead, {std::string(follower)}));
  if (rows.rows.empty()) return std::nullopt;
  return std::get<int64_t>(rows.rows[0].at(0));
}

}  // namespace chanyan::journal
