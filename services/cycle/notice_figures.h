// How telling people and office systems goes, in figures (CYC-9): attempts as they end, and what
// waits or was given up as it stands in the tables.
#pragma once

#include "absl/status/status.h"
#include "common/db/database.h"
#include "common/metrics/metrics.h"
#include "services/cycle/webhook_service.h"

namespace chanyan::cycle {

// Thread-safe.
class NoticeFigures {
 public:
  NoticeFigures(db::Database& db, metrics::Registry& metrics);

  void Ended(DeliveryEnd end) const { attempts_.At({static_cast<size_t>(end)}).Increment(); }
  // Reads what stands in the tables; the same on every replica.
  absl::Status Measure() const;

 private:
  db::Database& db_;
  const metrics::Set<metrics::Counter> attempts_;
  const metrics::Set<metrics::Gauge> deliveries_;
  const metrics::Set<metrics::Gauge> oldest_;
  const metrics::Set<metrics::Gauge> undigested_;
};

}  // namespace chanyan::cycle
