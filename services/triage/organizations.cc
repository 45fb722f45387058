#include "services/triage/organizations.h"

#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/directory.pb.h"
#include "common/status/status.h"

namespace chanyan::triage {

using registry::v1::Organization;

namespace {

constexpr char kGet[] = "chanyan.registry.v1.RegistryService.GetOrganization";
constexpr char kLookup[] = "chanyan.registry.v1.DirectoryService.LookupOrganizations";

absl::StatusOr<Organization> Fetch(const Deps& deps, const rpc::Call& call,
                                   const std::string& name) {
  registry::v1::GetOrganizationRequest request;
  request.set_name(name);
  return rpc::CallPeer<Organization>(deps.peers, "registry", kGet, request, rpc::AsService(call));
}

}  // namespace

absl::StatusOr<Organization> OrganizationOf(const Deps& deps, const rpc::Call& call,
                                            const std::string& name, absl::string_view field) {
  absl::StatusOr<Organization> found = Fetch(deps, call, name);
  if (absl::IsNotFound(found.status())) {
    return status::InvalidField(field, absl::StrCat("“", name, "”不在单位名录中"));
  }
  CHANYAN_RETURN_IF_ERROR(found.status());
  if (found->state() != registry::v1::ORGANIZATION_STATE_ACTIVE) {
    return status::InvalidField(field, absl::StrCat("“", found->display_name(), "”已停用"));
  }
  return found;
}

absl::StatusOr<Organization> OrganizationTitled(const Deps& deps, const rpc::Call& call,
                                                const std::string& title) {
  registry::v1::LookupOrganizationsRequest request;
  request.set_text(title);
  CHANYAN_ASSIGN_OR_RETURN(const auto reply,
                           rpc::CallPeer<registry::v1::LookupOrganizationsResponse>(
                               deps.peers, "registry", kLookup, request, rpc::AsService(call)));
  const Organization* found = nullptr;
  bool former = false;
  for (const registry::v1::OrganizationMatch& match : reply.matches()) {
    const Organization& one = match.organization();
    if (one.state() != registry::v1::ORGANIZATION_STATE_ACTIVE) continue;
    if (one.display_name() == title) return one;
    const bool had = match.kind() == registry::v1::ORGANIZATION_MATCH_KIND_FORMER_NAME;
    // Who has the name comes before who had it.
    if (found == nullptr || (former && !had)) {
      found = &one;
      former = had;
    } else if (former == had && found->name() != one.name()) {
      return absl::NotFoundError(absl::StrCat("“", title, "”可能是“", found->display_name(), "”或“",
                                              one.display_name(), "”，请填写名录中的全称"));
    }
  }
  if (found != nullptr) return *found;
  return absl::NotFoundError(absl::StrCat("“", title, "”不在单位名录中，请核对名称"));
}

bool MayHaveResults(registry::v1::OrganizationKind kind) {
  return kind == registry::v1::ORGANIZATION_KIND_UNIVERSITY ||
         kind == registry::v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE ||
         kind == registry::v1::ORGANIZATION_KIND_ENTERPRISE;
}

absl::Status CheckCollector(const TriagePack& pack, const rpc::Call& call) {
  const auth::Principal& caller = call.principal;
  const policy::v1::TriageUnit* unit = pack.FindOrganization(caller.organization);
  if (caller.Has(options::v1::ROLE_DEPARTMENT) || caller.Has(options::v1::ROLE_SERVICE_TEAM) ||
      caller.Has(options::v1::ROLE_BROKER) ||
      (unit != nullptr && unit->kind() == policy::v1::TRIAGE_UNIT_KIND_TASK_FORCE)) {
    return absl::OkStatus();
  }
  return status::PermissionDenied("企业以外，需求由服务专班和产业专班梳理录入");
}

absl::StatusOr<std::string> TitleOf(const Deps& deps, const rpc::Call& call,
                                    const std::string& name) {
  const policy::v1::TriageUnit* unit = deps.pack.FindOrganization(name);
  if (unit != nullptr) return unit->display_name();
  const absl::StatusOr<Organization> found = Fetch(deps, call, name);
  if (found.ok()) return found->display_name();
  if (!absl::IsNotFound(found.status()) && !absl::IsInvalidArgument(found.status())) {
    return found.status();
  }
  return name;
}

}  // namespace chanyan::triage
