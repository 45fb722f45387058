// What can be found (REG-5): a row for each resource type.
#pragma once

#include <vector>

#include "common/search/source.h"

namespace chanyan::pairing {

// Facets that people narrow a search by, beside search::kTypeFacet.
inline constexpr char kKindFacet[] = "kind";
inline constexpr char kIndustryFacet[] = "industry";
inline constexpr char kZoneFacet[] = "zone";
inline constexpr char kDistrictFacet[] = "district";
inline constexpr char kLevelFacet[] = "level";

// A new type is a new row. Its service's journal must be among those that main.cc gives the index.
std::vector<search::Source> DiscoverySources();

}  // namespace chanyan::pairing
