#include "common/sheet/field_codec.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/sheet/cell_parse.h"
#include "common/sheet/text.h"

namespace chanyan::sheet {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Digits beyond which a cell's number is not what was typed.
constexpr double kMaxWholeNumber = 999'999'999'999'999;
constexpr int32_t kNanosPerYuan = 1'000'000'000;
// Labels named in a message that refuses a value.
constexpr size_t kNamedChoices = 12;
constexpr char kListSign[] = "、";
constexpr char kCurrency[] = "CNY";

// Dynamic messages and generated ones alike, so by name.
int64_t Get(const Message& message, const char* field) {
  const FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(field);
  return descriptor->cpp_type() == FieldDescriptor::CPPTYPE_INT64
             ? message.GetReflection()->GetInt64(message, descriptor)
             : message.GetReflection()->GetInt32(message, descriptor);
}

void Set(Message& message, const char* field, int64_t value) {
  const FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(field);
  if (descriptor->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    message.GetReflection()->SetInt64(&message, descriptor, value);
  } else {
    message.GetReflection()->SetInt32(&message, descriptor, static_cast<int32_t>(value));
  }
}

// Instants are UTC inside; a sheet shows the time of Asia/Shanghai, which has had no daylight
// saving time since 1991.
absl::TimeZone Shanghai() { return absl::FixedTimeZone(8 * 60 * 60); }

// "PLATFORM_KIND_LAB" of PlatformKind is LAB.
absl::string_view ShortName(const EnumValueDescriptor* value) {
  std::string prefix;
  for (char c : value->type()->name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) {
      prefix.push_back('_');
    }
    prefix.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  prefix.push_back('_');
  return absl::StripPrefix(absl::string_view(value->name().data(), value->name().size()), prefix);
}

// How WPS Office shows a picture in a cell; there is no value to paste in its place.
bool IsPictureFormula(absl::string_view formula) {
  for (absl::string_view before : {"=", "@", "_xlfn."}) {
    absl::ConsumePrefix(&formula, before);
  }
  return absl::StartsWithIgnoreCase(formula, "DISPIMG(");
}

}  // namespace

bool FieldCodec::TypeOf(const FieldDescriptor* field, Type& type) {
  if (field->is_map()) {
    return false;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      type = Type::kString;
      return field->type() == FieldDescriptor::TYPE_STRING;
    case FieldDescriptor::CPPTYPE_ENUM:
      type = Type::kEnum;
      return true;
    case FieldDescriptor::CPPTYPE_BOOL:
      type = Type::kBool;
      break;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      type = Type::kInteger;
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      type = Type::kDouble;
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const std::string& name = field->message_type()->full_name();
      if (name == "google.type.Date") {
        type = Type::kDate;
      } else if (name == "google.protobuf.Timestamp") {
        type = Type::kTimestamp;
      } else if (name == "google.type.Money") {
        type = Type::kMoney;
      } else {
        return false;
      }
      break;
    }
  }
  return !field->is_repeated();
}

bool FieldCodec::Supports(const FieldDescriptor* field) {
  Type type;
  return TypeOf(field, type);
}

FieldCodec::FieldCodec(const FieldDescriptor* field) : field_(field) {
  TypeOf(field, type_);
  long_text_ =
      field->options().GetExtension(options::v1::field).format() == options::v1::FORMAT_TEXT;
  if (type_ == Type::kBool) {
    choices_ = {"是", "否"};
  }
  if (type_ != Type::kEnum) {
    return;
  }
  for (int i = 0; i < field->enum_type()->value_count(); ++i) {
    const EnumValueDescriptor* value = field->enum_type()->value(i);
    // The unspecified value is the empty cell.
    if (value->number() == 0) {
      continue;
    }
    std::string label = value->options().GetExtension(options::v1::value).zh();
    if (label.empty()) {
      label = std::string(ShortName(value));
    }
    enum_numbers_.emplace(LabelKey(ShortName(value)), value->number());
    enum_numbers_.emplace(LabelKey(value->name()), value->number());
    enum_numbers_[LabelKey(label)] = value->number();
    if (enum_labels_.emplace(value->number(), label).second) {
      choices_.push_back(std::move(label));
    }
  }
}

