// The words of a text. One cut serves index, query, marks and recommendation, so what one of them
// calls a term the others find.
//
// Chinese has no blanks: a run of Han characters (kana and hangul too) is cut into its single
// characters and its pairs, as Xapian's own n-grams do. Anything else is cut at what is neither
// letter nor digit. 「5G通信」 = 5g 通 信 通信
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/api/normalize.h"

namespace chanyan::search {

// Most bytes of a term; the rest of a longer word does not count.
inline constexpr size_t kMaxTermBytes = 64;

struct Term {
  std::string text;
  // Characters of the normalised text: [begin, end).
  uint32_t begin;
  uint32_t end;
};

enum class Cut {
  // All of them.
  kAll,
  // Those that say most: pairs, and a single character only where it stands alone.
  kLongest,
};

// In order of place; of those that begin together the shorter one first. Thread-safe.
std::vector<Term> CutTerms(std::u32string_view normalized, Cut cut);

}  // namespace chanyan::search
