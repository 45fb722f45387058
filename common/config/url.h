// Pieces of URLs, as --db and --redis have them.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::config {

// "a%2Fb" is "a/b". False if an escape is broken.
bool PercentDecode(absl::string_view text, std::string* out);

}  // namespace chanyan::config