std::string FieldCodec::EnumLabel(int number) const {
  const auto found = enum_labels_.find(number);
  return found != enum_labels_.end() ? found->second : absl::StrCat(number);
}

double FieldCodec::width() const {
  switch (type_) {
    case Type::kBool:
      return 8;
    case Type::kDate:
      return 16;
    case Type::kInteger:
    case Type::kDouble:
    case Type::kMoney:
      return 12;
    case Type::kTimestamp:
      return 22;
    case Type::kEnum:
      return 16;
    case Type::kString:
      break;
  }
  // A credit code fits on one line; longer texts wrap, so that a form fits on a sheet of paper.
  return long_text_ ? 28 : 20;
}

// --- Reading

std::string FieldCodec::Read(const Cell& cell, Message& message) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (cell.kind == CellKind::kFormula) {
    if (IsPictureFormula(cell.text)) {
      return "单元格里是嵌入的图片（DISPIMG 公式），不能导入，请删除图片，改填文字或留空";
    }
    return absl::StrCat("不接受公式（", cell.text, "），请复制后「选择性粘贴」为数值");
  }
  if (cell.kind == CellKind::kError) {
    return absl::StrCat("单元格是错误值 ", cell.text, "，请改为实际内容");
  }
  if (field_->is_repeated()) {
    return ReadList(cell, message);
  }
  switch (type_) {
    case Type::kString:
      return ReadString(cell, message);
    case Type::kEnum: {
      int number;
      std::string reason = ReadEnumLabel(cell.text, number);
      if (reason.empty()) {
        reflection.SetEnumValue(&message, field_, number);
      }
      return reason;
    }
    case Type::kBool:
      return ReadBool(cell, message);
    case Type::kInteger:
      return ReadInteger(cell, message);
    case Type::kDouble: {
      double value = cell.number;
      std::string reason = cell.kind == CellKind::kNumber ? "" : ParseDecimal(cell.text, value);
      if (!reason.empty()) {
        return reason;
      }
      if (field_->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
        reflection.SetFloat(&message, field_, static_cast<float>(value));
      } else {
        reflection.SetDouble(&message, field_, value);
      }
      return "";
    }
    case Type::kDate:
      return ReadDate(cell, message);
    case Type::kTimestamp:
      return ReadTimestamp(cell, message);
    case Type::kMoney: {
      int64_t units;
      int32_t nanos;
      if (std::string reason = ParseMoney(cell.text, units, nanos); !reason.empty()) {
        return reason;
      }
      Message& money = *reflection.MutableMessage(&message, field_);
      Set(money, "units", units);
      Set(money, "nanos", nanos);
      money.GetReflection()->SetString(
          &money, money.GetDescriptor()->FindFieldByName("currency_code"), kCurrency);
      return "";
    }
  }
  return "";
}

std::string FieldCodec::ReadString(const Cell& cell, Message& message) const {
  // A code or telephone number in a cell that is not text: Excel has put zeros for its last digits.
  if (cell.kind == CellKind::kNumber && std::abs(cell.number) > kMaxWholeNumber) {
    return absl::StrCat(
        "「", cell.text,
        "」是数字且超过 15 位，后面的位数已丢失，请将该单元格设为文本格式后重新填写");
  }
  const absl::string_view text = long_text_ ? absl::string_view(cell.text) : TrimBlanks(cell.text);
  message.GetReflection()->SetString(&message, field_, std::string(text));
  return "";
}

