// Ids of traces: W3C Trace Context.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::rpc {

// Of a tracestate that is passed on; a longer one is not.
inline constexpr size_t kMaxTracestateBytes = 512;
inline constexpr size_t kMaxTracestateMembers = 32;

// A traceparent for a span of ours: in the trace of `incoming` if that is well-formed (of any
// version), in a new one otherwise. Flags are passed on.
std::string ContinueTrace(absl::string_view incoming);

// What others keep beside the trace: all of it as it came, with a tab as a space. Nothing if it is
// malformed or too long, or if the trace of `traceparent` is not gone on with.
std::string ContinueTracestate(absl::string_view traceparent, absl::string_view tracestate);
// A tracestate may come in several lines, which are one list.
void JoinTracestate(absl::string_view line, std::string* tracestate);

// The 32 hex digits of the trace; `traceparent` must be one of ours.
absl::string_view TraceId(absl::string_view traceparent);

}  // namespace chanyan::rpc
