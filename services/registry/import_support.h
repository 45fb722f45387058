// What the imports and exports of this service share.
#pragma once

#include <string>
#include <utility>
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

// The columns that the sheet has and that are copied as they are.
google::protobuf::FieldMask Copied(const sheet::TablePlaces& places,
                                   const google::protobuf::Descriptor* descriptor,
                                   const absl::flat_hash_set<std::string>& others);
void Copy(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
          google::protobuf::Message* to);

// Violations of a row at their cells.
void AddAll(std::vector<status::Violation>&& from, uint32_t row, const sheet::TablePlaces& places,
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

// One sheet of these rows, as the import of their type reads it.
template <class T>
absl::StatusOr<google::api::HttpBody> ExportSheet(absl::Time now, absl::string_view title,
                                                  const std::vector<T>& rows) {
  sheet::Writer writer({.created = now, .title = std::string(title)});
  sheet::WriteTable(writer, title, T::descriptor(), rows);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return XlsxBody(std::move(bytes));
}

}  // namespace chanyan::registry
