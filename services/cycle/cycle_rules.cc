#include "services/cycle/cycle_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_life.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

std::string StepInWords(const v1::Cycle& cycle, int number) {
  return absl::StrCat("第", number, "步“", StepOf(cycle, number).label(), "”");
}

absl::Status WindowClosed(absl::string_view message) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WINDOW_CLOSED, message);
}

// Of a step that was over when the cycle was opened.
bool IsExceptedForAll(const v1::Cycle& cycle, int number, absl::Time now) {
  const v1::Step& step = StepOf(cycle, number);
  return step.has_exception_until() &&
         !time::IsPastDeadline(now, time::ToTime(step.exception_until()));
}

bool HasDate(const google::type::Date& date) { return date.year() != 0; }

}  // namespace

absl::StatusOr<std::vector<v1::Step>> PlanSteps(const policy::Pack& pack, time::Quarter quarter) {
  const auto& plan = pack.proto().cycle_plan().steps();
  if (plan.size() != kSteps) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_RULE_VIOLATED,
        absl::StrCat("政策包“", pack.id(), "”的季度填报周期有 ", plan.size(), " 个步骤，应为 ",
                     kSteps, " 个；请先补全政策包"));
  }
  std::vector<v1::Step> steps;
  for (int i = 0; i < kSteps; ++i) {
    CHANYAN_ASSIGN_OR_RETURN(const policy::StepWindow window,
                             pack.StepWindowOf(quarter, plan[i].id()));
    v1::Step& step = steps.emplace_back();
    step.set_number(i + 1);
    step.set_label(plan[i].display_name());
    *step.mutable_first_day() = time::ToProto(window.first_day);
    *step.mutable_last_day() = time::ToProto(window.last_day);
    *step.mutable_deadline() = time::ToTimestamp(window.deadline);
    step.set_derivation(window.derivation);
    step.set_owner_role(plan[i].owner_role());
    *step.mutable_participant_roles() = plan[i].participant_roles();
    step.set_action(plan[i].action());
  }
  return steps;
}

const v1::Step& StepOf(const v1::Cycle& cycle, int number) {
  // A cycle that has lost a step in its table had it long ago: nothing can be done in it any more.
  if (number < 1 || number > cycle.steps_size()) return v1::Step::default_instance();
  return cycle.steps(number - 1);
}

v1::Step* MutableStepOf(v1::Cycle* cycle, int number) { return cycle->mutable_steps(number - 1); }

absl::Time BeginOf(const v1::Cycle& cycle, int number) {
  const absl::Time planned = time::StartOfDay(time::DayIn(StepOf(cycle, number).first_day()));
  if (number == 1 || !StepOf(cycle, number - 1).has_closed_early()) return planned;
  return std::min(planned, time::ToTime(StepOf(cycle, number - 1).closed_early()));
}

absl::Time EndOf(const v1::Cycle& cycle, int number) {
  const v1::Step& step = StepOf(cycle, number);
  return time::ToTime(step.has_closed_early() ? step.closed_early() : step.deadline());
}

bool IsInTime(const v1::Cycle& cycle, int number, absl::Time now) {
  const v1::Step& step = StepOf(cycle, number);
  // An early close is an instant; a deadline is the whole of its last second.
  if (step.has_closed_early()) return now < time::ToTime(step.closed_early());
  return !time::IsPastDeadline(now, time::ToTime(step.deadline()));
}

v1::StepState StepStateAt(const v1::Cycle& cycle, int number, absl::Time now) {
  if (!IsInTime(cycle, number, now)) return v1::STEP_STATE_CLOSED;
  return now < BeginOf(cycle, number) ? v1::STEP_STATE_PENDING : v1::STEP_STATE_OPEN;
}

v1::Cycle AsOf(v1::Cycle cycle, absl::Time now) {
  for (int number = 1; number <= cycle.steps_size(); ++number) {
    MutableStepOf(&cycle, number)->set_state(StepStateAt(cycle, number, now));
  }
  const bool ended =
      cycle.steps_size() == kSteps && StepOf(cycle, kPublishStep).state() == v1::STEP_STATE_CLOSED;
  cycle.set_state(ended ? v1::CYCLE_STATE_CLOSED : v1::CYCLE_STATE_OPEN);
  return cycle;
}

