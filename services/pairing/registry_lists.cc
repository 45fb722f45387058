#include "services/pairing/registry_lists.h"

#include <utility>

#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr int kRegistryPage = 200;

const registry::v1::Organization* Find(const Organizations& all,
                                       const absl::flat_hash_map<std::string, size_t>& by,
                                       absl::string_view key) {
  const auto found = by.find(key);
  return found == by.end() ? nullptr : &all.rows[found->second];
}

}  // namespace

const registry::v1::Organization* Organizations::ByName(absl::string_view name) const {
  return Find(*this, by_name, name);
}
const registry::v1::Organization* Organizations::ByTitle(absl::string_view title) const {
  return Find(*this, by_title, title);
}
const registry::v1::Organization* Organizations::ByCode(absl::string_view code) const {
  return Find(*this, by_code, code);
}
const registry::v1::Organization& Organizations::Living(
    const registry::v1::Organization& organization) const {
  if (organization.state() != registry::v1::ORGANIZATION_STATE_MERGED) return organization;
  const auto* survivor = ByName(organization.merged_into());
  return survivor == nullptr ? organization : *survivor;
}
std::string Organizations::TitleOf(absl::string_view name) const {
  const auto* organization = ByName(name);
  return organization == nullptr ? std::string(name) : organization->display_name();
}

absl::StatusOr<Organizations> LoadOrganizations(rpc::Peers& peers, const rpc::Caller& caller) {
  Organizations all;
  registry::v1::ListOrganizationsRequest request;
  request.set_page_size(kRegistryPage);
  do {
    CHANYAN_ASSIGN_OR_RETURN(
        auto page, rpc::CallPeer<registry::v1::ListOrganizationsResponse>(
                       peers, "registry", "chanyan.registry.v1.RegistryService.ListOrganizations",
                       request, caller));
    for (auto& organization : *page.mutable_organizations()) {
      const size_t at = all.rows.size();
      all.by_name[organization.name()] = at;
      all.by_title[organization.display_name()] = at;
      if (organization.kind() == registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
        all.by_code[organization.unified_social_credit_code()] = at;
      }
      all.rows.push_back(std::move(organization));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<std::vector<registry::v1::Platform>> LoadPlatforms(rpc::Peers& peers,
                                                                  const rpc::Caller& caller,
                                                                  const std::string& organization) {
  std::vector<registry::v1::Platform> platforms;
  registry::v1::ListPlatformsRequest request;
  request.set_parent(organization);
  request.set_page_size(kRegistryPage);
  do {
    CHANYAN_ASSIGN_OR_RETURN(
        auto page, rpc::CallPeer<registry::v1::ListPlatformsResponse>(
                       peers, "registry", "chanyan.registry.v1.RegistryService.ListPlatforms",
                       request, caller));
    for (auto& platform : *page.mutable_platforms()) platforms.push_back(std::move(platform));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return platforms;
}

}  // namespace chanyan::pairing
