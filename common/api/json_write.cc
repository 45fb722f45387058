#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/api/json.h"
#include "common/api/json_values.h"
#include "common/api/text.h"
#include "common/api/well_known.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

// With leading zeros; absl's formatter costs more than all the rest.
void AppendDigits(int64_t value, int digits, std::string& out) {
  char text[20];
  for (int i = digits - 1; i >= 0; --i, value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<size_t>(digits));
}

// Fraction of a second in 0, 3, 6 or 9 digits.
void AppendNanos(int nanos, std::string& out) {
  if (nanos == 0) return;
  out.push_back('.');
  if (nanos % 1'000'000 == 0) return AppendDigits(nanos / 1'000'000, 3, out);
  if (nanos % 1'000 == 0) return AppendDigits(nanos / 1'000, 6, out);
  AppendDigits(nanos, 9, out);
}

int64_t Seconds(const Message& message) {
  return message.GetReflection()->GetInt64(message, message.GetDescriptor()->FindFieldByNumber(1));
}
int Nanos(const Message& message) {
  return message.GetReflection()->GetInt32(message, message.GetDescriptor()->FindFieldByNumber(2));
}

class Writer {
 public:
  Writer(JsonNames names, std::string& out) : names_(names), out_(out) {}

  // False once something was written that cannot be read again.
  bool exact() const { return exact_; }

  void WriteMessage(const Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    switch (type.well_known_type()) {
      case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
        return WriteTimestamp(message);
      case Descriptor::WELLKNOWNTYPE_DURATION:
        return WriteDuration(message);
      case Descriptor::WELLKNOWNTYPE_FIELDMASK:
        return WriteFieldMask(message);
      case Descriptor::WELLKNOWNTYPE_ANY:
        return WriteAny(message);
      default:
        break;
    }
    if (IsWrapper(type)) return WriteValue(message, *type.FindFieldByNumber(1), kSingular);
    WriteObject(message);
  }

  void WriteField(const Message& message, const FieldDescriptor& field) {
    if (field.is_map()) return WriteMap(message, field);
    if (!field.is_repeated()) return WriteValue(message, field, kSingular);
    out_.push_back('[');
    const int size = message.GetReflection()->FieldSize(message, &field);
    for (int i = 0; i < size; ++i) {
      if (i > 0) out_.push_back(',');
      WriteValue(message, field, i);
    }
    out_.push_back(']');
  }

 private:
  static constexpr int kSingular = -1;

  void WriteTimestamp(const Message& message) {
    const int64_t seconds = Seconds(message);
    exact_ = exact_ && seconds >= kFirstSecond && seconds <= kLastSecond;
    const absl::CivilSecond civil = absl::CivilSecond(1970) + seconds;
    out_.push_back('"');
    AppendDigits(civil.year(), 4, out_);
    out_.push_back('-');
    AppendDigits(civil.month(), 2, out_);
    out_.push_back('-');
    AppendDigits(civil.day(), 2, out_);
    out_.push_back('T');
    AppendDigits(civil.hour(), 2, out_);
    out_.push_back(':');
    AppendDigits(civil.minute(), 2, out_);
    out_.push_back(':');
    AppendDigits(civil.second(), 2, out_);
    AppendNanos(Nanos(message), out_);
    out_.append("Z\"");
  }

  void WriteDuration(const Message& message) {
    const int64_t seconds = Seconds(message);
    const int nanos = Nanos(message);
    absl::StrAppend(&out_, "\"", seconds < 0 || nanos < 0 ? "-" : "", std::abs(seconds));
    AppendNanos(std::abs(nanos), out_);
    out_.append("s\"");
  }

  void WriteFieldMask(const Message& message) {
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
    AppendJsonString(text, out_);
  }

  void WriteAny(const Message& message) {
    const Reflection* reflection = message.GetReflection();
    const std::string url =
        reflection->GetString(message, message.GetDescriptor()->FindFieldByNumber(1));
    out_.append("{\"@type\":");
    AppendJsonString(url, out_);
    const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(
        url.substr(url.rfind('/') == std::string::npos ? 0 : url.rfind('/') + 1));
    if (type != nullptr) {
      const std::unique_ptr<Message> inner(
          MessageFactory::generated_factory()->GetPrototype(type)->New());
      std::string text;
      if (inner->ParseFromString(
              reflection->GetString(message, message.GetDescriptor()->FindFieldByNumber(2)))) {
        Writer(names_, text).WriteMessage(*inner);
      }
      // The well-known types that are not objects never stand in error details.
      if (text.size() > 2 && text[0] == '{') {
        out_.push_back(',');
        out_.append(text, 1, text.size() - 2);
      }
    }
    out_.push_back('}');
  }

