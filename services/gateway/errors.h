// Errors as HTTP answers (AIP-193): {"error": {"code", "message", "status", "details"}}.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/http_message.h"

namespace chanyan::gateway {

// Seconds of Retry-After on 429 and 503 when the error does not say how long.
inline constexpr int kDefaultRetryAfterSeconds = 1;

// HTTP status of a canonical code; 200 for OK.
int HttpStatusOf(absl::StatusCode code);
// "INVALID_ARGUMENT".
absl::string_view CodeName(absl::StatusCode code);

// `http_status` 0 = by code. INTERNAL texts become a generic sentence; `request_id`, when not
// empty, is added as google.rpc.RequestInfo if there is none.
HttpReply ErrorReply(const absl::Status& status, absl::string_view request_id, int http_status = 0);

// What could not be read as HTTP; closes the connection.
HttpReply RejectReply(const Reject& reject);

}  // namespace chanyan::gateway
