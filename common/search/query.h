// What is asked of the index and what it answers.
//
// What the caller may see is decided first and as a set; words, filters, totals and counts are all
// taken within that set, so nothing outside it can show in any of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/search/document.h"

namespace chanyan::search {

class Snapshot;

// Results beyond this are not listed: who looks so far should narrow the search.
inline constexpr size_t kMaxReach = 10'000;
// Values of one facet that are counted out to the caller, the most frequent first.
inline constexpr size_t kMaxFacetValues = 100;

struct Filter {
  std::string facet;
  // Any of them.
  std::vector<std::string> values;
};

struct Query {
  // In people's words; no character of it is an operator. Empty = everything, newest first.
  std::string text;
  // All of them.
  std::vector<Filter> filters;
  // auth::CallerLabels of all types that are looked for.
  std::vector<std::string> labels;
  // Facets whose values are counted.
  std::vector<std::string> facets;
  size_t offset = 0;
  size_t limit = 20;
  // Any word suffices. Otherwise all words are needed, unless nothing within reach has them all.
  bool any_word = false;
};

struct FacetCount {
  FacetValue value;
  // Found documents with it, were its facet not filtered by: what choosing it would show.
  int64_t count = 0;
};

struct Found {
  std::string type;
  std::string data;
  // Its values of all facets, inherited ones too.
  std::vector<FacetValue> values;
};

struct Matches {
  // Best first; of equals the one whose name comes first.
  std::vector<Found> found;
  int64_t total = 0;
  // In the order of Query::facets, then by count, then by value.
  std::vector<FacetCount> counts;
  bool any_word = false;
};

// One search over one snapshot, for the Index. Errors as of Guarded().
absl::StatusOr<Matches> Evaluate(const Snapshot& snapshot, const Query& query, absl::Time now);

}  // namespace chanyan::search
