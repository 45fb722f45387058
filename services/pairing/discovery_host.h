// The index as a part of the program: opened, fed by the journals of its sources, measured.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/runtime.h"
#include "services/pairing/discovery_service.h"

namespace chanyan::pairing {

// A start waits so long for an index that has to be made; a longer making goes on behind, and
// Search is UNAVAILABLE meanwhile.
inline constexpr absl::Duration kIndexPatience = absl::Seconds(10);

// What HostDiscovery has made; the runtime owns it.
struct Discovery {
  DiscoveryService& service;
  PlatformAdvice& advice;
};

// Registers DiscoveryService and its jobs. INVALID_ARGUMENT if `index_dir` cannot be used.
absl::StatusOr<Discovery> HostDiscovery(rpc::Runtime& runtime, const std::string& index_dir);

}  // namespace chanyan::pairing