absl::Status RequireWindow(const v1::Cycle& cycle, int first, int last, absl::Time now,
                           absl::string_view what) {
  if (now < BeginOf(cycle, first)) {
    return WindowClosed(absl::StrCat(StepInWords(cycle, first), "自",
                                     SpokenToTheSecond(BeginOf(cycle, first)), "开始，现在还不能",
                                     what));
  }
  if (last != 0 && !IsInTime(cycle, last, now) && !IsExceptedForAll(cycle, last, now)) {
    return WindowClosed(absl::StrCat(StepInWords(cycle, last), "已于",
                                     SpokenToTheSecond(EndOf(cycle, last)), "截止，不能再", what));
  }
  return absl::OkStatus();
}

absl::Status RequireFormWindow(const v1::Cycle& cycle, const v1::Form& form, absl::Time now,
                               absl::string_view what) {
  if (form.has_exception_until() &&
      !time::IsPastDeadline(now, time::ToTime(form.exception_until()))) {
    return absl::OkStatus();
  }
  const absl::Status open = RequireWindow(cycle, kReportStep, kReportStep, now, what);
  if (open.ok() || now < BeginOf(cycle, kReportStep)) return open;
  return WindowClosed(
      absl::StrCat(open.message(), "；确需补报的，请向高校理事会秘书处申请逾期补报许可"));
}

absl::Status RequireReturnWindow(const v1::Cycle& cycle, int last,
                                 std::optional<absl::Time> exception, absl::Time now,
                                 absl::string_view what) {
  const absl::Status open = RequireWindow(cycle, kDistributeStep, last, now, what);
  if (open.ok() || now < BeginOf(cycle, kDistributeStep)) return open;
  if (exception.has_value() && !time::IsPastDeadline(now, *exception)) return absl::OkStatus();
  return WindowClosed(absl::StrCat(
      open.message(), "；确需补报的，请向责任单位或高校理事会秘书处申请企业逾期补报许可"));
}

absl::Status CloseStepAt(absl::Time now, int number, absl::string_view reason, v1::Cycle* cycle) {
  CHANYAN_RETURN_IF_ERROR(
      policy::Next(StepLife(), StepStateAt(*cycle, number, now), "closeStep").status());
  v1::Step* step = MutableStepOf(cycle, number);
  *step->mutable_closed_early() = time::ToTimestamp(now);
  step->set_reason(std::string(reason));
  return absl::OkStatus();
}

absl::Status ExtendStepTo(const policy::WorkCalendar& calendar, absl::CivilDay last_day,
                          absl::Time now, int number, absl::string_view reason, v1::Cycle* cycle) {
  CHANYAN_RETURN_IF_ERROR(
      policy::Next(StepLife(), StepStateAt(*cycle, number, now), "extendStep").status());
  v1::Step* step = MutableStepOf(cycle, number);
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay present, time::ToCivilDay(step->last_day()));
  if (last_day <= present) {
    return status::InvalidField(
        "last_day", absl::StrCat("新截止日须晚于现截止日", time::FormatDateZh(present)));
  }
  CHANYAN_ASSIGN_OR_RETURN(const bool works, calendar.IsWorkday(last_day));
  if (!works) {
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay next, calendar.NthWorkday(last_day, 1));
    return status::InvalidField(
        "last_day",
        absl::StrCat("新截止日", time::FormatDateZh(last_day),
                     "不是工作日，请改为工作日，其后的第一个工作日是", time::FormatDateZh(next)));
  }
  *step->mutable_last_day() = time::ToProto(last_day);
  *step->mutable_deadline() = time::ToTimestamp(time::EndOfDay(last_day));
  step->set_reason(std::string(reason));
  absl::StrAppend(step->mutable_derivation(), "；由", time::FormatDateZh(present), "延期至",
                  time::FormatDateZh(last_day));
  return absl::OkStatus();
}

absl::Status CheckExtension(const policy::Pack& pack, const v1::Cycle& extended, int number) {
  const policy::v1::CyclePlan& plan = pack.proto().cycle_plan();
  if (!plan.has_extension_limit()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(absl::string_view(extended.name()).substr(7)));
  absl::CivilDay latest = quarter.LastDay();
  std::string which = "本季度末日";
  // Leave to be late ends with the quarter, too.
  std::string otherwise;
  if (plan.extension_limit().end() == policy::v1::EXTENSION_END_NEXT_STEP && number < kSteps) {
    const absl::CivilDay next = time::DayIn(StepOf(extended, number + 1).last_day());
    if (next < latest) {
      latest = next;
      which = absl::StrCat(StepInWords(extended, number + 1), "的截止日");
      otherwise = "；仍来不及的，请对有关单位准予逾期补报，或先延长后一步骤";
    }
  }
  if (time::DayIn(StepOf(extended, number).last_day()) <= latest) return absl::OkStatus();
  return status::InvalidField("last_day",
                              absl::StrCat(StepInWords(extended, number), "最晚延期至", which,
                                           time::FormatDateZh(latest), otherwise));
}