std::string FieldCodec::ReadInteger(const Cell& cell, Message& message) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  int64_t value;
  if (cell.kind == CellKind::kNumber && std::abs(cell.number) <= kMaxWholeNumber &&
      cell.number == std::floor(cell.number)) {
    value = static_cast<int64_t>(cell.number);
  } else if (std::string reason = ParseInteger(cell.text, value); !reason.empty()) {
    return reason;
  }
  const std::string out_of_range = absl::StrCat("「", cell.text, "」超出了范围");
  switch (field_->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (value < std::numeric_limits<int32_t>::min() ||
          value > std::numeric_limits<int32_t>::max()) {
        return out_of_range;
      }
      reflection.SetInt32(&message, field_, static_cast<int32_t>(value));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (value < 0 || value > std::numeric_limits<uint32_t>::max()) {
        return out_of_range;
      }
      reflection.SetUInt32(&message, field_, static_cast<uint32_t>(value));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (value < 0) {
        return out_of_range;
      }
      reflection.SetUInt64(&message, field_, static_cast<uint64_t>(value));
      break;
    default:
      reflection.SetInt64(&message, field_, value);
  }
  return "";
}

std::string FieldCodec::ReadBool(const Cell& cell, Message& message) const {
  const std::string key = LabelKey(cell.text);
  const bool yes = key == "是" || key == "true" || key == "√";
  const bool no = key == "否" || key == "false" || key == "×";
  if (!yes && !no) {
    return absl::StrCat("「", cell.text, "」应为「是」或「否」");
  }
  message.GetReflection()->SetBool(&message, field_, yes);
  return "";
}

std::string FieldCodec::ReadDate(const Cell& cell, Message& message) const {
  absl::CivilDay day;
  if (cell.kind == CellKind::kDate) {
    day = absl::CivilDay(CivilOfSerial(cell.number));
  } else if (std::string reason = ParseDate(cell.text, day); !reason.empty()) {
    return reason;
  }
  Message& date = *message.GetReflection()->MutableMessage(&message, field_);
  Set(date, "year", day.year());
  Set(date, "month", day.month());
  Set(date, "day", day.day());
  return "";
}

std::string FieldCodec::ReadTimestamp(const Cell& cell, Message& message) const {
  absl::CivilSecond time;
  if (cell.kind == CellKind::kDate) {
    time = CivilOfSerial(cell.number);
  } else if (std::string reason = ParseDateTime(cell.text, time); !reason.empty()) {
    return reason;
  }
  Message& timestamp = *message.GetReflection()->MutableMessage(&message, field_);
  Set(timestamp, "seconds", absl::ToUnixSeconds(absl::FromCivil(time, Shanghai())));
  return "";
}

std::string FieldCodec::ReadEnumLabel(absl::string_view text, int& number) const {
  const auto found = enum_numbers_.find(LabelKey(text));
  if (found != enum_numbers_.end()) {
    number = found->second;
    return "";
  }
  std::string allowed;
  for (size_t i = 0; i < choices_.size() && i < kNamedChoices; ++i) {
    absl::StrAppend(&allowed, "「", choices_[i], "」");
  }
  return absl::StrCat("「", text, "」不在可选值中，应为", allowed,
                      choices_.size() > kNamedChoices ? "等" : "之一");
}

std::string FieldCodec::ReadList(const Cell& cell, Message& message) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const absl::string_view text = cell.text;
  std::vector<absl::string_view> items;
  if (type_ == Type::kEnum && enum_numbers_.contains(LabelKey(text))) {
    // A label may hold the sign itself.
    items = {text};
  } else if (absl::StrContains(text, '\n')) {
    items = absl::StrSplit(text, '\n');
  } else {
    items = absl::StrSplit(text, kListSign);
  }
  for (absl::string_view item : items) {
    item = TrimBlanks(item);
    if (item.empty()) {
      continue;
    }
    if (type_ == Type::kString) {
      reflection.AddString(&message, field_, std::string(item));
      continue;
    }
    int number;
    if (std::string reason = ReadEnumLabel(item, number); !reason.empty()) {
      reflection.ClearField(&message, field_);
      return reason;
    }
    reflection.AddEnumValue(&message, field_, number);
  }
  return "";
}

