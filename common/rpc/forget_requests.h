// Replies that are remembered for repeated requests (rpc/mutate.h) go when nobody repeats them any
// more. Every service with a database has the job (Runtime).
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/lease.h"

namespace chanyan::rpc {

// How long a request id is remembered, in whichever service: longer than any client tries again;
// whoever files looks for his answer as long.
inline constexpr absl::Duration kRememberRequests = absl::Hours(24 * 30);

// Deletes what is older at `now`, the oldest first; what is too much for one run waits for the
// next. How many.
absl::StatusOr<int64_t> ForgetRequests(db::Database& database, absl::Time now,
                                       const db::Lease& lease);

}  // namespace chanyan::rpc
