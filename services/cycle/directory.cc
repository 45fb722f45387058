#include "services/cycle/directory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/db/table.h"
#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

// Comparisons in one filter, which may have 50 and 2,000 bytes: of a code 53 bytes, of a name at
// most 90.
constexpr size_t kCodesPerCall = 30;
constexpr size_t kNamesPerCall = 20;

// Organizations whose `field` is one of `values`.
absl::StatusOr<std::vector<registry::v1::Organization>> ListWhere(rpc::Peers& peers,
                                                                  const rpc::Caller& caller,
                                                                  absl::string_view field,
                                                                  size_t per_call,
                                                                  std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::vector<registry::v1::Organization> found;
  for (size_t first = 0; first < values.size(); first += per_call) {
    std::string filter;
    const size_t end = std::min(values.size(), first + per_call);
    for (size_t i = first; i < end; ++i) {
      absl::StrAppend(&filter, filter.empty() ? "" : " OR ", field, " = \"", values[i], "\"");
    }
    CHANYAN_ASSIGN_OR_RETURN(std::vector<registry::v1::Organization> page,
                             ListOrganizations(peers, caller, filter));
    for (registry::v1::Organization& one : page) found.push_back(std::move(one));
  }
  return found;
}

// All pages of a List method. `take` moves a page's items out and must not keep the reply.
template <class Reply, class Request, class Take>
absl::Status ListAll(rpc::Peers& peers, const rpc::Caller& caller, absl::string_view peer,
                     absl::string_view method, Request request, Take take) {
  request.set_page_size(db::kMaxPageSize);
  do {
    CHANYAN_ASSIGN_OR_RETURN(Reply reply,
                             rpc::CallPeer<Reply>(peers, peer, method, request, caller));
    take(reply);
    request.set_page_token(reply.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<registry::v1::Organization>> ListOrganizations(
    rpc::Peers& peers, const rpc::Caller& caller, absl::string_view filter) {
  std::vector<registry::v1::Organization> organizations;
  registry::v1::ListOrganizationsRequest request;
  request.set_filter(std::string(filter));
  CHANYAN_RETURN_IF_ERROR(ListAll<registry::v1::ListOrganizationsResponse>(
      peers, caller, "registry", "chanyan.registry.v1.RegistryService.ListOrganizations", request,
      [&](registry::v1::ListOrganizationsResponse& reply) {
        for (auto& one : *reply.mutable_organizations()) organizations.push_back(std::move(one));
      }));
  return organizations;
}

absl::StatusOr<std::vector<registry::v1::Platform>> ListPublishedPlatforms(
    rpc::Peers& peers, const rpc::Caller& caller, absl::string_view parent) {
  std::vector<registry::v1::Platform> platforms;
  registry::v1::ListPlatformsRequest request;
  request.set_parent(std::string(parent));
  request.set_filter("state = PUBLISHED");
  CHANYAN_RETURN_IF_ERROR(ListAll<registry::v1::ListPlatformsResponse>(
      peers, caller, "registry", "chanyan.registry.v1.RegistryService.ListPlatforms", request,
      [&](registry::v1::ListPlatformsResponse& reply) {
        for (auto& one : *reply.mutable_platforms()) platforms.push_back(std::move(one));
      }));
  return platforms;
}

absl::StatusOr<std::vector<pairing::v1::Project>> ListProjects(rpc::Peers& peers,
                                                               const rpc::Caller& caller,
                                                               absl::string_view filter) {
  std::vector<pairing::v1::Project> projects;
  pairing::v1::ListProjectsRequest request;
  request.set_filter(std::string(filter));
  CHANYAN_RETURN_IF_ERROR(ListAll<pairing::v1::ListProjectsResponse>(
      peers, caller, "pairing", "chanyan.pairing.v1.PairingService.ListProjects", request,
      [&](pairing::v1::ListProjectsResponse& reply) {
        for (auto& one : *reply.mutable_projects()) projects.push_back(std::move(one));
      }));
  return projects;
}

absl::StatusOr<std::vector<pairing::v1::Intent>> ListOpenOffers(rpc::Peers& peers,
                                                                const rpc::Caller& caller) {
  std::vector<pairing::v1::Intent> offers;
  pairing::v1::ListIntentsRequest request;
  request.set_filter("state = OPEN AND side = OFFER");
  CHANYAN_RETURN_IF_ERROR(ListAll<pairing::v1::ListIntentsResponse>(
      peers, caller, "pairing", "chanyan.pairing.v1.PairingService.ListIntents", request,
      [&](pairing::v1::ListIntentsResponse& reply) {
        for (auto& one : *reply.mutable_intents()) {
          if (one.project().empty()) offers.push_back(std::move(one));
        }
      }));
  return offers;
}

absl::StatusOr<std::vector<pairing::v1::Problem>> ListResolvedProblems(rpc::Peers& peers,
                                                                       const rpc::Caller& caller,
                                                                       absl::Time from,
                                                                       absl::Time until) {
  std::vector<pairing::v1::Problem> problems;
  pairing::v1::ListProblemsRequest request;
  request.set_parent("projects/-");
  const auto rfc3339 = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
  };
  request.set_filter(absl::StrCat("(state = RESOLVED OR state = CLOSED) AND resolve_time >= ",
                                  rfc3339(from), " AND resolve_time < ", rfc3339(until)));
  CHANYAN_RETURN_IF_ERROR(ListAll<pairing::v1::ListProblemsResponse>(
      peers, caller, "pairing", "chanyan.pairing.v1.ProblemService.ListProblems", request,
      [&](pairing::v1::ListProblemsResponse& reply) {
        for (auto& one : *reply.mutable_problems()) problems.push_back(std::move(one));
      }));
  return problems;
}

absl::StatusOr<absl::flat_hash_map<std::string, registry::v1::Organization>> EnterprisesByCode(
    rpc::Peers& peers, const rpc::Caller& caller, const std::vector<std::string>& codes) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<registry::v1::Organization> all,
      ListWhere(peers, caller, "unified_social_credit_code", kCodesPerCall, codes));
  absl::flat_hash_map<std::string, registry::v1::Organization> found;
  for (registry::v1::Organization& one : all) {
    std::string code = one.unified_social_credit_code();
    found[std::move(code)] = std::move(one);
  }
  return found;
}

