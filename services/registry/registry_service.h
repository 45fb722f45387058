// RPC handlers of chanyan.registry.v1.RegistryService. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/registry/platform_store.h"

namespace chanyan::registry {

class RegistryService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit RegistryService(Deps deps) : deps_(std::move(deps)), store_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  // organizations.cc
  absl::StatusOr<v1::Organization> GetOrganization(const rpc::Call& call,
                                                   const v1::GetOrganizationRequest& request);
  absl::StatusOr<v1::ListOrganizationsResponse> ListOrganizations(
      const rpc::Call& call, const v1::ListOrganizationsRequest& request);
  absl::StatusOr<v1::Organization> CreateOrganization(const rpc::Call& call,
                                                      const v1::CreateOrganizationRequest& request);
  absl::StatusOr<v1::Organization> UpdateOrganization(const rpc::Call& call,
                                                      const v1::UpdateOrganizationRequest& request);
  absl::StatusOr<v1::Organization> SuspendOrganization(
      const rpc::Call& call, const v1::SuspendOrganizationRequest& request);
  absl::StatusOr<v1::Organization> ResumeOrganization(const rpc::Call& call,
                                                      const v1::ResumeOrganizationRequest& request);

  // platforms.cc
  absl::StatusOr<v1::Platform> GetPlatform(const rpc::Call& call,
                                           const v1::GetPlatformRequest& request);
  absl::StatusOr<v1::ListPlatformsResponse> ListPlatforms(const rpc::Call& call,
                                                          const v1::ListPlatformsRequest& request);
  absl::StatusOr<v1::Platform> CreatePlatform(const rpc::Call& call,
                                              const v1::CreatePlatformRequest& request);
  absl::StatusOr<v1::Platform> UpdatePlatform(const rpc::Call& call,
                                              const v1::UpdatePlatformRequest& request);
  absl::StatusOr<v1::Platform> SubmitPlatform(const rpc::Call& call,
                                              const v1::SubmitPlatformRequest& request);
  absl::StatusOr<v1::Platform> PublishPlatform(const rpc::Call& call,
                                               const v1::PublishPlatformRequest& request);
  absl::StatusOr<v1::Platform> ReturnPlatform(const rpc::Call& call,
                                              const v1::ReturnPlatformRequest& request);
  absl::StatusOr<v1::Platform> WithdrawPlatform(const rpc::Call& call,
                                                const v1::WithdrawPlatformRequest& request);
  absl::StatusOr<v1::Platform> ConfirmPlatform(const rpc::Call& call,
                                               const v1::ConfirmPlatformRequest& request);

  // imports.cc
  absl::StatusOr<v1::ImportResult> ImportOrganizations(
      const rpc::Call& call, const v1::ImportOrganizationsRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportOrganizations(
      const rpc::Call& call, const v1::ExportOrganizationsRequest& request);

  // platform_imports.cc
  absl::StatusOr<v1::ImportResult> ImportPlatforms(const rpc::Call& call,
                                                   const v1::ImportPlatformsRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportPlatforms(const rpc::Call& call,
                                                        const v1::ExportPlatformsRequest& request);

 private:
  // Violations of rule, references and pack; the same for a create, an update and an import row.
  absl::Status CheckOrganization(db::Session& session, const v1::Organization& organization);
  // ALREADY_EXISTS with the holder's name if another organization has the code.
  absl::Status CheckCode(db::Session& session, const v1::Organization& organization,
                         bool locked = false);
  // Fills what is computed for the caller.
  v1::Platform Present(const rpc::Call& call, v1::Platform platform);
  // One transition of PlatformLife; `edit` writes what it brings besides the state.
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Platform&)>;
  absl::StatusOr<v1::Platform> Transit(const rpc::Call& call,
                                       const google::protobuf::Message& request,
                                       const std::string& name, const std::string& etag,
                                       absl::string_view verb, RowEdit edit);
  const Deps deps_;
  const db::Table<v1::Organization> organizations_;
  const db::Table<v1::Platform> platforms_;
  // They show whether their platform is published.
  const db::Table<v1::Instrument> instruments_;
  const PlatformStore store_;
};

}  // namespace chanyan::registry
