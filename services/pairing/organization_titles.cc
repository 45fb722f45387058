#include "services/pairing/organization_titles.h"

#include "absl/strings/str_cat.h"

namespace chanyan::pairing {

absl::StatusOr<KnownOrganizations> FetchOrganizations(rpc::Peers& peers, const rpc::Call& call,
                                                      const std::vector<std::string>& names) {
  KnownOrganizations known;
  for (const std::string& name : names) {
    if (name.empty() || known.contains(name)) continue;
    registry::v1::GetOrganizationRequest request;
    request.set_name(name);
    absl::StatusOr<registry::v1::Organization> organization =
        rpc::CallPeer<registry::v1::Organization>(
            peers, "registry", "chanyan.registry.v1.RegistryService.GetOrganization", request,
            rpc::AsService(call));
    if (absl::IsNotFound(organization.status())) continue;
    CHANYAN_RETURN_IF_ERROR(organization.status());
    known[name] = *std::move(organization);
  }
  return known;
}

std::string TitleIn(const KnownOrganizations& known, const std::string& name) {
  const auto found = known.find(name);
  return found == known.end() ? name : found->second.display_name();
}

void SetTitles(const KnownOrganizations& known,
               const google::protobuf::RepeatedPtrField<std::string>& names,
               google::protobuf::RepeatedPtrField<std::string>* titles) {
  titles->Clear();
  for (const std::string& name : names) *titles->Add() = TitleIn(known, name);
}

void RequireKnown(const KnownOrganizations& known, const std::string& name, absl::string_view field,
                  std::vector<status::Violation>* out) {
  if (name.empty() || known.contains(name)) return;
  out->push_back({std::string(field), absl::StrCat("“", name, "”不在单位名录中")});
}

void RequireUniversities(const KnownOrganizations& known,
                         const google::protobuf::RepeatedPtrField<std::string>& names,
                         absl::string_view field, std::vector<status::Violation>* out) {
  for (int i = 0; i < names.size(); ++i) {
    const std::string place = absl::StrCat(field, "[", i, "]");
    const auto found = known.find(names[i]);
    if (found == known.end()) {
      RequireKnown(known, names[i], place, out);
      continue;
    }
    std::string problem = UniversityProblem(found->second);
    if (!problem.empty()) out->push_back({place, std::move(problem)});
  }
}

std::string UniversityProblem(const registry::v1::Organization& organization) {
  if (organization.kind() != registry::v1::ORGANIZATION_KIND_UNIVERSITY &&
      organization.kind() != registry::v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE) {
    return absl::StrCat("“", organization.display_name(), "”不是高校或科研机构");
  }
  if (organization.state() == registry::v1::ORGANIZATION_STATE_SUSPENDED) {
    return absl::StrCat("“", organization.display_name(), "”已停用");
  }
  return "";
}

}  // namespace chanyan::pairing
