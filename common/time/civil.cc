#include "common/time/civil.h"

#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/status.h"
#include "common/time/clock.h"

namespace chanyan::time {
namespace {

constexpr int kMonthsInQuarter = 3;
constexpr int kQuartersInYear = 4;
constexpr std::array<const char*, kQuartersInYear> kNumeralsZh = {"一", "二", "三", "四"};

bool AllDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return !text.empty();
}

absl::StatusOr<absl::CivilDay> MakeDay(int year, int month, int day, absl::string_view shown) {
  if (year < kMinYear || year > kMaxYear) {
    return status::InvalidField(
        "", absl::StrCat("日期“", shown, "”的年份应在", kMinYear, "至", kMaxYear, "之间"));
  }
  const absl::CivilDay civil(year, month, day);
  // CivilDay turns 2月30日 into 3月2日; a date that moved was not a date.
  if (civil.year() != year || civil.month() != month || civil.day() != day) {
    return status::InvalidField("", absl::StrCat("日期“", shown, "”不存在，请核对月和日"));
  }
  return civil;
}

}  // namespace

absl::StatusOr<absl::CivilDay> ToCivilDay(const google::type::Date& date) {
  const std::string shown =
      absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
  if (date.year() == 0 || date.month() == 0 || date.day() == 0) {
    return status::InvalidField("", absl::StrCat("日期“", shown, "”不完整，应同时写明年、月、日"));
  }
  return MakeDay(date.year(), date.month(), date.day(), shown);
}

google::type::Date ToProto(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

std::string FormatDate(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

absl::StatusOr<absl::CivilDay> ParseDate(absl::string_view text) {
  constexpr size_t kLength = 10;
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != kLength || text[4] != '-' || text[7] != '-' || !AllDigits(text.substr(0, 4)) ||
      !AllDigits(text.substr(5, 2)) || !AllDigits(text.substr(8, 2)) ||
      !absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(5, 2), &month) ||
      !absl::SimpleAtoi(text.substr(8, 2), &day)) {
    return status::InvalidField("", absl::StrCat("日期“", text, "”格式有误，应形如 2025-03-18"));
  }
  return MakeDay(year, month, day, text);
}

std::string FormatMonthDayZh(absl::CivilDay day) {
  return absl::StrCat(day.month(), "月", day.day(), "日");
}

std::string FormatDateZh(absl::CivilDay day) {
  return absl::StrCat(day.year(), "年", FormatMonthDayZh(day));
}

absl::CivilDay DayOf(absl::Time instant) { return absl::ToCivilDay(instant, Shanghai()); }

absl::Time StartOfDay(absl::CivilDay day) { return absl::FromCivil(day, Shanghai()); }

absl::Time EndOfDay(absl::CivilDay day) { return StartOfDay(day + 1) - absl::Seconds(1); }

bool IsPastDeadline(absl::Time now, absl::Time deadline) {
  return now >= deadline + absl::Seconds(1);
}

Quarter::Quarter(int year, int number) : year_(year), number_(number) {
  if (number < 1 || number > kQuartersInYear) {
    std::abort();
  }
}

Quarter Quarter::Of(absl::CivilDay day) {
  return Quarter(static_cast<int>(day.year()), (day.month() - 1) / kMonthsInQuarter + 1);
}

absl::StatusOr<Quarter> Quarter::Parse(absl::string_view id) {
  constexpr size_t kLength = 6;
  int year = 0;
  if (id.size() != kLength || id[4] != 'q' || id[5] < '1' || id[5] > '4' ||
      !AllDigits(id.substr(0, 4)) || !absl::SimpleAtoi(id.substr(0, 4), &year) || year < kMinYear) {
    return status::InvalidField("", absl::StrCat("季度“", id, "”格式有误，应形如 2025q2"));
  }
  return Quarter(year, id[5] - '0');
}

std::string Quarter::Id() const { return absl::StrFormat("%04dq%d", year_, number_); }

std::string Quarter::LabelZh() const {
  return absl::StrCat(year_, "年第", kNumeralsZh[number_ - 1], "季度");
}

absl::CivilDay Quarter::FirstDay() const {
  return absl::CivilDay(year_, (number_ - 1) * kMonthsInQuarter + 1, 1);
}

absl::CivilDay Quarter::LastDay() const { return Plus(1).FirstDay() - 1; }

bool Quarter::Contains(absl::CivilDay day) const { return Of(day) == *this; }

Quarter Quarter::Plus(int quarters) const {
  return Of(absl::CivilDay(absl::CivilMonth(FirstDay()) + quarters * kMonthsInQuarter));
}

}  // namespace chanyan::time
