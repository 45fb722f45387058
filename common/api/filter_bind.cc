#include <cmath>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/api/fields.h"
#include "common/api/filter.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/clock.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

absl::Status Wrong(int column, absl::string_view what) {
  return status::InvalidField("filter", absl::StrFormat("第 %d 个字符处：%s", column, what),
                              options::v1::ERROR_REASON_INVALID_FILTER);
}

bool IsFilterable(const FieldDescriptor* field) {
  return FieldOptions(field).filterable() && !FieldOptions(field).computed() &&
         field->type() != FieldDescriptor::TYPE_BYTES;
}

absl::Status UnknownField(const pb::Descriptor* resource, const Filter& filter) {
  std::vector<absl::string_view> open;
  for (int i = 0; i < resource->field_count(); ++i) {
    if (IsFilterable(resource->field(i))) open.push_back(resource->field(i)->name());
  }
  return Wrong(filter.field_column,
               absl::StrCat("“", filter.field_name, "”不是可筛选的字段；可用：",
                            open.empty() ? "无" : absl::StrJoin(open, "、")));
}

absl::Status WrongLiteral(const Filter& filter, absl::string_view expected) {
  return Wrong(filter.literal_column,
               absl::StrCat("“", LabelOf(filter.field), "”的值应为", expected));
}

// The operators that mean something for the field, or "" if it is not among them.
bool OpFits(const Filter& filter) {
  const bool any = filter.literal == "*" && !filter.quoted;
  if (filter.op == FilterOp::kHas && any) return true;
  if (filter.field->is_repeated()) {
    const auto type = filter.field->cpp_type();
    return filter.op == FilterOp::kHas &&
           (type == FieldDescriptor::CPPTYPE_STRING || type == FieldDescriptor::CPPTYPE_ENUM);
  }
  switch (filter.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsTimestamp(filter.field) || IsDate(filter.field);
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_ENUM:
      return filter.op == FilterOp::kEq || filter.op == FilterOp::kNe ||
             filter.op == FilterOp::kHas;
    default:
      return true;
  }
}

absl::Status BindEnum(Filter* filter) {
  const pb::EnumDescriptor* type = filter->field->enum_type();
  const pb::EnumValueDescriptor* value = EnumByName(type, filter->literal);
  if (value != nullptr) {
    filter->operand = value;
    return absl::OkStatus();
  }
  std::vector<absl::string_view> names;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) names.push_back(ShortName(type->value(i)));
  }
  return WrongLiteral(*filter, absl::StrCat(" ", absl::StrJoin(names, "、"), " 之一"));
}

absl::Status BindTime(Filter* filter) {
  absl::Time time;
  std::string error;
  const auto day = ParseDay(filter->literal);
  if (day) {
    filter->operand = absl::FromCivil(*day, time::Shanghai());
    return absl::OkStatus();
  }
  // ParseTime also takes "infinite-future" and blanks around: only what begins and ends like a
  // time.
  const std::string& text = filter->literal;
  const bool like_time = text.size() >= 20 && text[10] == 'T' && text.back() != ' ';
  if (like_time && absl::ParseTime(absl::RFC3339_full, text, &time, &error) &&
      time >= absl::FromCivil(absl::CivilDay(1, 1, 1), absl::UTCTimeZone()) &&
      time < absl::FromCivil(absl::CivilDay(10000, 1, 1), absl::UTCTimeZone())) {
    filter->operand = absl::FromUnixMicros(absl::ToUnixMicros(time));
    return absl::OkStatus();
  }
  return WrongLiteral(*filter, "时间，如 2025-04-01T08:00:00+08:00");
}

absl::Status BindNumber(Filter* filter) {
  switch (filter->field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double number;
      if (!absl::SimpleAtod(filter->literal, &number) || !std::isfinite(number)) {
        return WrongLiteral(*filter, "数字");
      }
      filter->operand = number;
      return absl::OkStatus();
    }
    default: {
      int64_t number;
      if (!absl::SimpleAtoi(filter->literal, &number)) return WrongLiteral(*filter, "整数");
      filter->operand = number;
      return absl::OkStatus();
    }
  }
}

absl::Status BindLiteral(Filter* filter) {
  if (filter->op == FilterOp::kHas && filter->literal == "*" && !filter->quoted) {
    filter->operand = std::monostate();
    return absl::OkStatus();
  }
  switch (filter->field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      filter->operand = filter->literal;
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return BindEnum(filter);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (filter->literal != "true" && filter->literal != "false") {
        return WrongLiteral(*filter, " true 或 false");
      }
      filter->operand = filter->literal == "true";
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!IsDate(filter->field)) return BindTime(filter);
      const auto day = ParseDay(filter->literal);
      if (!day) return WrongLiteral(*filter, "日期，如 2025-04-01");
      filter->operand = *day;
      return absl::OkStatus();
    }
    default:
      return BindNumber(filter);
  }
}

}  // namespace

absl::Status BindFilter(const pb::Descriptor* resource, Filter* filter) {
  for (Filter& child : filter->children) CHANYAN_RETURN_IF_ERROR(BindFilter(resource, &child));
  if (filter->kind != Filter::Kind::kCompare) return absl::OkStatus();
  filter->field = resource->FindFieldByName(filter->field_name);
  if (filter->field == nullptr || !IsFilterable(filter->field)) {
    return UnknownField(resource, *filter);
  }
  if (!OpFits(*filter)) {
    return Wrong(filter->field_column,
                 absl::StrCat("“", LabelOf(filter->field), "”不能这样比较：",
                              filter->field->is_repeated() ? "多值字段只能用 :（包含某项）"
                                                           : "该字段只能用 =、!= 或 :"));
  }
  return BindLiteral(filter);
}

}  // namespace chanyan::api