// --- Writing

void FieldCodec::Write(const Message& message, SheetWriter& sheet) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field_->is_repeated()) {
    WriteList(message, sheet);
    return;
  }
  if (field_->has_presence() && !reflection.HasField(message, field_)) {
    sheet.Empty();
    return;
  }
  switch (type_) {
    case Type::kString: {
      std::string scratch;
      sheet.Text(reflection.GetStringReference(message, field_, &scratch), Look::kWrapped);
      break;
    }
    case Type::kEnum: {
      const int number = reflection.GetEnumValue(message, field_);
      sheet.Text(number == 0 ? "" : EnumLabel(number));
      break;
    }
    case Type::kBool:
      sheet.Text(reflection.GetBool(message, field_) ? "是" : "否");
      break;
    case Type::kInteger:
      WriteInteger(message, sheet);
      break;
    case Type::kDouble:
      sheet.Number(field_->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT
                       ? reflection.GetFloat(message, field_)
                       : reflection.GetDouble(message, field_));
      break;
    case Type::kDate:
    case Type::kTimestamp:
    case Type::kMoney:
      WriteMessage(reflection.GetMessage(message, field_), sheet);
      break;
  }
}

void FieldCodec::WriteInteger(const Message& message, SheetWriter& sheet) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  switch (field_->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      sheet.Integer(reflection.GetInt32(message, field_));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      sheet.Integer(reflection.GetUInt32(message, field_));
      break;
    case FieldDescriptor::CPPTYPE_UINT64: {
      const uint64_t value = reflection.GetUInt64(message, field_);
      if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        sheet.Text(absl::StrCat(value));
      } else {
        sheet.Integer(static_cast<int64_t>(value));
      }
      break;
    }
    default:
      sheet.Integer(reflection.GetInt64(message, field_));
  }
}

void FieldCodec::WriteMessage(const Message& value, SheetWriter& sheet) const {
  if (type_ == Type::kTimestamp) {
    sheet.DateTime(absl::ToCivilSecond(absl::FromUnixSeconds(Get(value, "seconds")), Shanghai()));
    return;
  }
  if (type_ == Type::kMoney) {
    sheet.Number(static_cast<double>(Get(value, "units")) +
                 static_cast<double>(Get(value, "nanos")) / kNanosPerYuan);
    return;
  }
  const int64_t year = Get(value, "year"), month = Get(value, "month"), day = Get(value, "day");
  const absl::CivilDay civil(year, month, day);
  // A date without a day, or none at all, is shown as it is.
  if (civil.year() == year && civil.month() == month && civil.day() == day) {
    sheet.Date(civil);
  } else {
    sheet.Text(absl::StrCat(year, "-", month, "-", day));
  }
}

void FieldCodec::WriteList(const Message& message, SheetWriter& sheet) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<std::string> items;
  const int size = reflection.FieldSize(message, field_);
  for (int i = 0; i < size; ++i) {
    items.push_back(type_ == Type::kString
                        ? reflection.GetRepeatedString(message, field_, i)
                        : EnumLabel(reflection.GetRepeatedEnumValue(message, field_, i)));
  }
  const bool ambiguous = std::any_of(items.begin(), items.end(), [](const std::string& item) {
    return absl::StrContains(item, kListSign);
  });
  if (ambiguous) {
    // The line break at the end tells one such item from two plain ones.
    sheet.Text(absl::StrCat(absl::StrJoin(items, "\n"), "\n"), Look::kWrapped);
  } else {
    sheet.Text(absl::StrJoin(items, kListSign), items.size() > 1 ? Look::kWrapped : Look::kPlain);
  }
}

}  // namespace chanyan::sheet
