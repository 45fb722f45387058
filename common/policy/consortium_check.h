// What the part of a pack that concerns consortia must be: districts, clauses, clocks, filing,
// evaluation, bars. Review and notice are in consortium_review_check.h; the rest is in
// pack_check.h, which asks both.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with `consortium` and with the rules that it needs; nothing if the pack has
// none.
std::vector<PackError> CheckConsortium(const PackSource& source);

}  // namespace chanyan::policy
