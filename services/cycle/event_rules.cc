#include "services/cycle/event_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

constexpr int kLongestEventDays = 31;

absl::Status Closed(absl::string_view message) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WINDOW_CLOSED, message);
}

}  // namespace

std::vector<status::Violation> EventViolations(const v1::Event& event) {
  std::vector<status::Violation> violations;
  const absl::Time start = time::ToTime(event.start_time());
  if (event.has_end_time() && time::ToTime(event.end_time()) < start) {
    violations.push_back({"end_time", "结束时间不得早于开始时间"});
  }
  if (event.has_sign_up_until() && time::ToTime(event.sign_up_until()) > start) {
    violations.push_back({"sign_up_until", "报名截止不得晚于开始时间"});
  }
  return violations;
}

std::vector<status::Violation> UpdateViolations(const v1::Event& before, const v1::Event& after,
                                                int64_t taken) {
  std::vector<status::Violation> violations = EventViolations(after);
  if (after.kind() == v1::EVENT_KIND_UNSPECIFIED) {
    violations.push_back({"kind", "活动类型不能为空"});
  }
  if (after.title().empty()) violations.push_back({"title", "活动名称不能为空"});
  if (after.place().empty()) violations.push_back({"place", "地点不能为空"});
  if (time::ToTime(after.start_time()) != time::ToTime(before.start_time())) {
    violations.push_back({"start_time", "开始时间请用“改期”调整，并说明原因"});
  }
  if (!std::equal(before.organizations().begin(), before.organizations().end(),
                  after.organizations().begin(), after.organizations().end())) {
    violations.push_back({"organizations", "增加受邀单位请用“邀请”办理"});
  }
  if (after.capacity() > 0 && after.capacity() < taken) {
    violations.push_back({"capacity", absl::StrCat("容纳人数不得少于已报名的", taken,
                                                   "人；确需减少的，请先与报名单位"
                                                   "联系")});
  }
  return violations;
}

absl::Status RefuseHolidays(const policy::WorkCalendar& calendar, absl::Time start, absl::Time end,
                            absl::string_view prefix) {
  const absl::CivilDay first = time::DayOf(start);
  const absl::CivilDay last = std::max(first, time::DayOf(end));
  // Longer ones are not an event of some days, but are not looked through either.
  for (absl::CivilDay day = first; day <= last && day - first < kLongestEventDays; ++day) {
    if (!calendar.HasYear(static_cast<int>(day.year()))) continue;
    CHANYAN_ASSIGN_OR_RETURN(const std::string holiday, calendar.HolidayOn(day));
    if (holiday.empty()) continue;
    const absl::StatusOr<absl::CivilDay> next = calendar.NthWorkday(day, 1);
    return status::InvalidField(
        absl::StrCat(prefix, day == first ? "start_time" : "end_time"),
        absl::StrCat(
            "活动", day == first ? "开始日" : "期间的", time::FormatDateZh(day), "为", holiday,
            "假期，请另选日期",
            next.ok() ? absl::StrCat("，其后的第一个工作日是", time::FormatDateZh(*next)) : ""));
  }
  return absl::OkStatus();
}

absl::Time SignUpEnd(const v1::Event& event) {
  return time::ToTime(event.has_sign_up_until() ? event.sign_up_until() : event.start_time());
}

absl::Status RequireSignUp(const v1::Event& event, int64_t taken, int32_t people, absl::Time now) {
  if (event.state() != v1::EVENT_STATE_PLANNED) {
    return status::WrongState(
        absl::StrCat("活动“", event.title(), "”",
                     event.state() == v1::EVENT_STATE_HELD ? "已举办" : "已取消", "，不能再报名"));
  }
  if (now > SignUpEnd(event)) {
    return Closed(absl::StrCat("活动“", event.title(), "”的报名已于",
                               SpokenToTheMinute(SignUpEnd(event)),
                               "截止；确需参加的，请与主办单位联系"));
  }
  if (event.capacity() > 0 && taken + people > event.capacity()) {
    const int64_t left = event.capacity() - taken;
    return status::WrongState(absl::StrCat("活动“", event.title(), "”限", event.capacity(),
                                           "人，已报", taken, "人，尚余", left > 0 ? left : 0,
                                           "个名额"));
  }
  return absl::OkStatus();
}

