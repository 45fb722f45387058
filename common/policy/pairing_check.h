// What the parts of a pack that concern projects must be: clocks, contract fields, outcome kinds.
// The rest is in pack_check.h, which asks this.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with pairing_plan, contract_fields and outcome_kinds.
std::vector<PackError> CheckPairing(const PackSource& source);

}  // namespace chanyan::policy