absl::Status CheckExceptionEnd(const v1::Cycle& cycle, absl::Time now, absl::Time until) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(absl::string_view(cycle.name()).substr(7)));
  const absl::Time end = time::EndOfDay(quarter.LastDay());
  if (until <= now) {
    return status::InvalidField("until",
                                absl::StrCat("补报截止须晚于现在（", SpokenToTheSecond(now), "）"));
  }
  if (time::IsPastDeadline(until, end)) {
    return status::InvalidField(
        "until", absl::StrCat("补报截止不得晚于本季度末（", SpokenToTheSecond(end), "）"));
  }
  return absl::OkStatus();
}

std::vector<status::Violation> RowViolations(const policy::Pack& pack, const v1::Row& row,
                                             absl::CivilDay today) {
  std::vector<status::Violation> violations;
  const bool project = row.category() != v1::ROW_CATEGORY_INTENT;
  const std::string category = policy::LabelOf(row.category());
  if (project && row.enterprise().empty()) {
    violations.push_back(
        {"unified_social_credit_code", absl::StrCat(category, "须写明企业及其统一社会信用代码")});
  }
  if (project && row.title().empty()) {
    violations.push_back({"title", absl::StrCat(category, "须填写项目名称")});
  }
  if (project && row.kinds().empty()) {
    violations.push_back({"kinds", absl::StrCat(category, "须填写共建类型")});
  }
  if (project && !HasDate(row.sign_date())) {
    violations.push_back({"sign_date", absl::StrCat(category, "须填写签约日期")});
  }
  if (HasDate(row.sign_date())) {
    const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(row.sign_date());
    if (!day.ok()) {
      violations.push_back({"sign_date", "签约日期不是有效的日期"});
    } else if (*day > today) {
      violations.push_back({"sign_date", absl::StrCat("签约日期不能晚于填报当日（",
                                                      time::FormatDateZh(today), "）")});
    }
  }
  for (const std::string& kind : row.kinds()) {
    if (pack.FindCoBuildKindByName(kind) == nullptr) {
      violations.push_back({"kinds", absl::StrCat("“", kind, "”不在共建类型目录中")});
    }
  }
  if (row.no_change() && !row.progress().empty()) {
    violations.push_back(
        {"no_change",
         "最新进展和“本季度无变化”只能填一项：有进展的请删去“是”，无变化的请删去进展"});
  }
  if (row.category() == v1::ROW_CATEGORY_ONGOING && !row.no_change() && row.progress().empty()) {
    violations.push_back(
        {"progress", "在建项目须填写最新进展；没有进展的，请在“本季度无变化”填“是”"});
  }
  return violations;
}

pairing::v1::ProjectState ReportedState(const v1::Row& row) {
  switch (row.category()) {
    case v1::ROW_CATEGORY_NEW:
      return row.progress().empty() ? pairing::v1::PROJECT_STATE_SIGNED
                                    : pairing::v1::PROJECT_STATE_BUILDING;
    case v1::ROW_CATEGORY_ONGOING:
      return pairing::v1::PROJECT_STATE_BUILDING;
    default:
      return pairing::v1::PROJECT_STATE_INTENT;
  }
}

pairing::v1::Report ReportOf(const v1::Row& row) {
  pairing::v1::Report report;
  report.set_row(row.name());
  report.set_platform(row.platform());
  report.set_platform_title(row.platform_title());
  report.set_enterprise(row.enterprise());
  report.set_enterprise_title(row.enterprise_title());
  report.set_former_enterprise(row.former_enterprise());
  report.set_unit(row.unit());
  report.set_title(row.title());
  if (row.title().empty()) {
    // Two names of at most 120 characters each would not fit the title's 120.
    report.set_title("结对共建意向");
  }
  *report.mutable_kinds() = row.kinds();
  report.set_content(row.content());
  report.set_state(ReportedState(row));
  if (HasDate(row.sign_date())) *report.mutable_sign_date() = row.sign_date();
  report.set_progress(row.progress());
  report.set_no_change(row.no_change());
  report.set_problem(row.problem());
  return report;
}

}  // namespace chanyan::cycle
