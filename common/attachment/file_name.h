// Names of files as people give them, made fit to be shown and saved anywhere. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::attachment {

// Characters of a name that is kept, the extension included.
inline constexpr size_t kMaxFileNameChars = 120;

// The last segment of what may be a path, without what changes how it looks (control, bidi and
// zero-width characters) and with _ for what a file system refuses (<>:"|?*); blanks and points at
// its ends go, names of devices (CON, NUL, …) get a _ in front, and a name that is too long loses
// the end of its stem and keeps its extension. INVALID_ARGUMENT on `field` if it is not UTF-8 or
// nothing is left.
//   "C:\\成果\\检测 报告?.PDF" → "检测 报告_.PDF"
absl::StatusOr<std::string> CleanFileName(absl::string_view name, absl::string_view field);

}  // namespace chanyan::attachment
