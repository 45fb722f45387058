#include "common/policy/calendar.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using absl::CivilDay;
using time::FormatDate;
using time::Quarter;

const v1::WeekReading kReadings[] = {
    v1::WEEK_READING_WORKDAY_BLOCKS, v1::WEEK_READING_SEVEN_DAY_BLOCKS,
    v1::WEEK_READING_FROM_FIRST_MONDAY, v1::WEEK_READING_ISO_WEEKS};

v1::CalendarYear Year(const std::string& text) {
  v1::CalendarYear year;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &year)) << text;
  return year;
}

constexpr char kSmallYear[] = R"(year: 2025 notice_number: "文号" holidays { display_name: "元旦"
    first_date { year: 2025 month: 1 day: 1 } last_date { year: 2025 month: 1 day: 1 } } )";

std::string Complaint(const std::vector<v1::CalendarYear>& years) {
  const std::vector<CalendarViolation> found = CheckCalendar(years);
  return found.size() == 1 ? found[0].description : std::to_string(found.size()) + " 处";
}

TEST(CalendarCheckTest, WhatIsWrongIsSaid) {
  const struct {
    const char* more;
    const char* complaint;
  } kCases[] = {
      {R"(makeup_workdays { year: 2025 month: 2 day: 30 })",
       "工作日历2025年：调休上班日：日期“2025-02-30”不存在，请核对月和日"},
      {R"(makeup_workdays { year: 2025 month: 1 day: 27 })",
       "工作日历2025年：调休上班日2025年1月27日不是星期六或星期日"},
      {R"(makeup_workdays { year: 2026 month: 1 day: 4 })",
       "工作日历2025年：调休上班日：2026年1月4日不在本年内，跨年的假期应按年分别填写"},
      {R"(makeup_workdays { year: 2025 month: 1 day: 26 }
          makeup_workdays { year: 2025 month: 1 day: 26 })",
       "工作日历2025年：调休上班日2025年1月26日重复"},
      {R"(holidays { display_name: "又" first_date { year: 2025 month: 1 day: 1 }
          last_date { year: 2025 month: 1 day: 1 } })",
       "工作日历2025年：又：2025年1月1日与另一假期重复"},
      {R"(holidays { display_name: "倒" first_date { year: 2025 month: 5 day: 2 }
          last_date { year: 2025 month: 5 day: 1 } })",
       "工作日历2025年：倒：末日2025年5月1日早于首日2025年5月2日"},
      {R"(holidays { display_name: "周末" first_date { year: 2025 month: 5 day: 3 }
          last_date { year: 2025 month: 5 day: 4 } }
          makeup_workdays { year: 2025 month: 5 day: 4 })",
       "工作日历2025年：调休上班日2025年5月4日又列为放假"},
  };
  EXPECT_TRUE(CheckCalendar({Year(kSmallYear)}).empty());
  for (const auto& test : kCases) {
    EXPECT_EQ(Complaint({Year(std::string(kSmallYear) + test.more)}), test.complaint);
  }
}

TEST(CalendarCheckTest, YearsTwiceOrMissingBetweenOthersAreRefused) {
  v1::CalendarYear year = Year(kSmallYear);
  EXPECT_EQ(Complaint({year, year}), "工作日历2025年：重复");
  v1::CalendarYear later = Year(R"(year: 2027 notice_number: "文号" holidays { display_name: "元旦"
      first_date { year: 2027 month: 1 day: 1 } last_date { year: 2027 month: 1 day: 1 } })");
  EXPECT_EQ(Complaint({later, year}), "工作日历缺少2026年：2025年与2027年之间不应有空缺");
}

TEST(CalendarCheckTest, AYearWithoutNoticeNumberMustSaySo) {
  v1::CalendarYear year = Year(kSmallYear);
  year.clear_notice_number();
  EXPECT_EQ(Complaint({year}),
            "工作日历2025年：未填写放假通知文号；文号尚未录入的，应在 note 中说明");
  year.set_note("待录入");
  EXPECT_TRUE(CheckCalendar({year}).empty());
}

class WorkCalendarTest : public testing::Test {
 protected:
  // The shipped years.
  const std::unique_ptr<const Pack> pack_ = LoadShipped("qingdao");
  const WorkCalendar& calendar_ = pack_->calendar();
};

