#include "services/triage/list_text.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/well_known.h"
#include "common/sheet/text.h"
#include "common/status/status.h"

namespace chanyan::triage {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr absl::string_view kEntries = "；";
constexpr absl::string_view kParts = "｜";

const std::string& LabelOf(const EnumValueDescriptor* value) {
  return value->options().GetExtension(options::v1::value).zh();
}

std::string LabelOf(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field).label();
}

std::string PartText(const Message& entry, const FieldDescriptor* field) {
  const Reflection* at = entry.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return at->GetString(entry, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return LabelOf(at->GetEnum(entry, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return at->GetInt32(entry, field) == 0 ? "" : absl::StrCat(at->GetInt32(entry, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return at->GetDouble(entry, field) == 0 ? "" : absl::StrCat(at->GetDouble(entry, field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!at->HasField(entry, field)) return "";
      const auto day = api::DayOf(at->GetMessage(entry, field));
      return day.has_value() ? api::DayText(*day) : "";
    }
    default:
      return "";
  }
}

bool ReadPart(absl::string_view text, const FieldDescriptor* field, Message* entry) {
  const Reflection* at = entry->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      at->SetString(entry, field, std::string(text));
      return true;
    case FieldDescriptor::CPPTYPE_ENUM:
      for (int i = 1; i < field->enum_type()->value_count(); ++i) {
        if (LabelOf(field->enum_type()->value(i)) != text) continue;
        at->SetEnum(entry, field, field->enum_type()->value(i));
        return true;
      }
      return false;
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t number = 0;
      if (!absl::SimpleAtoi(text, &number)) return false;
      at->SetInt32(entry, field, number);
      return true;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double number = 0;
      if (!absl::SimpleAtod(absl::StrReplaceAll(text, {{"%", ""}}), &number)) return false;
      at->SetDouble(entry, field, number);
      return true;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto day = api::ParseDay(text);
      if (!day.has_value()) return false;
      api::SetDay(*day, at->MutableMessage(entry, field));
      return true;
    }
    default:
      return false;
  }
}

absl::Status ReadEntry(absl::string_view text, int number, Message* entry) {
  const auto* type = entry->GetDescriptor();
  const std::vector<std::string> parts = absl::StrSplit(text, kParts);
  const auto wrong = [&](absl::string_view why) {
    return status::InvalidField("", absl::StrCat("第 ", number, " 项“", text, "”", why));
  };
  if (static_cast<int>(parts.size()) > type->field_count()) {
    std::vector<std::string> labels;
    for (int i = 0; i < type->field_count(); ++i) labels.push_back(LabelOf(type->field(i)));
    return wrong(absl::StrCat("内容过多，依次应为：", absl::StrJoin(labels, kParts)));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    const absl::string_view part = sheet::TrimBlanks(parts[i]);
    const FieldDescriptor* field = type->field(static_cast<int>(i));
    if (!part.empty() && !ReadPart(part, field, entry)) {
      return wrong(absl::StrCat("的", LabelOf(field), "“", part, "”无法识别"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string ListText(const Message& message, const FieldDescriptor* list) {
  std::vector<std::string> entries;
  const Reflection* at = message.GetReflection();
  for (int i = 0; i < at->FieldSize(message, list); ++i) {
    const Message& entry = at->GetRepeatedMessage(message, list, i);
    std::vector<std::string> parts;
    for (int f = 0; f < list->message_type()->field_count(); ++f) {
      parts.push_back(PartText(entry, list->message_type()->field(f)));
    }
    while (!parts.empty() && parts.back().empty()) parts.pop_back();
    entries.push_back(absl::StrJoin(parts, kParts));
  }
  return absl::StrJoin(entries, kEntries);
}

absl::Status ParseListText(absl::string_view text, const FieldDescriptor* list, Message* message) {
  const Reflection* at = message->GetReflection();
  at->ClearField(message, list);
  const std::string plain =
      absl::StrReplaceAll(text, {{"\n", kEntries}, {";", kEntries}, {"|", kParts}});
  int number = 0;
  for (const absl::string_view one : absl::StrSplit(plain, kEntries)) {
    const absl::string_view entry = sheet::TrimBlanks(one);
    if (entry.empty()) continue;
    CHANYAN_RETURN_IF_ERROR(ReadEntry(entry, ++number, at->AddMessage(message, list)));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::triage
