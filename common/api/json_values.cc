#include "common/api/json_values.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/api/json.h"
#include "common/api/mask.h"
#include "common/api/well_known.h"

namespace chanyan::api {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

void SetSecondsNanos(Message& message, int64_t seconds, int nanos) {
  const Descriptor* type = message.GetDescriptor();
  const Reflection* reflection = message.GetReflection();
  if (seconds != 0) reflection->SetInt64(&message, type->FindFieldByNumber(1), seconds);
  if (nanos != 0) reflection->SetInt32(&message, type->FindFieldByNumber(2), nanos);
}

bool ReadTimestamp(absl::string_view text, Message& message) {
  absl::Time time;
  std::string error;
  // RFC 3339 asks for 'T' and a zone, and absl would also take spaces and words.
  if (text.size() < 20 || text[4] != '-' || text[10] != 'T' ||
      !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return false;
  }
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  if (civil.year() < 1 || civil.year() > 9999) return false;
  const int64_t seconds = absl::ToUnixSeconds(time);
  SetSecondsNanos(message, seconds,
                  static_cast<int>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return true;
}

bool ReadDuration(absl::string_view text, Message& message) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!absl::ConsumeSuffix(&text, "s") || text.empty()) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  int64_t seconds = 0;
  int nanos = 0;
  if (parts.size() > 2 || !absl::ascii_isdigit(parts[0][0]) ||
      !absl::SimpleAtoi(parts[0], &seconds) || seconds > kMaxDurationSeconds) {
    return false;
  }
  if (parts.size() == 2) {
    std::string digits(parts[1]);
    if (digits.empty() || digits.size() > 9 || !absl::ascii_isdigit(digits[0])) return false;
    digits.resize(9, '0');
    if (!absl::SimpleAtoi(digits, &nanos)) return false;
  }
  SetSecondsNanos(message, negative ? -seconds : seconds, negative ? -nanos : nanos);
  return true;
}

bool ReadFieldMask(absl::string_view text, Message& message) {
  const FieldDescriptor* paths = message.GetDescriptor()->FindFieldByNumber(1);
  size_t count = 0;
  if (text.empty()) return true;
  for (const absl::string_view path : absl::StrSplit(text, ',')) {
    if (path.empty() || ++count > kMaxMaskPaths) return false;
    std::string snake;
    for (const char c : path) {
      if (!absl::ascii_isalnum(c) && c != '_' && c != '.' && c != '*') return false;
      if (absl::ascii_isupper(c)) snake.push_back('_');
      snake.push_back(absl::ascii_tolower(c));
    }
    message.GetReflection()->AddString(&message, paths, snake);
  }
  return true;
}

bool IsInteger(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  return text.find_first_not_of("0123456789") == absl::string_view::npos;
}

template <typename T>
bool ReadInteger(absl::string_view text, T& value, std::string& error) {
  error = absl::StrCat("应为 ", std::numeric_limits<T>::min(), " 到 ",
                       std::numeric_limits<T>::max(), " 之间的整数");
  return IsInteger(text) && absl::SimpleAtoi(text, &value);
}

bool ReadDouble(absl::string_view text, bool single, double& value, std::string& error) {
  error = "应为数值";
  const bool plain = !text.empty() && (absl::ascii_isdigit(text[0]) || text[0] == '-') &&
                     text.find_first_not_of("0123456789+-.eE") == absl::string_view::npos;
  return plain && absl::SimpleAtod(text, &value) && std::isfinite(value) &&
         (!single || std::isfinite(static_cast<float>(value)));
}

// "ACCESS_" for enum Access, "PERSONAL_DATA_" for PersonalData.
std::string EnumPrefix(const EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(c));
  }
  return prefix + "_";
}

// `set` or `add` of reflection, by the field's kind.
#define CHANYAN_STORE(Type, value)                    \
  do {                                                \
    if (field.is_repeated()) {                        \
      reflection->Add##Type(&message, &field, value); \
    } else {                                          \
      reflection->Set##Type(&message, &field, value); \
    }                                                 \
    return true;                                      \
  } while (false)

}  // namespace

bool IsTextMessage(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
    case Descriptor::WELLKNOWNTYPE_DURATION:
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return true;
    default:
      return false;
  }
}

