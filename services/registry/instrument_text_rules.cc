#include "services/registry/instrument_text_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "services/registry/charge_rules.h"
#include "services/registry/opening_rules.h"
#include "services/registry/price_text_rules.h"
#include "services/registry/unit_rules.h"

namespace chanyan::registry {
namespace {

constexpr absl::string_view kAllDay = "全天";
constexpr absl::string_view kEveryDay = "每天";
constexpr absl::string_view kNextDay = "次日";
constexpr int kDaysOfWeek = 7;
// So many days in a row are written 周一至周三, fewer one by one.
constexpr int kShortestRun = 3;
constexpr int kHoursOfDay = 24;

// Beginning and end of one piece, in minutes.
using Piece = std::pair<int, int>;

struct DayName {
  absl::string_view name;
  v1::OpeningDay day;
};
constexpr DayName kDayNames[] = {
    {"周一", v1::OPENING_DAY_MONDAY},
    {"星期一", v1::OPENING_DAY_MONDAY},
    {"周二", v1::OPENING_DAY_TUESDAY},
    {"星期二", v1::OPENING_DAY_TUESDAY},
    {"周三", v1::OPENING_DAY_WEDNESDAY},
    {"星期三", v1::OPENING_DAY_WEDNESDAY},
    {"周四", v1::OPENING_DAY_THURSDAY},
    {"星期四", v1::OPENING_DAY_THURSDAY},
    {"周五", v1::OPENING_DAY_FRIDAY},
    {"星期五", v1::OPENING_DAY_FRIDAY},
    {"周六", v1::OPENING_DAY_SATURDAY},
    {"星期六", v1::OPENING_DAY_SATURDAY},
    {"周日", v1::OPENING_DAY_SUNDAY},
    {"星期日", v1::OPENING_DAY_SUNDAY},
    {"周天", v1::OPENING_DAY_SUNDAY},
    {"星期天", v1::OPENING_DAY_SUNDAY},
    {"调休上班日", v1::OPENING_DAY_MAKEUP_WORKDAY},
};

std::vector<std::string> EntriesOf(absl::string_view text) {
  std::vector<std::string> entries;
  for (absl::string_view entry : absl::StrSplit(Folded(text), ';')) {
    entry = absl::StripAsciiWhitespace(entry);
    if (!entry.empty()) entries.emplace_back(entry);
  }
  return entries;
}

absl::Status Unreadable(absl::string_view entry, absl::string_view why) {
  return status::InvalidField("", absl::StrCat("“", entry, "”无法识别：", why));
}

// --- Hours

bool FindDay(absl::string_view name, v1::OpeningDay* day) {
  for (const DayName& one : kDayNames) {
    if (one.name == name) {
      *day = one.day;
      return true;
    }
  }
  return false;
}

// "周一-周五", "周六", "每天".
bool AddDays(absl::string_view token, std::vector<v1::OpeningDay>* days) {
  if (token == kEveryDay) {
    for (int day = 1; day <= kDaysOfWeek; ++day) days->push_back(static_cast<v1::OpeningDay>(day));
    return true;
  }
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(token, absl::MaxSplits('-', 1));
  v1::OpeningDay first;
  v1::OpeningDay last;
  if (!FindDay(ends.first, &first)) return false;
  if (ends.second.empty()) {
    days->push_back(first);
    return !absl::StrContains(token, "-");
  }
  if (!FindDay(ends.second, &last) || first > kDaysOfWeek || last > kDaysOfWeek) return false;
  // From Friday to Monday goes by Sunday.
  for (int day = first;; day = day % kDaysOfWeek + 1) {
    days->push_back(static_cast<v1::OpeningDay>(day));
    if (day == last) return true;
  }
}

// "8:30" → 510.
bool ReadClock(absl::string_view text, int* minute) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  int hours = 0;
  int minutes = 0;
  if (parts.first.empty() || parts.first.size() > 2 || parts.second.size() != 2 ||
      !absl::ascii_isdigit(parts.first[0]) || !absl::ascii_isdigit(parts.second[0]) ||
      !absl::SimpleAtoi(parts.first, &hours) || !absl::SimpleAtoi(parts.second, &minutes)) {
    return false;
  }
  if (hours > kHoursOfDay || minutes >= kMinutesOfHour || (hours == kHoursOfDay && minutes > 0)) {
    return false;
  }
  *minute = hours * kMinutesOfHour + minutes;
  return true;
}

// "08:30-12:00", "20:00-次日02:00", "全天".
bool ReadPiece(absl::string_view token, Piece* piece) {
  if (token == kAllDay) {
    *piece = {0, kMinutesOfDay};
    return true;
  }
  std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(token, absl::MaxSplits('-', 1));
  const bool next_day = absl::ConsumePrefix(&ends.second, kNextDay);
  if (!ReadClock(ends.first, &piece->first) || !ReadClock(ends.second, &piece->second)) {
    return false;
  }
  if (next_day) piece->second += kMinutesOfDay;
  return piece->first < kMinutesOfDay && piece->first < piece->second &&
         piece->second - piece->first <= kMinutesOfDay;
}

// Where the times of "周一-周五08:30-12:00" begin.
size_t TimesBegin(absl::string_view token) {
  const size_t digit = token.find_first_of("0123456789");
  return std::min(digit, token.find(kAllDay));
}

absl::Status ReadEntry(absl::string_view entry, std::vector<v1::OpeningHours>* out) {
  std::vector<v1::OpeningDay> days;
  std::vector<Piece> pieces;
  // 、 has three bytes, so it is split at as a whole.
  const std::string spaced = absl::StrReplaceAll(entry, {{"、", " "}});
  for (absl::string_view token : absl::StrSplit(spaced, ' ', absl::SkipWhitespace())) {
    const size_t at = TimesBegin(token);
    const absl::string_view day = token.substr(0, at);
    if (!day.empty() && (!pieces.empty() || !AddDays(day, &days))) {
      return Unreadable(entry, absl::StrCat("“", day,
                                            "”不是日期；应形如“周一至周五 08:30-12:00、14:00-17:30”"
                                            "，各项之间用“；”分隔"));
    }
    if (at == absl::string_view::npos) continue;
    Piece piece;
    if (!ReadPiece(token.substr(at), &piece)) {
      return Unreadable(entry, absl::StrCat("“", token.substr(at),
                                            "”不是时段；应形如“08:30-12:00”、“20:00-次日02:00”或“"
                                            "全天”，且不超过24小时"));
    }
    pieces.push_back(piece);
  }
  if (days.empty() || pieces.empty()) {
    return Unreadable(entry, "应先写日期后写时段，如“周六 09:00-12:00”");
  }
  for (const v1::OpeningDay day : days) {
    for (const auto& [start, end] : pieces) {
      v1::OpeningHours hours;
      hours.set_day(day);
      hours.set_start_minute(start);
      hours.set_end_minute(end);
      out->push_back(std::move(hours));
    }
  }
  return absl::OkStatus();
}

std::string ClockText(int minute) {
  return absl::StrFormat("%02d:%02d", minute / kMinutesOfHour, minute % kMinutesOfHour);
}

std::string PieceText(const Piece& piece) {
  if (piece == Piece{0, kMinutesOfDay}) return std::string(kAllDay);
  const bool past = piece.second > kMinutesOfDay;
  return absl::StrCat(ClockText(piece.first), "-", past ? kNextDay : "",
                      ClockText(past ? piece.second - kMinutesOfDay : piece.second));
}

// Ascending days of one week.
std::string DaysText(const std::vector<int>& days) {
  if (days.size() == kDaysOfWeek) return std::string(kEveryDay);
  std::vector<std::string> parts;
  for (size_t i = 0; i < days.size();) {
    size_t end = i + 1;
    while (end < days.size() && days[end] == days[end - 1] + 1) ++end;
    const auto name = [&](size_t at) {
      return policy::LabelOf(static_cast<v1::OpeningDay>(days[at]));
    };
    if (end - i >= kShortestRun) {
      parts.push_back(absl::StrCat(name(i), "至", name(end - 1)));
    } else {
      for (size_t at = i; at < end; ++at) parts.push_back(name(at));
    }
    i = end;
  }
  return absl::StrJoin(parts, "、");
}

// --- Prices

struct BasisName {
  absl::string_view name;
  v1::ChargeBasis basis;
};
constexpr BasisName kBasisNames[] = {
    {"小时", v1::CHARGE_BASIS_HOUR},   {"时", v1::CHARGE_BASIS_HOUR},
    {"样品", v1::CHARGE_BASIS_SAMPLE}, {"样", v1::CHARGE_BASIS_SAMPLE},
    {"次", v1::CHARGE_BASIS_USE},
};

// "200元/小时".
bool ReadPrice(absl::string_view text, v1::Charge* charge) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  int64_t fen = 0;
  if (!ReadYuan(parts.first, &fen)) return false;
  for (const BasisName& one : kBasisNames) {
    if (one.name != parts.second) continue;
    charge->set_basis(one.basis);
    *charge->mutable_price() = MoneyOf(fen);
    return true;
  }
  return false;
}

