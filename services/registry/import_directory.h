// The stored organizations as imports of the registry look for them: by code, by name, and by
// titles that they have or had.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/auth/principal.h"
#include "common/db/table.h"

namespace chanyan::registry {

// The stored organizations that the caller may see, and its own: what a sheet calls by its title is
// no way to ask who else is there. Neither copied nor moved: the maps point into `rows`.
class Directory {
 public:
  static absl::StatusOr<std::unique_ptr<const Directory>> Load(
      db::Session& session, const db::Table<v1::Organization>& table,
      const auth::Principal& caller);

  // Null if there is none.
  const v1::Organization* ByCode(const std::string& code) const { return Find(by_code_, code); }
  const v1::Organization* ByName(const std::string& name) const { return Find(by_name_, name); }
  // Who is called so now; one that goes on before one that does not.
  const v1::Organization* ByTitle(const std::string& title) const { return Find(by_title_, title); }
  // For a reference: who is called so, or else the only one that was, and then the one it is part
  // of.
  const v1::Organization* Resolve(const std::string& title) const;

 private:
  using Map = absl::flat_hash_map<std::string, const v1::Organization*>;

  Directory() = default;
  static const v1::Organization* Find(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
  }

  std::vector<v1::Organization> rows_;
  Map by_code_;
  Map by_name_;
  Map by_title_;
  // Null where several were called so.
  Map by_former_title_;
};

}  // namespace chanyan::registry
