// Why a text was found: the part of it with most of the words looked for, and where they stand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace chanyan::search {

// Characters (code points) of a Snippet's text: [begin, end).
struct Mark {
  uint32_t begin;
  uint32_t end;
  friend bool operator==(const Mark&, const Mark&) = default;
};

struct Snippet {
  // Part of the original text; "…" stands for what is cut off.
  std::string text;
  // In order, apart from each other.
  std::vector<Mark> marks;
};

using TermSet = absl::flat_hash_set<std::string>;

// The terms of a query (Cut::kLongest), each once in order of place; at most kMaxQueryTerms.
inline constexpr size_t kMaxQueryTerms = 48;
std::vector<std::string> QueryTerms(absl::string_view text);

// At most `length` characters of `text` around the marks; its beginning, without marks, if no term
// is in it.
Snippet MakeSnippet(absl::string_view text, const TermSet& terms, size_t length);

}  // namespace chanyan::search
