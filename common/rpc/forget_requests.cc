#include "common/rpc/forget_requests.h"

#include "common/db/batches.h"

namespace chanyan::rpc {
namespace {

// By the key created_at.
constexpr char kOld[] = "DELETE FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?";
// Transactions of one run.
constexpr int kBatches = 100;

}  // namespace

absl::StatusOr<int64_t> ForgetRequests(db::Database& database, absl::Time now,
                                       const db::Lease& lease) {
  int batches = kBatches;
  return db::DeleteInBatches(database, lease, {kOld, {now - kRememberRequests}}, &batches);
}

}  // namespace chanyan::rpc
