#include <charconv>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "services/gateway/http_rules.h"
#include "services/gateway/json_message.h"

namespace chanyan::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

void WriteMessage(const Message& message, std::string& out);

void AppendDouble(double value, bool single, std::string& out) {
  if (std::isnan(value)) return AppendJsonString("NaN", out);
  if (std::isinf(value)) return AppendJsonString(value > 0 ? "Infinity" : "-Infinity", out);
  char buffer[32];
  const auto result = single ? std::to_chars(buffer, std::end(buffer), static_cast<float>(value))
                             : std::to_chars(buffer, std::end(buffer), value);
  out.append(buffer, result.ptr);
}

// Fraction of a second in 0, 3, 6 or 9 digits.
void AppendNanos(int nanos, std::string& out) {
  if (nanos == 0) return;
  if (nanos % 1'000'000 == 0) {
    absl::StrAppendFormat(&out, ".%03d", nanos / 1'000'000);
  } else if (nanos % 1'000 == 0) {
    absl::StrAppendFormat(&out, ".%06d", nanos / 1'000);
  } else {
    absl::StrAppendFormat(&out, ".%09d", nanos);
  }
}

int64_t Seconds(const Message& message) {
  return message.GetReflection()->GetInt64(message, message.GetDescriptor()->FindFieldByNumber(1));
}
int Nanos(const Message& message) {
  return message.GetReflection()->GetInt32(message, message.GetDescriptor()->FindFieldByNumber(2));
}

void WriteTimestamp(const Message& message, std::string& out) {
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixSeconds(Seconds(message)), absl::UTCTimeZone());
  absl::StrAppendFormat(&out, "\"%04d-%02d-%02dT%02d:%02d:%02d", civil.year(), civil.month(),
                        civil.day(), civil.hour(), civil.minute(), civil.second());
  AppendNanos(Nanos(message), out);
  out.append("Z\"");
}

void WriteDuration(const Message& message, std::string& out) {
  const int64_t seconds = Seconds(message);
  const int nanos = Nanos(message);
  absl::StrAppend(&out, "\"", seconds < 0 || nanos < 0 ? "-" : "", std::abs(seconds));
  AppendNanos(std::abs(nanos), out);
  out.append("s\"");
}

void WriteFieldMask(const Message& message, std::string& out) {
  const FieldDescriptor* paths = message.GetDescriptor()->FindFieldByNumber(1);
  const Reflection* reflection = message.GetReflection();
  std::string text;
  for (int i = 0; i < reflection->FieldSize(message, paths); ++i) {
    if (i > 0) text.push_back(',');
    bool upper = false;
    for (const char c : reflection->GetRepeatedString(message, paths, i)) {
      if (c == '_') {
        upper = true;
      } else {
        text.push_back(upper ? absl::ascii_toupper(c) : c);
        upper = false;
      }
    }
  }
  AppendJsonString(text, out);
}

void WriteAny(const Message& message, std::string& out) {
  const Reflection* reflection = message.GetReflection();
  const std::string url =
      reflection->GetString(message, message.GetDescriptor()->FindFieldByNumber(1));
  out.append("{\"@type\":");
  AppendJsonString(url, out);
  const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(
      url.substr(url.rfind('/') == std::string::npos ? 0 : url.rfind('/') + 1));
  if (type != nullptr) {
    const std::unique_ptr<Message> inner(
        MessageFactory::generated_factory()->GetPrototype(type)->New());
    std::string text;
    if (inner->ParseFromString(
            reflection->GetString(message, message.GetDescriptor()->FindFieldByNumber(2)))) {
      WriteMessage(*inner, text);
    }
    // The well-known types that are not objects never stand in error details.
    if (text.size() > 2 && text[0] == '{') {
      out.push_back(',');
      out.append(text, 1, text.size() - 2);
    }
  }
  out.push_back('}');
}

bool IsWrapper(const Descriptor& type) {
  return type.file()->name() == "google/protobuf/wrappers.proto";
}

