// Triage in the program: its services, jobs and what it follows.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/runtime.h"

namespace chanyan::triage {

// FAILED if the pack has no part on triage.
absl::Status Host(rpc::Runtime& runtime);

}  // namespace chanyan::triage
