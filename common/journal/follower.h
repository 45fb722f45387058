// Follows a peer's journal, exactly once whatever crashes: the effect and the cursor move in one
// transaction of the follower's own schema.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/time/clock.h"

namespace chanyan::journal {

// Attempts of one entry before it is parked in dead_letter and the follower goes on.
inline constexpr int kMaxEntryAttempts = 5;

// Sealed entries of the peer after `after_seq`, in order, without gaps; empty if none.
using EntrySource =
    std::function<absl::StatusOr<std::vector<v1::Entry>>(int64_t after_seq, int limit)>;
// Applies one entry in the session's transaction, which may be that of entries before and after it.
// It may run again, so it keeps no state.
using EntryEffect = std::function<absl::Status(db::Session&, absl::Time now, const v1::Entry&)>;

class Follower {
 public:
  struct Deps {
    db::Database& db;
    const time::Clock& clock;
    log::Logger logger;
    EntrySource source;
    EntryEffect effect;
  };
  struct Options {
    // Name of the cursor, such as "pairing<registry".
    std::string name;
    absl::Duration poll = absl::Seconds(1);
    absl::Duration lease_ttl = absl::Seconds(10);
  };
  Follower(Deps deps, Options options);
  ~Follower();

  // Applies what the source has beyond the cursor, at most one read. Returns how many entries were
  // gone past. The lease must be held.
  absl::StatusOr<int> FollowOnce();

  void Start();
  void Ring();
  // Idempotent.
  void Stop();

 private:
  // All of them or none.
  absl::Status Apply(absl::Span<const v1::Entry> entries);
  // One that failed often enough is parked.
  absl::Status ApplyAlone(absl::Span<const v1::Entry> entry);
  // Counts a failure; those that pass by themselves do not count.
  bool IsLastAttempt(int64_t seq, const absl::Status& failure);
  absl::Status Park(const v1::Entry& entry, const absl::Status& why);
  bool Stopping();
  void Run();

  const Deps deps_;
  const Options options_;
  db::Lease lease_;
  // Failed attempts of the entry `attempted_`.
  int attempts_ = 0;
  int64_t attempted_ = 0;
  absl::Mutex mutex_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chanyan::journal
