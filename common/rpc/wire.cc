#include "common/rpc/wire.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/proto_buffer_writer.h"

namespace chanyan::rpc {
namespace {

// Bytes of the details an error may carry: they travel as metadata, of which our clients take
// kMaxReplyMetadataBytes. A sheet's list of mistakes should arrive whole.
constexpr size_t kMaxDetailsBytes = kMaxReplyMetadataBytes * 3 / 4;

// What a detail costs beside its own bytes: type URL, tags and lengths.
constexpr size_t kDetailOverheadBytes = 128;

// Keeps as many violations from the front as there is room for.
void Shorten(size_t room, google::rpc::BadRequest* bad) {
  size_t used = 0;
  int kept = 0;
  for (const auto& violation : bad->field_violations()) {
    // Tag and length of one entry.
    constexpr size_t kEntryOverheadBytes = 6;
    used += violation.ByteSizeLong() + kEntryOverheadBytes;
    if (used > room) break;
    ++kept;
  }
  bad->mutable_field_violations()->DeleteSubrange(kept, bad->field_violations_size() - kept);
}

// Drops violations from the end until the details fit; how many there were stays in the message.
void FitDetails(google::rpc::Status* proto) {
  if (proto->ByteSizeLong() <= kMaxDetailsBytes) return;
  for (auto& detail : *proto->mutable_details()) {
    google::rpc::BadRequest bad;
    if (!detail.Is<google::rpc::BadRequest>() || !detail.UnpackTo(&bad)) continue;
    const size_t others = proto->ByteSizeLong() - detail.value().size() + kDetailOverheadBytes;
    Shorten(others < kMaxDetailsBytes ? kMaxDetailsBytes - others : 0, &bad);
    detail.PackFrom(bad);
  }
  // Others that are too large (verdicts of a whole quarter) cannot be cut and are left out.
  for (int i = proto->details_size() - 1; i >= 0; --i) {
    if (proto->ByteSizeLong() <= kMaxDetailsBytes) break;
    const auto& detail = proto->details(i);
    if (detail.Is<google::rpc::ErrorInfo>() || detail.Is<google::rpc::RequestInfo>()) continue;
    proto->mutable_details()->DeleteSubrange(i, 1);
  }
}

}  // namespace

absl::Status Parse(grpc::ByteBuffer* buffer, google::protobuf::Message* message) {
  bool parsed = false;
  {
    grpc::ProtoBufferReader reader(buffer);
    parsed = reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
  }
  buffer->Clear();
  if (!parsed) return status::InvalidField("", "请求内容无法解析，请检查客户端使用的接口版本");
  return absl::OkStatus();
}

absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer* buffer) {
  if (message.ByteSizeLong() > static_cast<size_t>(kMaxMessageBytes)) {
    return status::Internal(
        absl::StrCat("reply of ", message.ByteSizeLong(), " bytes is too large"));
  }
  bool own = false;
  const grpc::Status result =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, buffer,
                                                                                 &own);
  if (!result.ok()) return status::Internal(result.error_message());
  return absl::OkStatus();
}

grpc::Status ToGrpc(const absl::Status& status, absl::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status proto = status::ToProto(status);
  google::rpc::RequestInfo request;
  request.set_request_id(std::string(request_id));
  proto.add_details()->PackFrom(request);
  FitDetails(&proto);
  return grpc::Status(static_cast<grpc::StatusCode>(proto.code()), proto.message(),
                      proto.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status, Ended ended) {
  if (status.ok()) return absl::OkStatus();
  if (status.error_code() == grpc::StatusCode::CANCELLED && ended == Ended::kByPeer) {
    return status::Unavailable("所需的服务中断了请求，请稍后用同一请求编号重试");
  }
  google::rpc::Status proto;
  if (!status.error_details().empty() && proto.ParseFromString(status.error_details()) &&
      proto.code() == static_cast<int>(status.error_code())) {
    return status::FromProto(proto);
  }
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return status::Unavailable("所需的服务暂时无法连接，请稍后用同一请求编号重试");
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return status::DeadlineExceeded("未能在规定时间内完成，请稍后重试");
    case grpc::StatusCode::CANCELLED:
      return absl::CancelledError("请求已取消");
    default:
      return status::Internal(absl::StrCat("gRPC ", static_cast<int>(status.error_code()), ": ",
                                           status.error_message()));
  }
}

}  // namespace chanyan::rpc
