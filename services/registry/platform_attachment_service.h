// RPC handlers of chanyan.registry.v1.PlatformAttachmentService. Thread-safe.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/registry/v1/platform_attachment.pb.h"
#include "common/attachment/store.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/protobuf/empty.pb.h"
#include "services/registry/platform_store.h"

namespace chanyan::registry {

// Of one platform together.
inline constexpr attachment::Quota kPlatformQuota = {.files = 50, .bytes = int64_t{100} << 20};

class PlatformAttachmentService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit PlatformAttachmentService(Deps deps) : deps_(std::move(deps)), store_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::PlatformAttachment> CreatePlatformAttachment(
      const rpc::Call& call, const v1::CreatePlatformAttachmentRequest& request);
  absl::StatusOr<v1::PlatformAttachment> GetPlatformAttachment(
      const rpc::Call& call, const v1::GetPlatformAttachmentRequest& request);
  absl::StatusOr<v1::ListPlatformAttachmentsResponse> ListPlatformAttachments(
      const rpc::Call& call, const v1::ListPlatformAttachmentsRequest& request);
  absl::StatusOr<google::api::HttpBody> DownloadPlatformAttachment(
      const rpc::Call& call, const v1::DownloadPlatformAttachmentRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeletePlatformAttachment(
      const rpc::Call& call, const v1::DeletePlatformAttachmentRequest& request);

 private:
  const Deps deps_;
  const PlatformStore store_;
};

}  // namespace chanyan::registry
