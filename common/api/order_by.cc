#include "common/api/order_by.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/api/fields.h"
#include "common/status/status.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

absl::Status Wrong(absl::string_view what) {
  return status::InvalidField("order_by", what, options::v1::ERROR_REASON_INVALID_FILTER);
}

bool IsSortable(const FieldDescriptor* field) {
  if (field->name() == "name") return true;
  const bool scalar =
      field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsTimestamp(field) || IsDate(field);
  return FieldOptions(field).sortable() && !FieldOptions(field).computed() &&
         !field->is_repeated() && scalar && field->type() != FieldDescriptor::TYPE_BYTES;
}

absl::Status Unsortable(const pb::Descriptor* resource, absl::string_view name) {
  std::vector<absl::string_view> open;
  for (int i = 0; i < resource->field_count(); ++i) {
    if (IsSortable(resource->field(i))) open.push_back(resource->field(i)->name());
  }
  return Wrong(absl::StrCat("“", name, "”不是可排序的字段；可用：", absl::StrJoin(open, "、")));
}

}  // namespace

absl::StatusOr<std::vector<OrderField>> ParseOrderBy(const pb::Descriptor* resource,
                                                     absl::string_view text) {
  std::vector<OrderField> out;
  if (text.size() > kMaxOrderByLength) {
    return Wrong(absl::StrFormat("最长 %d 字节", kMaxOrderByLength));
  }
  if (absl::StripAsciiWhitespace(text).empty()) return out;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(part, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.empty() || words.size() > 2 ||
        (words.size() == 2 && words[1] != "desc" && words[1] != "asc")) {
      return Wrong("排序应写作“字段”或“字段 desc”，多个字段之间用逗号分隔");
    }
    const FieldDescriptor* field = resource->FindFieldByName(std::string(words[0]));
    if (field == nullptr || !IsSortable(field)) return Unsortable(resource, words[0]);
    for (const OrderField& earlier : out) {
      if (earlier.field == field) return Wrong(absl::StrCat("“", words[0], "”重复"));
    }
    out.push_back({field, words.size() == 2 && words[1] == "desc"});
  }
  if (out.size() > kMaxOrderFields) {
    return Wrong(absl::StrFormat("最多按 %d 个字段排序", kMaxOrderFields));
  }
  return out;
}

}  // namespace chanyan::api
