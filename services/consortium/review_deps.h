// What the services of review and notice are made of.
#pragma once

#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"

namespace chanyan::consortium {

struct ReviewDeps {
  rpc::StoreDeps store;
  const policy::Pack& pack;
  rpc::Peers& peers;
};

// The bureau's office, which keeps the pool and holds the reviews.
inline const std::string& OfficeOf(const policy::Pack& pack) {
  return pack.proto().consortium().office();
}

}  // namespace chanyan::consortium
