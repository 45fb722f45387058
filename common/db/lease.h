// Who may act alone: one row of table `lease` per task, with a fencing token, on the database's
// clock. Never GET_LOCK, which two Galera nodes grant at once.
//
//   Lease lease(database, "sealer", owner, absl::Seconds(10));
//   if (lease.Acquire().ok()) {                     // again every ttl / 3
//     database.Transact([&](Session& session) {
//       CHANYAN_RETURN_IF_ERROR(lease.Fence(session));  // first, in the transaction of the effect
//       …
//     });
//   }
#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"

namespace chanyan::db {

// A name no other process has: for Lease's `owner`.
std::string NewLeaseOwner();

// Thread-safe. Does not renew itself.
class Lease {
 public:
  // `owner` must differ between processes and must not be empty.
  Lease(Database& database, std::string name, std::string owner, absl::Duration ttl);

  // Takes the lease if it is free or expired, renews it if it is ours. FAILED_PRECONDITION if
  // another holds it; that and any other error means: not ours. The token grows at each takeover.
  absl::Status Acquire();
  // Gives it up so that another need not wait for its expiry. Nothing happens if it is not ours.
  absl::Status Release();

  // Touches the row under our token, so that a takeover either waits for this transaction or makes
  // it fail. FAILED_PRECONDITION if the lease is not ours any more: return it, nothing is
  // committed.
  absl::Status Fence(Session& session) const;

  // False when the last renewal is older than two thirds of the ttl by this machine's monotonic
  // clock: stop working then. A hint that saves work; only Fence proves.
  bool Held() const;
  // 0 before the first success.
  int64_t token() const;

 private:
  absl::Status NotOurs() const;

  Database& database_;
  const std::string name_;
  const std::string owner_;
  const absl::Duration ttl_;
  mutable absl::Mutex mutex_;
  int64_t token_ ABSL_GUARDED_BY(mutex_) = 0;
  // Monotonic nanoseconds up to which Held() is true.
  int64_t held_until_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The table, for the migration program.
extern const char kCreateLeaseTable[];

}  // namespace chanyan::db
