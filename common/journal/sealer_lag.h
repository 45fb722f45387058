// How long the entry that waits longest for the sealer has waited, for metrics. An entry's time is
// that of what it tells, which is years ago where a service enters what is past (its clock is
// behind); when it was written is known from looks at the journal alone.
#pragma once

#include <cstdint>
#include <deque>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/database.h"

namespace chanyan::journal {

// Not thread-safe.
class SealerLag {
 public:
  // `start` is when the program began to look: what is there at the first look counts from it.
  explicit SealerLag(absl::Time start) : looks_{{start, 0}} {}

  // Zero if nothing waits. The entry's age by its own time, and no more than since the last look at
  // which it was not written yet; so it is right to the time between two looks. `now` is the
  // machine's.
  absl::StatusOr<absl::Duration> Look(db::Session& session, absl::Time now);

 private:
  // The greatest id that was there at a time; ids ascend as entries are written.
  struct Seen {
    absl::Time time;
    int64_t last_id;
  };

  // In order; the first one is the last at which the entry that waits longest was not there.
  std::deque<Seen> looks_;
};

}  // namespace chanyan::journal
