// How much two texts have in common: the terms that stand in both, each weighed by how rare it is
// in a collection, and the phrases they make for people. Pure, by integers alone, so that every
// machine gets the same.
//
//   rarity of a term = log2((texts + 1) / texts that have it), in thousandths of a bit
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace chanyan::search {

// Between texts that are put together, so that no word is made of the end of one and the beginning
// of the next.
inline constexpr char kBetweenTexts[] = "\n";

// A term and where it stands: [begin, end) of PlacedText::characters.
struct PlacedTerm {
  std::string term;
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct PlacedText {
  // The folded text, one character an item.
  std::vector<std::string> characters;
  // In order of place.
  std::vector<PlacedTerm> terms;
};

// The terms that tell something: pairs of Chinese characters and names such as abs or 5g; single
// characters and bare numbers say too little.
PlacedText PlaceTerms(absl::string_view text);
// The same terms alone: ascending, each once.
std::vector<std::string> TellingTerms(absl::string_view text);

// floor(1000 × log2(numerator / denominator)); 0 if numerator <= denominator. Both at most 2^31,
// denominator > 0.
uint32_t MilliLog2(uint64_t numerator, uint64_t denominator);

// Rarity of terms in a collection of texts. A value.
class Rarity {
 public:
  // One more text, by its terms, each once.
  void Add(const std::vector<std::string>& terms);
  // In thousandths of a bit.
  uint32_t Of(absl::string_view term) const;

 private:
  uint64_t texts_ = 0;
  absl::flat_hash_map<std::string, uint32_t> texts_with_;
};

using HasTerm = absl::FunctionRef<bool(const std::string& term)>;
using RarityOf = absl::FunctionRef<uint32_t(const std::string& term)>;

// Terms of the text that the other one has, summed up by rarity, each once.
uint64_t SharedRarity(const PlacedText& text, HasTerm has, RarityOf rarity);

// Shared terms that overlap in the text, read as one.
struct Phrase {
  uint32_t begin = 0;
  uint32_t end = 0;
  // Of the terms that stand here first.
  uint64_t milli_bits = 0;
};

// In order of place; their thousandths of a bit are SharedRarity.
std::vector<Phrase> SharedPhrases(const PlacedText& text, HasTerm has, RarityOf rarity);
std::string TextOf(const PlacedText& text, const Phrase& phrase);

// `points` dealt out by weight, by largest remainder: the first of equal ones gets the odd point.
// All zero if there is no weight.
std::vector<int> DealOut(int points, const std::vector<uint64_t>& weights);

}  // namespace chanyan::search