// Value of a singular field, or of item `index` of a repeated one.
void WriteValue(const Message& message, const FieldDescriptor& field, int index, std::string& out) {
  const Reflection* r = message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrAppend(&out, repeated ? r->GetRepeatedInt32(message, &field, index)
                                            : r->GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrAppend(&out, repeated ? r->GetRepeatedUInt32(message, &field, index)
                                            : r->GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrAppend(
          &out, "\"",
          repeated ? r->GetRepeatedInt64(message, &field, index) : r->GetInt64(message, &field),
          "\"");
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrAppend(
          &out, "\"",
          repeated ? r->GetRepeatedUInt64(message, &field, index) : r->GetUInt64(message, &field),
          "\"");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendDouble(
          repeated ? r->GetRepeatedDouble(message, &field, index) : r->GetDouble(message, &field),
          false, out);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendDouble(
          repeated ? r->GetRepeatedFloat(message, &field, index) : r->GetFloat(message, &field),
          true, out);
    case FieldDescriptor::CPPTYPE_BOOL:
      out.append(
          (repeated ? r->GetRepeatedBool(message, &field, index) : r->GetBool(message, &field))
              ? "true"
              : "false");
      return;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = repeated ? r->GetRepeatedEnumValue(message, &field, index)
                                  : r->GetEnumValue(message, &field);
      const auto* value = field.enum_type()->FindValueByNumber(number);
      if (value == nullptr) return absl::StrAppend(&out, number);
      return absl::StrAppend(&out, "\"", value->name(), "\"");
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text =
          repeated ? r->GetRepeatedStringReference(message, &field, index, &scratch)
                   : r->GetStringReference(message, &field, &scratch);
      if (field.type() != FieldDescriptor::TYPE_BYTES) return AppendJsonString(text, out);
      return absl::StrAppend(&out, "\"", absl::Base64Escape(text), "\"");
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(
          repeated ? r->GetRepeatedMessage(message, &field, index) : r->GetMessage(message, &field),
          out);
  }
}

void WriteMap(const Message& message, const FieldDescriptor& field, std::string& out) {
  const Reflection* r = message.GetReflection();
  out.push_back('{');
  for (int i = 0; i < r->FieldSize(message, &field); ++i) {
    if (i > 0) out.push_back(',');
    const Message& entry = r->GetRepeatedMessage(message, &field, i);
    std::string key;
    WriteValue(entry, *entry.GetDescriptor()->map_key(), -1, key);
    if (key[0] == '"') {
      out.append(key);
    } else {
      absl::StrAppend(&out, "\"", key, "\"");
    }
    out.push_back(':');
    WriteValue(entry, *entry.GetDescriptor()->map_value(), -1, out);
  }
  out.push_back('}');
}

void WriteObject(const Message& message, std::string& out) {
  const Reflection* r = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  r->ListFields(message, &fields);
  out.push_back('{');
  bool first = true;
  for (const FieldDescriptor* field : fields) {
    if (!first) out.push_back(',');
    first = false;
    absl::StrAppend(&out, "\"", field->json_name(), "\":");
    if (field->is_map()) {
      WriteMap(message, *field, out);
    } else if (field->is_repeated()) {
      out.push_back('[');
      for (int i = 0; i < r->FieldSize(message, field); ++i) {
        if (i > 0) out.push_back(',');
        WriteValue(message, *field, i, out);
      }
      out.push_back(']');
    } else {
      WriteValue(message, *field, -1, out);
    }
  }
  out.push_back('}');
}

void WriteMessage(const Message& message, std::string& out) {
  const Descriptor& type = *message.GetDescriptor();
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return WriteTimestamp(message, out);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return WriteDuration(message, out);
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return WriteFieldMask(message, out);
    case Descriptor::WELLKNOWNTYPE_ANY:
      return WriteAny(message, out);
    default:
      break;
  }
  if (IsWrapper(type)) return WriteValue(message, *type.FindFieldByNumber(1), -1, out);
  WriteObject(message, out);
}

}  // namespace

void MessageToJson(const Message& message, std::string& out) { WriteMessage(message, out); }

void AppendJsonString(absl::string_view text, std::string& out) {
  std::string repaired;
  // Our own services send UTF-8 only; a foreign proxy's message may hold anything.
  if (!IsValidUtf8(text)) {
    for (const char c : text) {
      absl::StrAppend(&repaired,
                      static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "\xef\xbf\xbd");
    }
    text = repaired;
  }
  out.push_back('"');
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // '<' is escaped so that no answer can be taken for a page.
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && c != '<') continue;
    out.append(text.data() + plain, i - plain);
    plain = i + 1;
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c == '\n') {
      out.append("\\n");
    } else {
      absl::StrAppendFormat(&out, "\\u%04x", c);
    }
  }
  out.append(text.data() + plain, text.size() - plain);
  out.push_back('"');
}

}  // namespace chanyan::gateway
