#include "common/rpc/import.h"

#include <utility>

#include "google/protobuf/util/field_mask_util.h"

namespace chanyan::rpc {

using google::protobuf::util::FieldMaskUtil;

sheet::ReadOptions Watched(sheet::ReadOptions options, size_t rows) {
  if (!LongWork::Watched()) return options;
  options.max_violations = kMaxWatchedViolations;
  options.check = [check = std::move(options.check), rows = static_cast<int64_t>(rows),
                   read = int64_t{0}](google::protobuf::Message& message, uint32_t number) mutable {
    LongWork::OfThisThread().Say(Stage::kReading, ++read, rows);
    return check == nullptr ? std::vector<status::Violation>() : check(message, number);
  };
  return options;
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

void AddPlaced(std::vector<status::Violation>&& violations, uint32_t row_number,
               const sheet::TablePlaces& places, std::vector<status::Violation>* to) {
  for (status::Violation& violation : violations) {
    to->push_back({places.Place(row_number, violation.field), std::move(violation.description)});
  }
}

}  // namespace chanyan::rpc
