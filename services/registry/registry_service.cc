#include "services/registry/registry_service.h"

#include <utility>

#include "common/rpc/create.h"
#include "common/rpc/get.h"

namespace chanyan::registry {

std::vector<rpc::UnaryMethod> RegistryService::Methods() {
  using S = RegistryService;
  const auto seen = [this](const rpc::Call& call, auto row) {
    return Present(call, std::move(row));
  };
  return {
      rpc::Get<v1::GetOrganizationRequest>("GetOrganization", deps_.store.db, organizations_, seen),
      rpc::Unary("ListOrganizations", this, &S::ListOrganizations),
      rpc::MadeTogether<v1::CreateOrganizationRequest, v1::Organization>(
          rpc::Unary("CreateOrganization", this, &S::CreateOrganization), deps_.store,
          [this](const rpc::Call& call, const v1::CreateOrganizationRequest& request,
                 rpc::Change& change) { return InsertAsked(call, request, change); },
          seen),
      rpc::Unary("UpdateOrganization", this, &S::UpdateOrganization),
      rpc::Unary("SuspendOrganization", this, &S::SuspendOrganization),
      rpc::Unary("ResumeOrganization", this, &S::ResumeOrganization),
      rpc::Unary("MergeOrganization", this, &S::MergeOrganization),
      rpc::Unary("SplitOrganization", this, &S::SplitOrganization),
      rpc::Unary("ImportOrganizations", this, &S::ImportOrganizations),
      rpc::Unary("ExportOrganizations", this, &S::ExportOrganizations),
      rpc::Get<v1::GetPlatformRequest>("GetPlatform", deps_.store.db, platforms_, seen),
      rpc::Unary("ListPlatforms", this, &S::ListPlatforms),
      rpc::Unary("CreatePlatform", this, &S::CreatePlatform),
      rpc::Unary("UpdatePlatform", this, &S::UpdatePlatform),
      rpc::Unary("SubmitPlatform", this, &S::SubmitPlatform),
      rpc::Unary("PublishPlatform", this, &S::PublishPlatform),
      rpc::Unary("ReturnPlatform", this, &S::ReturnPlatform),
      rpc::Unary("WithdrawPlatform", this, &S::WithdrawPlatform),
      rpc::Unary("ConfirmPlatform", this, &S::ConfirmPlatform),
      rpc::Unary("OverridePlatformFreshness", this, &S::OverridePlatformFreshness),
      rpc::Unary("ImportPlatforms", this, &S::ImportPlatforms),
      rpc::Unary("ExportPlatforms", this, &S::ExportPlatforms),
  };
}

}  // namespace chanyan::registry
