// What the services beside CycleService are made of.
#pragma once

#include "common/policy/pack.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"

namespace chanyan::cycle {

struct CycleDeps {
  rpc::StoreDeps store;
  const policy::Pack& pack;
  rpc::Peers& peers;
};

}  // namespace chanyan::cycle
