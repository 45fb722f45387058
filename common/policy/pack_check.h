// What a pack must be to be used, beyond what its format says.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with a pack that was read without errors: ids, clauses, references, calendar,
// order of steps. Empty = the pack may be used.
std::vector<PackError> CheckPack(const PackSource& source);

}  // namespace chanyan::policy
