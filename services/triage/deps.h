// What every service of triage is made of.
#pragma once

#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "services/triage/pack_rules.h"
#include "services/triage/text_hygiene.h"

namespace chanyan::triage {

struct Deps {
  rpc::StoreDeps store;
  const TriagePack& pack;
  const TextHygiene& hygiene;
  rpc::Peers& peers;
};

}  // namespace chanyan::triage
