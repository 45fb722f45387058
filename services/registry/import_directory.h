// What imports of the registry share: the stored organizations by what a sheet's row can be
// recognised by, and how a sheet's cells come onto what is stored.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/rpc/import.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/field_mask.pb.h"

namespace chanyan::registry {

// The stored organizations. Neither copied nor moved: the maps point into `rows`.
class Directory {
 public:
  static absl::StatusOr<std::unique_ptr<const Directory>> Load(
      db::Session& session, const db::Table<v1::Organization>& table);

  // Null if there is none.
  const v1::Organization* ByCode(const std::string& code) const { return Find(by_code_, code); }
  const v1::Organization* ByName(const std::string& name) const { return Find(by_name_, name); }
  // Who is called so now; one that goes on before one that does not.
  const v1::Organization* ByTitle(const std::string& title) const { return Find(by_title_, title); }
  // For a reference: who is called so, or else the only one that was, and then the one it is part of.
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

// The columns that the sheet has and that are copied as they are.
google::protobuf::FieldMask CopiedColumns(const sheet::TablePlaces& places,
                                          const google::protobuf::Descriptor* descriptor,
                                          const absl::flat_hash_set<std::string>& others);
// Copies them.
void CopyColumns(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
                 google::protobuf::Message* to);

// Appends violations of a row, each at its cell.
void PlaceAll(std::vector<status::Violation>&& from, uint32_t row, const sheet::TablePlaces& places,
              std::vector<status::Violation>* to);

template <class T>
v1::ImportResult ResultOf(const rpc::ImportPlan<T>& plan, bool dry_run) {
  v1::ImportResult result;
  result.set_created(static_cast<int32_t>(plan.creates.size()));
  result.set_updated(static_cast<int32_t>(plan.updates.size()));
  result.set_unchanged(plan.unchanged);
  result.set_dry_run(dry_run);
  return result;
}

google::api::HttpBody XlsxBody(std::string bytes);

}  // namespace chanyan::registry
