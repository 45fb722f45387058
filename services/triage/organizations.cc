#include "services/triage/organizations.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/search/normalize.h"
#include "common/status/status.h"

namespace chanyan::triage {

using registry::v1::Organization;

namespace {

constexpr char kGet[] = "chanyan.registry.v1.RegistryService.GetOrganization";
constexpr char kListMethod[] = "chanyan.registry.v1.RegistryService.ListOrganizations";
constexpr int kPage = 200;

absl::StatusOr<Organization> Fetch(const Deps& deps, const rpc::Call& call,
                                   const std::string& name) {
  registry::v1::GetOrganizationRequest request;
  request.set_name(name);
  return rpc::CallPeer<Organization>(deps.peers, "registry", kGet, request, rpc::AsService(call));
}

// One that works and is called exactly so.
absl::StatusOr<Organization> FetchTitled(const Deps& deps, const rpc::Call& call,
                                         const std::string& title) {
  registry::v1::ListOrganizationsRequest request;
  request.set_page_size(kPage);
  request.set_filter(absl::StrCat(
      "display_name = \"", absl::StrReplaceAll(title, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\""));
  while (true) {
    CHANYAN_ASSIGN_OR_RETURN(
        const auto page, rpc::CallPeer<registry::v1::ListOrganizationsResponse>(
                             deps.peers, "registry", kListMethod, request, rpc::AsService(call)));
    for (const Organization& one : page.organizations()) {
      if (one.display_name() == title && one.state() == registry::v1::ORGANIZATION_STATE_ACTIVE) {
        return one;
      }
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  return status::NotFound(title);
}

bool IsHan(char32_t c) {
  return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || c >= 0x20000;
}

// How a name may stand in the registry: as it is written; with simplified characters; besides with
// letters and digits of half width and brackets of full width, as official names have them.
std::vector<std::string> SpellingsOf(const std::string& title) {
  std::string simplified;
  std::string official;
  for (const char32_t c : search::FromUtf8(title)) {
    std::string one = search::ToUtf8(std::u32string(1, c));
    if (IsHan(c)) one = search::ToUtf8(search::Normalize(one).text);
    simplified += one;
    if (c == U'(') {
      one = "（";
    } else if (c == U')') {
      one = "）";
    } else if (c > 0xFF00 && c < 0xFF5F && c != U'（' && c != U'）') {
      one = search::ToUtf8(std::u32string(1, c - 0xFEE0));
    }
    official += one;
  }
  std::vector<std::string> spellings = {title};
  for (std::string* other : {&simplified, &official}) {
    if (!absl::c_linear_search(spellings, *other)) spellings.push_back(std::move(*other));
  }
  return spellings;
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
  for (const std::string& spelling : SpellingsOf(title)) {
    absl::StatusOr<Organization> found = FetchTitled(deps, call, spelling);
    if (!absl::IsNotFound(found.status())) return found;
  }
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
  const absl::Status& status = found.status();
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
      absl::IsCancelled(status) || absl::IsResourceExhausted(status)) {
    return status;
  }
  return name;
}

}  // namespace chanyan::triage
