#include "common/status/status.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/util/time_util.h"
#include "google/rpc/error_details.pb.h"

namespace chanyan::status {
namespace {

constexpr char kDomain[] = "chanyan";
constexpr char kTypePrefix[] = "type.googleapis.com/";
constexpr char kInternalText[] = "系统内部错误，请稍后重试；如仍出现，请将请求编号告知管理员";

absl::Status Make(absl::StatusCode code, Reason reason, absl::string_view message) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  // "ERROR_REASON_STALE_ETAG" is STALE_ETAG to a client.
  info.set_reason(options::v1::ErrorReason_Name(reason).substr(sizeof("ERROR_REASON_") - 1));
  info.set_domain(kDomain);
  SetDetail(status, info);
  return status;
}

std::string TypeUrl(const google::protobuf::Message& message) {
  return absl::StrCat(kTypePrefix, message.GetDescriptor()->full_name());
}

}  // namespace

absl::Status InvalidFields(std::vector<Violation> violations, Reason reason) {
  std::string message;
  constexpr size_t kNamedInMessage = 3;
  google::rpc::BadRequest bad;
  for (size_t i = 0; i < violations.size(); ++i) {
    if (i < kNamedInMessage) {
      absl::StrAppend(&message, i == 0 ? "" : "；", violations[i].field,
                      violations[i].field.empty() ? "" : "：", violations[i].description);
    }
    auto* out = bad.add_field_violations();
    out->set_field(std::move(violations[i].field));
    out->set_description(std::move(violations[i].description));
  }
  if (violations.size() > kNamedInMessage) {
    absl::StrAppend(&message, "；等共", violations.size(), "处错误");
  }
  absl::Status status = Make(absl::StatusCode::kInvalidArgument, reason, message);
  SetDetail(status, bad);
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view description, Reason reason) {
  return InvalidFields({{std::string(field), std::string(description)}}, reason);
}

absl::Status NotFound(absl::string_view resource_name) {
  return Make(absl::StatusCode::kNotFound, options::v1::ERROR_REASON_NOT_FOUND,
              absl::StrCat("未找到“", resource_name, "”，或您无权查看"));
}

absl::Status AlreadyExists(absl::string_view resource_name, absl::string_view message) {
  absl::Status status =
      Make(absl::StatusCode::kAlreadyExists, options::v1::ERROR_REASON_ALREADY_EXISTS, message);
  google::rpc::ResourceInfo info;
  info.set_resource_name(std::string(resource_name));
  SetDetail(status, info);
  return status;
}

absl::Status FailedPrecondition(Reason reason, absl::string_view message) {
  return Make(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status WrongState(absl::string_view message) {
  return FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, message);
}

absl::Status StaleEtag(absl::string_view resource_name, absl::string_view what) {
  const std::string changed =
      what.empty() ? "已被他人修改" : absl::StrCat("在您读取之后已有修改：", what);
  return Make(absl::StatusCode::kAborted, options::v1::ERROR_REASON_STALE_ETAG,
              absl::StrCat("“", resource_name, "”", changed, "，请刷新后在最新内容上重新操作"));
}

absl::Status Conflict(absl::string_view message) {
  return Make(absl::StatusCode::kAborted, options::v1::ERROR_REASON_CONFLICT, message);
}

absl::Status Unauthenticated(Reason reason, absl::string_view message) {
  return Make(absl::StatusCode::kUnauthenticated, reason, message);
}

absl::Status PermissionDenied(absl::string_view message, Reason reason) {
  return Make(absl::StatusCode::kPermissionDenied, reason, message);
}

absl::Status Overloaded(absl::string_view message, absl::Duration retry_after) {
  absl::Status status =
      Make(absl::StatusCode::kResourceExhausted, options::v1::ERROR_REASON_OVERLOADED, message);
  google::rpc::RetryInfo info;
  *info.mutable_retry_delay() = google::protobuf::util::TimeUtil::MillisecondsToDuration(
      absl::ToInt64Milliseconds(retry_after));
  SetDetail(status, info);
  return status;
}

absl::Status Unavailable(absl::string_view message) {
  return Make(absl::StatusCode::kUnavailable, options::v1::ERROR_REASON_UNAVAILABLE, message);
}

absl::Status DeadlineExceeded(absl::string_view message) {
  return Make(absl::StatusCode::kDeadlineExceeded, options::v1::ERROR_REASON_DEADLINE, message);
}

absl::Status Internal(absl::string_view detail) {
  return Make(absl::StatusCode::kInternal, options::v1::ERROR_REASON_INTERNAL, detail);
}

Reason ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  Reason reason = options::v1::ERROR_REASON_UNSPECIFIED;
  if (GetDetail(status, info) && info.domain() == kDomain) {
    options::v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", info.reason()), &reason);
  }
  return reason;
}

std::vector<Violation> ViolationsOf(const absl::Status& status) {
  google::rpc::BadRequest bad;
  GetDetail(status, bad);
  std::vector<Violation> out;
  for (const auto& violation : bad.field_violations()) {
    out.push_back({violation.field(), violation.description()});
  }
  return out;
}

void SetDetail(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

bool GetDetail(const absl::Status& status, google::protobuf::Message& detail) {
  const auto payload = status.GetPayload(TypeUrl(detail));
  return payload.has_value() && detail.ParseFromString(std::string(*payload));
}

google::rpc::Status ToProto(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  const bool internal = status.code() == absl::StatusCode::kInternal ||
                        status.code() == absl::StatusCode::kUnknown ||
                        status.code() == absl::StatusCode::kDataLoss;
  proto.set_message(internal ? kInternalText : std::string(status.message()));
  status.ForEachPayload([&proto](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = proto.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  // absl shuffles payloads on purpose; the same error is the same bytes to a client.
  std::sort(proto.mutable_details()->begin(), proto.mutable_details()->end(),
            [](const auto& a, const auto& b) { return a.type_url() < b.type_url(); });
  return proto;
}

absl::Status FromProto(const google::rpc::Status& proto) {
  absl::Status status(static_cast<absl::StatusCode>(proto.code()), proto.message());
  for (const auto& detail : proto.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

}  // namespace chanyan::status
