// What a transaction touches that checks several rows of a subject and then writes one: bookings of
// an instrument that must not overlap, instruments of a platform that show whether it is published.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"

namespace chanyan::registry {

// Has the subject (a resource name) to itself until the transaction ends: another that touches it
// waits here, and then sees what this one did. Write-write on one row, so that it holds between the
// nodes of a cluster as well, where a lock of one node is unknown to the other.
//
// To be called before the rows are read. Where something was read earlier and another transaction
// touched the subject since, this one fails as a conflict and is run again (snapshot isolation).
absl::Status Touch(db::Session& session, absl::string_view subject);

}  // namespace chanyan::registry
