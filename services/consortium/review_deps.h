// What the services of review and notice are made of.
#pragma once

#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "services/consortium/due_rows.h"

namespace chanyan::consortium {

struct ReviewDeps {
  rpc::StoreDeps store;
  const policy::Pack& pack;
  rpc::Peers& peers;
  // Told of panels that a job could not look at again.
  DueFailed due_failed = nullptr;

  DueDeps due() const { return {store, due_failed}; }
};

// The bureau's office, which keeps the pool and holds the reviews.
inline const std::string& OfficeOf(const policy::Pack& pack) {
  return pack.proto().consortium().office();
}

}  // namespace chanyan::consortium
