// Consortium in the program: its services, jobs and what it follows.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/runtime.h"

namespace chanyan::consortium {

// FAILED if the pack has no part on consortia.
absl::Status Host(rpc::Runtime& runtime);

}  // namespace chanyan::consortium
