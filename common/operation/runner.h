// Does the operations of a service, one at a time in each process, whichever process comes first. A
// lease says who does one; its fence in every transaction of the work says whose doing counts. What
// a process that was killed left undone another takes up once the lease is over.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/operation/kind.h"
#include "common/operation/operations.h"
#include "common/operation/work.h"
#include "common/rpc/mutate.h"

namespace chanyan::operation {

class Runner {
 public:
  struct Options {
    // Until another may take up what a killed process did.
    absl::Duration lease = absl::Seconds(15);
    // How often it is looked what waits; one that this process began is seen at once.
    absl::Duration poll = absl::Seconds(1);
    // Longest time of one run.
    absl::Duration run = absl::Minutes(30);
    // First pause after a run that a peer or the database broke off; doubled each time.
    absl::Duration pause = absl::Seconds(1);
  };
  struct Deps {
    rpc::StoreDeps store;
    log::Logger log;
    metrics::Registry& metrics;
  };
  // A run that was broken off this often ends in failure: what it does may be what breaks it.
  static constexpr int kMaxAttempts = 10;
  // Operations that have ended are kept this long.
  static constexpr absl::Duration kKept = absl::Hours(24 * 90);

  // `kinds` outlives it.
  Runner(Deps deps, const std::vector<Kind>& kinds, Options options);
  ~Runner();

  void Start();
  // Work under way is put down at its next transaction, for another to take up. Idempotent.
  void Stop();
  // Something waits.
  void Ring();
  // Does what waits, once each; how many were taken up. As the thread does it.
  int RunWaiting();

 private:
  void Loop();
  void KeepLeases();
  bool RunOne(const std::string& name);
  void Do(const v1::Operation& operation, const Kind* kind, db::Lease& lease);
  // One run; its answer's JSON.
  absl::StatusOr<std::string> Run(const v1::Operation& operation, const Kind& kind,
                                  const Input& input, Work& work);
  void Settle(const v1::Operation& operation, const absl::StatusOr<std::string>& outcome,
              const Work& work, db::Lease& lease);
  void EndAs(const v1::Operation& ended, db::Lease& lease);
  void Note(size_t outcome, const v1::Operation& operation, const absl::Status& status) const;
  // Where the keeper finds what to renew; null when nothing is done.
  void Hold(db::Lease* lease, Work* work);

  const Deps deps_;
  const std::vector<Kind>& kinds_;
  const Options options_;
  const std::string owner_;
  const OperationTable table_;
  const metrics::Set<metrics::Counter> outcomes_;
  const metrics::Set<metrics::Gauge> running_;
  // Asked from within transactions: never behind a lock.
  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  // Held while a lease is renewed, which may wait for a transaction of the work.
  absl::Mutex held_mutex_;
  db::Lease* held_ ABSL_GUARDED_BY(held_mutex_) = nullptr;
  Work* work_ ABSL_GUARDED_BY(held_mutex_) = nullptr;
  // Not to be tried again here before then.
  std::map<std::string, absl::Time> not_before_;
  absl::Time clear_at_ = absl::InfinitePast();
  std::thread thread_;
  std::thread keeper_;
};

}  // namespace chanyan::operation
