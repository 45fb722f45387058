// Sees that the pack in force gives other deadlines than a live cycle that runs has (CYC-1): after
// a start with an amended calendar somebody has to reproject them, and nobody would know.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "common/db/database.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/metrics/metrics.h"
#include "common/policy/pack.h"
#include "common/time/clock.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// What ReprojectDeadlines would move in one cycle.
struct DueReprojection {
  v1::Cycle cycle;
  std::vector<v1::MovedStep> steps;
  std::vector<v1::MovedWindow> windows;
  size_t count() const { return steps.size() + windows.size(); }
};

// Asks the cycle's secretariat to look at it: what would move under `pack`, "id@version", and what
// to do. Pure.
Notice ReprojectionDue(const DueReprojection& due, const std::string& pack);

// Thread-safe.
class CalendarWatch {
 public:
  CalendarWatch(db::Database& db, const time::Clock& clock, const policy::Pack& pack,
                metrics::Registry& metrics);

  // How many open deadlines differ, as a figure; the same on every replica.
  absl::Status Measure() const;
  // Tells the secretariat of each cycle, once for each version of the pack, however many replicas
  // look and whatever crashes: what was told is kept as a reminder of the cycle, in the transaction
  // that fences the lease. Where nothing differs any more, what was told is settled. Nothing is
  // kept where nobody could be told.
  absl::Status Tell(const db::Lease& lease) const;

 private:
  absl::StatusOr<std::vector<DueReprojection>> Look(db::Session& session, absl::Time now) const;
  absl::Status TellOf(db::Session& session, absl::Time now, const DueReprojection& due) const;

  db::Database& db_;
  const time::Clock& clock_;
  const policy::Pack& pack_;
  const db::Table<v1::Cycle> cycles_;
  const metrics::Set<metrics::Gauge> differing_;
};

}  // namespace chanyan::cycle
