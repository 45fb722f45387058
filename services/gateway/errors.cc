#include "services/gateway/errors.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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
  // Of an error that says none itself.
  status::Reason reason;
};

constexpr CodeRow kCodes[] = {
    {absl::StatusCode::kOk, 200, "OK", options::v1::ERROR_REASON_UNSPECIFIED},
    {absl::StatusCode::kCancelled, 499, "CANCELLED", options::v1::ERROR_REASON_UNAVAILABLE},
    {absl::StatusCode::kUnknown, 500, "UNKNOWN", options::v1::ERROR_REASON_INTERNAL},
    {absl::StatusCode::kInvalidArgument, 400, "INVALID_ARGUMENT",
     options::v1::ERROR_REASON_INVALID_FIELD},
    {absl::StatusCode::kDeadlineExceeded, 504, "DEADLINE_EXCEEDED",
     options::v1::ERROR_REASON_DEADLINE},
    {absl::StatusCode::kNotFound, 404, "NOT_FOUND", options::v1::ERROR_REASON_NOT_FOUND},
    {absl::StatusCode::kAlreadyExists, 409, "ALREADY_EXISTS",
     options::v1::ERROR_REASON_ALREADY_EXISTS},
    {absl::StatusCode::kPermissionDenied, 403, "PERMISSION_DENIED",
     options::v1::ERROR_REASON_ROLE_NOT_PERMITTED},
    {absl::StatusCode::kResourceExhausted, 429, "RESOURCE_EXHAUSTED",
     options::v1::ERROR_REASON_OVERLOADED},
    {absl::StatusCode::kFailedPrecondition, 400, "FAILED_PRECONDITION",
     options::v1::ERROR_REASON_WRONG_STATE},
    {absl::StatusCode::kAborted, 409, "ABORTED", options::v1::ERROR_REASON_CONFLICT},
    {absl::StatusCode::kOutOfRange, 400, "OUT_OF_RANGE", options::v1::ERROR_REASON_INVALID_FIELD},
    // The method is absent; Allow says which are there.
    {absl::StatusCode::kUnimplemented, 501, "UNIMPLEMENTED", options::v1::ERROR_REASON_NOT_FOUND},
    {absl::StatusCode::kInternal, 500, "INTERNAL", options::v1::ERROR_REASON_INTERNAL},
    {absl::StatusCode::kUnavailable, 503, "UNAVAILABLE", options::v1::ERROR_REASON_UNAVAILABLE},
    {absl::StatusCode::kDataLoss, 500, "DATA_LOSS", options::v1::ERROR_REASON_INTERNAL},
    {absl::StatusCode::kUnauthenticated, 401, "UNAUTHENTICATED",
     options::v1::ERROR_REASON_NOT_SIGNED_IN},
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

void SetReason(status::Reason reason, absl::Status& status) {
  google::rpc::ErrorInfo info;
  // As the factories of common/status write it.
  status::GetDetail(status::FailedPrecondition(reason, ""), info);
  status::SetDetail(status, info);
}

constexpr HttpMethod kMethods[] = {HttpMethod::kGet, HttpMethod::kHead,  HttpMethod::kPost,
                                   HttpMethod::kPut, HttpMethod::kPatch, HttpMethod::kDelete};

std::string MethodList(absl::Span<const HttpMethod> methods, absl::string_view separator) {
  return absl::StrJoin(methods, separator, [](std::string* out, HttpMethod method) {
    absl::StrAppend(out, HttpMethodName(method));
  });
}

}  // namespace

int HttpStatusOf(absl::StatusCode code) { return RowOf(code).http_status; }
absl::string_view CodeName(absl::StatusCode code) { return RowOf(code).name; }
size_t CodeIndex(absl::StatusCode code) { return &RowOf(code) - std::begin(kCodes); }

std::vector<std::string> CodeNames() {
  std::vector<std::string> names;
  for (const CodeRow& row : kCodes) names.emplace_back(row.name);
  return names;
}

absl::Status WithReason(absl::Status status) {
  google::rpc::ErrorInfo info;
  // A reason that this program does not know stays: services may be newer.
  if (!status.ok() && !status::GetDetail(status, info)) {
    SetReason(RowOf(status.code()).reason, status);
  }
  return status;
}

HttpReply ErrorReply(const absl::Status& status, absl::string_view request_id, int http_status) {
  google::rpc::Status proto = status::ToProto(WithReason(status));
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

HttpReply RejectReply(const Reject& reject, absl::string_view request_id) {
  absl::Status status(CodeOfReject(reject.http_status), reject.message);
  if (!reject.place.empty()) {
    google::rpc::BadRequest bad;
    auto* violation = bad.add_field_violations();
    violation->set_field(std::string(reject.place));
    violation->set_description(reject.message);
    status::SetDetail(status, bad);
  }
  if (reject.http_status == 413) {
    SetReason(options::v1::ERROR_REASON_FILE_TOO_LARGE, status);
  } else if (reject.http_status != 405 && !reject.place.empty()) {
    SetReason(options::v1::ERROR_REASON_INVALID_FIELD, status);
  }
  HttpReply reply = ErrorReply(status, request_id, reject.http_status);
  if (reject.http_status == 405) reply.headers.emplace_back("Allow", MethodList(kMethods, ", "));
  reply.close = true;
  return reply;
}

HttpReply MethodNotAllowedReply(absl::string_view method, absl::Span<const HttpMethod> allowed,
                                absl::string_view request_id) {
  const absl::Status status = absl::UnimplementedError(absl::StrCat(
      "此网址不支持 ", method, " 方法，请改用 ", MethodList(allowed, "、"), "，或检查网址"));
  HttpReply reply = ErrorReply(status, request_id, 405);
  reply.headers.emplace_back("Allow", MethodList(allowed, ", "));
  return reply;
}

}  // namespace chanyan::gateway
