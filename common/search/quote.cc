#include "common/search/quote.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace chanyan::search {

std::vector<Quote> QuotePhrases(const PlacedText& text, const std::vector<Phrase>& phrases,
                                int points) {
  std::vector<uint64_t> weights;
  for (const Phrase& phrase : phrases) weights.push_back(phrase.milli_bits);
  const std::vector<int> dealt = DealOut(points, weights);
  std::vector<size_t> order(phrases.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&dealt](size_t a, size_t b) { return dealt[a] > dealt[b]; });
  std::vector<Quote> quotes;
  int rest = 0, rest_points = 0;
  for (size_t i = 0; i < order.size() && dealt[order[i]] > 0; ++i) {
    if (i < kMaxQuoted) {
      quotes.push_back(
          {absl::StrCat("都提到“", TextOf(text, phrases[order[i]]), "”"), dealt[order[i]]});
    } else {
      ++rest;
      rest_points += dealt[order[i]];
    }
  }
  if (rest > 0) quotes.push_back({absl::StrCat("另有 ", rest, " 处共同用语"), rest_points});
  return quotes;
}

}  // namespace chanyan::search
