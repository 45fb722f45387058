// What time it is for every replica: the database's. One whose own clock is ahead or behind neither
// tells people something, nor lets a step begin or end, before or after the others.
#pragma once

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/time/clock.h"

namespace chanyan::cycle {

// How often it is looked; jobs look before each tick besides.
inline constexpr absl::Duration kAlignClockPeriod = absl::Seconds(10);
// Two looks that differ by less differ by how long the answers took.
inline constexpr absl::Duration kClockJitter = absl::Milliseconds(50);

// UTC of the database.
absl::StatusOr<absl::Time> DatabaseTime(db::Database& database);

// Ticks that nobody sets; where they begin says nothing.
class SteadyClock final : public time::Clock {
 public:
  absl::Time Now() const override;
};

// Between two looks at the database its time goes on by `ticks`: how far they went counts, not what
// they say. Thread-safe.
class DatabaseClock final : public time::Clock {
 public:
  using Read = std::function<absl::StatusOr<absl::Time>()>;
  DatabaseClock(Read read, const time::Clock& ticks) : read_(std::move(read)), ticks_(ticks) {}

  // Asks the database; must have succeeded once before Now. What was known stays if it fails.
  absl::Status Align();
  // Behind the database's by at most the time of an answer, ahead by at most kClockJitter.
  absl::Time Now() const override;

 private:
  const Read read_;
  const time::Clock& ticks_;
  mutable absl::Mutex mutex_;
  // The database's time less that of the ticks.
  absl::Duration ahead_ ABSL_GUARDED_BY(mutex_);
  bool aligned_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace chanyan::cycle
