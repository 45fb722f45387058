// What the registry has, read page by page in the service's own name, before a transaction.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/peers.h"

namespace chanyan::pairing {

// The registry's organizations. Pointers live as long as the value.
struct Organizations {
  std::vector<registry::v1::Organization> rows;

  // Null if there is none.
  const registry::v1::Organization* ByName(absl::string_view name) const;
  const registry::v1::Organization* ByTitle(absl::string_view title) const;
  // Enterprises only.
  const registry::v1::Organization* ByCode(absl::string_view code) const;
  // The one that goes on for it, if it has become part of another; or itself.
  const registry::v1::Organization& Living(const registry::v1::Organization& organization) const;
  // The display name, or the name itself where the registry does not know it.
  std::string TitleOf(absl::string_view name) const;

  absl::flat_hash_map<std::string, size_t> by_name;
  absl::flat_hash_map<std::string, size_t> by_title;
  absl::flat_hash_map<std::string, size_t> by_code;
};

absl::StatusOr<Organizations> LoadOrganizations(rpc::Peers& peers, const rpc::Caller& caller);

// The platforms of one organization.
absl::StatusOr<std::vector<registry::v1::Platform>> LoadPlatforms(rpc::Peers& peers,
                                                                  const rpc::Caller& caller,
                                                                  const std::string& organization);

}  // namespace chanyan::pairing
