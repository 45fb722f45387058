// What the cycle needs to know of organizations, platforms and projects, fetched from registry and
// pairing before a transaction, in the service's own name if nothing else is said.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/peers.h"

namespace chanyan::cycle {

// All organizations that hold `filter` (AIP-160 over registry.v1.Organization).
absl::StatusOr<std::vector<registry::v1::Organization>> ListOrganizations(rpc::Peers& peers,
                                                                          const rpc::Caller& caller,
                                                                          absl::string_view filter);

// Published platforms of `parent`, organizations/{o} or organizations/-.
absl::StatusOr<std::vector<registry::v1::Platform>> ListPublishedPlatforms(
    rpc::Peers& peers, const rpc::Caller& caller, absl::string_view parent);

// All projects that hold `filter` (AIP-160 over pairing.v1.Project).
absl::StatusOr<std::vector<pairing::v1::Project>> ListProjects(rpc::Peers& peers,
                                                               const rpc::Caller& caller,
                                                               absl::string_view filter);

// What platforms offer to any enterprise: neither over nor taken back, and no project came of it.
absl::StatusOr<std::vector<pairing::v1::Intent>> ListOpenOffers(rpc::Peers& peers,
                                                                const rpc::Caller& caller);

// Problems of all projects that were resolved from `from` on and before `until`, confirmed or not.
absl::StatusOr<std::vector<pairing::v1::Problem>> ListResolvedProblems(rpc::Peers& peers,
                                                                       const rpc::Caller& caller,
                                                                       absl::Time from,
                                                                       absl::Time until);

// Enterprises by unified social credit code; codes that the registry does not know are absent.
absl::StatusOr<absl::flat_hash_map<std::string, registry::v1::Organization>> EnterprisesByCode(
    rpc::Peers& peers, const rpc::Caller& caller, const std::vector<std::string>& codes);

// Organizations by name; names that the registry does not know are absent.
absl::StatusOr<absl::flat_hash_map<std::string, registry::v1::Organization>> OrganizationsByName(
    rpc::Peers& peers, const rpc::Caller& caller, const std::vector<std::string>& names);

// One organization; of one that is part of another, that one. NOT_FOUND if the registry does not
// know it.
absl::StatusOr<registry::v1::Organization> FetchOrganization(rpc::Peers& peers,
                                                             const rpc::Caller& caller,
                                                             absl::string_view name);

// The one active organization of kind SECRETARIAT; FAILED_PRECONDITION if there is none or several.
absl::StatusOr<registry::v1::Organization> TheSecretariat(rpc::Peers& peers,
                                                          const rpc::Caller& caller);

}  // namespace chanyan::cycle
