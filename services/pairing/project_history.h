// Where projects stood on days that are past, derived from the service's own journal: what coverage
// of a past day is counted from. It can be made again at any time by setting its cursor to 0.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/database.h"

namespace chanyan::pairing {

// Applies one entry of pairing's journal to the table project_span, in the session's transaction.
// Entries of other resources change nothing, nor does the same entry again.
absl::Status FollowProjects(db::Session& session, const journal::v1::Entry& entry);

}  // namespace chanyan::pairing
