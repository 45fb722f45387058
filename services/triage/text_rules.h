// What texts are compared by. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::triage {

// What titles are compared by: width, case and traditional characters folded, letters and digits
// alone. At most 255 bytes of it, cut at a character.
std::string TextKey(absl::string_view text);

}  // namespace chanyan::triage
