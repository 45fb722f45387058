// Old rows go a batch a transaction: what is locked meanwhile is little, and soon free again.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/database.h"
#include "common/db/lease.h"

namespace chanyan::db {

// Rows of one transaction.
inline constexpr int64_t kDeleteBatch = 500;

// Rows that go: "DELETE FROM … WHERE … ORDER BY … LIMIT ?", in the order of a key, with the values
// of all but the limit.
struct OldRows {
  absl::string_view sql;
  Values params;
};

// Deletes them under the fence of `lease` until there are none, the lease is not held any more or
// `batches` transactions were made, of which those that are left come back. How many rows. Safe to
// do twice; what another does to a row meanwhile either comes before or finds it gone.
// FAILED_PRECONDITION if the lease was lost.
absl::StatusOr<int64_t> DeleteInBatches(Database& database, const Lease& lease, const OldRows& old,
                                        int* batches);

}  // namespace chanyan::db
