#include "common/api/well_known.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;

constexpr int32_t kMaxNanos = 999999999;

int64_t Integer(const pb::Message& message, const char* name) {
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT64
             ? message.GetReflection()->GetInt64(message, field)
             : message.GetReflection()->GetInt32(message, field);
}

void SetInteger(const char* name, int64_t value, pb::Message* message) {
  const pb::FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
  if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT64) {
    message->GetReflection()->SetInt64(message, field, value);
  } else {
    message->GetReflection()->SetInt32(message, field, static_cast<int32_t>(value));
  }
}

// Seconds (or units) and nanos of the same sign, nanos under one second.
bool NanosFit(int64_t whole, int64_t nanos) {
  return nanos >= -kMaxNanos && nanos <= kMaxNanos && !(whole > 0 && nanos < 0) &&
         !(whole < 0 && nanos > 0);
}

std::string CheckMoney(const pb::Message& money) {
  const pb::FieldDescriptor* field = money.GetDescriptor()->FindFieldByName("currency_code");
  const std::string code = money.GetReflection()->GetString(money, field);
  bool letters = code.size() == 3;
  for (char c : code) letters = letters && c >= 'A' && c <= 'Z';
  if (!letters) return "的币种应为三位大写字母代码，如 CNY";
  if (!NanosFit(Integer(money, "units"), Integer(money, "nanos"))) return "的金额不正确";
  return "";
}

}  // namespace

std::string CheckKnown(Known known, const pb::Message& value) {
  switch (known) {
    case Known::kTimestamp:
      return TimeOf(value) ? "" : "超出公元 1 年至 9999 年，或不是有效的时间";
    case Known::kDuration: {
      const int64_t seconds = Integer(value, "seconds");
      const bool fits = seconds >= -kMaxDurationSeconds && seconds <= kMaxDurationSeconds &&
                        NanosFit(seconds, Integer(value, "nanos"));
      return fits ? "" : "不是有效的时长";
    }
    case Known::kDate:
      if (DayOf(value)) return "";
      return absl::StrFormat("不是存在的日期：%d年%d月%d日", Integer(value, "year"),
                             Integer(value, "month"), Integer(value, "day"));
    case Known::kMoney:
      return CheckMoney(value);
    case Known::kMask:
    case Known::kNone:
      return "";
  }
  return "";
}

std::optional<absl::CivilDay> DayOf(const pb::Message& date) {
  const int64_t year = Integer(date, "year");
  const int64_t month = Integer(date, "month");
  const int64_t day = Integer(date, "day");
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const absl::CivilDay civil(year, month, day);
  // CivilDay carries 31 April over to 1 May; a date that moved does not exist.
  if (civil.month() != month || civil.day() != day) return std::nullopt;
  return civil;
}

void SetDay(absl::CivilDay day, pb::Message* date) {
  SetInteger("year", day.year(), date);
  SetInteger("month", day.month(), date);
  SetInteger("day", day.day(), date);
}

std::string DayText(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || text[0] == '-' || text[0] == '+' ||
      !absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(5, 2), &month) ||
      !absl::SimpleAtoi(text.substr(8, 2), &day) || year < 1) {
    return std::nullopt;
  }
  const absl::CivilDay civil(year, month, day);
  if (month < 1 || civil.month() != month || day < 1 || civil.day() != day) return std::nullopt;
  return civil;
}

std::optional<absl::Time> TimeOf(const pb::Message& timestamp) {
  const int64_t seconds = Integer(timestamp, "seconds");
  const int64_t nanos = Integer(timestamp, "nanos");
  if (seconds < kFirstSecond || seconds > kLastSecond || nanos < 0 || nanos > kMaxNanos) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(seconds) + absl::Nanoseconds(nanos);
}

void SetTime(absl::Time time, pb::Message* timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // rounds down, so nanos are never negative
  SetInteger("seconds", seconds, timestamp);
  SetInteger("nanos", absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds)), timestamp);
}

}  // namespace chanyan::api
