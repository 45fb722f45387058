// How far a follower of a journal has come: its row of the table `cursor` of its own schema.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"

namespace chanyan::journal {

// Place of the last entry that it has applied; nothing before it has begun.
absl::StatusOr<std::optional<int64_t>> CursorOf(db::Session& session, absl::string_view follower);

}  // namespace chanyan::journal
