// The seed of a property test: a new one each run, printed; CHANYAN_SEED repeats a run.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace chanyan::testing {

inline uint32_t Seed() {
  const char* given = std::getenv("CHANYAN_SEED");
  const uint32_t seed = given != nullptr ? static_cast<uint32_t>(std::strtoul(given, nullptr, 10))
                                         : std::random_device{}();
  std::cout << "CHANYAN_SEED=" << seed << "\n";
  return seed;
}

}  // namespace chanyan::testing
