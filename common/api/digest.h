// SHA-256.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::api {

// 32 bytes.
std::string Sha256(absl::string_view bytes);
// 64 hex digits, lower case.
std::string Sha256Hex(absl::string_view bytes);

// A short stable id made of `text`: `prefix` and 16 hex digits. The same text gives the same id.
std::string DigestId(absl::string_view prefix, absl::string_view text);

}  // namespace chanyan::api
