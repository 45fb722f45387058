// Unified social credit codes for invented companies (GB 32100-2015, GB 11714-1997).
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::demo {

// The first two characters of the organization code; none is given out so.
inline constexpr absl::string_view kInventedPrefix = "YY";
// Numbers below this have codes of their own: 31^6.
inline constexpr uint64_t kInventedCodes = 887'503'681;

// The check character of the first 8 of an organization code.
char OrganizationCheck(absl::string_view code8);
// The check character of the first 17.
char UsccCheck(absl::string_view code17);
// The `number`-th invented company (kind 91) of a region, with both check characters valid.
std::string InventedUscc(absl::string_view region_code, uint64_t number);

}  // namespace chanyan::demo
