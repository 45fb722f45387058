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
#include "common/rpc/import.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/registry/name_index.h"
#include "services/registry/organization_events.h"
#include "services/registry/platform_store.h"

namespace chanyan::registry {

class RegistryService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit RegistryService(Deps deps)
      : deps_(std::move(deps)), names_(deps_.pack), store_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  // organizations.cc
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

  // mergers.cc
  absl::StatusOr<v1::MergeOrganizationResponse> MergeOrganization(
      const rpc::Call& call, const v1::MergeOrganizationRequest& request);
  absl::StatusOr<v1::SplitOrganizationResponse> SplitOrganization(
      const rpc::Call& call, const v1::SplitOrganizationRequest& request);

  // platforms.cc
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
  absl::StatusOr<v1::Platform> OverridePlatformFreshness(
      const rpc::Call& call, const v1::OverridePlatformFreshnessRequest& request);

  // organization_import.cc
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
  // `stored` is null for a new organization, whose zone is taken as the pack calls it.
  absl::Status CheckContent(db::Session& session, const v1::Organization* stored,
                            v1::Organization* wanted);
  // And whether its code is free.
  absl::Status CheckOrganization(db::Session& session, const v1::Organization* stored,
                                 v1::Organization* organization);
  // What refers to an organization that has become part of another refers to that one. `before` is
  // null for a new organization.
  absl::Status FollowReferences(db::Session& session, const v1::Organization* before,
                                v1::Organization* organization);
  // Locks organizations that an import comes to refer to (empty ones are nobody); ABORTED if one
  // has become part of another since they were read.
  absl::Status LockReferences(db::Session& session, std::vector<std::string> organizations);
  // Whether `ancestor` stands above the organization in the tree.
  absl::StatusOr<bool> StandsBelow(db::Session& session, std::string organization,
                                   const std::string& ancestor);
  // ALREADY_EXISTS with the holder's name if another organization has the code.
  absl::Status CheckCode(db::Session& session, const v1::Organization& organization,
                         bool locked = false);
  // The change of CreateOrganization.
  absl::StatusOr<v1::Organization> InsertAsked(const rpc::Call& call,
                                               const v1::CreateOrganizationRequest& request,
                                               rpc::Change& change);
  // Writes a new organization with its keys and journals it as `kind`.
  absl::Status InsertOrganization(rpc::Change& change, absl::string_view kind,
                                  v1::Organization* row);
  // After a change of name: its history, and its name at the platforms that it owns.
  absl::Status RecordRename(rpc::Change& change, const rpc::Call& call,
                            const v1::Organization& before, const v1::Organization& after,
                            const Basis& basis);
  // Writes an import's plan with names, histories and references.
  absl::Status ApplyOrganizations(rpc::Change& change, const rpc::Call& call, const Basis& basis,
                                  rpc::ImportPlan<v1::Organization>* plan);
  // suspend and resume.
  template <class Request>
  absl::StatusOr<v1::Organization> ChangeState(const rpc::Call& call, const Request& request,
                                               absl::string_view verb, absl::string_view kind,
                                               v1::OrganizationEventKind event);
  // mergers.cc: what an organization is taken over with.
  struct Takeover;
  absl::StatusOr<Takeover> PlanTakeover(db::Session& session, const v1::Organization& from,
                                        const v1::Organization& into);
  // Writes platforms of `from` that change hands, before and after, and what goes along with them:
  // revisions, attachments, instruments with their bookings.
  absl::Status MovePlatforms(rpc::Change& change, const v1::Organization& from,
                             std::vector<std::pair<v1::Platform, v1::Platform>>* platforms);
  absl::Status TakeOver(rpc::Change& change, const Basis& basis, Takeover* plan,
                        v1::Organization* from, v1::Organization* into);
  // Platforms that a part of a split is given, as theirs.
  absl::StatusOr<int> GivePlatforms(rpc::Change& change, const v1::Organization& whole,
                                    const v1::OrganizationPart& part, int index,
                                    const v1::Organization& receiver, bool validate_only);
  // The parts of a split, found and locked or made.
  absl::StatusOr<std::vector<v1::Organization>> PartsOf(
      rpc::Change& change, const rpc::Call& call, const v1::Organization& whole,
      const v1::SplitOrganizationRequest& request);
  // Fills what is computed for the caller.
  v1::Organization Present(const rpc::Call& call, v1::Organization organization);
  v1::Platform Present(const rpc::Call& call, v1::Platform platform);
  // The verdicts of the rule of freshness with what the caller sets aside of it.
  // FAILED_PRECONDITION if the data are fresh or a hard rule says that they are not,
  // PERMISSION_DENIED if the rule names no role of the caller.
  absl::StatusOr<policy::v1::Verdicts> FreshnessSetAside(const auth::Principal& caller,
                                                         absl::string_view reason, absl::Time now,
                                                         const v1::Platform& platform) const;
  // One transition of PlatformLife; `edit` writes what it brings besides the state.
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Platform&)>;
  absl::StatusOr<v1::Platform> Transit(const rpc::Call& call,
                                       const google::protobuf::Message& request,
                                       const std::string& name, const std::string& etag,
                                       absl::string_view verb, RowEdit edit);
  const Deps deps_;
  const NameIndex names_;
  const db::Table<v1::Organization> organizations_;
  const db::Table<v1::OrganizationEvent> events_;
  const db::Table<v1::Platform> platforms_;
  // They show whether their platform is published.
  const db::Table<v1::Instrument> instruments_;
  const PlatformStore store_;
};

}  // namespace chanyan::registry
