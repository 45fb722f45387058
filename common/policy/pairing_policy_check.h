// What a pack must say about pairing to be used (pairing.proto).
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with it; empty also when the pack says nothing of pairing.
std::vector<PackError> CheckPairingPolicy(const PackSource& source);

}  // namespace chanyan::policy