absl::Status RequireBegun(const v1::Event& event, absl::Time now, absl::string_view what) {
  if (event.state() == v1::EVENT_STATE_CANCELLED) {
    return status::WrongState(absl::StrCat("活动“", event.title(), "”已取消，不能", what));
  }
  const absl::Time start = time::ToTime(event.start_time());
  if (now >= start) return absl::OkStatus();
  return Closed(absl::StrCat("活动“", event.title(), "”于", SpokenToTheMinute(start),
                             "开始，现在还不能", what));
}

absl::Status PostponeTo(absl::Time start, absl::Time end, absl::Time now, v1::Event* event) {
  if (start <= now) {
    return status::InvalidField("start_time", "改期后的开始时间须晚于现在");
  }
  const absl::Duration moved = start - time::ToTime(event->start_time());
  const auto move = [moved](google::protobuf::Timestamp* time) {
    *time = time::ToTimestamp(time::ToTime(*time) + moved);
  };
  if (event->has_sign_up_until()) move(event->mutable_sign_up_until());
  if (end != absl::InfinitePast()) {
    if (end < start) return status::InvalidField("end_time", "结束时间不得早于开始时间");
    *event->mutable_end_time() = time::ToTimestamp(end);
  } else if (event->has_end_time()) {
    move(event->mutable_end_time());
  }
  *event->mutable_start_time() = time::ToTimestamp(start);
  return absl::OkStatus();
}

v1::EventLine LineOf(const v1::Event& event) {
  v1::EventLine line;
  line.set_kind(event.kind());
  line.set_title(event.title());
  *line.mutable_start_time() = event.start_time();
  if (event.has_end_time()) *line.mutable_end_time() = event.end_time();
  line.set_place(event.place());
  *line.mutable_co_hosts() = event.co_host_titles();
  line.set_state(event.state());
  line.set_summary(event.state() == v1::EVENT_STATE_CANCELLED
                       ? absl::StrCat("取消原因：", event.reason())
                       : event.summary());
  return line;
}

void AddToLine(const v1::EventParticipant& participant, v1::EventLine* line) {
  if (participant.invited()) line->set_invited_count(line->invited_count() + 1);
  if (participant.state() == v1::PARTICIPANT_STATE_ATTENDED) {
    line->set_attended_count(line->attended_count() + 1);
  }
}

void AddToLine(const v1::EventOutcome& outcome, v1::EventLine* line) {
  line->set_outcome_count(line->outcome_count() + 1);
  if (outcome.kind() == v1::EVENT_OUTCOME_KIND_CASE) line->add_cases(outcome.title());
}

void CountEvent(v1::EventState state, v1::EventResults* results) {
  switch (state) {
    case v1::EVENT_STATE_HELD:
      results->set_held_count(results->held_count() + 1);
      return;
    case v1::EVENT_STATE_CANCELLED:
      results->set_cancelled_count(results->cancelled_count() + 1);
      return;
    default:
      results->set_planned_count(results->planned_count() + 1);
      return;
  }
}

void CountParticipant(const v1::EventParticipant& participant, v1::EventResults* results) {
  if (participant.invited()) results->set_invited_count(results->invited_count() + 1);
  switch (participant.state()) {
    case v1::PARTICIPANT_STATE_SIGNED_UP:
      results->set_signed_up_count(results->signed_up_count() + 1);
      return;
    case v1::PARTICIPANT_STATE_ATTENDED:
      results->set_attended_count(results->attended_count() + 1);
      return;
    case v1::PARTICIPANT_STATE_ABSENT:
      results->set_absent_count(results->absent_count() + 1);
      return;
    default:
      return;
  }
}

void CountOutcomes(const std::vector<v1::EventOutcome>& outcomes, v1::EventResults* results) {
  std::map<v1::EventOutcomeKind, int32_t> counts;
  std::set<std::string> projects;
  for (const v1::EventOutcome& outcome : outcomes) {
    ++counts[outcome.kind()];
    if (!outcome.project().empty()) projects.insert(outcome.project());
  }
  for (const auto& [kind, count] : counts) {
    v1::EventOutcomeCount* line = results->add_outcomes();
    line->set_kind(kind);
    line->set_count(count);
  }
  results->set_project_count(static_cast<int32_t>(projects.size()));
}

}  // namespace chanyan::cycle
