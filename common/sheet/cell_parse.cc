#include "common/sheet/cell_parse.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/sheet/text.h"

namespace chanyan::sheet {
namespace {

constexpr int kNanosPerCent = 10'000'000;
// Of the longest month.
constexpr int kMostDays = 31;

// Takes 1 to `most` digits off the front.
bool TakeNumber(absl::string_view& text, size_t most, int& value) {
  size_t length = 0;
  while (length < text.size() && length < most && absl::ascii_isdigit(text[length])) {
    ++length;
  }
  if (length == 0) {
    return false;
  }
  const bool read = absl::SimpleAtoi(text.substr(0, length), &value);
  text.remove_prefix(length);
  return read;
}

bool TakeSeparator(absl::string_view& text, char sign, absl::string_view word) {
  text = TrimBlanks(text);
  const bool taken = sign != '\0' ? absl::ConsumePrefix(&text, absl::string_view(&sign, 1))
                                  : absl::ConsumePrefix(&text, word);
  text = TrimBlanks(text);
  return taken;
}

// The three numbers of a date and what follows it.
bool TakeDate(absl::string_view& text, int& year, int& month, int& day) {
  if (!TakeNumber(text, 4, year)) {
    return false;
  }
  if (text.size() >= 4 && absl::ascii_isdigit(text[0])) {
    return TakeNumber(text, 2, month) && TakeNumber(text, 2, day) &&
           (text.empty() || !absl::ascii_isdigit(text[0]));
  }
  const absl::string_view rest = TrimBlanks(text);
  const bool chinese = absl::StartsWith(rest, "年");
  const char sign = chinese || rest.empty() ? '\0' : rest[0];
  if (!chinese && !absl::StrContains("-/.", absl::string_view(&sign, 1))) {
    return false;
  }
  if (!TakeSeparator(text, sign, "年") || !TakeNumber(text, 2, month) ||
      !TakeSeparator(text, sign, "月") || !TakeNumber(text, 2, day)) {
    return false;
  }
  if (chinese) {
    text = TrimBlanks(text);
    return absl::ConsumePrefix(&text, "日") || absl::ConsumePrefix(&text, "号");
  }
  return text.empty() || !absl::ascii_isdigit(text[0]);
}

// 4月18日, 4/18, 4-18 or 4.18 and nothing else.
bool LacksYear(absl::string_view text) {
  int month, day;
  if (!TakeNumber(text, 2, month)) return false;
  text = TrimBlanks(text);
  const bool chinese = absl::ConsumePrefix(&text, "月");
  if (!chinese && !absl::ConsumePrefix(&text, "/") && !absl::ConsumePrefix(&text, "-") &&
      !absl::ConsumePrefix(&text, ".")) {
    return false;
  }
  text = TrimBlanks(text);
  if (!TakeNumber(text, 2, day)) return false;
  text = TrimBlanks(text);
  if (chinese && !absl::ConsumePrefix(&text, "日")) absl::ConsumePrefix(&text, "号");
  return text.empty() && month >= 1 && month <= 12 && day >= 1 && day <= kMostDays;
}

// A year is never guessed: what was signed may be of this one or of those before.
std::string NotADate(absl::string_view text, absl::string_view folded) {
  return LacksYear(folded) ? absl::StrCat("「", text, "」没有年份，请填写如 2025年3月18日")
                           : absl::StrCat("「", text, "」不是日期，请填写如 2025年3月18日");
}

// Why a calendar has no such day; empty = it has.
std::string WhyNoSuchDay(int year, int month, int day) {
  if (year < kMinYear || year > kMaxYear) {
    return absl::StrCat("年份 ", year, " 应在 ", kMinYear, " 至 ", kMaxYear, " 之间");
  }
  if (month < 1 || month > 12) {
    return absl::StrCat("没有 ", month, " 月，月份应为 1 至 12");
  }
  const int last = (absl::CivilDay(absl::CivilMonth(year, month) + 1) - 1).day();
  if (day < 1 || day > last) {
    return absl::StrCat("日期不存在：", year, "年", month, "月没有 ", day, " 日，该月共 ", last,
                        " 天");
  }
  return "";
}

// "09:30" or "09:30:00" and nothing else.
bool ParseClock(absl::string_view text, int& hour, int& minute, int& second) {
  second = 0;
  return TakeNumber(text, 2, hour) && absl::ConsumePrefix(&text, ":") &&
         TakeNumber(text, 2, minute) &&
         (text.empty() || (absl::ConsumePrefix(&text, ":") && TakeNumber(text, 2, second))) &&
         text.empty() && hour < 24 && minute < 60 && second < 60;
}

// Folded, trimmed, and without separators of thousands, which must stand where they belong:
// "1,23" might mean a decimal comma.
bool CleanNumber(absl::string_view text, std::string& out) {
  const std::string folded = FoldWidth(text);
  const absl::string_view trimmed = TrimBlanks(folded);
  const size_t point = trimmed.find('.');
  const absl::string_view whole = trimmed.substr(0, point);
  out.clear();
  for (size_t i = 0; i < trimmed.size(); ++i) {
    const char c = trimmed[i];
    if (c == ',') {
      const bool grouped = i > 0 && i < whole.size() && absl::ascii_isdigit(trimmed[i - 1]) &&
                           (whole.size() - i) % 4 == 0;
      if (!grouped) {
        return false;
      }
    } else if (absl::ascii_isdigit(c) || c == '.' || (i == 0 && (c == '-' || c == '+'))) {
      out.push_back(c);
    } else {
      return false;
    }
  }
  // One point at most, and a digit on each side of it.
  const size_t at = out.find('.');
  return !out.empty() && absl::ascii_isdigit(out.back()) &&
         (at == std::string::npos || (at > 0 && absl::ascii_isdigit(out[at - 1]) &&
                                      out.find('.', at + 1) == std::string::npos));
}

}  // namespace

std::string ParseDateTime(absl::string_view text, absl::CivilSecond& time) {
  const std::string folded = FoldWidth(text);
  absl::string_view rest = TrimBlanks(folded);
  int year, month, day;
  int hour = 0, minute = 0, second = 0;
  if (!TakeDate(rest, year, month, day)) {
    return NotADate(text, TrimBlanks(folded));
  }
  if (!rest.empty()) {
    const bool separated = absl::ConsumePrefix(&rest, "T") || rest[0] == ' ';
    if (!separated || !ParseClock(TrimBlanks(rest), hour, minute, second)) {
      return NotADate(text, TrimBlanks(folded));
    }
  }
  if (std::string reason = WhyNoSuchDay(year, month, day); !reason.empty()) {
    return absl::StrCat("「", text, "」：", reason);
  }
  time = absl::CivilSecond(year, month, day, hour, minute, second);
  return "";
}

std::string ParseDate(absl::string_view text, absl::CivilDay& day) {
  absl::CivilSecond time;
  if (std::string reason = ParseDateTime(text, time); !reason.empty()) {
    return reason;
  }
  day = absl::CivilDay(time);
  return time == absl::CivilSecond(day) ? "" : NotADate(text, "");
}

std::string ParseInteger(absl::string_view text, int64_t& value) {
  std::string clean;
  if (!CleanNumber(text, clean) || absl::StrContains(clean, '.')) {
    return absl::StrCat("「", text, "」不是整数，请填写如 1200");
  }
  if (!absl::SimpleAtoi(clean, &value)) {
    return absl::StrCat("「", text, "」超出了范围");
  }
  return "";
}

std::string ParseDecimal(absl::string_view text, double& value) {
  std::string clean;
  if (!CleanNumber(text, clean) || !absl::SimpleAtod(clean, &value)) {
    return absl::StrCat("「", text, "」不是数字，请填写如 1200.5，不带单位");
  }
  return "";
}

std::string ParseMoney(absl::string_view text, int64_t& units, int32_t& nanos) {
  std::string clean;
  if (!CleanNumber(text, clean)) {
    return absl::StrCat("「", text, "」不是金额，请填写如 1200.50，不带单位");
  }
  const bool negative = clean[0] == '-';
  const size_t point = clean.find('.');
  std::string cents = point == std::string::npos ? "" : clean.substr(point + 1);
  while (!cents.empty() && cents.back() == '0') {
    cents.pop_back();
  }
  if (cents.size() > 2) {
    return absl::StrCat("「", text, "」：金额最多两位小数");
  }
  cents.resize(2, '0');
  int hundredths;
  if (!absl::SimpleAtoi(clean.substr(0, point), &units) || !absl::SimpleAtoi(cents, &hundredths)) {
    return absl::StrCat("「", text, "」超出了范围");
  }
  nanos = (negative ? -hundredths : hundredths) * kNanosPerCent;
  return "";
}

}  // namespace chanyan::sheet
