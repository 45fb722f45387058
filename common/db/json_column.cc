#include "common/db/json_column.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/json.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;

bool IsStrings(const FieldDescriptor* field) {
  return field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING;
}

// protobuf's JSON is slow and works on whole messages: lists of strings, the most frequent JSON
// columns, go past it. Reads what JsonQuoted writes; false for anything else, which protobuf reads.
bool ReadStrings(absl::string_view json, std::vector<std::string>* out) {
  if (json.size() < 2 || json.front() != '[' || json.back() != ']') return false;
  json = json.substr(1, json.size() - 2);
  while (!json.empty()) {
    if (json.front() != '"') return false;
    const size_t end = json.find('"', 1);
    if (end == absl::string_view::npos) return false;
    const absl::string_view text = json.substr(1, end - 1);
    if (text.find('\\') != absl::string_view::npos) return false;
    out->emplace_back(text);
    json.remove_prefix(end + 1);
    if (json.empty()) return true;
    if (json.front() != ',' || json.size() == 1) return false;
    json.remove_prefix(1);
  }
  return true;
}

std::string Strings(const Message& message, const FieldDescriptor* field) {
  const pb::Reflection* reflection = message.GetReflection();
  std::string out = "[";
  std::string scratch;
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    absl::StrAppend(
        &out, i == 0 ? "" : ",",
        JsonQuoted(reflection->GetRepeatedStringReference(message, field, i, &scratch)));
  }
  out += ']';
  return out;
}

// `to` gets a copy of one field of `from`.
void CopyField(const Message& from, const FieldDescriptor* field, Message* to) {
  const pb::Reflection* reflection = from.GetReflection();
  if (!field->is_repeated()) {
    reflection->MutableMessage(to, field)->CopyFrom(reflection->GetMessage(from, field));
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    for (int i = 0; i < reflection->FieldSize(from, field); ++i) {
      reflection->AddMessage(to, field)->CopyFrom(reflection->GetRepeatedMessage(from, field, i));
    }
  } else {
    // Scalars: through a copy of the whole, which costs less than it looks for these small lists.
    std::unique_ptr<Message> whole(from.New());
    whole->CopyFrom(from);
    reflection->SwapFields(whole.get(), to, {field});
  }
}

absl::Status Broken(const FieldDescriptor* field, absl::string_view why) {
  return status::Internal(absl::StrCat("JSON of ", field->full_name(), ": ", why));
}

}  // namespace

std::string JsonQuoted(absl::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

absl::StatusOr<std::string> FieldToJson(const Message& message, const FieldDescriptor* field) {
  if (IsStrings(field)) return Strings(message, field);
  if (field->is_repeated() && message.GetReflection()->FieldSize(message, field) == 0) {
    return std::string(field->is_map() ? "{}" : "[]");
  }
  std::unique_ptr<Message> one(message.New());
  CopyField(message, field, one.get());
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!api::MessageToJson(*one, options, &json).ok())
    return status::InvalidField(field->name(), "内容无法保存：数值或时间超出范围");
  // {"<name>":<value>} → <value>
  const size_t head = field->name().size() + 4;
  if (json.size() <= head) return Broken(field, "nothing printed");
  return json.substr(head, json.size() - head - 1);
}

absl::Status FieldFromJson(absl::string_view json, const FieldDescriptor* field, Message* message) {
  const pb::Reflection* reflection = message->GetReflection();
  if (json == "[]" || json == "{}") {
    reflection->ClearField(message, field);
    if (!field->is_repeated()) reflection->MutableMessage(message, field);
    return absl::OkStatus();
  }
  std::vector<std::string> strings;
  if (IsStrings(field) && ReadStrings(json, &strings)) {
    for (std::string& text : strings) reflection->AddString(message, field, std::move(text));
    return absl::OkStatus();
  }
  std::unique_ptr<Message> one(message->New());
  pb::util::JsonParseOptions options;
  // A field that a newer version stored and this one does not know.
  options.ignore_unknown_fields = true;
  const absl::Status parsed =
      api::JsonToMessage(absl::StrCat("{\"", field->name(), "\":", json, "}"), options, one.get());
  if (!parsed.ok()) return Broken(field, std::string(parsed.message()));
  reflection->SwapFields(message, one.get(), {field});
  return absl::OkStatus();
}

}  // namespace chanyan::db
