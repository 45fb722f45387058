// Work on several connections at a time.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace chanyan::quarter {

inline constexpr size_t kConnections = 4;

// Calls `work` for 0 … count − 1, up to kConnections at a time. After an error nothing new is
// begun; the error of the lowest number comes back.
absl::Status ParallelFor(size_t count, const std::function<absl::Status(size_t)>& work);

}  // namespace chanyan::quarter
