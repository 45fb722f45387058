// What a handler knows of the call it answers.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "common/auth/principal.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::rpc {

// A value made by the server, or by a test.
struct Call {
  auth::Principal principal;
  // Full policy and name of the method.
  const google::protobuf::MethodDescriptor* method = nullptr;
  // The caller's token as received, to call a peer in the caller's name; empty for the public.
  std::string bearer;
  // Request id: the client's, from the request's `request_id` field or x-request-id; else ours.
  std::string request_id;
  // W3C traceparent of this call's span, to pass on.
  std::string traceparent;
  // W3C tracestate beside it, as it came.
  std::string tracestate;
  // Where the gateway has the call from, for limits on what the public may do; empty = unknown.
  std::string client_address;
  // No work is started after it (20 ms are kept for the reply).
  absl::Time deadline = absl::InfiniteFuture();
  // The client is gone.
  std::function<bool()> cancelled = [] { return false; };
};

}  // namespace chanyan::rpc
