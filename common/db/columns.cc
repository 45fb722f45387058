#include "common/db/columns.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/api/fields.h"
#include "common/api/json.h"
#include "common/api/well_known.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;
using pb::Reflection;

ColumnKind KindOf(const FieldDescriptor* field) {
  if (field->is_repeated()) return ColumnKind::kJson;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field->type() == FieldDescriptor::TYPE_BYTES ? ColumnKind::kBytes
                                                          : ColumnKind::kString;
    case FieldDescriptor::CPPTYPE_BOOL:
      return ColumnKind::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return ColumnKind::kEnum;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ColumnKind::kDouble;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (api::IsTimestamp(field)) return ColumnKind::kTime;
      return api::IsDate(field) ? ColumnKind::kDate : ColumnKind::kJson;
    default:
      return ColumnKind::kInt;
  }
}

absl::StatusOr<Value> EncodeInt(const Message& message, const FieldDescriptor* field) {
  const Reflection* r = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Value(int64_t{r->GetInt32(message, field)});
    case FieldDescriptor::CPPTYPE_UINT32:
      return Value(int64_t{r->GetUInt32(message, field)});
    case FieldDescriptor::CPPTYPE_UINT64: {
      const uint64_t number = r->GetUInt64(message, field);
      if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return status::InvalidField(field->name(),
                                    absl::StrCat("“", api::LabelOf(field), "”的数值过大"));
      }
      return Value(static_cast<int64_t>(number));
    }
    default:
      return Value(r->GetInt64(message, field));
  }
}

absl::StatusOr<Value> EncodeDouble(const Message& message, const FieldDescriptor* field) {
  const Reflection* r = message.GetReflection();
  const double number = field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT
                            ? r->GetFloat(message, field)
                            : r->GetDouble(message, field);
  if (!std::isfinite(number)) {
    return status::InvalidField(field->name(),
                                absl::StrCat("“", api::LabelOf(field), "”应为有限的数值"));
  }
  return Value(number);
}

absl::StatusOr<Value> EncodeEnum(const Message& message, const FieldDescriptor* field) {
  const int number = message.GetReflection()->GetEnumValue(message, field);
  const pb::EnumValueDescriptor* value = field->enum_type()->FindValueByNumber(number);
  if (value == nullptr) {
    return status::InvalidField(
        field->name(), absl::StrCat("“", api::LabelOf(field), "”没有编号为 ", number, " 的选项"));
  }
  return Value(std::string(api::ShortName(value)));
}

absl::StatusOr<Value> EncodeMessage(const Message& message, const Column& column) {
  const Message& value = message.GetReflection()->GetMessage(message, column.field);
  if (column.kind == ColumnKind::kTime) {
    const auto time = api::TimeOf(value);
    // DATETIME(6) keeps microseconds.
    if (time) return Value(absl::FromUnixMicros(absl::ToUnixMicros(*time)));
  } else if (const auto day = api::DayOf(value)) {
    return Value(api::DayText(*day));
  }
  return status::InvalidField(
      column.name, absl::StrCat("“", api::LabelOf(column.field), "”不是存在的日期或时间"));
}

absl::Status Mismatch(const Column& column) {
  return status::Internal(
      absl::StrCat("column ", column.name, " cannot be read as ", column.field->full_name()));
}

void DecodeInt(int64_t number, const FieldDescriptor* field, Message* message) {
  const Reflection* r = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return r->SetInt32(message, field, static_cast<int32_t>(number));
    case FieldDescriptor::CPPTYPE_UINT32:
      return r->SetUInt32(message, field, static_cast<uint32_t>(number));
    case FieldDescriptor::CPPTYPE_UINT64:
      return r->SetUInt64(message, field, static_cast<uint64_t>(number));
    default:
      return r->SetInt64(message, field, number);
  }
}

absl::Status DecodeJson(const Column& column, const std::string& json, Message* message) {
  const absl::Status read =
      api::JsonToField(json, *column.field, *message, api::JsonSource::kStored);
  if (read.ok()) return read;
  const std::vector<status::Violation> violations = status::ViolationsOf(read);
  return status::Internal(absl::StrCat("JSON of ", column.field->full_name(), ": ",
                                       violations.empty() ? "" : violations[0].field, " ",
                                       read.message()));
}

