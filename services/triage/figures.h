// How triage stands, in figures: what its jobs could not do, pushes that are late, results whose
// holder does nothing. What stands in the tables is the same on every replica.
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "common/db/database.h"
#include "common/metrics/metrics.h"
#include "common/time/clock.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// Parts of the jobs, each done whatever becomes of the others.
enum class JobPartId : size_t {
  kTeams,
  kDemands,
  kHandovers,
  kLadder,
  kPushes,
  kMatters,
  kMeetings,
  kLists,
  kReports
};
// As the series call them, in the order of the enum.
inline constexpr const char* kJobPartLabels[] = {
    "teams", "demands", "handovers", "ladder", "pushes", "matters", "meetings", "lists", "reports"};

// Thread-safe.
class Figures {
 public:
  Figures(db::Database& db, const time::Clock& clock, const TriagePack& pack,
          metrics::Registry& metrics);

  // A run of a part failed, for whatever it was and however often before.
  void Failed(JobPartId part) const { failed_.At({static_cast<size_t>(part)}).Increment(); }
  absl::Status Measure() const;

 private:
  db::Database& db_;
  const time::Clock& clock_;
  const size_t rungs_;
  const metrics::Set<metrics::Counter> failed_;
  const metrics::Set<metrics::Gauge> overdue_;
  // By the last rung of the ladder that was called; the pack has at least one.
  const metrics::Set<metrics::Gauge> idle_;
};

}  // namespace chanyan::triage
