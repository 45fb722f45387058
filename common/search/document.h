// What the index holds of one resource. Plain values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace chanyan::search {

// A text and how often each of its words counts.
struct WeightedText {
  std::string text;
  int weight = 1;
};

// A value by which people narrow a search, such as {"level", "NATIONAL"}.
struct FacetValue {
  std::string facet;
  std::string value;
  friend auto operator<=>(const FacetValue&, const FacetValue&) = default;
};

// Longest value of a facet, in bytes; a longer one is no value to choose from.
inline constexpr size_t kMaxFacetBytes = 200;

struct Document {
  // Resource name: there is one document of a name.
  std::string name;
  // Full name of its message type.
  std::string type;
  // The resource as it is given back.
  std::string data;
  std::vector<WeightedText> texts;
  std::vector<FacetValue> facets;
  // auth::RowLabels: who shares one with it may find it.
  std::vector<std::string> labels;
  // Resources that it belongs to.
  std::vector<std::string> owners;
  absl::Time update_time;
  // Not found from this instant on.
  absl::Time expire_time = absl::InfiniteFuture();
};

}  // namespace chanyan::search
