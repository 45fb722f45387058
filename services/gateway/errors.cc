#include "services/gateway/errors.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/json.h"
#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace chanyan::gateway {
namespace {

struct CodeRow {
  absl::StatusCode code;
  int http_status;
  absl::string_view name;
};

constexpr CodeRow kCodes[] = {
    {absl::StatusCode::kOk, 200, "OK"},
    {absl::StatusCode::kCancelled, 499, "CANCELLED"},
    {absl::StatusCode::kUnknown, 500, "UNKNOWN"},
    {absl::StatusCode::kInvalidArgument, 400, "INVALID_ARGUMENT"},
    {absl::StatusCode::kDeadlineExceeded, 504, "DEADLINE_EXCEEDED"},
    {absl::StatusCode::kNotFound, 404, "NOT_FOUND"},
    {absl::StatusCode::kAlreadyExists, 409, "ALREADY_EXISTS"},
    {absl::StatusCode::kPermissionDenied, 403, "PERMISSION_DENIED"},
    {absl::StatusCode::kResourceExhausted, 429, "RESOURCE_EXHAUSTED"},
    {absl::StatusCode::kFailedPrecondition, 400, "FAILED_PRECONDITION"},
    {absl::StatusCode::kAborted, 409, "ABORTED"},
    {absl::StatusCode::kOutOfRange, 400, "OUT_OF_RANGE"},
    {absl::StatusCode::kUnimplemented, 501, "UNIMPLEMENTED"},
    {absl::StatusCode::kInternal, 500, "INTERNAL"},
    {absl::StatusCode::kUnavailable, 503, "UNAVAILABLE"},
    {absl::StatusCode::kDataLoss, 500, "DATA_LOSS"},
    {absl::StatusCode::kUnauthenticated, 401, "UNAUTHENTICATED"},
};

const CodeRow& RowOf(absl::StatusCode code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return row;
  }
  return kCodes[static_cast<int>(absl::StatusCode::kUnknown)];
}

// Whole seconds, rounded up.
int RetryAfterSeconds(const absl::Status& status) {
  google::rpc::RetryInfo retry;
  if (!status::GetDetail(status, retry)) return kDefaultRetryAfterSeconds;
  const int64_t seconds = retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
  return static_cast<int>(std::clamp<int64_t>(seconds, kDefaultRetryAfterSeconds, 3600));
}

// Canonical code of an HTTP-level refusal.
absl::StatusCode CodeOfReject(int http_status) {
  switch (http_status) {
    case 408:
    case 504:
      return absl::StatusCode::kDeadlineExceeded;
    case 405:
    case 505:
      return absl::StatusCode::kUnimplemented;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

}  // namespace

int HttpStatusOf(absl::StatusCode code) { return RowOf(code).http_status; }
absl::string_view CodeName(absl::StatusCode code) { return RowOf(code).name; }

HttpReply ErrorReply(const absl::Status& status, absl::string_view request_id, int http_status) {
  google::rpc::Status proto = status::ToProto(status);
  const CodeRow& row = RowOf(status.code());
  HttpReply reply;
  reply.status = http_status == 0 ? row.http_status : http_status;
  reply.content_type = kJsonContentType;
  google::rpc::RequestInfo request;
  if (!request_id.empty() && !status::GetDetail(status, request)) {
    request.set_request_id(std::string(request_id));
    proto.add_details()->PackFrom(request);
  }
  absl::StrAppend(&reply.body, "{\"error\":{\"code\":", reply.status, ",\"message\":");
  api::AppendJsonString(proto.message(), reply.body);
  absl::StrAppend(&reply.body, ",\"status\":\"", row.name, "\",\"details\":[");
  for (int i = 0; i < proto.details_size(); ++i) {
    if (i > 0) reply.body.push_back(',');
    api::MessageToJson(proto.details(i), reply.body);
  }
  reply.body.append("]}}");
  if (reply.status == 429 || reply.status == 503) {
    reply.headers.emplace_back("Retry-After", absl::StrCat(RetryAfterSeconds(status)));
  }
  if (reply.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

HttpReply RejectReply(const Reject& reject) {
  HttpReply reply = ErrorReply(absl::Status(CodeOfReject(reject.http_status), reject.message), "",
                               reject.http_status);
  if (reject.http_status == 405) {
    reply.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  }
  reply.close = true;
  return reply;
}

}  // namespace chanyan::gateway
