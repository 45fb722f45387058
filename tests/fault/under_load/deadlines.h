// How long a call of a drill may take: what its method says of itself.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::fault {

// The deadline of the method that `target` ("/v1/organizations?pageSize=5") reaches, the gateway's
// own where the method has none, and half a second for the way. Of several that it may reach the
// longest. Thread-safe.
absl::Duration LongestCall(absl::string_view http_method, absl::string_view target);

}  // namespace chanyan::fault
