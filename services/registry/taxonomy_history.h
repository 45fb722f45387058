// The history of the policy pack's taxonomies (REG-7): the journal has each as it was from the
// first start under a pack that has it so. Nothing is kept twice: what it was before is its last
// entry.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "common/db/lease.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"

namespace chanyan::registry {

class TaxonomyHistory {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit TaxonomyHistory(Deps deps) : deps_(std::move(deps)) {}

  // Writes what differs from what was written last, "published" or "withdrawn" of each, in one
  // transaction that the lease fences; how many entries. Once it went well this process looks no
  // more: a pack stays the same while it runs, and replicas of another release do not write in
  // turn.
  absl::StatusOr<int> Record(const db::Lease& lease);

 private:
  absl::StatusOr<int> Write(db::Session& session) const;

  const Deps deps_;
  bool done_ = false;
};

}  // namespace chanyan::registry
