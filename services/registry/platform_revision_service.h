// RPC handlers of chanyan.registry.v1.PlatformRevisionService. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "chanyan/registry/v1/platform_revision.pb.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/registry/platform_store.h"

namespace chanyan::registry {

class PlatformRevisionService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit PlatformRevisionService(Deps deps) : deps_(std::move(deps)), store_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::PlatformRevision> GetPlatformRevision(
      const rpc::Call& call, const v1::GetPlatformRevisionRequest& request);
  absl::StatusOr<v1::ListPlatformRevisionsResponse> ListPlatformRevisions(
      const rpc::Call& call, const v1::ListPlatformRevisionsRequest& request);
  absl::StatusOr<v1::PlatformRevision> SubmitPlatformRevision(
      const rpc::Call& call, const v1::SubmitPlatformRevisionRequest& request);
  absl::StatusOr<v1::PlatformRevision> PublishPlatformRevision(
      const rpc::Call& call, const v1::PublishPlatformRevisionRequest& request);
  absl::StatusOr<v1::PlatformRevision> ReturnPlatformRevision(
      const rpc::Call& call, const v1::ReturnPlatformRevisionRequest& request);
  absl::StatusOr<v1::PlatformRevision> WithdrawPlatformRevision(
      const rpc::Call& call, const v1::WithdrawPlatformRevisionRequest& request);

  // platform_revision_exports.cc
  absl::StatusOr<google::api::HttpBody> ExportPlatformRevisions(
      const rpc::Call& call, const v1::ExportPlatformRevisionsRequest& request);

 private:
  // A revision and the platform that it is of, both locked.
  struct Pair {
    v1::Platform platform;
    v1::PlatformRevision revision;
  };
  // What a verb brings besides state and step; it may change both rows.
  using PairEdit = absl::FunctionRef<absl::Status(rpc::Change&, Pair&)>;

  // Fills what is computed for the caller: differences, actions and, for an open revision, the
  // handles of `platform` with which the proposal can be edited.
  absl::Status Present(db::Session& session, const rpc::Call& call, v1::PlatformRevision* revision);
  absl::Status TitleAttachments(db::Session& session, v1::PlatformRevision* revision);
  // Names of their owners as they are now.
  absl::Status SetOwnerTitles(db::Session& session,
                              std::vector<v1::PlatformRevision>* revisions) const;
  // One transition of PlatformRevisionLife in one transaction with its platform.
  absl::StatusOr<v1::PlatformRevision> Transit(const rpc::Call& call,
                                               const google::protobuf::Message& request,
                                               const std::string& name, const std::string& etag,
                                               absl::string_view verb, PairEdit edit);
  absl::Status Adopt(rpc::Change& change, absl::string_view override_reason, Pair& pair);

  const Deps deps_;
  const PlatformStore store_;
};

}  // namespace chanyan::registry
