#include "tools/demo/draw.h"

namespace chanyan::demo {
namespace {

// The finalizer of SplitMix64.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace

Draw::Draw(uint64_t seed, absl::string_view purpose) : key_(Mix(seed)) {
  for (const char c : purpose) key_ = Mix(key_ ^ static_cast<unsigned char>(c));
}

uint64_t Draw::Bits(uint64_t a, uint64_t b) const { return Mix(Mix(key_ ^ a) ^ b); }

uint64_t Draw::Below(uint64_t bound, uint64_t a, uint64_t b) const {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(Bits(a, b)) * bound) >> 64);
}

bool Draw::Chance(int percent, uint64_t a, uint64_t b) const {
  return Below(100, a, b) < static_cast<uint64_t>(percent);
}

}  // namespace chanyan::demo
