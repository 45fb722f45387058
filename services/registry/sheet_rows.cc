#include "services/registry/sheet_rows.h"

#include "google/protobuf/util/field_mask_util.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::FieldMaskUtil;

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

}  // namespace

google::protobuf::FieldMask Copied(const sheet::TablePlaces& places,
                                   const google::protobuf::Descriptor* descriptor,
                                   const absl::flat_hash_set<std::string>& others) {
  google::protobuf::FieldMask mask;
  for (const sheet::TableColumn& column : sheet::TableColumns(descriptor)) {
    const std::string& name = column.field->name();
    if (places.HasColumn(name) && !others.contains(name)) mask.add_paths(name);
  }
  return mask;
}

void Copy(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
          google::protobuf::Message* to) {
  FieldMaskUtil::MergeOptions options;
  options.set_replace_repeated_fields(true);
  options.set_replace_message_fields(true);
  FieldMaskUtil::MergeMessageTo(from, mask, options, to);
}

void AddAll(std::vector<status::Violation>&& from, uint32_t row, const sheet::TablePlaces& places,
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
