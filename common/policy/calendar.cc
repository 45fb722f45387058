#include "common/policy/calendar.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"

namespace chanyan::policy {
namespace {

using time::FormatDateZh;
using time::FormatMonthDayZh;
using time::Quarter;

constexpr int kWorkdaysInBlock = 5;
constexpr int kDaysInWeek = 7;

bool IsWeekend(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

absl::CivilDay OnOrAfter(absl::CivilDay day, absl::Weekday weekday) {
  return absl::NextWeekday(day - 1, weekday);
}

absl::Status Missing(int year) {
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_CALENDAR_MISSING,
      absl::StrCat(
          "工作日历没有", year, "年的数据，无法计算工作日；请在国务院办公厅公布", year,
          "年部分节假日安排后，将放假、调休日期和文号录入政策包的工作日历（deploy/policies/"
          "calendar），重启后再办理"));
}

std::string RangeZh(absl::CivilDay first, absl::CivilDay last) {
  return first == last ? FormatMonthDayZh(first)
                       : absl::StrCat(FormatMonthDayZh(first), "—", FormatMonthDayZh(last));
}

std::string OrdinalsZh(int first, int last) {
  return first == last ? absl::StrCat("第", first) : absl::StrCat("第", first, "—", last);
}

std::string BasisZh(const v1::CalendarYear& year) {
  return year.notice_number().empty()
             ? absl::StrCat("依据", year.year(), "年部分节假日安排（文号待录入）")
             : absl::StrCat("依据", year.notice_number());
}

class YearChecker {
 public:
  YearChecker(int index, const v1::CalendarYear& year, std::vector<CalendarViolation>& out)
      : index_(index), year_(year), out_(out) {}

  void Check() {
    if (year_.year() < time::kMinYear || year_.year() > time::kMaxYear) {
      Add(absl::StrCat("年份“", year_.year(), "”有误"));
      return;
    }
    if (year_.notice_number().empty() && year_.note().empty()) {
      Add("未填写放假通知文号；文号尚未录入的，应在 note 中说明");
    }
    if (year_.holidays().empty()) {
      Add("没有任何放假安排");
    }
    for (const v1::Holiday& holiday : year_.holidays()) {
      CheckHoliday(holiday);
    }
    for (const google::type::Date& date : year_.makeup_workdays()) {
      CheckMakeup(date);
    }
  }

 private:
  void Add(absl::string_view what) {
    out_.push_back({index_, absl::StrCat("工作日历", year_.year(), "年：", what)});
  }

  // False, with the reason added, when it is no date or of another year.
  bool Read(const google::type::Date& date, absl::string_view of, absl::CivilDay& day) {
    const auto read = time::ToCivilDay(date);
    if (!read.ok()) {
      Add(absl::StrCat(of, "：", read.status().message()));
      return false;
    }
    day = *read;
    if (day.year() != static_cast<int>(year_.year())) {
      Add(absl::StrCat(of, "：", FormatDateZh(day), "不在本年内，跨年的假期应按年分别填写"));
      return false;
    }
    return true;
  }

  void CheckHoliday(const v1::Holiday& holiday) {
    if (holiday.display_name().empty()) {
      Add("有一项放假安排未填写节日名称");
    }
    absl::CivilDay first;
    absl::CivilDay last;
    if (!Read(holiday.first_date(), holiday.display_name(), first) ||
        !Read(holiday.last_date(), holiday.display_name(), last)) {
      return;
    }
    if (last < first) {
      Add(absl::StrCat(holiday.display_name(), "：末日", FormatDateZh(last), "早于首日",
                       FormatDateZh(first)));
    }
    for (absl::CivilDay day = first; day <= last; ++day) {
      if (!off_.insert(day).second) {
        Add(absl::StrCat(holiday.display_name(), "：", FormatDateZh(day), "与另一假期重复"));
      }
    }
  }