  void WriteDouble(double value, bool single) {
    exact_ = exact_ && std::isfinite(value);
    if (std::isnan(value)) return AppendJsonString("NaN", out_);
    if (std::isinf(value)) return AppendJsonString(value > 0 ? "Infinity" : "-Infinity", out_);
    char buffer[32];
    const auto result = single ? std::to_chars(buffer, std::end(buffer), static_cast<float>(value))
                               : std::to_chars(buffer, std::end(buffer), value);
    out_.append(buffer, result.ptr);
  }

  void WriteEnum(const FieldDescriptor& field, int number) {
    const auto* value = field.enum_type()->FindValueByNumber(number);
    if (value == nullptr) return absl::StrAppend(&out_, number);
    absl::StrAppend(&out_, "\"", value->name(), "\"");
  }

  // Of a singular field, or of item `index` of a repeated one.
  void WriteValue(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection* r = message.GetReflection();
    const bool item = index != kSingular;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return absl::StrAppend(&out_, item ? r->GetRepeatedInt32(message, &field, index)
                                           : r->GetInt32(message, &field));
      case FieldDescriptor::CPPTYPE_UINT32:
        return absl::StrAppend(&out_, item ? r->GetRepeatedUInt32(message, &field, index)
                                           : r->GetUInt32(message, &field));
      case FieldDescriptor::CPPTYPE_INT64:
        return absl::StrAppend(
            &out_, "\"",
            item ? r->GetRepeatedInt64(message, &field, index) : r->GetInt64(message, &field),
            "\"");
      case FieldDescriptor::CPPTYPE_UINT64:
        return absl::StrAppend(
            &out_, "\"",
            item ? r->GetRepeatedUInt64(message, &field, index) : r->GetUInt64(message, &field),
            "\"");
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return WriteDouble(
            item ? r->GetRepeatedDouble(message, &field, index) : r->GetDouble(message, &field),
            false);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return WriteDouble(
            item ? r->GetRepeatedFloat(message, &field, index) : r->GetFloat(message, &field),
            true);
      case FieldDescriptor::CPPTYPE_BOOL:
        out_.append(
            (item ? r->GetRepeatedBool(message, &field, index) : r->GetBool(message, &field))
                ? "true"
                : "false");
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        return WriteEnum(field, item ? r->GetRepeatedEnumValue(message, &field, index)
                                     : r->GetEnumValue(message, &field));
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text =
            item ? r->GetRepeatedStringReference(message, &field, index, &scratch)
                 : r->GetStringReference(message, &field, &scratch);
        if (field.type() != FieldDescriptor::TYPE_BYTES) return AppendJsonString(text, out_);
        return absl::StrAppend(&out_, "\"", absl::Base64Escape(text), "\"");
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return WriteMessage(item ? r->GetRepeatedMessage(message, &field, index)
                                 : r->GetMessage(message, &field));
    }
  }

  void WriteMap(const Message& message, const FieldDescriptor& field) {
    const Reflection* r = message.GetReflection();
    // A map has no order of its own.
    std::map<std::string, const Message*> entries;
    for (int i = 0; i < r->FieldSize(message, &field); ++i) {
      const Message& entry = r->GetRepeatedMessage(message, &field, i);
      std::string key;
      Writer(names_, key).WriteValue(entry, *entry.GetDescriptor()->map_key(), kSingular);
      entries[key[0] == '"' ? key : absl::StrCat("\"", key, "\"")] = &entry;
    }
    out_.push_back('{');
    bool first = true;
    for (const auto& [key, entry] : entries) {
      absl::StrAppend(&out_, first ? "" : ",", key, ":");
      first = false;
      WriteValue(*entry, *entry->GetDescriptor()->map_value(), kSingular);
    }
    out_.push_back('}');
  }

  void WriteObject(const Message& message) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    out_.push_back('{');
    bool first = true;
    for (const FieldDescriptor* field : fields) {
      absl::StrAppend(&out_, first ? "\"" : ",\"",
                      names_ == JsonNames::kProto ? field->name() : field->json_name(), "\":");
      first = false;
      WriteField(message, *field);
    }
    out_.push_back('}');
  }

  const JsonNames names_;
  std::string& out_;
  bool exact_ = true;
};

}  // namespace

void MessageToJson(const Message& message, std::string& out, JsonNames names) {
  Writer(names, out).WriteMessage(message);
}

bool FieldToJson(const Message& message, const FieldDescriptor& field, std::string& out,
                 JsonNames names) {
  Writer writer(names, out);
  writer.WriteField(message, field);
  return writer.exact();
}

std::string JsonString(absl::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

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
      absl::StrAppend(&out, "\\u", absl::Hex(c, absl::kZeroPad4));
    }
  }
  out.append(text.data() + plain, text.size() - plain);
  out.push_back('"');
}

}  // namespace chanyan::api
