#include "services/pairing/directory.h"

#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr int kRegistryPage = 200;

}  // namespace

absl::StatusOr<Enterprises> LoadEnterprises(rpc::Peers& peers, const rpc::Caller& caller) {
  Enterprises enterprises;
  registry::v1::ListOrganizationsRequest request;
  request.set_page_size(kRegistryPage);
  do {
    CHANYAN_ASSIGN_OR_RETURN(
        const auto page,
        rpc::CallPeer<registry::v1::ListOrganizationsResponse>(
            peers, "registry", "chanyan.registry.v1.RegistryService.ListOrganizations", request,
            caller));
    for (const auto& organization : page.organizations()) {
      enterprises.titles[organization.name()] = organization.display_name();
      if (organization.kind() == registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
        enterprises.by_code[organization.unified_social_credit_code()] = organization;
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return enterprises;
}

absl::StatusOr<Platforms> LoadPlatforms(rpc::Peers& peers, const rpc::Caller& caller,
                                        const Enterprises& organizations) {
  Platforms platforms;
  registry::v1::ListPlatformsRequest request;
  request.set_parent("organizations/-");
  request.set_page_size(kRegistryPage);
  do {
    CHANYAN_ASSIGN_OR_RETURN(
        auto page, rpc::CallPeer<registry::v1::ListPlatformsResponse>(
                       peers, "registry", "chanyan.registry.v1.RegistryService.ListPlatforms",
                       request, caller));
    for (registry::v1::Platform& platform : *page.mutable_platforms()) {
      const auto owner = organizations.titles.find(platform.organization());
      if (owner == organizations.titles.end()) continue;
      std::pair<std::string, std::string> key(owner->second, platform.display_name());
      platforms[std::move(key)] = std::move(platform);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return platforms;
}

}  // namespace chanyan::pairing