  void CheckMakeup(const google::type::Date& date) {
    absl::CivilDay day;
    if (!Read(date, "调休上班日", day)) {
      return;
    }
    if (!IsWeekend(day)) {
      Add(absl::StrCat("调休上班日", FormatDateZh(day), "不是星期六或星期日"));
    }
    if (off_.contains(day)) {
      Add(absl::StrCat("调休上班日", FormatDateZh(day), "又列为放假"));
    }
    if (!makeup_.insert(day).second) {
      Add(absl::StrCat("调休上班日", FormatDateZh(day), "重复"));
    }
  }

  const int index_;
  const v1::CalendarYear& year_;
  std::vector<CalendarViolation>& out_;
  absl::flat_hash_set<absl::CivilDay> off_;
  absl::flat_hash_set<absl::CivilDay> makeup_;
};

std::vector<bool> WorkdaysOf(const v1::CalendarYear& year) {
  const absl::CivilDay start(year.year(), 1, 1);
  std::vector<bool> out;
  for (absl::CivilDay day = start; day.year() == start.year(); ++day) {
    out.push_back(!IsWeekend(day));
  }
  for (const v1::Holiday& holiday : year.holidays()) {
    for (absl::CivilDay day = time::DayIn(holiday.first_date());
         day <= time::DayIn(holiday.last_date()); ++day) {
      out[day - start] = false;
    }
  }
  for (const google::type::Date& date : year.makeup_workdays()) {
    out[time::DayIn(date) - start] = true;
  }
  return out;
}

absl::Status NoSuchWeek(Quarter quarter, int week) {
  return status::InvalidField("week", absl::StrCat(quarter.LabelZh(), "没有第", week, "周"));
}

}  // namespace

std::vector<CalendarViolation> CheckCalendar(const std::vector<v1::CalendarYear>& years) {
  std::vector<CalendarViolation> out;
  std::vector<std::pair<int, int>> order;  // year, index
  for (size_t i = 0; i < years.size(); ++i) {
    YearChecker(static_cast<int>(i), years[i], out).Check();
    order.emplace_back(static_cast<int>(years[i].year()), static_cast<int>(i));
  }
  std::sort(order.begin(), order.end());
  for (size_t i = 1; i < order.size(); ++i) {
    const auto [before, unused] = order[i - 1];
    const auto [year, index] = order[i];
    if (year == before) {
      out.push_back({index, absl::StrCat("工作日历", year, "年：重复")});
    } else if (year != before + 1) {
      out.push_back({index, absl::StrCat("工作日历缺少", before + 1, "年：", before, "年与", year,
                                         "年之间不应有空缺")});
    }
  }
  return out;
}

absl::StatusOr<WorkCalendar> WorkCalendar::Make(const std::vector<v1::CalendarYear>& years) {
  std::vector<status::Violation> violations;
  for (CalendarViolation& violation : CheckCalendar(years)) {
    violations.push_back(
        {absl::StrCat("calendars[", violation.index, "]"), std::move(violation.description)});
  }
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations));
  }
  WorkCalendar calendar;
  for (const v1::CalendarYear& year : years) {
    calendar.years_.emplace(static_cast<int>(year.year()), Year{year, WorkdaysOf(year)});
  }
  return calendar;
}

absl::StatusOr<bool> WorkCalendar::IsWorkday(absl::CivilDay day) const {
  const auto it = years_.find(static_cast<int>(day.year()));
  if (it == years_.end()) {
    return Missing(static_cast<int>(day.year()));
  }
  return it->second.workdays[day - absl::CivilDay(day.year(), 1, 1)];
}

absl::StatusOr<DayKind> WorkCalendar::KindOf(absl::CivilDay day) const {
  CHANYAN_ASSIGN_OR_RETURN(const bool workday, IsWorkday(day));
  if (workday) return IsWeekend(day) ? DayKind::kMakeupWorkday : DayKind::kWorkday;
  CHANYAN_ASSIGN_OR_RETURN(const std::string holiday, HolidayOn(day));
  return holiday.empty() ? DayKind::kWeekend : DayKind::kHoliday;
}

