// What consortium takes for now: the machine's clock, or as long as past filings are entered one
// that is behind it by what the table says, and runs with it.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/time/clock.h"

namespace chanyan::consortium {

// Thread-safe.
class BackfillClock final : public time::Clock {
 public:
  // As the machine's until it is refreshed.
  explicit BackfillClock(const time::Clock& machine) : machine_(machine) {}

  absl::Time Now() const override { return machine_.Now() - absl::Seconds(behind_.load()); }
  const time::Clock& machine() const { return machine_; }
  // Takes over what the table says: before the first call, after each change, and every second for
  // changes that other replicas made.
  absl::Status Refresh(db::Database& db);
  // ABORTED if `now`, which a change took from this clock, is not what the table says any more:
  // somebody moved the clock meanwhile, here or through another replica. Holds the clock where it
  // is until the transaction ends, also that there is none.
  absl::Status RequireStill(db::Session& session, absl::Time now) const;

 private:
  const time::Clock& machine_;
  std::atomic<int64_t> behind_ = 0;
  // Of two that read, the later one says how it is.
  absl::Mutex mutex_;
};

}  // namespace chanyan::consortium
