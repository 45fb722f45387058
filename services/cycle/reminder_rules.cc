#include "services/cycle/reminder_rules.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"

namespace chanyan::cycle {
namespace {

using policy::v1::NotificationPlan;

// What a look a minute late is not: missed.
constexpr absl::Duration kPrompt = absl::Hours(1);

absl::Time AtHour(absl::CivilDay day, uint32_t hour) {
  return time::StartOfDay(day) + absl::Hours(hour);
}

absl::string_view Word(v1::NotificationKind kind) {
  switch (kind) {
    case v1::NOTIFICATION_KIND_REMINDER:
      return "before";
    case v1::NOTIFICATION_KIND_OVERDUE:
      return "after";
    default:
      return "escalate";
  }
}

// What people are reminded of: a step's end, or a term within it.
struct Deadline {
  int step = 0;
  absl::Time end;
  // Of its reminders' names: what it is besides the step's end, and which of several.
  std::string what = "";
  std::string which = "";
};

v1::Reminder ReminderOf(const v1::Cycle& cycle, const Deadline& deadline, v1::NotificationKind kind,
                        absl::Time time) {
  v1::Reminder reminder;
  reminder.set_name(
      absl::StrCat(cycle.name(), "/reminders/", deadline.step, "-", deadline.what, Word(kind), "-",
                   absl::FormatTime("%Y%m%d%H", time, time::Shanghai()), deadline.which));
  reminder.set_step(deadline.step);
  reminder.set_kind(kind);
  *reminder.mutable_schedule_time() = time::ToTimestamp(time);
  *reminder.mutable_deadline() = time::ToTimestamp(deadline.end);
  return reminder;
}

// Everything of a deadline that falls into years with a calendar; the first refusal for want of one
// goes to `missing`, any other ends it.
absl::Status PlanDeadline(const policy::WorkCalendar& calendar, const NotificationPlan& plan,
                          const v1::Cycle& cycle, const Deadline& deadline,
                          std::vector<v1::Reminder>* planned, absl::Status* missing) {
  const absl::Time end = deadline.end;
  const absl::CivilDay last = time::DayOf(end);
  const auto at = [&](int workdays, v1::NotificationKind kind) -> absl::Status {
    const absl::StatusOr<absl::CivilDay> day = calendar.AddWorkdays(last, workdays);
    if (!day.ok()) {
      if (status::ReasonOf(day.status()) != options::v1::ERROR_REASON_CALENDAR_MISSING) {
        return day.status();
      }
      missing->Update(day.status());
      return absl::OkStatus();
    }
    const absl::Time time = AtHour(*day, plan.hour());
    // A step that was closed in the morning is not reminded of at noon.
    const bool ahead = kind == v1::NOTIFICATION_KIND_REMINDER;
    if (ahead && time::IsPastDeadline(time, end)) return absl::OkStatus();
    planned->push_back(ReminderOf(cycle, deadline, kind, time));
    return absl::OkStatus();
  };
  for (const uint32_t days : plan.before_workdays()) {
    CHANYAN_RETURN_IF_ERROR(at(-static_cast<int>(days), v1::NOTIFICATION_KIND_REMINDER));
  }
  for (const uint32_t days : plan.after_workdays()) {
    CHANYAN_RETURN_IF_ERROR(at(static_cast<int>(days), v1::NOTIFICATION_KIND_OVERDUE));
  }
  if (plan.escalate_after_workdays() == 0) return absl::OkStatus();
  return at(static_cast<int>(plan.escalate_after_workdays()), v1::NOTIFICATION_KIND_ESCALATION);
}

// Those before `since` are nobody's; the others in the order in which they fire.
void DropAndSort(absl::Time since, std::vector<v1::Reminder>* planned) {
  std::erase_if(*planned, [since](const v1::Reminder& reminder) {
    return time::ToTime(reminder.schedule_time()) < since;
  });
  std::sort(planned->begin(), planned->end(), [](const v1::Reminder& a, const v1::Reminder& b) {
    return std::make_pair(time::ToTime(a.schedule_time()), a.name()) <
           std::make_pair(time::ToTime(b.schedule_time()), b.name());
  });
}

bool IsTooOld(const NotificationPlan& plan, absl::Duration age) {
  switch (plan.catch_up()) {
    case policy::v1::CATCH_UP_NONE:
      return age > kPrompt;
    case policy::v1::CATCH_UP_ALL:
    case policy::v1::CATCH_UP_LATEST:
    default:
      return age > kPrompt && age > absl::Hours(plan.catch_up_hours());
  }
}

}  // namespace

std::string SpokenTime(absl::Time time) {
  return absl::StrCat(time::FormatDateZh(time::DayOf(time)),
                      absl::FormatTime("%H:%M:%S", time, time::Shanghai()));
}

absl::StatusOr<std::vector<v1::Reminder>> PlanReminders(const policy::Pack& pack,
                                                        const v1::Cycle& cycle,
                                                        std::vector<UnplannedStep>* unplanned) {
  std::vector<v1::Reminder> planned;
  if (!pack.proto().has_notification_plan() || cycle.steps_size() != kSteps) return planned;
  const NotificationPlan& plan = pack.proto().notification_plan();
  for (int step = 1; step <= kSteps; ++step) {
    absl::Status missing;
    CHANYAN_RETURN_IF_ERROR(PlanDeadline(pack.calendar(), plan, cycle,
                                         {.step = step, .end = EndOf(cycle, step)}, &planned,
                                         &missing));
    if (missing.ok() || unplanned == nullptr) continue;
    unplanned->push_back({step, std::string(missing.message())});
  }
  DropAndSort(time::ToTime(cycle.open_time()), &planned);
  return planned;
}

absl::StatusOr<std::vector<v1::Reminder>> PlanPartReminders(const policy::Pack& pack,
                                                            const v1::Cycle& cycle,
                                                            const PartTerm& term,
                                                            std::vector<UnplannedStep>* unplanned) {
  std::vector<v1::Reminder> planned;
  if (!pack.proto().has_notification_plan()) return planned;
  absl::Status missing;
  CHANYAN_RETURN_IF_ERROR(
      PlanDeadline(pack.calendar(), pack.proto().notification_plan(), cycle,
                   {.step = kReportStep,
                    .end = term.end,
                    .what = "parts-",
                    .which = absl::FormatTime("-%Y%m%d%H%M%S", term.end, time::Shanghai())},
                   &planned, &missing));
  if (!missing.ok() && unplanned != nullptr) {
    unplanned->push_back({kReportStep, std::string(missing.message())});
  }
  DropAndSort(term.since, &planned);
  return planned;
}

std::vector<v1::Reminder> DueReminders(const NotificationPlan& plan,
                                       const std::vector<v1::Reminder>& planned,
                                       const std::set<std::string>& fired, absl::Time now) {
  std::vector<v1::Reminder> due;
  // The last one of each step and of those it speaks to.
  std::map<std::pair<int, bool>, size_t> last;
  for (const v1::Reminder& reminder : planned) {
    const absl::Time time = time::ToTime(reminder.schedule_time());
    if (time > now || fired.contains(reminder.name())) continue;
    const bool ahead = reminder.kind() == v1::NOTIFICATION_KIND_REMINDER;
    const bool over = time::IsPastDeadline(now, time::ToTime(reminder.deadline()));
    const bool escalation = reminder.kind() == v1::NOTIFICATION_KIND_ESCALATION;
    due.push_back(reminder);
    v1::Reminder& decided = due.back();
    if (IsTooOld(plan, now - time)) {
      decided.set_outcome(v1::REMINDER_OUTCOME_EXPIRED);
      continue;
    }
    decided.set_outcome(ahead && over ? v1::REMINDER_OUTCOME_SUPERSEDED
                                      : v1::REMINDER_OUTCOME_SENT);
    if (plan.catch_up() != policy::v1::CATCH_UP_LATEST ||
        decided.outcome() != v1::REMINDER_OUTCOME_SENT) {
      continue;
    }
    const auto [before, first] = last.try_emplace({reminder.step(), escalation}, due.size() - 1);
    if (!first) {
      due[before->second].set_outcome(v1::REMINDER_OUTCOME_SUPERSEDED);
      before->second = due.size() - 1;
    }
  }
  return due;
}

}  // namespace chanyan::cycle
