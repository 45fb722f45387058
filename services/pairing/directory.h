// The registry's organizations and platforms as sheets name them, fetched before a transaction.
#pragma once

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/peers.h"

namespace chanyan::pairing {

// The registry's enterprises by code, and the names of all organizations.
struct Enterprises {
  absl::flat_hash_map<std::string, registry::v1::Organization> by_code;
  // Resource name → display name.
  absl::flat_hash_map<std::string, std::string> titles;
};
absl::StatusOr<Enterprises> LoadEnterprises(rpc::Peers& peers, const rpc::Caller& caller);

// All platforms, whatever their state, by the names of owner and platform.
using Platforms = absl::flat_hash_map<std::pair<std::string, std::string>, registry::v1::Platform>;
absl::StatusOr<Platforms> LoadPlatforms(rpc::Peers& peers, const rpc::Caller& caller,
                                        const Enterprises& organizations);

}  // namespace chanyan::pairing
