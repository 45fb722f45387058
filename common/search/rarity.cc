#include "common/search/rarity.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "common/api/normalize.h"
#include "common/search/terms.h"

namespace chanyan::search {
namespace {

bool IsTelling(const Term& term) {
  if (term.end - term.begin < 2) return false;
  return !std::all_of(term.text.begin(), term.text.end(), absl::ascii_isdigit);
}

}  // namespace

PlacedText PlaceTerms(absl::string_view text) {
  const api::Normalized normalized = api::Normalize(text);
  PlacedText placed;
  for (const char32_t c : normalized.text) api::AppendUtf8(c, &placed.characters.emplace_back());
  for (Term& term : CutTerms(normalized.text, Cut::kLongest)) {
    if (IsTelling(term)) placed.terms.push_back({std::move(term.text), term.begin, term.end});
  }
  return placed;
}

std::vector<std::string> TellingTerms(absl::string_view text) {
  std::vector<std::string> terms;
  for (Term& term : CutTerms(api::Normalize(text).text, Cut::kLongest)) {
    if (IsTelling(term)) terms.push_back(std::move(term.text));
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

uint32_t MilliLog2(uint64_t numerator, uint64_t denominator) {
  if (numerator <= denominator) return 0;
  uint32_t whole = 0;
  while (numerator >= 2 * denominator) {
    denominator *= 2;
    ++whole;
  }
  // The rest lies in [1, 2): each squaring gives one more binary digit of its logarithm.
  constexpr int kDigits = 24;
  uint64_t rest = (numerator << 31) / denominator;
  uint64_t digits = 0;
  for (int i = 0; i < kDigits; ++i) {
    rest = (rest * rest) >> 31;
    digits <<= 1;
    if (rest >= uint64_t{1} << 32) {
      digits |= 1;
      rest >>= 1;
    }
  }
  return whole * 1000 + static_cast<uint32_t>((digits * 1000) >> kDigits);
}

void Rarity::Add(const std::vector<std::string>& terms) {
  ++texts_;
  for (const std::string& term : terms) ++texts_with_[term];
}

uint32_t Rarity::Of(absl::string_view term) const {
  const auto found = texts_with_.find(term);
  return MilliLog2(texts_ + 1, found == texts_with_.end() ? 1 : found->second);
}

uint64_t SharedRarity(const PlacedText& text, HasTerm has, RarityOf rarity) {
  uint64_t sum = 0;
  absl::flat_hash_set<absl::string_view> seen;
  for (const PlacedTerm& term : text.terms) {
    if (has(term.term) && seen.insert(term.term).second) sum += rarity(term.term);
  }
  return sum;
}

std::vector<Phrase> SharedPhrases(const PlacedText& text, HasTerm has, RarityOf rarity) {
  std::vector<Phrase> phrases;
  absl::flat_hash_set<absl::string_view> counted;
  for (const PlacedTerm& term : text.terms) {
    if (!has(term.term)) continue;
    if (phrases.empty() || term.begin >= phrases.back().end) {
      phrases.push_back({term.begin, term.end, 0});
    }
    phrases.back().end = std::max(phrases.back().end, term.end);
    if (counted.insert(term.term).second) phrases.back().milli_bits += rarity(term.term);
  }
  return phrases;
}

std::string TextOf(const PlacedText& text, const Phrase& phrase) {
  return absl::StrJoin(text.characters.begin() + phrase.begin, text.characters.begin() + phrase.end,
                       "");
}

std::vector<int> DealOut(int points, const std::vector<uint64_t>& weights) {
  uint64_t all = 0;
  for (const uint64_t weight : weights) all += weight;
  std::vector<int> dealt(weights.size());
  if (all == 0) return dealt;
  std::vector<std::pair<uint64_t, size_t>> remainders;
  int left = points;
  for (size_t i = 0; i < weights.size(); ++i) {
    const uint64_t product = static_cast<uint64_t>(points) * weights[i];
    dealt[i] = static_cast<int>(product / all);
    left -= dealt[i];
    remainders.emplace_back(product % all, i);
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t i = 0; left > 0; ++i, --left) ++dealt[remainders[i].second];
  return dealt;
}

}  // namespace chanyan::search
