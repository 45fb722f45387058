#include "tools/demo/again.h"

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace chanyan::demo {
namespace {

using google::protobuf::Value;

// A time as JSON writes it is of the run that asked, as a day is.
bool IsTime(const std::string& text) {
  absl::Time time;
  return absl::ParseTime(absl::RFC3339_full, text, &time, nullptr);
}

// Texts of a value in their order; of anything else none.
std::vector<std::string> TextsOf(const Value& value) {
  if (value.has_string_value() && IsTime(value.string_value())) return {};
  if (value.has_string_value()) return {value.string_value()};
  std::vector<std::string> texts;
  for (const Value& one : value.list_value().values()) {
    if (one.has_string_value()) texts.push_back(one.string_value());
  }
  return texts;
}

}  // namespace

bool IsWhatWasAsked(const google::protobuf::Struct& asked, const google::protobuf::Struct& item) {
  bool compared = false;
  for (const auto& [field, value] : asked.fields()) {
    const std::vector<std::string> texts = TextsOf(value);
    if (texts.empty()) continue;
    const auto found = item.fields().find(field);
    if (found == item.fields().end() || TextsOf(found->second) != texts) return false;
    compared = true;
  }
  return compared;
}

}  // namespace chanyan::demo
