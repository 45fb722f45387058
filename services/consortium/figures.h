// How consortia stand, in figures: dossiers by state, what is late, notices, filings, and rows that
// jobs could not do. What stands in the tables is the same on every replica.
#pragma once

#include "absl/status/status.h"
#include "common/db/database.h"
#include "common/metrics/metrics.h"
#include "common/time/clock.h"
#include "services/consortium/due_rows.h"

namespace chanyan::consortium {

// Thread-safe.
class Figures {
 public:
  Figures(db::Database& db, const time::Clock& clock, metrics::Registry& metrics);

  void Failed(DueJob job) const { failed_.At({static_cast<size_t>(job)}).Increment(); }
  absl::Status Measure() const;

 private:
  db::Database& db_;
  const time::Clock& clock_;
  const metrics::Set<metrics::Counter> failed_;
  const metrics::Set<metrics::Gauge> dossiers_;
  const metrics::Set<metrics::Gauge> overdue_;
  const metrics::Set<metrics::Gauge> notices_;
  const metrics::Set<metrics::Gauge> filings_;
};

}  // namespace chanyan::consortium
