// Ids of traces: W3C traceparent.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::rpc {

// A traceparent for a span of ours: in the trace of `incoming` if that is well-formed (of any
// version), in a new one otherwise. Flags are passed on.
std::string ContinueTrace(absl::string_view incoming);

// The 32 hex digits of the trace; `traceparent` must be one of ours.
absl::string_view TraceId(absl::string_view traceparent);

}  // namespace chanyan::rpc
