// Consortium in the program: its services, jobs and what it follows.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/rpc/runtime.h"

namespace chanyan::consortium {

// `data_key_file`: crypto::Keyring. FAILED without it, or if the pack has no part on consortia.
absl::Status Host(rpc::Runtime& runtime, const std::string& data_key_file);

}  // namespace chanyan::consortium
