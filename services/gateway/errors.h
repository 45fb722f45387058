// Errors as HTTP answers (AIP-193): {"error": {"code", "message", "status", "details"}}.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/gateway/http_message.h"

namespace chanyan::gateway {

// Seconds of Retry-After on 429 and 503 when the error does not say how long.
inline constexpr int kDefaultRetryAfterSeconds = 1;

// HTTP status of a canonical code; 200 for OK.
int HttpStatusOf(absl::StatusCode code);
// "INVALID_ARGUMENT".
absl::string_view CodeName(absl::StatusCode code);
// All names, as values of a metric's label, and the place of a code among them.
std::vector<std::string> CodeNames();
size_t CodeIndex(absl::StatusCode code);

// Adds the reason that follows from the code to an error without one, so that every error has one.
absl::Status WithReason(absl::Status status);

// `http_status` 0 = by code. A reason is added as above. INTERNAL texts become a generic sentence;
// `request_id`, when not empty, is added as google.rpc.RequestInfo if there is none.
HttpReply ErrorReply(const absl::Status& status, absl::string_view request_id, int http_status = 0);

// What could not be read as HTTP; closes the connection.
HttpReply RejectReply(const Reject& reject, absl::string_view request_id);
// 405 with `Allow`.
HttpReply MethodNotAllowedReply(absl::string_view method, absl::Span<const HttpMethod> allowed,
                                absl::string_view request_id);

}  // namespace chanyan::gateway
