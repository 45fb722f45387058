// What the imports of this service share.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"

namespace chanyan::registry {

using Titles = absl::flat_hash_map<std::string, const v1::Organization*>;

// The stored organizations, by what a sheet's row can be recognised by.
struct Directory {
  std::vector<v1::Organization> rows;
  absl::flat_hash_map<std::string, const v1::Organization*> by_code;
  Titles by_title;
  absl::flat_hash_map<std::string, const v1::Organization*> by_name;
};

absl::StatusOr<Directory> LoadDirectory(db::Session& session,
                                        const db::Table<v1::Organization>& table);

}  // namespace chanyan::registry