absl::StatusOr<std::string> WorkCalendar::HolidayOn(absl::CivilDay day) const {
  const auto year = years_.find(static_cast<int>(day.year()));
  if (year == years_.end()) return Missing(static_cast<int>(day.year()));
  for (const v1::Holiday& holiday : year->second.data.holidays()) {
    if (time::DayIn(holiday.first_date()) <= day && day <= time::DayIn(holiday.last_date())) {
      return holiday.display_name();
    }
  }
  return std::string();
}

absl::StatusOr<int> WorkCalendar::WorkdaysBetween(absl::CivilDay first, absl::CivilDay last) const {
  int count = 0;
  for (absl::CivilDay day = first; day <= last; ++day) {
    CHANYAN_ASSIGN_OR_RETURN(const bool workday, IsWorkday(day));
    count += workday ? 1 : 0;
  }
  return count;
}

absl::StatusOr<absl::CivilDay> WorkCalendar::NthWorkday(absl::CivilDay from, int n) const {
  if (n < 1) {
    return status::InvalidField("n", "工作日序号应从1起");
  }
  return AddWorkdays(from - 1, n);
}

absl::StatusOr<absl::CivilDay> WorkCalendar::AddWorkdays(absl::CivilDay day, int n) const {
  const int step = n < 0 ? -1 : 1;
  for (int left = n; left != 0;) {
    day += step;
    CHANYAN_ASSIGN_OR_RETURN(const bool workday, IsWorkday(day));
    left -= workday ? step : 0;
  }
  return day;
}

absl::StatusOr<Term> WorkCalendar::TermAfter(absl::CivilDay day, int workdays) const {
  if (workdays < 1) return status::InvalidField("workdays", "工作日数应不少于1");
  Term term;
  CHANYAN_ASSIGN_OR_RETURN(term.last_day, AddWorkdays(day, workdays));
  term.deadline = time::EndOfDay(term.last_day);
  std::vector<std::string> parts = {
      absl::StrCat("自", FormatDateZh(day), "起", workdays, "个工作日（当日不计）")};
  std::vector<std::string> bases;
  // A term that ends in the next year is reckoned by the notices of both.
  for (absl::CivilYear year((day + 1)); year <= absl::CivilYear(term.last_day); ++year) {
    const v1::CalendarYear& data = years_.at(static_cast<int>(year.year())).data;
    AddExceptions(data, day + 1, term.last_day, &parts);
    bases.push_back(BasisZh(data));
  }
  parts.push_back(absl::StrCat("截止", FormatDateZh(term.last_day), "23:59:59（含）"));
  parts.insert(parts.end(), bases.begin(), bases.end());
  term.derivation = absl::StrJoin(parts, "；");
  return term;
}

void WorkCalendar::AddExceptions(const v1::CalendarYear& year, absl::CivilDay since,
                                 absl::CivilDay until, std::vector<std::string>* parts) {
  for (const v1::Holiday& holiday : year.holidays()) {
    const absl::CivilDay first = std::max(time::DayIn(holiday.first_date()), since);
    const absl::CivilDay last = std::min(time::DayIn(holiday.last_date()), until);
    if (first <= last) {
      parts->push_back(absl::StrCat(holiday.display_name(), RangeZh(first, last), "放假"));
    }
  }
  for (const google::type::Date& date : year.makeup_workdays()) {
    const absl::CivilDay day = time::DayIn(date);
    if (day >= since && day <= until) {
      parts->push_back(absl::StrCat(FormatMonthDayZh(day), "调休上班"));
    }
  }
}

