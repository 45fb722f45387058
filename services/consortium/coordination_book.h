// What is coordinated for consortia, as reports of progress raise it and the job marks it late
// (CON-7).
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

// Thread-safe.
class CoordinationBook {
 public:
  explicit CoordinationBook(Deps deps) : deps_(std::move(deps)) {}

  // The problem that a version names as it is handed in, of a report whose dossier is locked; an
  // item for it, unless the report has one that says the same. One that is nobody's yet is
  // reworded.
  absl::Status Raise(rpc::Change& change, const v1::ConstructionReport& report,
                     const v1::ConstructionVersion& version) const;

  // Marks what is with a unit and past its term, once a term. Safe to do twice; how many.
  absl::StatusOr<int> MarkOverdue(const db::Lease& lease) const;

 private:
  const Deps deps_;
  const db::Table<v1::CoordinationItem> items_;
};

}  // namespace chanyan::consortium
