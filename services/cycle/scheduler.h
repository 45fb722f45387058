// Opens the cycle of the running quarter by itself (CYC-2): exactly once, however many replicas run
// and whenever they stop. A lease says who tries; the fence in the opening's own transaction says
// whose try counts; the cycle's name is the key of the tick, so that a second try finds it done.
// Missed ticks are caught up as follows. While its quarter runs, a cycle is opened by the first
// look that can, however late: its deadlines are the calendar's nevertheless. Of the steps that are
// over by then the secretariat is told in the opening's transaction, and they are granted an
// exception for all or extended as the pack's cycle_plan.late_opening says (late_opening_rules.h).
// A quarter that passed while all was down is not opened any more: the secretariat learns of it
// with the next opening, and may enter it as a rehearsal, which goes by a clock of its own. A
// quarter is opened only where this machine's clock and the database's say the same one, so that a
// clock that is ahead or behind opens no other.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/time/clock.h"

namespace chanyan::cycle {

// How often the quarter is looked at.
inline constexpr absl::Duration kSchedulerPoll = absl::Seconds(30);
inline constexpr absl::Duration kSchedulerLease = absl::Seconds(120);
// Longest time of one opening; the lease outlasts it.
inline constexpr absl::Duration kOpeningPatience = absl::Seconds(100);

class Scheduler {
 public:
  struct Deps {
    db::Database& db;
    const time::Clock& clock;
    log::Logger log;
    metrics::Registry& metrics;
    // Opens the running quarter's cycle under the lease until the deadline; ALREADY_EXISTS if it is
    // open.
    std::function<absl::Status(const db::Lease&, absl::Time)> open;
  };
  explicit Scheduler(Deps deps, absl::Duration poll = kSchedulerPoll);
  ~Scheduler();

  void Start();
  // Waits for an opening under way. Idempotent.
  void Stop();
  // One look, as the thread does it: OK if the cycle is open now or another replica is at work.
  absl::Status Tick();

 private:
  // FAILED_PRECONDITION if the two clocks say different quarters.
  absl::Status CheckClocks();
  void Run();
  void Note(const absl::Status& outcome);

  const Deps deps_;
  const absl::Duration poll_;
  db::Lease lease_;
  const metrics::Set<metrics::Counter> ticks_;
  // What was last logged: a year without calendar is said once, not twice a minute.
  std::string said_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chanyan::cycle