absl::StatusOr<WorkCalendar::Span> WorkCalendar::WeekSpan(Quarter quarter, int week,
                                                          v1::WeekReading reading) const {
  const absl::CivilDay start = quarter.FirstDay();
  const absl::CivilDay end = quarter.LastDay();
  const int offset = (week - 1) * kDaysInWeek;
  absl::CivilDay first;
  std::string how;
  switch (reading) {
    case v1::WEEK_READING_WORKDAY_BLOCKS: {
      CHANYAN_ASSIGN_OR_RETURN(const int total, WorkdaysBetween(start, end));
      const int from = (week - 1) * kWorkdaysInBlock + 1;
      const int to = std::min(week * kWorkdaysInBlock, total);
      if (from > total) {
        return NoSuchWeek(quarter, week);
      }
      CHANYAN_ASSIGN_OR_RETURN(first, NthWorkday(start, from));
      CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, NthWorkday(start, to));
      return Span{first, last, absl::StrCat(OrdinalsZh(from, to), "个工作日")};
    }
    case v1::WEEK_READING_SEVEN_DAY_BLOCKS:
      first = start + offset;
      how = absl::StrCat(OrdinalsZh(offset + 1, offset + kDaysInWeek), "日");
      break;
    case v1::WEEK_READING_FROM_FIRST_MONDAY:
      first = OnOrAfter(start, absl::Weekday::monday) + offset;
      how = absl::StrCat("首个星期一起的第", week, "周");
      break;
    case v1::WEEK_READING_ISO_WEEKS: {
      const absl::CivilDay thursday = OnOrAfter(start, absl::Weekday::thursday) + offset;
      if (thursday > end) {
        return NoSuchWeek(quarter, week);
      }
      first = thursday - 3;
      how = absl::StrCat("第", week, "个ISO周");
      break;
    }
    default:
      return status::InvalidField("week_reading", "未指定“第N周”的读法");
  }
  if (first > end) {
    return NoSuchWeek(quarter, week);
  }
  const absl::CivilDay last = std::min(first + (kDaysInWeek - 1), end);
  return Span{std::max(first, start), last, how};
}

absl::StatusOr<StepWindow> WorkCalendar::Window(Quarter quarter, int week,
                                                v1::WeekReading reading) const {
  // Thirteen weeks and a bit: bounds the arithmetic, the reading decides.
  constexpr int kMostWeeks = 14;
  if (!HasYear(quarter.year())) {
    return Missing(quarter.year());
  }
  if (week < 1 || week > kMostWeeks) {
    return NoSuchWeek(quarter, week);
  }
  CHANYAN_ASSIGN_OR_RETURN(const Span span, WeekSpan(quarter, week, reading));
  CHANYAN_ASSIGN_OR_RETURN(const int workdays, WorkdaysBetween(span.first, span.last));
  if (workdays == 0) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_RULE_VIOLATED,
        absl::StrCat(quarter.LabelZh(), "第", week, "周（", span.description, "，",
                     RangeZh(span.first, span.last),
                     "）没有一个工作日，无法确定期限；请在政策包中改用其他“第N周”读法"));
  }
  StepWindow window;
  CHANYAN_ASSIGN_OR_RETURN(window.first_day, NthWorkday(span.first, 1));
  CHANYAN_ASSIGN_OR_RETURN(window.last_day, AddWorkdays(span.last + 1, -1));
  window.deadline = time::EndOfDay(window.last_day);
  window.workdays = workdays;
  window.derivation = Derivation(quarter, week, span, window);
  return window;
}

std::string WorkCalendar::Derivation(Quarter quarter, int week, const Span& span,
                                     const StepWindow& window) const {
  const v1::CalendarYear& year = years_.at(quarter.year()).data;
  std::vector<std::string> parts;
  parts.push_back(absl::StrCat("第", week, "周＝", quarter.LabelZh(), span.description, "（",
                               RangeZh(span.first, span.last), "）"));
  if (window.first_day != span.first || window.last_day != span.last) {
    parts.push_back(absl::StrCat("其中工作日自", FormatMonthDayZh(window.first_day), "至",
                                 FormatMonthDayZh(window.last_day), "，共", window.workdays, "个"));
  }
  // A holiday at the quarter's start moves every later block of workdays, so all up to here count.
  AddExceptions(year, quarter.FirstDay(), std::max(span.last, window.last_day), &parts);
  parts.push_back(absl::StrCat("截止", FormatDateZh(window.last_day), "23:59:59（含）"));
  parts.push_back(BasisZh(year));
  return absl::StrJoin(parts, "；");
}

}  // namespace chanyan::policy
