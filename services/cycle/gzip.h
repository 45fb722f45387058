// Text that is kept and seldom read.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::cycle {

// INTERNAL if it cannot be packed.
absl::StatusOr<std::string> Gzip(absl::string_view text);

// INTERNAL if that is damaged. What was cut off is shorter and says nothing: a digest does.
absl::StatusOr<std::string> Gunzip(absl::string_view packed);

}  // namespace chanyan::cycle
