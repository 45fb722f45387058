#include "common/api/field_text.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/api/well_known.h"
#include "common/time/clock.h"
#include "google/type/money.pb.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;

// The first `most` characters, the last of them … if there are more.
std::string Shorten(std::string text, size_t most) {
  size_t chars = 0;
  size_t cut = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (++chars == most) cut = i;
    if (chars > most) return absl::StrCat(absl::string_view(text).substr(0, cut), "…");
  }
  return text;
}

std::string MoneyText(const Message& message) {
  constexpr int kNanosPerFen = 10'000'000;
  google::type::Money money;
  if (!money.ParseFromString(message.SerializeAsString())) return "";
  const bool negative = money.units() < 0 || money.nanos() < 0;
  const std::string amount =
      absl::StrFormat("%s%d.%02d", negative ? "-" : "", std::abs(money.units()),
                      std::abs(money.nanos()) / kNanosPerFen);
  return money.currency_code() == "CNY" ? absl::StrCat(amount, "元")
                                        : absl::StrCat(amount, " ", money.currency_code());
}

std::string MessageCell(const Message& value, const FieldDescriptor* field) {
  if (IsDate(field)) {
    const std::optional<absl::CivilDay> day = DayOf(value);
    return day ? DayText(*day) : "";
  }
  if (IsTimestamp(field)) {
    const std::optional<absl::Time> time = TimeOf(value);
    return time ? absl::FormatTime("%Y-%m-%d %H:%M", *time, time::Shanghai()) : "";
  }
  if (field->message_type()->full_name() == "google.type.Money") return MoneyText(value);
  return "";
}

// The single value, or the `index`-th.
std::string ValueCell(const Message& message, const FieldDescriptor* field, int index) {
  const pb::Reflection* r = message.GetReflection();
  const bool many = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_BYTES) return "";
      return many ? r->GetRepeatedString(message, field, index) : r->GetString(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumLabel(field->enum_type(), many ? r->GetRepeatedEnumValue(message, field, index)
                                                : r->GetEnumValue(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? r->GetRepeatedBool(message, field, index) : r->GetBool(message, field)) ? "是"
                                                                                             : "否";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(many ? r->GetRepeatedInt32(message, field, index)
                               : r->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(many ? r->GetRepeatedInt64(message, field, index)
                               : r->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(many ? r->GetRepeatedUInt32(message, field, index)
                               : r->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(many ? r->GetRepeatedUInt64(message, field, index)
                               : r->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(many ? r->GetRepeatedDouble(message, field, index)
                               : r->GetDouble(message, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(many ? r->GetRepeatedFloat(message, field, index)
                               : r->GetFloat(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageCell(
          many ? r->GetRepeatedMessage(message, field, index) : r->GetMessage(message, field),
          field);
  }
  return "";
}

}  // namespace

std::string EnumLabel(const pb::EnumDescriptor* type, int number) {
  const pb::EnumValueDescriptor* value = type->FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  const std::string& label = value->options().GetExtension(options::v1::value).zh();
  return label.empty() ? std::string(ShortName(value)) : label;
}

std::string FieldText(const Message& message, const FieldDescriptor* field, size_t max_chars) {
  const pb::Reflection* r = message.GetReflection();
  if (!field->is_repeated()) {
    if (field->has_presence() && !r->HasField(message, field)) return "";
    return Shorten(ValueCell(message, field, -1), max_chars);
  }
  std::string text;
  for (int i = 0; i < r->FieldSize(message, field); ++i) {
    const std::string item = ValueCell(message, field, i);
    if (!item.empty()) absl::StrAppend(&text, text.empty() ? "" : "、", item);
  }
  return Shorten(std::move(text), max_chars);
}

}  // namespace chanyan::api
