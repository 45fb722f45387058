// The part of a pack's check that looks at its plan for matching.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// What is wrong with triage.matching, each with its place; empty if there is none or it is right.
std::vector<PackError> CheckMatching(const PackSource& source);

}  // namespace chanyan::policy
