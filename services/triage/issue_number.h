// Numbers without gap: taken in the transaction that issues, so that one that fails gives its back.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"

namespace chanyan::triage {

// The next number of a series ("list/supply") in a year, from 1. Whoever asks at the same time
// waits until the transaction ends.
absl::StatusOr<int> NextIssueNumber(db::Session& session, absl::string_view series, int year);

}  // namespace chanyan::triage
