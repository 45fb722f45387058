// HTTP requests into messages, messages into HTTP replies. Pure functions over descriptors.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/gateway/http_message.h"
#include "services/gateway/routes.h"

namespace chanyan::gateway {

// Parameters of one query.
inline constexpr size_t kMaxQueryParameters = 100;
// Characters of a file name in Content-Disposition.
inline constexpr size_t kMaxFileNameBytes = 255;

// The request message: body first, then path (which must not contradict it), then query, then
// headers (If-Match into etag, Idempotency-Key into request_id, User-Agent into user_agent). Error:
// INVALID_ARGUMENT with the field; `http_status` is set when it is not 400 (415).
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ToMessage(
    const HttpRequest& request, const Route& route, const Method& method,
    const PathMatcher::Match& match, int& http_status);

// The reply for a message: JSON with ETag, or the content of a google.api.HttpBody. A file name for
// the latter is a google.protobuf.StringValue in its extensions. Answers If-None-Match of a GET
// with 304.
HttpReply ToReply(const HttpRequest& request, const Route& route, const Method& method,
                  const google::protobuf::Message& message);

// Content-Disposition of a download (RFC 6266), with an ASCII name for old clients.
std::string ContentDisposition(absl::string_view file_name);

}  // namespace chanyan::gateway
