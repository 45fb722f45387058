// What versions that people submit bring besides themselves, in the transaction of whoever brings
// them: by hand or by a sheet (PAIR-4).
#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "services/pairing/problem_book.h"
#include "services/pairing/report_book.h"

namespace chanyan::pairing {

class Submissions {
 public:
  explicit Submissions(const policy::Pack& pack) : problems_(pack) {}

  // What counts, the project's latest progress and the problem that is named, for each report whose
  // newest version was written just now. The projects are as stored and locked; in few statements,
  // as if one quarter had come after the other.
  absl::Status Bring(rpc::Change& change, absl::Span<const ReportBook::Versioned> reports) const;

 private:
  const ReportBook book_{};
  const ProblemBook problems_;
  const db::Table<v1::Project> projects_;
};

}  // namespace chanyan::pairing
