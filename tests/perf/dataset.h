// Platforms in the registry's own tables, written once and found again by later runs.
#pragma once

#include <string>

#include "tests/perf/perf.h"

namespace chanyan::perf {

inline constexpr char kRegistrySchema[] = "chanyan_registry";
// Tables that raw statements write to.
inline constexpr char kScratchSchema[] = "chanyan_perf";

// Every second platform has level PROVINCIAL, and one is like another in length.
void EnsurePlatforms(const Options& options);
// Name of the `number`-th of them.
std::string PlatformName(int number);

}  // namespace chanyan::perf
