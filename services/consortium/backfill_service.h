// RPC handlers of chanyan.consortium.v1.BackfillService. Thread-safe.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/backfill.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "services/consortium/backfill_clock.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

class BackfillService {
 public:
  // The clock's own moves are made at the machine's time, which is `store`'s, so that the journal
  // says when somebody moved it.
  BackfillService(rpc::StoreDeps store, const ConsortiumPack& pack, BackfillClock& clock)
      : store_(std::move(store)), pack_(pack), clock_(clock) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Backfill> BeginBackfill(const rpc::Call&, const v1::BeginBackfillRequest&);
  absl::StatusOr<v1::Backfill> AdvanceBackfill(const rpc::Call&, const v1::AdvanceBackfillRequest&);

 private:
  v1::Backfill Shown(v1::Backfill row) const;

  const rpc::StoreDeps store_;
  const ConsortiumPack& pack_;
  BackfillClock& clock_;
  const db::Table<v1::Backfill> backfills_;
};

}  // namespace chanyan::consortium