bool IsWrapper(const Descriptor& type) {
  return type.file()->name() == "google/protobuf/wrappers.proto";
}

Message& Child(Message& message, const FieldDescriptor& field) {
  const Reflection* reflection = message.GetReflection();
  return field.is_repeated() ? *reflection->AddMessage(&message, &field)
                             : *reflection->MutableMessage(&message, &field);
}

bool ReadTextMessage(absl::string_view text, Message& message, std::string& error) {
  switch (message.GetDescriptor()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      error = "应为时间，例如 2025-06-30T09:00:00Z";
      return ReadTimestamp(text, message);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      error = "应为时长，例如 3.5s";
      return ReadDuration(text, message);
    default:
      error = "应为逗号分隔的字段路径，例如 displayName,address";
      return ReadFieldMask(text, message);
  }
}

bool StoreNumber(Message& message, const FieldDescriptor& field, absl::string_view text,
                 std::string& error) {
  const Reflection* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t value = 0;
      if (!ReadInteger(text, value, error)) return false;
      CHANYAN_STORE(Int32, value);
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (!ReadInteger(text, value, error)) return false;
      CHANYAN_STORE(UInt32, value);
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t value = 0;
      if (!ReadInteger(text, value, error)) return false;
      CHANYAN_STORE(Int64, value);
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t value = 0;
      if (!ReadInteger(text, value, error)) return false;
      CHANYAN_STORE(UInt64, value);
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double value = 0;
      if (!ReadDouble(text, false, value, error)) return false;
      CHANYAN_STORE(Double, value);
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      double value = 0;
      if (!ReadDouble(text, true, value, error)) return false;
      CHANYAN_STORE(Float, static_cast<float>(value));
    }
    default:
      error = "不应为数值";
      return false;
  }
}

bool StoreString(Message& message, const FieldDescriptor& field, std::string text,
                 std::string& error) {
  const Reflection* reflection = message.GetReflection();
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    std::string decoded;
    error = "应为 base64 编码";
    if (!absl::Base64Unescape(text, &decoded) && !absl::WebSafeBase64Unescape(text, &decoded)) {
      return false;
    }
    text = std::move(decoded);
  }
  CHANYAN_STORE(String, std::move(text));
}

bool StoreEnum(Message& message, const FieldDescriptor& field, absl::string_view text,
               std::string& error) {
  const Reflection* reflection = message.GetReflection();
  const EnumValueDescriptor* value = FindEnumValue(*field.enum_type(), text);
  if (value == nullptr) {
    error = absl::StrCat("不是 ", field.enum_type()->name(), " 的取值");
    return false;
  }
  CHANYAN_STORE(Enum, value);
}

bool StoreBool(Message& message, const FieldDescriptor& field, bool value) {
  const Reflection* reflection = message.GetReflection();
  CHANYAN_STORE(Bool, value);
}

bool SetFieldFromText(Message& message, const FieldDescriptor& field, absl::string_view text,
                      std::string& error) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return StoreString(message, field, std::string(text), error);
    case FieldDescriptor::CPPTYPE_ENUM:
      return StoreEnum(message, field, text, error);
    case FieldDescriptor::CPPTYPE_BOOL:
      error = "应为 true 或 false";
      return (text == "true" || text == "false") && StoreBool(message, field, text == "true");
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Descriptor& type = *field.message_type();
      error = "此字段不能写在网址中";
      if (IsTextMessage(type)) return ReadTextMessage(text, Child(message, field), error);
      if (!IsWrapper(type)) return false;
      return SetFieldFromText(Child(message, field), *type.FindFieldByNumber(1), text, error);
    }
    default:
      return StoreNumber(message, field, text, error);
  }
}

const FieldDescriptor* FindJsonField(const Descriptor& type, absl::string_view name) {
  const std::string key(name);
  if (const FieldDescriptor* field = type.FindFieldByName(key)) return field;
  const FieldDescriptor* field = type.FindFieldByCamelcaseName(key);
  if (field != nullptr && field->json_name() == key) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == key) return type.field(i);
  }
  return nullptr;
}

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, absl::string_view name) {
  if (const auto* value = type.FindValueByName(std::string(name))) return value;
  return type.FindValueByName(absl::StrCat(EnumPrefix(type), name));
}

}  // namespace chanyan::api
