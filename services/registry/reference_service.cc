#include "services/registry/reference_service.h"

#include <string>
#include <utility>

#include "services/registry/ids.h"

namespace chanyan::registry {
namespace {

constexpr char kOrganizationOf[] =
    "SELECT name FROM organization WHERE display_name = ? ORDER BY name LIMIT 1";

constexpr ListKind<v1::IndustryDuty> kDuties = {"industryDuties", "产业分工", &IndustryDutyId,
                                                &DutyViolations, "lead_unit"};
constexpr ListKind<v1::TaskForceMember> kMembers = {
    "taskForceMembers", "专班通讯录", &TaskForceMemberId, &MemberViolations, "unit", "phone"};
constexpr ListKind<v1::PolicyDividend> kDividends = {
    "policyDividends", "政策红利清单", &PolicyDividendId, &DividendViolations, nullptr};

}  // namespace

void KeepIfEmpty(const char* field, const google::protobuf::Message& stored,
                 google::protobuf::Message* row) {
  if (field == nullptr) return;
  const auto* text = stored.GetDescriptor()->FindFieldByName(field);
  if (!row->GetReflection()->GetString(*row, text).empty()) return;
  row->GetReflection()->SetString(row, text, stored.GetReflection()->GetString(stored, text));
}

absl::Status UnitLinks::Link(const char* unit_field, google::protobuf::Message* entry) {
  if (unit_field == nullptr) return absl::OkStatus();
  const auto* type = entry->GetDescriptor();
  const auto* reflection = entry->GetReflection();
  const std::string unit = reflection->GetString(*entry, type->FindFieldByName(unit_field));
  const auto [known, fresh] = known_.try_emplace(unit);
  if (fresh) {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session_.Query(kOrganizationOf, {unit}));
    if (!found.rows.empty()) known->second = std::get<std::string>(found.rows[0][0]);
  }
  reflection->SetString(entry, type->FindFieldByName("organization"), known->second);
  return absl::OkStatus();
}

ReferenceService::ReferenceService(Deps deps)
    : deps_(std::move(deps)),
      duties_({deps_.store, deps_.pack}, kDuties),
      members_({deps_.store, deps_.pack}, kMembers),
      dividends_({deps_.store, deps_.pack}, kDividends) {}

std::vector<rpc::UnaryMethod> ReferenceService::Methods() {
  using S = ReferenceService;
  return {
      rpc::Unary("ListTaxonomies", this, &S::ListTaxonomies),
      rpc::Unary("GetTaxonomy", this, &S::GetTaxonomy),
      rpc::Unary("MapIndustry", this, &S::MapIndustry),
      rpc::Unary("ExportTaxonomies", this, &S::ExportTaxonomies),
      rpc::Unary("GetIndustryDuty", this, &S::GetIndustryDuty),
      rpc::Unary("ListIndustryDuties", this, &S::ListIndustryDuties),
      rpc::Unary("CreateIndustryDuty", this, &S::CreateIndustryDuty),
      rpc::Unary("UpdateIndustryDuty", this, &S::UpdateIndustryDuty),
      rpc::Unary("DeleteIndustryDuty", this, &S::DeleteIndustryDuty),
      rpc::Unary("ImportIndustryDuties", this, &S::ImportIndustryDuties),
      rpc::Unary("ExportIndustryDuties", this, &S::ExportIndustryDuties),
      rpc::Unary("GetTaskForceMember", this, &S::GetTaskForceMember),
      rpc::Unary("ListTaskForceMembers", this, &S::ListTaskForceMembers),
      rpc::Unary("CreateTaskForceMember", this, &S::CreateTaskForceMember),
      rpc::Unary("UpdateTaskForceMember", this, &S::UpdateTaskForceMember),
      rpc::Unary("DeleteTaskForceMember", this, &S::DeleteTaskForceMember),
      rpc::Unary("ImportTaskForceMembers", this, &S::ImportTaskForceMembers),
      rpc::Unary("ExportTaskForceMembers", this, &S::ExportTaskForceMembers),
      rpc::Unary("GetPolicyDividend", this, &S::GetPolicyDividend),
      rpc::Unary("ListPolicyDividends", this, &S::ListPolicyDividends),
      rpc::Unary("CreatePolicyDividend", this, &S::CreatePolicyDividend),
      rpc::Unary("UpdatePolicyDividend", this, &S::UpdatePolicyDividend),
      rpc::Unary("DeletePolicyDividend", this, &S::DeletePolicyDividend),
      rpc::Unary("ImportPolicyDividends", this, &S::ImportPolicyDividends),
      rpc::Unary("ExportPolicyDividends", this, &S::ExportPolicyDividends),
      rpc::Unary("ListReferenceVersions", this, &S::ListReferenceVersions),
      rpc::Unary("ExportReferenceVersions", this, &S::ExportReferenceVersions),
  };
}

// --- Duties

absl::StatusOr<v1::IndustryDuty> ReferenceService::GetIndustryDuty(
    const rpc::Call& call, const v1::GetIndustryDutyRequest& request) {
  return duties_.Get(call, request.name());
}