absl::StatusOr<absl::flat_hash_map<std::string, registry::v1::Organization>> OrganizationsByName(
    rpc::Peers& peers, const rpc::Caller& caller, const std::vector<std::string>& names) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<registry::v1::Organization> all,
                           ListWhere(peers, caller, "name", kNamesPerCall, names));
  absl::flat_hash_map<std::string, registry::v1::Organization> found;
  for (registry::v1::Organization& one : all) {
    std::string name = one.name();
    found[std::move(name)] = std::move(one);
  }
  return found;
}

absl::StatusOr<registry::v1::Organization> FetchOrganization(rpc::Peers& peers,
                                                             const rpc::Caller& caller,
                                                             absl::string_view name) {
  registry::v1::GetOrganizationRequest request;
  request.set_name(std::string(name));
  const auto fetch = [&] {
    return rpc::CallPeer<registry::v1::Organization>(
        peers, "registry", "chanyan.registry.v1.RegistryService.GetOrganization", request, caller);
  };
  CHANYAN_ASSIGN_OR_RETURN(registry::v1::Organization organization, fetch());
  if (organization.state() != registry::v1::ORGANIZATION_STATE_MERGED) return organization;
  request.set_name(organization.merged_into());
  return fetch();
}

absl::StatusOr<registry::v1::Organization> TheSecretariat(rpc::Peers& peers,
                                                          const rpc::Caller& caller) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<registry::v1::Organization> found,
      ListOrganizations(peers, caller, "kind = SECRETARIAT AND state = ACTIVE"));
  if (found.size() != 1) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("单位名录中类型为“高校理事会秘书处”且未停用的单位应有且只有一个，现有 ",
                     found.size(), " 个；请先在单位名录中改正"));
  }
  return std::move(found.front());
}

}  // namespace chanyan::cycle
