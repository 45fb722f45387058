// The OpenAPI 3.1 document of all routes, from descriptors, their options and their comments.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/gateway/routes.h"

namespace chanyan::gateway {

// `descriptor_set`: file of a FileDescriptorSet with source info, from which the descriptions come;
// empty = none. INVALID_ARGUMENT if it cannot be read.
absl::StatusOr<std::string> OpenApiJson(const Routes& routes, const std::string& descriptor_set);

}  // namespace chanyan::gateway