std::string PriceText(const v1::Charge& charge) {
  return absl::StrCat(ShortYuan(FenOf(charge.price())), "/", policy::LabelOf(charge.basis()));
}

}  // namespace

std::string HoursText(const v1::Instrument& instrument) {
  std::map<int, std::vector<Piece>> of_day;
  for (const v1::OpeningHours& hours : instrument.hours()) {
    of_day[hours.day()].emplace_back(hours.start_minute(), hours.end_minute());
  }
  // Groups of days with the same pieces, by their first day.
  std::vector<std::pair<std::vector<int>, std::vector<Piece>>> groups;
  for (auto& [day, pieces] : of_day) {
    std::sort(pieces.begin(), pieces.end());
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return day <= kDaysOfWeek && group.second == pieces;
    });
    if (same != groups.end()) {
      same->first.push_back(day);
    } else {
      groups.push_back({{day}, pieces});
    }
  }
  return absl::StrJoin(groups, "；", [](std::string* out, const auto& group) {
    absl::StrAppend(out, DaysText(group.first), " ",
                    absl::StrJoin(group.second, "、", [](std::string* times, const Piece& piece) {
                      absl::StrAppend(times, PieceText(piece));
                    }));
  });
}

absl::StatusOr<std::vector<v1::OpeningHours>> ParseHours(absl::string_view text) {
  std::vector<v1::OpeningHours> hours;
  for (const std::string& entry : EntriesOf(text)) {
    CHANYAN_RETURN_IF_ERROR(ReadEntry(entry, &hours));
  }
  std::stable_sort(
      hours.begin(), hours.end(), [](const v1::OpeningHours& a, const v1::OpeningHours& b) {
        return std::pair(a.day(), a.start_minute()) < std::pair(b.day(), b.start_minute());
      });
  return hours;
}