absl::Status DecodeText(const Column& column, const std::string& text, Message* message) {
  const Reflection* r = message->GetReflection();
  switch (column.kind) {
    case ColumnKind::kString:
    case ColumnKind::kBytes:
      r->SetString(message, column.field, text);
      return absl::OkStatus();
    case ColumnKind::kEnum: {
      const auto* value = api::EnumByName(column.field->enum_type(), text);
      if (value == nullptr) return Mismatch(column);
      r->SetEnum(message, column.field, value);
      return absl::OkStatus();
    }
    case ColumnKind::kDate: {
      const auto day = api::ParseDay(text);
      if (!day) return Mismatch(column);
      api::SetDay(*day, r->MutableMessage(message, column.field));
      return absl::OkStatus();
    }
    case ColumnKind::kJson:
      return DecodeJson(column, text, message);
    default:
      return Mismatch(column);
  }
}

absl::Status DecodeOne(const Column& column, const Value& cell, Message* message) {
  const Reflection* r = message->GetReflection();
  if (std::holds_alternative<std::monostate>(cell)) return absl::OkStatus();
  if (const auto* text = std::get_if<std::string>(&cell)) return DecodeText(column, *text, message);
  if (const auto* time = std::get_if<absl::Time>(&cell)) {
    if (column.kind != ColumnKind::kTime) return Mismatch(column);
    api::SetTime(*time, r->MutableMessage(message, column.field));
    return absl::OkStatus();
  }
  const auto* integer = std::get_if<int64_t>(&cell);
  if (column.kind == ColumnKind::kDouble) {
    const double number = integer ? static_cast<double>(*integer) : std::get<double>(cell);
    if (column.field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      r->SetFloat(message, column.field, static_cast<float>(number));
    } else {
      r->SetDouble(message, column.field, number);
    }
    return absl::OkStatus();
  }
  if (integer == nullptr) return Mismatch(column);
  if (column.kind == ColumnKind::kBool) {
    r->SetBool(message, column.field, *integer != 0);
  } else if (column.kind == ColumnKind::kInt) {
    DecodeInt(*integer, column.field, message);
  } else {
    return Mismatch(column);
  }
  return absl::OkStatus();
}

}  // namespace

Columns::Columns(const pb::Descriptor* descriptor) {
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->name() == "etag" || api::FieldOptions(field).computed()) continue;
    by_name_[field->name()] = columns_.size();
    columns_.push_back({field, field->name(), KindOf(field), field->has_presence()});
  }
}

const Column* Columns::Find(absl::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &columns_[it->second];
}

size_t Columns::IndexOf(absl::string_view name) const { return by_name_.find(name)->second; }

absl::StatusOr<Value> Columns::EncodeOne(const Message& message, const Column& column) {
  const Reflection* r = message.GetReflection();
  const FieldDescriptor* field = column.field;
  if (column.nullable && !r->HasField(message, field)) return Value();
  switch (column.kind) {
    case ColumnKind::kString:
    case ColumnKind::kBytes:
      return Value(r->GetString(message, field));
    case ColumnKind::kBool:
      return Value(int64_t{r->GetBool(message, field)});
    case ColumnKind::kInt:
      return EncodeInt(message, field);
    case ColumnKind::kDouble:
      return EncodeDouble(message, field);
    case ColumnKind::kEnum:
      return EncodeEnum(message, field);
    case ColumnKind::kTime:
    case ColumnKind::kDate:
      return EncodeMessage(message, column);
    case ColumnKind::kJson: {
      // Names as in the .proto, so that columns and keys are spelled alike.
      std::string json;
      if (!api::FieldToJson(message, *field, json, api::JsonNames::kProto)) {
        return status::InvalidField(field->name(), "内容无法保存：数值或时间超出范围");
      }
      return Value(std::move(json));
    }
  }
  return Mismatch(column);
}

absl::Status Columns::Encode(const Message& message, Values* out) const {
  for (const Column& column : columns_) {
    CHANYAN_ASSIGN_OR_RETURN(Value value, EncodeOne(message, column));
    out->push_back(std::move(value));
  }
  return absl::OkStatus();
}

absl::Status Columns::Decode(const Value* cells, Message* message) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    CHANYAN_RETURN_IF_ERROR(DecodeOne(columns_[i], cells[i], message));
  }
  return absl::OkStatus();
}

std::string Quoted(absl::string_view name) { return absl::StrCat("`", name, "`"); }

}  // namespace chanyan::db
