// Reports of progress as they are asked for, marked and ended by jobs, and as evaluations find them
// (CON-7).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "services/consortium/construction_rules.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

// Of a consortium latest period first, as an evaluation shows them; at most as many as it holds.
absl::StatusOr<std::vector<v1::EvaluationReport>> ReportsFound(db::Session& session,
                                                               absl::string_view consortium);

// Thread-safe.
class ConstructionBook {
 public:
  explicit ConstructionBook(Deps deps) : deps_(std::move(deps)) {}

  // Each is safe to do twice, and says how many it did.
  //
  // Asks all that are in force for the latest period of the pack that is over, if they were filed
  // by its first day (a renewal: what it renews); nobody where the pack says nothing of progress.
  // The term begins on the day on which one is asked. Who was not asked before the next period was
  // over is asked for that one alone.
  absl::StatusOr<int> Ask(const db::Lease& lease);
  // Reports that are the lead's turn, once a term: reminded of, and marked overdue.
  absl::StatusOr<int> Remind(const db::Lease& lease);
  absl::StatusOr<int> MarkOverdue(const db::Lease& lease);
  // Reports that are the lead's turn and whose filing is in force no more end.
  absl::StatusOr<int> End(const db::Lease& lease);

 private:
  absl::StatusOr<bool> AskOne(rpc::Change& change, const std::string& consortium,
                              const ReportPeriod& period) const;
  absl::StatusOr<bool> RemindOne(rpc::Change& change, const std::string& name) const;
  absl::StatusOr<bool> MarkOne(rpc::Change& change, const std::string& name) const;
  absl::StatusOr<bool> EndOne(rpc::Change& change, const std::string& name) const;

  const Deps deps_;
  const db::Table<v1::ConstructionReport> reports_;
};

}  // namespace chanyan::consortium
