// A periodic job that one replica does at a time, whichever: a lease says who tries, and the fence
// in the transaction of the effect says whose try counts. What it does must be safe to do twice.
//
//   auto& job = runtime.Own(std::make_unique<rpc::LeasedJob>(
//       rpc::LeasedJob::Options{.name = "platform-freshness", .period = absl::Minutes(10)},
//       runtime.db(), runtime.log(), [&](const db::Lease& lease) { return service.Mark(lease); }));
//   runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/rpc/periodic.h"

namespace chanyan::rpc {

class LeasedJob {
 public:
  struct Options {
    // Of the lease, and in the log.
    std::string name;
    absl::Duration period;
    // One run must end within two thirds of it, or begin transactions no longer (Lease::Held).
    absl::Duration lease = absl::Seconds(120);
  };
  LeasedJob(Options options, db::Database& database, log::Logger logger,
            std::function<absl::Status(const db::Lease&)> work);

  void Start() { periodic_.Start(); }
  // Waits for a run under way and gives the lease up. Idempotent.
  void Stop();
  // One run, as the thread does it: OK if another replica is at work.
  absl::Status Tick();

 private:
  const std::function<absl::Status(const db::Lease&)> work_;
  db::Lease lease_;
  Periodic periodic_;
};

}  // namespace chanyan::rpc