TEST_F(WorkCalendarTest, AYearWithoutDataIsRefusedAndSaysWhatToDo) {
  for (const CivilDay day : {CivilDay(2027, 1, 4), CivilDay(2024, 12, 31)}) {
    const auto answer = calendar_.IsWorkday(day);
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(status::ReasonOf(answer.status()), options::v1::ERROR_REASON_CALENDAR_MISSING);
  }
  EXPECT_NE(std::string(calendar_.IsWorkday(CivilDay(2027, 1, 4)).status().message())
                .find("工作日历没有2027年的数据"),
            std::string::npos);
  for (const v1::WeekReading reading : kReadings) {
    const auto window = calendar_.Window(Quarter(2027, 1), 1, reading);
    EXPECT_EQ(status::ReasonOf(window.status()), options::v1::ERROR_REASON_CALENDAR_MISSING);
  }
  EXPECT_FALSE(calendar_.AddWorkdays(CivilDay(2026, 12, 31), 1).ok());
  EXPECT_FALSE(calendar_.AddWorkdays(CivilDay(2025, 1, 1), -1).ok());
  EXPECT_FALSE(calendar_.WorkdaysBetween(CivilDay(2026, 12, 1), CivilDay(2027, 1, 1)).ok());
  EXPECT_FALSE(calendar_.NthWorkday(CivilDay(2026, 12, 28), 5).ok());
}

TEST_F(WorkCalendarTest, QuartersAndYearsHaveThePublishedNumberOfWorkdays) {
  const int kExpected[2][4] = {{59, 61, 67, 61}, {59, 61, 66, 62}};
  for (int y = 0; y < 2; ++y) {
    int total = 0;
    for (int q = 1; q <= 4; ++q) {
      const Quarter quarter(2025 + y, q);
      const int count = *calendar_.WorkdaysBetween(quarter.FirstDay(), quarter.LastDay());
      EXPECT_EQ(count, kExpected[y][q - 1]) << quarter.Id();
      total += count;
    }
    EXPECT_EQ(total, 248);
  }
}

TEST_F(WorkCalendarTest, MakeUpDaysAreWorkdaysAndHolidaysAreNot) {
  for (const CivilDay day :
       {CivilDay(2025, 1, 26), CivilDay(2025, 2, 8), CivilDay(2025, 4, 27), CivilDay(2025, 9, 28),
        CivilDay(2025, 10, 11), CivilDay(2026, 1, 4), CivilDay(2026, 2, 14), CivilDay(2026, 2, 28),
        CivilDay(2026, 5, 9), CivilDay(2026, 9, 20), CivilDay(2026, 10, 10)}) {
    EXPECT_TRUE(*calendar_.IsWorkday(day)) << FormatDate(day);
  }
  for (const CivilDay day : {CivilDay(2025, 1, 28), CivilDay(2025, 2, 4), CivilDay(2025, 10, 8),
                             CivilDay(2026, 1, 2), CivilDay(2026, 2, 23), CivilDay(2026, 9, 25),
                             CivilDay(2025, 1, 25), CivilDay(2026, 10, 11)}) {
    EXPECT_FALSE(*calendar_.IsWorkday(day)) << FormatDate(day);
  }
}

