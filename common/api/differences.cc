#include "common/api/differences.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/api/text.h"
#include "common/api/well_known.h"
#include "common/time/clock.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;

// Not written by people, or says which row and which state of it.
bool IsContent(const FieldDescriptor* field) {
  const std::string& name = field->name();
  return name != "name" && name != "etag" && name != "create_time" && name != "update_time" &&
         !FieldOptions(field).computed();
}

std::string EnumText(const pb::EnumDescriptor* type, int number) {
  const pb::EnumValueDescriptor* value = type->FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  const std::string& label = value->options().GetExtension(options::v1::value).zh();
  return label.empty() ? std::string(ShortName(value)) : label;
}

std::string MessageText(const Message& value, const FieldDescriptor* of) {
  if (IsDate(of)) {
    const auto day = DayOf(value);
    return day ? DayText(*day) : "";
  }
  if (IsTimestamp(of)) {
    const auto time = TimeOf(value);
    return time ? absl::FormatTime("%Y-%m-%d %H:%M:%S", *time, time::Shanghai()) : "";
  }
  std::string out;
  for (int i = 0; i < value.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = value.GetDescriptor()->field(i);
    if (!IsSet(value, field)) continue;
    absl::StrAppend(&out, out.empty() ? "" : "，", LabelOf(field), "：",
                    DescribeField(value, field));
  }
  return out;
}

// One value; `index` is that of an item, or -1.
std::string ValueText(const Message& message, const FieldDescriptor* field, int index) {
  const pb::Reflection* r = message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_BYTES) return "（二进制内容）";
      return one ? r->GetString(message, field) : r->GetRepeatedString(message, field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(field->enum_type(), one ? r->GetEnumValue(message, field)
                                              : r->GetRepeatedEnumValue(message, field, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? r->GetBool(message, field) : r->GetRepeatedBool(message, field, index)) ? "是"
                                                                                            : "否";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(one ? r->GetInt32(message, field)
                              : r->GetRepeatedInt32(message, field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(one ? r->GetInt64(message, field)
                              : r->GetRepeatedInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(one ? r->GetUInt32(message, field)
                              : r->GetRepeatedUInt32(message, field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(one ? r->GetUInt64(message, field)
                              : r->GetRepeatedUInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(one ? r->GetDouble(message, field)
                              : r->GetRepeatedDouble(message, field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(one ? r->GetFloat(message, field)
                              : r->GetRepeatedFloat(message, field, index));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(
          one ? r->GetMessage(message, field) : r->GetRepeatedMessage(message, field, index),
          field);
  }
  return "";
}

std::string Shortened(std::string text) {
  // Bytes are never fewer than characters.
  if (text.size() <= kMaxDifferenceChars ||
      CodePoints(text) <= static_cast<int64_t>(kMaxDifferenceChars)) {
    return text;
  }
  size_t end = 0;
  for (size_t count = 0; count < kMaxDifferenceChars; ++count) {
    ++end;
    // Continuation bytes of UTF-8 belong to the character before.
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

}  // namespace

std::string DescribeField(const Message& message, const FieldDescriptor* field) {
  // A bool is always one or the other.
  const bool is_flag = field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL && !field->has_presence();
  if (!is_flag && !IsSet(message, field)) return "";
  if (!field->is_repeated()) return ValueText(message, field, -1);
  const absl::string_view between =
      field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? "；" : "、";
  std::string out;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : between, ValueText(message, field, i));
  }
  return out;
}

bool SameField(const Message& a, const Message& b, const FieldDescriptor* field) {
  pb::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {field}, {field});
}

void CopyField(const Message& from, const FieldDescriptor* field, Message* to) {
  std::unique_ptr<Message> copy(from.New());
  copy->CopyFrom(from);
  to->GetReflection()->SwapFields(copy.get(), to, {field});
}

std::vector<Difference> Differences(const Message& before, const Message& after) {
  std::vector<Difference> out;
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = before.GetDescriptor()->field(i);
    if (!IsContent(field) || SameField(before, after, field)) continue;
    out.push_back({field->name(), LabelOf(field), Shortened(DescribeField(before, field)),
                   Shortened(DescribeField(after, field))});
  }
  return out;
}

}  // namespace chanyan::api
