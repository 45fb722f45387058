// What two texts have in common, as reasons tell people. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/search/rarity.h"

namespace chanyan::search {

// Phrases that are quoted one by one.
inline constexpr size_t kMaxQuoted = 8;

// "都提到“海水淡化”" and the points that it brings.
struct Quote {
  std::string text;
  int points = 0;
};

// `points` dealt out among the shared phrases of `text` by their rarity: those that bring most
// first, each quoted, and what is beyond kMaxQuoted as one. Their points add up to `points`, unless
// there are no phrases; one that brings none is left out.
std::vector<Quote> QuotePhrases(const PlacedText& text, const std::vector<Phrase>& phrases,
                                int points);

}  // namespace chanyan::search
