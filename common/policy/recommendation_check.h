// The part of a pack's check that looks at its recommendation plan.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// What is wrong with the plan, each with its place; empty if there is none or it is right.
std::vector<PackError> CheckRecommendation(const PackSource& source);

}  // namespace chanyan::policy
