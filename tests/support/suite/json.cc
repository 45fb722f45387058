#include "tests/support/suite/json.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"

namespace chanyan::testing {

using google::protobuf::Value;

Json Json::Parse(absl::string_view text) {
  Json json;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), &json.value_);
  if (!parsed.ok()) json.value_.Clear();
  return json;
}

const Value* Json::Find(absl::string_view path) const {
  const Value* at = &value_;
  for (const absl::string_view step : absl::StrSplit(path, '.', absl::SkipEmpty())) {
    int index = 0;
    if (at->has_struct_value()) {
      const auto& fields = at->struct_value().fields();
      const auto found = fields.find(std::string(step));
      if (found == fields.end()) return nullptr;
      at = &found->second;
    } else if (at->has_list_value() && absl::SimpleAtoi(step, &index) && index >= 0 &&
               index < at->list_value().values_size()) {
      at = &at->list_value().values(index);
    } else {
      return nullptr;
    }
  }
  return at;
}

std::string Json::At(absl::string_view path) const {
  const Value* found = Find(path);
  if (found == nullptr) return "";
  switch (found->kind_case()) {
    case Value::kStringValue:
      return found->string_value();
    case Value::kNumberValue:
      return absl::StrCat(found->number_value());
    case Value::kBoolValue:
      return found->bool_value() ? "true" : "false";
    default:
      return "";
  }
}

int Json::Size(absl::string_view path) const {
  const Value* found = Find(path);
  if (found == nullptr) return 0;
  if (found->has_list_value()) return found->list_value().values_size();
  return static_cast<int>(found->struct_value().fields().size());
}

Json Json::Sub(absl::string_view path) const {
  Json sub;
  if (const Value* found = Find(path)) sub.value_ = *found;
  return sub;
}

std::string JsonText(absl::string_view text) {
  Value value;
  value.set_string_value(std::string(text));
  std::string out;
  google::protobuf::util::MessageToJsonString(value, &out);
  return out;
}

}  // namespace chanyan::testing
