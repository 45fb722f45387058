#include "common/db/datetime.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::CivilSecond kEpoch(1970, 1, 1);
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr size_t kSecondsLength = sizeof("2025-03-01 04:05:06") - 1;
constexpr int kFractionDigits = 6;

// The digits of text[at, at+count), or -1.
int64_t Digits(absl::string_view text, size_t at, size_t count) {
  int64_t number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (!absl::ascii_isdigit(text[i])) {
      return -1;
    }
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

absl::Status NotDateTime(absl::string_view text) {
  return status::Internal(absl::StrCat("not a DATETIME: '", text, "'"));
}

}  // namespace

absl::StatusOr<std::string> FormatDateTime(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  // Rounded down, before the epoch too.
  int64_t seconds = micros / kMicrosPerSecond;
  int64_t fraction = micros % kMicrosPerSecond;
  if (fraction < 0) {
    --seconds;
    fraction += kMicrosPerSecond;
  }
  const absl::CivilSecond civil = kEpoch + seconds;
  if (civil.year() < 1000 || civil.year() > 9999) {
    return status::InvalidField("", "时间超出范围：年份应在 1000 至 9999 之间");
  }
  return absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d.%06d", civil.year(), civil.month(),
                         civil.day(), civil.hour(), civil.minute(), civil.second(), fraction);
}

absl::StatusOr<absl::Time> ParseDateTime(absl::string_view text) {
  const size_t digits = text.size() > kSecondsLength ? text.size() - kSecondsLength - 1 : 0;
  if (text.size() < kSecondsLength || digits > kFractionDigits) {
    return NotDateTime(text);
  }
  const int64_t year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  const int64_t hour = Digits(text, 11, 2), minute = Digits(text, 14, 2),
                second = Digits(text, 17, 2);
  int64_t fraction = digits == 0 ? 0 : Digits(text, kSecondsLength + 1, digits);
  if (year < 1 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0 || fraction < 0) {
    return NotDateTime(text);
  }
  for (size_t i = digits; i < kFractionDigits && digits > 0; ++i) {
    fraction *= 10;
  }
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  return absl::FromUnixMicros((civil - kEpoch) * kMicrosPerSecond + fraction);
}

}  // namespace chanyan::db
