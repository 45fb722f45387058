#include "services/triage/clock_rules.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::triage {
namespace {

struct Pause {
  absl::CivilDay first;
  // Last day that does not count.
  absl::CivilDay last;
};

// The clock as its events leave it at a moment.
struct State {
  bool begun = false;
  bool stopped = false;
  absl::Time stopped_at;
  std::string phase;
  absl::CivilDay start;
  int allowed = 0;
  int extended = 0;
  std::vector<Pause> pauses;
  // Of a pause without resumption.
  std::optional<absl::CivilDay> paused_since;
  int pause_workdays = 0;
};

absl::Time TimeOf(const v1::ClockEvent& event) { return time::ToTime(event.time()); }

// Ends a pause that has run to its end by `day`.
absl::Status EndPause(const policy::WorkCalendar& calendar, absl::Time now, State* state) {
  if (!state->paused_since.has_value()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last,
                           calendar.AddWorkdays(*state->paused_since, state->pause_workdays));
  if (!time::IsPastDeadline(now, time::EndOfDay(last))) return absl::OkStatus();
  state->pauses.push_back({*state->paused_since, last});
  state->paused_since.reset();
  return absl::OkStatus();
}

absl::Status Apply(const policy::WorkCalendar& calendar, const v1::ClockEvent& event,
                   State* state) {
  const absl::Time at = TimeOf(event);
  CHANYAN_RETURN_IF_ERROR(EndPause(calendar, at, state));
  const absl::CivilDay day = time::DayOf(at);
  switch (event.kind()) {
    case v1::CLOCK_EVENT_KIND_START:
      *state = State{};
      state->begun = true;
      state->phase = event.phase();
      state->start = day;
      state->allowed = event.workdays();
      break;
    case v1::CLOCK_EVENT_KIND_PAUSE:
      state->paused_since = day;
      state->pause_workdays = event.workdays();
      break;
    case v1::CLOCK_EVENT_KIND_RESUME:
      if (state->paused_since.has_value()) {
        state->pauses.push_back({*state->paused_since, day});
        state->paused_since.reset();
      }
      break;
    case v1::CLOCK_EVENT_KIND_EXTEND:
      state->allowed += event.workdays();
      state->extended += event.workdays();
      break;
    case v1::CLOCK_EVENT_KIND_STOP:
      state->stopped = true;
      state->stopped_at = at;
      break;
    default:
      break;
  }
  return absl::OkStatus();
}

absl::StatusOr<State> StateAt(const policy::WorkCalendar& calendar, const ClockEvents& events,
                              absl::Time as_of) {
  State state;
  for (const v1::ClockEvent& event : events) {
    if (TimeOf(event) > as_of) break;
    CHANYAN_RETURN_IF_ERROR(Apply(calendar, event, &state));
  }
  if (!state.stopped) CHANYAN_RETURN_IF_ERROR(EndPause(calendar, as_of, &state));
  return state;
}

// Workdays from the day after `first` to `last`.
absl::StatusOr<int> After(const policy::WorkCalendar& calendar, absl::CivilDay first,
                          absl::CivilDay last) {
  return calendar.WorkdaysBetween(first + 1, last);
}

absl::StatusOr<int> PausedWorkdays(const policy::WorkCalendar& calendar, const State& state,
                                   absl::CivilDay until) {
  int paused = 0;
  for (const Pause& pause : state.pauses) {
    CHANYAN_ASSIGN_OR_RETURN(const int days,
                             After(calendar, pause.first, std::min(pause.last, until)));
    paused += days;
  }
  if (state.paused_since.has_value()) {
    CHANYAN_ASSIGN_OR_RETURN(const int days, After(calendar, *state.paused_since, until));
    paused += days;
  }
  return paused;
}

}  // namespace

