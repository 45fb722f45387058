// Which times of an instrument its bookings hold, asked of the table.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"
#include "services/registry/opening_rules.h"

namespace chanyan::registry {

// Times held by bookings of the instrument that touch `window`; whose they are is not read.
absl::StatusOr<std::vector<Interval>> HeldTimes(db::Session& session, absl::string_view instrument,
                                                const Interval& window);

// ALREADY_EXISTS if a booking other than `except` (a name, or empty) holds part of `time`. Touching
// ends do not overlap. The caller has touched the instrument (diary.h), or what is free now may be
// taken a moment later.
absl::Status RequireFree(db::Session& session, absl::string_view instrument, const Interval& time,
                         absl::string_view except);

// Bookings that are still to be decided, used or completed.
absl::StatusOr<int64_t> CountUnfinished(db::Session& session, absl::string_view instrument);

}  // namespace chanyan::registry