TEST(LeapYearTest, TheLeapDayCountsByItsWeekday) {
  const auto calendar = WorkCalendar::Make({Year(R"(year: 2028 note: "试验" holidays {
      display_name: "元旦" first_date { year: 2028 month: 1 day: 1 }
      last_date { year: 2028 month: 1 day: 1 } })")});
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  EXPECT_TRUE(*calendar->IsWorkday(CivilDay(2028, 2, 29)));  // a Tuesday
  EXPECT_EQ(*calendar->WorkdaysBetween(CivilDay(2028, 2, 28), CivilDay(2028, 3, 1)), 3);
  EXPECT_TRUE(calendar->IsWorkday(CivilDay(2028, 12, 31)).ok());
}

TEST_F(WorkCalendarTest, ADayIsWhatTheNoticeMakesOfIt) {
  const struct {
    CivilDay day;
    DayKind kind;
  } kCases[] = {
      {CivilDay(2025, 4, 3), DayKind::kWorkday},
      {CivilDay(2025, 4, 4), DayKind::kHoliday},
      // The Sunday of Qingming is a holiday, the Sunday after a weekend, the one of 27 April
      // worked.
      {CivilDay(2025, 4, 6), DayKind::kHoliday},
      {CivilDay(2025, 4, 13), DayKind::kWeekend},
      {CivilDay(2025, 4, 27), DayKind::kMakeupWorkday},
      {CivilDay(2025, 12, 31), DayKind::kWorkday},
  };
  for (const auto& one : kCases) {
    const auto kind = calendar_.KindOf(one.day);
    ASSERT_TRUE(kind.ok()) << kind.status();
    EXPECT_EQ(static_cast<int>(*kind), static_cast<int>(one.kind)) << FormatDate(one.day);
  }
  EXPECT_EQ(status::ReasonOf(calendar_.KindOf(CivilDay(2027, 1, 1)).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST_F(WorkCalendarTest, ADayOffHasItsHolidaysName) {
  EXPECT_EQ(*calendar_.HolidayOn(CivilDay(2025, 4, 3)), "");
  EXPECT_EQ(*calendar_.HolidayOn(CivilDay(2025, 4, 4)), "清明节");
  EXPECT_EQ(*calendar_.HolidayOn(CivilDay(2025, 4, 6)), "清明节") << "a Sunday in it";
  EXPECT_EQ(*calendar_.HolidayOn(CivilDay(2025, 4, 13)), "") << "a Sunday";
  EXPECT_EQ(*calendar_.HolidayOn(CivilDay(2025, 4, 27)), "") << "a Sunday on which people work";
  EXPECT_EQ(status::ReasonOf(calendar_.HolidayOn(CivilDay(2027, 1, 1)).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
}

TEST_F(WorkCalendarTest, AddingWorkdaysGoesOverWeekendsHolidaysAndYears) {
  EXPECT_EQ(*calendar_.AddWorkdays(CivilDay(2025, 4, 3), 1), CivilDay(2025, 4, 7));
  EXPECT_EQ(*calendar_.AddWorkdays(CivilDay(2025, 4, 7), -1), CivilDay(2025, 4, 3));
  EXPECT_EQ(*calendar_.AddWorkdays(CivilDay(2025, 4, 5), 0), CivilDay(2025, 4, 5));
  EXPECT_EQ(*calendar_.AddWorkdays(CivilDay(2025, 12, 31), 1), CivilDay(2026, 1, 4));
  EXPECT_EQ(*calendar_.AddWorkdays(CivilDay(2026, 1, 4), -1), CivilDay(2025, 12, 31));
  EXPECT_EQ(*calendar_.NthWorkday(CivilDay(2025, 10, 1), 1), CivilDay(2025, 10, 9));
  EXPECT_EQ(*calendar_.NthWorkday(CivilDay(2025, 10, 9), 1), CivilDay(2025, 10, 9));
  EXPECT_EQ(*calendar_.WorkdaysBetween(CivilDay(2025, 4, 3), CivilDay(2025, 4, 2)), 0);
  EXPECT_FALSE(calendar_.NthWorkday(CivilDay(2025, 10, 1), 0).ok());
}

TEST_F(WorkCalendarTest, DefaultReadingGivesThePublishedWeeks) {
  const struct {
    const char* quarter;
    const char *week1_first, *week1_last, *week6_first, *week6_last;
  } kExpected[] = {
      {"2025q1", "2025-01-02", "2025-01-08", "2025-02-12", "2025-02-18"},
      {"2025q2", "2025-04-01", "2025-04-08", "2025-05-09", "2025-05-15"},
      {"2025q3", "2025-07-01", "2025-07-07", "2025-08-05", "2025-08-11"},
      {"2025q4", "2025-10-09", "2025-10-14", "2025-11-12", "2025-11-18"},
      {"2026q1", "2026-01-04", "2026-01-08", "2026-02-06", "2026-02-12"},
      {"2026q2", "2026-04-01", "2026-04-08", "2026-05-11", "2026-05-15"},
      {"2026q3", "2026-07-01", "2026-07-07", "2026-08-05", "2026-08-11"},
      {"2026q4", "2026-10-08", "2026-10-13", "2026-11-11", "2026-11-17"},
  };
  for (const auto& test : kExpected) {
    const Quarter quarter = *Quarter::Parse(test.quarter);
    const auto first = calendar_.Window(quarter, 1, v1::WEEK_READING_WORKDAY_BLOCKS);
    const auto sixth = calendar_.Window(quarter, 6, v1::WEEK_READING_WORKDAY_BLOCKS);
    ASSERT_TRUE(first.ok() && sixth.ok()) << test.quarter;
    EXPECT_EQ(FormatDate(first->first_day), test.week1_first) << test.quarter;
    EXPECT_EQ(FormatDate(first->last_day), test.week1_last) << test.quarter;
    EXPECT_EQ(FormatDate(sixth->first_day), test.week6_first) << test.quarter;
    EXPECT_EQ(FormatDate(sixth->last_day), test.week6_last) << test.quarter;
    EXPECT_EQ(sixth->deadline, time::EndOfDay(sixth->last_day));
    EXPECT_EQ(sixth->workdays, 5);
  }
}

TEST_F(WorkCalendarTest, TheDerivationSaysHowTheDeadlineCameAbout) {
  EXPECT_EQ(calendar_.Window(Quarter(2025, 2), 2, v1::WEEK_READING_WORKDAY_BLOCKS)->derivation,
            "第2周＝2025年第二季度第6—10个工作日（4月9日—4月15日）；清明节4月4日—4月6日放假；"
            "截止2025年4月15日23:59:59（含）；依据国办发明电〔2024〕12号");
  EXPECT_EQ(calendar_.Window(Quarter(2025, 4), 1, v1::WEEK_READING_WORKDAY_BLOCKS)->derivation,
            "第1周＝2025年第四季度第1—5个工作日（10月9日—10月14日）；国庆节、中秋节10月1日—10月8日"
            "放假；10月11日调休上班；截止2025年10月14日23:59:59（含）；依据国办发明电〔2024〕12号");
  EXPECT_EQ(
      calendar_.Window(Quarter(2025, 4), 2, v1::WEEK_READING_SEVEN_DAY_BLOCKS)->derivation,
      "第2周＝2025年第四季度第8—14日（10月8日—10月14日）；其中工作日自10月9日至10月14日，共5个；"
      "国庆节、中秋节10月1日—10月8日放假；10月11日调休上班；截止2025年10月14日23:59:59（含）；"
      "依据国办发明电〔2024〕12号");
  // Nobody has entered the notice's number for 2026: the text must not pretend otherwise.
  EXPECT_EQ(calendar_.Window(Quarter(2026, 3), 1, v1::WEEK_READING_ISO_WEEKS)->derivation,
            "第1周＝2026年第三季度第1个ISO周（7月1日—7月5日）；其中工作日自7月1日至7月3日，共3个；"
            "截止2026年7月3日23:59:59（含）；依据2026年部分节假日安排（文号待录入）");
}

TEST_F(WorkCalendarTest, ATermEndsAfterItsWorkdaysAndSaysWhy) {
  const auto term = calendar_.TermAfter(CivilDay(2025, 4, 1), 5);
  ASSERT_TRUE(term.ok()) << term.status();
  EXPECT_EQ(term->last_day, CivilDay(2025, 4, 9));
  EXPECT_EQ(term->deadline, time::EndOfDay(CivilDay(2025, 4, 9)));
  EXPECT_EQ(term->derivation,
            "自2025年4月1日起5个工作日（当日不计）；清明节4月4日—4月6日放假；"
            "截止2025年4月9日23:59:59（含）；依据国办发明电〔2024〕12号");
  // Over the end of a year both notices count, and a make-up workday is named.
  const auto over = calendar_.TermAfter(CivilDay(2025, 12, 30), 3);
  ASSERT_TRUE(over.ok()) << over.status();
  EXPECT_EQ(over->last_day, CivilDay(2026, 1, 5));
  EXPECT_NE(over->derivation.find("元旦1月1日—1月3日放假；1月4日调休上班"), std::string::npos);
  EXPECT_NE(over->derivation.find("依据国办发明电〔2024〕12号"), std::string::npos);
  EXPECT_NE(over->derivation.find("依据2026年"), std::string::npos);
  // From the last day of a year the next one's calendar is all there is to say.
  const auto next = calendar_.TermAfter(CivilDay(2025, 12, 31), 1);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->last_day, CivilDay(2026, 1, 4));
  EXPECT_EQ(next->derivation.find("2024"), std::string::npos);
  EXPECT_EQ(status::ReasonOf(calendar_.TermAfter(CivilDay(2026, 12, 31), 1).status()),
            options::v1::ERROR_REASON_CALENDAR_MISSING);
  EXPECT_EQ(calendar_.TermAfter(CivilDay(2025, 4, 1), 0).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(WorkCalendarTest, AWeekWithoutAWorkdayIsReportedAndNotGuessed) {
  for (const int year : {2025, 2026}) {
    const auto window = calendar_.Window(Quarter(year, 4), 1, v1::WEEK_READING_SEVEN_DAY_BLOCKS);
    EXPECT_EQ(window.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(std::string(window.status().message()).find("没有一个工作日"), std::string::npos);
  }
}

TEST_F(WorkCalendarTest, WeeksTheQuarterDoesNotHaveAreRefused) {
  for (const v1::WeekReading reading : kReadings) {
    for (const int week : {-1, 0, 15, 1000000000}) {
      EXPECT_EQ(status::ReasonOf(calendar_.Window(Quarter(2025, 2), week, reading).status()),
                options::v1::ERROR_REASON_INVALID_FIELD);
    }
  }
  EXPECT_FALSE(calendar_.Window(Quarter(2025, 2), 1, v1::WEEK_READING_UNSPECIFIED).ok());
}

// The readings once more, as a person would do it: a list of the quarter's days, each with its
// week.
std::optional<int> WeekByHand(CivilDay day, const std::vector<CivilDay>& days, bool workday,
                              int workdays_so_far, v1::WeekReading reading) {
  int mondays = 0;
  int thursdays = 0;
  for (const CivilDay d : days) {
    if (d > day) {
      break;
    }
    mondays += absl::GetWeekday(d) == absl::Weekday::monday ? 1 : 0;
  }
  switch (reading) {
    case v1::WEEK_READING_WORKDAY_BLOCKS:
      if (!workday) {
        return std::nullopt;
      }
      return (workdays_so_far + 4) / 5;
    case v1::WEEK_READING_SEVEN_DAY_BLOCKS:
      return (std::find(days.begin(), days.end(), day) - days.begin()) / 7 + 1;
    case v1::WEEK_READING_FROM_FIRST_MONDAY:
      if (mondays == 0) {
        return std::nullopt;
      }
      return mondays;
    default: {
      // The Thursday of this day's week decides where the week belongs, and which it is there.
      CivilDay thursday = day;
      while (absl::GetWeekday(thursday) > absl::Weekday::thursday) {
        --thursday;
      }
      while (absl::GetWeekday(thursday) < absl::Weekday::thursday) {
        ++thursday;
      }
      if (thursday < days.front() || thursday > days.back()) {
        return std::nullopt;
      }
      for (const CivilDay d : days) {
        thursdays += d <= thursday && absl::GetWeekday(d) == absl::Weekday::thursday ? 1 : 0;
      }
      return thursdays;
    }
  }
}

// The notices once more, as text: dates of this form compare as days do.
bool WorkdayByHand(CivilDay civil) {
  const std::vector<std::pair<std::string, std::string>> off = {
      {"2025-01-01", "2025-01-01"}, {"2025-01-28", "2025-02-04"}, {"2025-04-04", "2025-04-06"},
      {"2025-05-01", "2025-05-05"}, {"2025-05-31", "2025-06-02"}, {"2025-10-01", "2025-10-08"},
      {"2026-01-01", "2026-01-03"}, {"2026-02-15", "2026-02-23"}, {"2026-04-04", "2026-04-06"},
      {"2026-05-01", "2026-05-05"}, {"2026-06-19", "2026-06-21"}, {"2026-09-25", "2026-09-27"},
      {"2026-10-01", "2026-10-07"}};
  const std::vector<std::string> work = {"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28",
                                         "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28",
                                         "2026-05-09", "2026-09-20", "2026-10-10"};
  const std::string day = FormatDate(civil);
  if (std::find(work.begin(), work.end(), day) != work.end()) {
    return true;
  }
  for (const auto& [first, last] : off) {
    if (day >= first && day <= last) {
      return false;
    }
  }
  return absl::GetWeekday(civil) != absl::Weekday::saturday &&
         absl::GetWeekday(civil) != absl::Weekday::sunday;
}

TEST_F(WorkCalendarTest, EveryReadingAgreesWithCountingByHand) {
  for (Quarter quarter(2025, 1); quarter.year() < 2027; quarter = quarter.Plus(1)) {
    std::vector<CivilDay> days;
    for (CivilDay day = quarter.FirstDay(); day <= quarter.LastDay(); ++day) {
      days.push_back(day);
    }
    for (const v1::WeekReading reading : kReadings) {
      for (int week = 1; week <= 14; ++week) {
        std::vector<CivilDay> inside;
        bool exists = false;
        int so_far = 0;
        for (const CivilDay day : days) {
          const bool workday = WorkdayByHand(day);
          so_far += workday ? 1 : 0;
          if (WeekByHand(day, days, workday, so_far, reading) == week) {
            exists = true;
            if (workday) {
              inside.push_back(day);
            }
          }
        }
        SCOPED_TRACE(quarter.Id() + " " + v1::WeekReading_Name(reading) + " week " +
                     std::to_string(week));
        const auto window = calendar_.Window(quarter, week, reading);
        if (!exists) {
          EXPECT_EQ(window.status().code(), absl::StatusCode::kInvalidArgument);
        } else if (inside.empty()) {
          EXPECT_EQ(window.status().code(), absl::StatusCode::kFailedPrecondition);
        } else {
          ASSERT_TRUE(window.ok()) << window.status();
          EXPECT_EQ(window->first_day, inside.front());
          EXPECT_EQ(window->last_day, inside.back());
          EXPECT_EQ(window->workdays, static_cast<int>(inside.size()));
        }
      }
    }
  }
}

}  // namespace
}  // namespace chanyan::policy
