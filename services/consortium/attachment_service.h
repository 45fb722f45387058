// RPC handlers of chanyan.consortium.v1.ConsortiumAttachmentService (CON-1). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/attachment.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/empty.pb.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class AttachmentService {
 public:
  explicit AttachmentService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ConsortiumAttachment> CreateConsortiumAttachment(
      const rpc::Call&, const v1::CreateConsortiumAttachmentRequest&);
  absl::StatusOr<v1::ListConsortiumAttachmentsResponse> ListConsortiumAttachments(
      const rpc::Call&, const v1::ListConsortiumAttachmentsRequest&);
  absl::StatusOr<google::api::HttpBody> DownloadConsortiumAttachment(
      const rpc::Call&, const v1::DownloadConsortiumAttachmentRequest&);
  absl::StatusOr<google::protobuf::Empty> DeleteConsortiumAttachment(
      const rpc::Call&, const v1::DeleteConsortiumAttachmentRequest&);

 private:
  const Deps deps_;
  const db::Table<v1::ConsortiumAttachment> attachments_;
};

}  // namespace chanyan::consortium
