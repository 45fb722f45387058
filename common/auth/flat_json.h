// The JSON of a token's header and claims: one object whose values are strings, integers, booleans
// or lists of strings. Stricter than RFC 8259 where leniency has been abused: no duplicate names,
// no nested objects, no fractions, no control characters, nothing after the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace chanyan::auth {

using FlatValue = std::variant<bool, int64_t, std::string, std::vector<std::string>>;
using FlatObject = std::map<std::string, FlatValue>;

inline constexpr size_t kMaxFlatMembers = 32;
inline constexpr size_t kMaxFlatItems = 32;

// Nothing if the text is anything else.
std::optional<FlatObject> ParseFlatJson(absl::string_view text);
// Members in order of name, without white space.
std::string WriteFlatJson(const FlatObject& object);

}  // namespace chanyan::auth
