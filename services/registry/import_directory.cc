#include "services/registry/import_directory.h"

#include <utility>

#include "google/protobuf/util/field_mask_util.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::FieldMaskUtil;

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

}  // namespace

absl::StatusOr<std::unique_ptr<const Directory>> Directory::Load(
    db::Session& session, const db::Table<v1::Organization>& table) {
  std::unique_ptr<Directory> directory(new Directory);
  CHANYAN_ASSIGN_OR_RETURN(directory->rows_, table.Select(session, db::Predicate::Everything()));
  for (const v1::Organization& row : directory->rows_) {
    if (!row.unified_social_credit_code().empty()) {
      directory->by_code_[row.unified_social_credit_code()] = &row;
    }
    directory->by_name_[row.name()] = &row;
    const auto [titled, fresh] = directory->by_title_.try_emplace(row.display_name(), &row);
    if (!fresh && row.state() != v1::ORGANIZATION_STATE_MERGED) titled->second = &row;
    for (const v1::FormerName& former : row.former_names()) {
      const auto [called, first] =
          directory->by_former_title_.try_emplace(former.display_name(), &row);
      if (!first && called->second != &row) called->second = nullptr;
    }
  }
  return std::unique_ptr<const Directory>(std::move(directory));
}

const v1::Organization* Directory::Resolve(const std::string& title) const {
  const v1::Organization* found = ByTitle(title);
  if (found == nullptr) found = Find(by_former_title_, title);
  if (found == nullptr || found->state() != v1::ORGANIZATION_STATE_MERGED) return found;
  return ByName(found->merged_into());
}

google::protobuf::FieldMask CopiedColumns(const sheet::TablePlaces& places,
                                          const google::protobuf::Descriptor* descriptor,
                                          const absl::flat_hash_set<std::string>& others) {
  google::protobuf::FieldMask mask;
  for (const sheet::TableColumn& column : sheet::TableColumns(descriptor)) {
    const std::string& name = column.field->name();
    if (places.HasColumn(name) && !others.contains(name)) mask.add_paths(name);
  }
  return mask;
}

void CopyColumns(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
                 google::protobuf::Message* to) {
  FieldMaskUtil::MergeOptions options;
  options.set_replace_repeated_fields(true);
  options.set_replace_message_fields(true);
  FieldMaskUtil::MergeMessageTo(from, mask, options, to);
}

void PlaceAll(std::vector<status::Violation>&& from, uint32_t row, const sheet::TablePlaces& places,
              std::vector<status::Violation>* to) {
  for (status::Violation& violation : from) {
    to->push_back({places.Place(row, violation.field), std::move(violation.description)});
  }
}

google::api::HttpBody XlsxBody(std::string bytes) {
  google::api::HttpBody body;
  body.set_content_type(kXlsx);
  body.set_data(std::move(bytes));
  return body;
}

}  // namespace chanyan::registry
