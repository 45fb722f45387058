// Choices that look random and are the same everywhere: a value depends on a seed, a purpose and
// numbers that say what is drawn, never on what was drawn before. No std:: distribution, whose
// results differ between libraries.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace chanyan::demo {

class Draw {
 public:
  // `purpose` keeps draws for different things apart.
  Draw(uint64_t seed, absl::string_view purpose);

  // 64 even bits for (a, b).
  uint64_t Bits(uint64_t a, uint64_t b = 0) const;
  // 0 … bound − 1; bound > 0. Even to within bound / 2^64.
  uint64_t Below(uint64_t bound, uint64_t a, uint64_t b = 0) const;
  // True in `percent` of a hundred.
  bool Chance(int percent, uint64_t a, uint64_t b = 0) const;

 private:
  uint64_t key_;
};

}  // namespace chanyan::demo
