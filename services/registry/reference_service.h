// RPC handlers of chanyan.registry.v1.ReferenceService. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/empty.pb.h"
#include "services/registry/reference_list.h"

namespace chanyan::registry {

class ReferenceService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit ReferenceService(Deps deps);

  std::vector<rpc::UnaryMethod> Methods();

  // taxonomies.cc
  absl::StatusOr<v1::ListTaxonomiesResponse> ListTaxonomies(
      const rpc::Call& call, const v1::ListTaxonomiesRequest& request);
  absl::StatusOr<v1::Taxonomy> GetTaxonomy(const rpc::Call& call,
                                           const v1::GetTaxonomyRequest& request);
  absl::StatusOr<v1::MapIndustryResponse> MapIndustry(const rpc::Call& call,
                                                      const v1::MapIndustryRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportTaxonomies(
      const rpc::Call& call, const v1::ExportTaxonomiesRequest& request);

  // reference_service.cc
  absl::StatusOr<v1::IndustryDuty> GetIndustryDuty(const rpc::Call& call,
                                                   const v1::GetIndustryDutyRequest& request);
  absl::StatusOr<v1::ListIndustryDutiesResponse> ListIndustryDuties(
      const rpc::Call& call, const v1::ListIndustryDutiesRequest& request);
  absl::StatusOr<v1::IndustryDuty> CreateIndustryDuty(const rpc::Call& call,
                                                      const v1::CreateIndustryDutyRequest& request);
  absl::StatusOr<v1::IndustryDuty> UpdateIndustryDuty(const rpc::Call& call,
                                                      const v1::UpdateIndustryDutyRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeleteIndustryDuty(
      const rpc::Call& call, const v1::DeleteIndustryDutyRequest& request);
  absl::StatusOr<v1::ImportResult> ImportIndustryDuties(
      const rpc::Call& call, const v1::ImportIndustryDutiesRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportIndustryDuties(
      const rpc::Call& call, const v1::ExportIndustryDutiesRequest& request);

  absl::StatusOr<v1::TaskForceMember> GetTaskForceMember(
      const rpc::Call& call, const v1::GetTaskForceMemberRequest& request);
  absl::StatusOr<v1::ListTaskForceMembersResponse> ListTaskForceMembers(
      const rpc::Call& call, const v1::ListTaskForceMembersRequest& request);
  absl::StatusOr<v1::TaskForceMember> CreateTaskForceMember(
      const rpc::Call& call, const v1::CreateTaskForceMemberRequest& request);
  absl::StatusOr<v1::TaskForceMember> UpdateTaskForceMember(
      const rpc::Call& call, const v1::UpdateTaskForceMemberRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeleteTaskForceMember(
      const rpc::Call& call, const v1::DeleteTaskForceMemberRequest& request);
  absl::StatusOr<v1::ImportResult> ImportTaskForceMembers(
      const rpc::Call& call, const v1::ImportTaskForceMembersRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportTaskForceMembers(
      const rpc::Call& call, const v1::ExportTaskForceMembersRequest& request);

  absl::StatusOr<v1::PolicyDividend> GetPolicyDividend(const rpc::Call& call,
                                                       const v1::GetPolicyDividendRequest& request);
  absl::StatusOr<v1::ListPolicyDividendsResponse> ListPolicyDividends(
      const rpc::Call& call, const v1::ListPolicyDividendsRequest& request);
  absl::StatusOr<v1::PolicyDividend> CreatePolicyDividend(
      const rpc::Call& call, const v1::CreatePolicyDividendRequest& request);
  absl::StatusOr<v1::PolicyDividend> UpdatePolicyDividend(
      const rpc::Call& call, const v1::UpdatePolicyDividendRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeletePolicyDividend(
      const rpc::Call& call, const v1::DeletePolicyDividendRequest& request);
  absl::StatusOr<v1::ImportResult> ImportPolicyDividends(
      const rpc::Call& call, const v1::ImportPolicyDividendsRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportPolicyDividends(
      const rpc::Call& call, const v1::ExportPolicyDividendsRequest& request);

  // reference_history.cc
  absl::StatusOr<v1::ListReferenceVersionsResponse> ListReferenceVersions(
      const rpc::Call& call, const v1::ListReferenceVersionsRequest& request);
  absl::StatusOr<google::api::HttpBody> ExportReferenceVersions(
      const rpc::Call& call, const v1::ExportReferenceVersionsRequest& request);

 private:
  // Whether the caller may read the entry, or keeps the list and it was there once.
  absl::Status CheckVisible(const rpc::Call& call, const std::string& name);
  // What the journal has of an entry that CheckVisible lets through, oldest first; NOT_FOUND if it
  // has nothing.
  absl::StatusOr<std::vector<journal::v1::Entry>> EntriesOf(const rpc::Call& call,
                                                            const std::string& name);

  const Deps deps_;
  const ReferenceList<v1::IndustryDuty> duties_;
  const ReferenceList<v1::TaskForceMember> members_;
  const ReferenceList<v1::PolicyDividend> dividends_;
};

}  // namespace chanyan::registry
