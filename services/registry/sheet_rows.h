// What imports and exports of the registry share (REG-10): how a row finds its resource, what of it
// is copied, and files as answers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/rpc/import.h"
#include "common/sheet/table.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "services/registry/import_support.h"

namespace chanyan::registry {

// The columns that the sheet has and that are copied as they are: all but `others`.
google::protobuf::FieldMask Copied(const sheet::TablePlaces& places,
                                   const google::protobuf::Descriptor* descriptor,
                                   const absl::flat_hash_set<std::string>& others);
void Copy(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
          google::protobuf::Message* to);

// Places the violations of a row on its cells.
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

// Writes the plan unless something is wrong or nothing is to be written, and says what was done.
template <class T>
absl::StatusOr<v1::ImportResult> Settle(rpc::Change& change, const db::Table<T>& table,
                                        std::vector<status::Violation> violations, bool dry_run,
                                        rpc::ImportPlan<T>* plan) {
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_INVALID_FILE);
  }
  v1::ImportResult result = ResultOf(*plan, dry_run);
  if (!dry_run) CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, table, plan));
  return result;
}

google::api::HttpBody XlsxBody(std::string bytes);

// One sheet with one table, columns by the labels of the message.
template <class T>
absl::StatusOr<google::api::HttpBody> XlsxTable(absl::Time created, const std::string& title,
                                                const std::vector<T>& rows) {
  sheet::Writer writer({.created = created, .title = title});
  sheet::WriteTable(writer, title, T::descriptor(), rows);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return XlsxBody(std::move(bytes));
}

}  // namespace chanyan::registry
