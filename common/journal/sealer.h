// Gives appended entries their place: a gapless `seq` and the hash chain.
//
// AUTO_INCREMENT order is not commit order, so a reader that kept "last id" would miss entries that
// commit late. The sealer takes committed rows without `seq`, whatever their id, and numbers them;
// order is kept per resource, whose row is locked before the append. One sealer works at a time: a
// lease row, touched in the sealing transaction, so that a sealer that slept through its lease
// cannot write.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/log/log.h"

namespace chanyan::journal {

// Entries sealed in one transaction.
inline constexpr int kSealBatch = 500;

// Seals what is committed now, at most one batch, under `lease`. Returns how many.
absl::StatusOr<int> SealOnce(db::Database& database, const db::Lease& lease);

// A thread that acquires the lease and seals whenever Ring() is called, and by a slow poll.
class Sealer {
 public:
  struct Options {
    absl::Duration poll = absl::Milliseconds(500);
    // Least time between two rounds: under load the entries of so long share one transaction.
    absl::Duration pause = absl::Milliseconds(20);
    absl::Duration lease_ttl = absl::Seconds(10);
    // Called on the sealer's thread after entries were sealed: rings followers.
    std::function<void()> sealed;
  };
  Sealer(db::Database& database, log::Logger logger, Options options);
  ~Sealer();

  void Start();
  // Something was committed. Cheap; from any thread.
  void Ring();
  // Seals what is left, gives the lease up and joins. Idempotent.
  void Stop();

 private:
  void Run();
  bool NothingToSeal();
  void SealAll();

  db::Database& database_;
  const log::Logger logger_;
  const Options options_;
  db::Lease lease_;
  absl::Mutex mutex_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chanyan::journal
