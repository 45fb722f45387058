#include "services/cycle/late_opening_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

// Last day of the relief: so many workdays after the opening, within the quarter.
absl::StatusOr<absl::CivilDay> LastDayOfRelief(const policy::Pack& pack, absl::CivilDay opened,
                                               absl::CivilDay quarter_end) {
  const auto workdays = static_cast<int>(pack.proto().cycle_plan().late_opening().workdays());
  const absl::StatusOr<absl::CivilDay> day = pack.calendar().AddWorkdays(opened, workdays);
  if (day.ok()) return std::min(*day, quarter_end);
  // It lies in a year that has no calendar yet, and so behind the quarter.
  if (status::ReasonOf(day.status()) == options::v1::ERROR_REASON_CALENDAR_MISSING) {
    return quarter_end;
  }
  return day.status();
}

// The last workday from `first` to `day`; the day before `first` if there is none.
absl::StatusOr<absl::CivilDay> WorkdayUntil(const policy::WorkCalendar& calendar,
                                            absl::CivilDay day, absl::CivilDay first) {
  for (; day >= first; --day) {
    CHANYAN_ASSIGN_OR_RETURN(const bool works, calendar.IsWorkday(day));
    if (works) return day;
  }
  return first - 1;
}

std::string WhyLate(absl::Time opened) {
  return absl::StrCat("本周期于", SpokenToTheSecond(opened), "开启，开启时该步骤已过截止时间");
}

}  // namespace

absl::StatusOr<std::vector<LateStep>> RelieveLateSteps(const policy::Pack& pack, absl::Time opened,
                                                       v1::Cycle* cycle) {
  std::vector<LateStep> late;
  for (int number = 1; number <= kSteps; ++number) {
    if (StepStateAt(*cycle, number, opened) != v1::STEP_STATE_CLOSED) continue;
    late.push_back({number, EndOf(*cycle, number)});
  }
  const policy::v1::CyclePlan& plan = pack.proto().cycle_plan();
  const policy::v1::LateOpeningRelief relief = plan.late_opening().relief();
  const bool excepts = relief == policy::v1::LATE_OPENING_RELIEF_EXCEPTION;
  if (late.empty() || (!excepts && relief != policy::v1::LATE_OPENING_RELIEF_EXTENSION)) {
    return late;
  }
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(absl::string_view(cycle->name()).substr(7)));
  const absl::CivilDay today = time::DayOf(opened);
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay until,
                           LastDayOfRelief(pack, today, quarter.LastDay()));
  const bool by_next = plan.has_extension_limit() &&
                       plan.extension_limit().end() == policy::v1::EXTENSION_END_NEXT_STEP;
  for (auto one = late.rbegin(); one != late.rend(); ++one) {
    v1::Step* step = MutableStepOf(cycle, one->number);
    if (excepts) {
      *step->mutable_exception_until() = time::ToTimestamp(time::EndOfDay(until));
      step->set_exception_reason(WhyLate(opened));
      continue;
    }
    absl::CivilDay last = until;
    if (by_next && one->number < kSteps) {
      last = std::min(last, time::DayIn(StepOf(*cycle, one->number + 1).last_day()));
    }
    CHANYAN_ASSIGN_OR_RETURN(last, WorkdayUntil(pack.calendar(), last, today));
    const absl::CivilDay before = time::DayIn(step->last_day());
    if (last <= before || time::IsPastDeadline(opened, time::EndOfDay(last))) continue;
    *step->mutable_last_day() = time::ToProto(last);
    *step->mutable_deadline() = time::ToTimestamp(time::EndOfDay(last));
    step->set_reason(WhyLate(opened));
    absl::StrAppend(step->mutable_derivation(), "；", WhyLate(opened), "，由",
                    time::FormatDateZh(before), "延期至", time::FormatDateZh(last));
  }
  return late;
}

std::string LateStepsInWords(const v1::Cycle& cycle, const std::vector<LateStep>& late) {
  std::vector<std::string> all;
  bool open = false;
  for (const LateStep& one : late) {
    const v1::Step& step = StepOf(cycle, one.number);
    std::string words = absl::StrCat("第", one.number, "步“", step.label(), "”已于",
                                     SpokenToTheSecond(one.planned_end), "截止");
    if (step.has_exception_until()) {
      absl::StrAppend(&words, "，按政策包准予全体逾期补报至",
                      SpokenToTheSecond(time::ToTime(step.exception_until())), "，仍计逾期");
    } else if (EndOf(cycle, one.number) != one.planned_end) {
      absl::StrAppend(&words, "，按政策包延期至", SpokenToTheSecond(EndOf(cycle, one.number)));
    } else {
      open = true;
    }
    all.push_back(std::move(words));
  }
  return absl::StrCat(absl::StrJoin(all, "；"), "。",
                      open ? "未延期的步骤确需补办的，请对有关单位准予逾期补报。" : "");
}

}  // namespace chanyan::cycle
