// What a pack's figures for sharing instruments must be to be used.
#pragma once

#include <vector>

#include "common/policy/pack_source.h"

namespace chanyan::policy {

// Everything wrong with the pack's instrument_policy; nothing where it has none.
std::vector<PackError> CheckInstrumentPolicy(const PackSource& source);

}  // namespace chanyan::policy
