// What every service of triage is made of.
#pragma once

#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "services/triage/text_hygiene.h"
#include "services/triage/triage_pack.h"

namespace chanyan::triage {

struct Deps {
  rpc::StoreDeps store;
  const TriagePack& pack;
  const TextHygiene& hygiene;
  rpc::Peers& peers;
};

}  // namespace chanyan::triage