absl::StatusOr<v1::ListIndustryDutiesResponse> ReferenceService::ListIndustryDuties(
    const rpc::Call& call, const v1::ListIndustryDutiesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string filter,
                           FilterOfDay(request.filter(), request.effective_day()));
  CHANYAN_ASSIGN_OR_RETURN(const auto page, duties_.List(call, request, filter));
  v1::ListIndustryDutiesResponse response;
  response.mutable_industry_duties()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::IndustryDuty> ReferenceService::CreateIndustryDuty(
    const rpc::Call& call, const v1::CreateIndustryDutyRequest& request) {
  return duties_.Create(call, request, request.industry_duty());
}

absl::StatusOr<v1::IndustryDuty> ReferenceService::UpdateIndustryDuty(
    const rpc::Call& call, const v1::UpdateIndustryDutyRequest& request) {
  return duties_.Update(call, request, request.industry_duty());
}

absl::StatusOr<google::protobuf::Empty> ReferenceService::DeleteIndustryDuty(
    const rpc::Call& call, const v1::DeleteIndustryDutyRequest& request) {
  return duties_.Delete(call, request);
}

absl::StatusOr<v1::ImportResult> ReferenceService::ImportIndustryDuties(
    const rpc::Call& call, const v1::ImportIndustryDutiesRequest& request) {
  return duties_.Import(call, request);
}

absl::StatusOr<google::api::HttpBody> ReferenceService::ExportIndustryDuties(
    const rpc::Call& call, const v1::ExportIndustryDutiesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string filter,
                           FilterOfDay(request.filter(), request.effective_day()));
  return duties_.Export(call, filter);
}

// --- Task forces

absl::StatusOr<v1::TaskForceMember> ReferenceService::GetTaskForceMember(
    const rpc::Call& call, const v1::GetTaskForceMemberRequest& request) {
  return members_.Get(call, request.name());
}

absl::StatusOr<v1::ListTaskForceMembersResponse> ReferenceService::ListTaskForceMembers(
    const rpc::Call& call, const v1::ListTaskForceMembersRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const auto page, members_.List(call, request, request.filter()));
  v1::ListTaskForceMembersResponse response;
  response.mutable_task_force_members()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::TaskForceMember> ReferenceService::CreateTaskForceMember(
    const rpc::Call& call, const v1::CreateTaskForceMemberRequest& request) {
  return members_.Create(call, request, request.task_force_member());
}

absl::StatusOr<v1::TaskForceMember> ReferenceService::UpdateTaskForceMember(
    const rpc::Call& call, const v1::UpdateTaskForceMemberRequest& request) {
  return members_.Update(call, request, request.task_force_member());
}

absl::StatusOr<google::protobuf::Empty> ReferenceService::DeleteTaskForceMember(
    const rpc::Call& call, const v1::DeleteTaskForceMemberRequest& request) {
  return members_.Delete(call, request);
}

absl::StatusOr<v1::ImportResult> ReferenceService::ImportTaskForceMembers(
    const rpc::Call& call, const v1::ImportTaskForceMembersRequest& request) {
  return members_.Import(call, request);
}

absl::StatusOr<google::api::HttpBody> ReferenceService::ExportTaskForceMembers(
    const rpc::Call& call, const v1::ExportTaskForceMembersRequest& request) {
  return members_.Export(call, request.filter());
}

// --- Policy dividends

absl::StatusOr<v1::PolicyDividend> ReferenceService::GetPolicyDividend(
    const rpc::Call& call, const v1::GetPolicyDividendRequest& request) {
  return dividends_.Get(call, request.name());
}

absl::StatusOr<v1::ListPolicyDividendsResponse> ReferenceService::ListPolicyDividends(
    const rpc::Call& call, const v1::ListPolicyDividendsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string filter,
                           FilterOfDay(request.filter(), request.effective_day()));
  CHANYAN_ASSIGN_OR_RETURN(const auto page, dividends_.List(call, request, filter));
  v1::ListPolicyDividendsResponse response;
  response.mutable_policy_dividends()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::PolicyDividend> ReferenceService::CreatePolicyDividend(
    const rpc::Call& call, const v1::CreatePolicyDividendRequest& request) {
  return dividends_.Create(call, request, request.policy_dividend());
}

absl::StatusOr<v1::PolicyDividend> ReferenceService::UpdatePolicyDividend(
    const rpc::Call& call, const v1::UpdatePolicyDividendRequest& request) {
  return dividends_.Update(call, request, request.policy_dividend());
}

absl::StatusOr<google::protobuf::Empty> ReferenceService::DeletePolicyDividend(
    const rpc::Call& call, const v1::DeletePolicyDividendRequest& request) {
  return dividends_.Delete(call, request);
}

absl::StatusOr<v1::ImportResult> ReferenceService::ImportPolicyDividends(
    const rpc::Call& call, const v1::ImportPolicyDividendsRequest& request) {
  return dividends_.Import(call, request);
}

absl::StatusOr<google::api::HttpBody> ReferenceService::ExportPolicyDividends(
    const rpc::Call& call, const v1::ExportPolicyDividendsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string filter,
                           FilterOfDay(request.filter(), request.effective_day()));
  return dividends_.Export(call, filter);
}

}  // namespace chanyan::registry
