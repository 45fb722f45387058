// Civil dates, which in this suite are always dates in China (UTC+8, no daylight saving).
//
// google.type.Date is the date on the wire and in tables, absl::CivilDay the date to reckon with.
// Everything is pure and may be called from any thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace chanyan::time {

// Years a full date may have: what a DATE column holds and a person would write.
inline constexpr int kMinYear = 1900;
inline constexpr int kMaxYear = 9999;

// A full date that exists. INVALID_FIELD for a partial date (year, month or day 0), a day the month
// does not have (2月30日), or a year outside kMinYear..kMaxYear.
absl::StatusOr<absl::CivilDay> ToCivilDay(const google::type::Date& date);
google::type::Date ToProto(absl::CivilDay day);

// "2025-03-18"; exactly this shape when parsing, INVALID_FIELD otherwise.
std::string FormatDate(absl::CivilDay day);
absl::StatusOr<absl::CivilDay> ParseDate(absl::string_view text);

// "3月18日" and "2025年3月18日", as in official texts.
std::string FormatMonthDayZh(absl::CivilDay day);
std::string FormatDateZh(absl::CivilDay day);

// The day it is in China at an instant.
absl::CivilDay DayOf(absl::Time instant);
// 00:00:00 Asia/Shanghai.
absl::Time StartOfDay(absl::CivilDay day);
// 23:59:59 Asia/Shanghai: the last whole second, inclusive. A deadline is stored as this instant.
absl::Time EndOfDay(absl::CivilDay day);
// Whether `now` is later than a deadline stored as EndOfDay(d): true from the next midnight on, so
// that 23:59:59.999 is still in time.
bool IsPastDeadline(absl::Time now, absl::Time deadline);

// A quarter of a calendar year, the period of one cycle.
class Quarter {
 public:
  // 1 <= number <= 4; anything else is a programming error.
  Quarter(int year, int number);

  // The quarter a day lies in.
  static Quarter Of(absl::CivilDay day);
  // "2025q2", the id of a cycle; INVALID_FIELD otherwise.
  static absl::StatusOr<Quarter> Parse(absl::string_view id);

  int year() const { return year_; }
  int number() const { return number_; }
  std::string Id() const;
  // "2025年第二季度".
  std::string LabelZh() const;
  absl::CivilDay FirstDay() const;
  absl::CivilDay LastDay() const;
  bool Contains(absl::CivilDay day) const;
  // `quarters` later, or earlier when negative.
  Quarter Plus(int quarters) const;

  friend bool operator==(const Quarter&, const Quarter&) = default;
  friend auto operator<=>(const Quarter&, const Quarter&) = default;

 private:
  int year_;
  int number_;
};

}  // namespace chanyan::time