std::string ChargesText(const policy::Pack& pack, const v1::Instrument& instrument) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const v1::Charge& charge : instrument.charges()) {
    const policy::v1::UserType* type = FindUserType(pack, charge.user_type());
    const std::string& name = type == nullptr ? charge.user_type() : type->display_name();
    const auto same = std::find_if(entries.begin(), entries.end(),
                                   [&](const auto& entry) { return entry.first == name; });
    if (same != entries.end()) {
      absl::StrAppend(&same->second, "、", PriceText(charge));
    } else {
      entries.emplace_back(name, PriceText(charge));
    }
  }
  return absl::StrJoin(entries, "；", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, " ", entry.second);
  });
}

absl::StatusOr<std::vector<v1::Charge>> ParseCharges(const policy::Pack& pack,
                                                     absl::string_view text) {
  std::vector<v1::Charge> charges;
  for (const std::string& entry : EntriesOf(text)) {
    absl::string_view rest = entry;
    const policy::v1::UserType* type = LeadingUserType(pack, &rest);
    if (type == nullptr) {
      return Unreadable(entry, absl::StrCat("应先写用户类型（", UserTypeNames(pack),
                                            "），如“企业用户 200元/小时、20元/样品”"));
    }
    const std::string spaced = absl::StrReplaceAll(rest, {{"、", " "}});
    bool any = false;
    for (absl::string_view token : absl::StrSplit(spaced, ' ', absl::SkipWhitespace())) {
      v1::Charge charge;
      charge.set_user_type(type->id());
      if (!ReadPrice(token, &charge)) {
        return Unreadable(entry,
                          absl::StrCat("“", token,
                                       "”不是单价；应形如“200元/小时”、“20元/样品”或“100元/次”"
                                       "，最多两位小数"));
      }
      charges.push_back(std::move(charge));
      any = true;
    }
    if (!any) return Unreadable(entry, "没有写单价，如“企业用户 200元/小时”");
  }
  return charges;
}

}  // namespace chanyan::registry
