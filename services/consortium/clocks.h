// What happens when time is up: clocks of states, terms of filings (CON-3, CON-6). Thread-safe.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/db/lease.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class Clocks {
 public:
  explicit Clocks(Deps deps) : deps_(std::move(deps)) {}

  // States whose clock ran out: late, lapsed or cancelled, each once. How many were looked at.
  absl::StatusOr<int> RunOut(const db::Lease& lease) const;
  // Filings whose last day is over.
  absl::StatusOr<int> Expire(const db::Lease& lease) const;

 private:
  using Work = absl::Status (Clocks::*)(rpc::Change&, v1::Consortium*) const;
  absl::StatusOr<int> ForEach(const db::Lease& lease, DueJob job, absl::string_view sql,
                              const db::Values& params, Work work) const;
  absl::Status RunOutOne(rpc::Change& change, v1::Consortium* row) const;
  absl::Status ExpireOne(rpc::Change& change, v1::Consortium* row) const;

  const Deps deps_;
};

}  // namespace chanyan::consortium
