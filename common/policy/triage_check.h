// What the part of a pack that concerns triage must be: units, teams, training, maturity, rules of
// disposition, routes, clocks. The rest is in pack_check.h, which asks this.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with `triage`; nothing if the pack has none.
std::vector<PackError> CheckTriage(const PackSource& source);

}  // namespace chanyan::policy
