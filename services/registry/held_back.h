// Rows that a job could not change, and until when it leaves them alone: so that however many there
// are, they do not take the place of others in every run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace chanyan::registry {

// The first wait; each further one is twice as long, up to the longest.
inline constexpr absl::Duration kFirstHeldBack = absl::Minutes(2);
inline constexpr absl::Duration kLongestHeldBack = absl::Hours(1);

// Whether a failure is the database's or the lease's and says nothing of the row it came at, so
// that there is no use in trying others.
bool IsAboutAll(const absl::Status& status);

// Of one replica, and forgotten with it. Thread-safe.
class HeldBack {
 public:
  // Names to leave alone at `now`, sorted.
  std::vector<std::string> At(absl::Time now);
  void Failed(absl::string_view name, absl::Time now);
  void Done(absl::string_view name);

 private:
  struct Wait {
    absl::Time until;
    int64_t failures = 0;
  };
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Wait> waits_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::registry
