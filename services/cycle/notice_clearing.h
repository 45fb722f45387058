// Old notifications, digests and deliveries go (CYC-9). What was told, when and to how many stays
// on record as reminders and in the journals.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/lease.h"

namespace chanyan::cycle {

// Days that they stay after their last change.
struct NoticeRetention {
  // Notifications that were read or settled, and digests after their day.
  int read = 180;
  // Notifications that nobody read.
  int unread = 400;
  // Deliveries that arrived, and those that were given up: as long as somebody may have one tried
  // again. One that waits stays.
  int deliveries = 90;
};

// Less would let what is told again out of a peer's journal (kOldNews) be told twice.
inline constexpr int kLeastRetention = 7;

// INVALID_ARGUMENT with every figure below kLeastRetention.
absl::Status CheckRetention(const NoticeRetention& retention);

// Transactions of one run: what is left over waits for the next one.
inline constexpr int kClearBatches = 200;

// Deletes what is older, the oldest first (db::DeleteInBatches). How many rows.
absl::StatusOr<int64_t> ClearNotices(db::Database& database, absl::Time now, const db::Lease& lease,
                                     const NoticeRetention& retention);

}  // namespace chanyan::cycle