absl::StatusOr<v1::ClockReading> ReadClock(const policy::WorkCalendar& calendar,
                                           const ClockEvents& events, absl::Time as_of) {
  v1::ClockReading reading;
  *reading.mutable_as_of() = time::ToTimestamp(as_of);
  CHANYAN_ASSIGN_OR_RETURN(const State state, StateAt(calendar, events, as_of));
  if (!state.begun) {
    reading.set_derivation("尚未开始计时");
    return reading;
  }
  const absl::CivilDay today = time::DayOf(state.stopped ? state.stopped_at : as_of);
  reading.set_phase(state.phase);
  reading.set_stopped(state.stopped);
  reading.set_paused(!state.stopped && state.paused_since.has_value());
  reading.set_running(!reading.stopped() && !reading.paused());
  reading.set_allowed_workdays(state.allowed);
  CHANYAN_ASSIGN_OR_RETURN(const int passed, After(calendar, state.start, today));
  CHANYAN_ASSIGN_OR_RETURN(const int paused, PausedWorkdays(calendar, state, today));
  reading.set_used_workdays(passed - paused);
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term,
                           calendar.TermAfter(state.start, state.allowed + paused));
  reading.set_overdue(
      !reading.paused() &&
      time::IsPastDeadline(state.stopped ? state.stopped_at : as_of, term.deadline));
  if (reading.running()) *reading.mutable_due_time() = time::ToTimestamp(term.deadline);
  reading.set_derivation(absl::StrCat(
      term.derivation, paused > 0 ? absl::StrCat("；其中暂停", paused, "个工作日") : "",
      state.extended > 0 ? absl::StrCat("；含延长", state.extended, "个工作日") : "",
      reading.paused() ? "；现暂停计时" : "", reading.stopped() ? "；已停止计时" : ""));
  return reading;
}

absl::Status AddClockEvent(const policy::WorkCalendar& calendar, absl::Time now,
                           v1::ClockEventKind kind, absl::string_view phase, int workdays,
                           absl::string_view reason, absl::string_view organization,
                           ClockEvents* events) {
  const auto refuse = [](absl::string_view why) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, why);
  };
  CHANYAN_ASSIGN_OR_RETURN(const v1::ClockReading reading, ReadClock(calendar, *events, now));
  if (kind == v1::CLOCK_EVENT_KIND_PAUSE) {
    if (!reading.running()) return refuse("时限未在计时，不能暂停");
    if (reading.overdue()) return refuse("已经逾期，不能暂停计时");
  }
  if (kind == v1::CLOCK_EVENT_KIND_RESUME && !reading.paused()) {
    return refuse("时限未暂停，不需要恢复");
  }
  if (kind == v1::CLOCK_EVENT_KIND_EXTEND && (reading.stopped() || reading.phase().empty())) {
    return refuse("时限已停止，不能延长");
  }
  v1::ClockEvent* event = events->Add();
  *event->mutable_time() = time::ToTimestamp(now);
  event->set_kind(kind);
  event->set_workdays(workdays);
  event->set_reason(std::string(reason));
  event->set_organization(std::string(organization));
  event->set_phase(phase.empty() ? reading.phase() : std::string(phase));
  return absl::OkStatus();
}

absl::Status SetDue(const policy::WorkCalendar& calendar, absl::Time now, v1::Push* push) {
  push->clear_due_time();
  push->clear_resume_time();
  CHANYAN_ASSIGN_OR_RETURN(State state, StateAt(calendar, push->clock(), now));
  if (!state.begun || state.stopped) return absl::OkStatus();
  absl::CivilDay until = time::DayOf(now);
  if (state.paused_since.has_value()) {
    CHANYAN_ASSIGN_OR_RETURN(until,
                             calendar.AddWorkdays(*state.paused_since, state.pause_workdays));
    *push->mutable_resume_time() = time::ToTimestamp(time::StartOfDay(until + 1));
  }
  CHANYAN_ASSIGN_OR_RETURN(const int paused, PausedWorkdays(calendar, state, until));
  CHANYAN_ASSIGN_OR_RETURN(const policy::Term term,
                           calendar.TermAfter(state.start, state.allowed + paused));
  *push->mutable_due_time() = time::ToTimestamp(term.deadline);
  return absl::OkStatus();
}

int ExtensionsOf(const ClockEvents& events) {
  return static_cast<int>(std::count_if(events.begin(), events.end(), [](const auto& event) {
    return event.kind() == v1::CLOCK_EVENT_KIND_EXTEND;
  }));
}

}  // namespace chanyan::triage
