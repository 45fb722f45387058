// Resource names (AIP-122): organizations/{organization}/platforms/{platform}.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace chanyan::api {

// Greatest number of characters of one segment.
inline constexpr size_t kMaxSegmentLength = 63;
// Greatest number of characters of a whole name; tables keep names in VARCHAR(255).
inline constexpr size_t kMaxNameLength = 255;

// 1 to 63 of A–Z a–z 0–9 . _ ~ -, but neither "." nor "..".
bool IsSegment(absl::string_view text);
// One or more segments between slashes.
bool IsName(absl::string_view name);

// Values of the pattern's variables in order, or nothing if `name` is not of the pattern. "-" (any)
// is no value: it is accepted only with `wildcards`.
//   ParseName("organizations/{o}/platforms/{p}", "organizations/ouc/platforms/lab") = {"ouc",
//   "lab"}
std::optional<std::vector<std::string>> ParseName(absl::string_view pattern, absl::string_view name,
                                                  bool wildcards = false);
// The pattern with its variables replaced. CHECK-fails if the number of ids differs.
std::string FormatName(absl::string_view pattern, absl::Span<const absl::string_view> ids);

// "organizations/ouc" for "organizations/ouc/platforms/lab"; "" for a resource at the top.
absl::string_view ParentOfName(absl::string_view name);
// "platforms" for "organizations/ouc/platforms/lab".
absl::string_view CollectionOfName(absl::string_view name);
// "lab" for "organizations/ouc/platforms/lab".
absl::string_view IdOfName(absl::string_view name);

// Random UUID, version 4, in lower case.
std::string NewUuid();
// Twelve of 0–9 a–z without i, l, o and u (60 random bits): short enough to be read aloud.
std::string NewShortId();
// 8-4-4-4-12 hexadecimal digits.
bool IsUuid(absl::string_view text);

}  // namespace chanyan::api
