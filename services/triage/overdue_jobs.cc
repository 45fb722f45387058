// The jobs of terms that have run out: of pushes (TRI-4), of matters on the ladder, of their tasks
// and of what follows from meetings (TRI-10).
#include <string>

#include "common/api/well_known.h"
#include "common/time/civil.h"
#include "services/triage/dispatch_service.h"
#include "services/triage/escalation_service.h"
#include "services/triage/meeting_rules.h"
#include "services/triage/meeting_service.h"
#include "services/triage/overdue_rows.h"
#include "services/triage/parties.h"
#include "services/triage/push_life.h"

namespace chanyan::triage {
namespace {

// A deadline is its last whole second, a day its last.
constexpr char kOverduePushes[] =
    "state IN ('SENT', 'RECEIVED', 'ACCEPTED') AND due_time <= ? "
    "AND (overdue_noted IS NULL OR overdue_noted <> due_time)";
constexpr char kOverdueMatters[] =
    "state = 'RAISED' AND due_time <= ? AND (overdue_noted IS NULL OR overdue_noted <> due_time)";
constexpr char kOverdueTasks[] =
    "state = 'OPEN' AND due_date < ? AND (overdue_noted IS NULL OR overdue_noted <> due_date)";
constexpr char kMeetingsDue[] = "next_notice_date <= ?";

// Notes the term of a row that waits, once it is past.
template <class T>
bool NoteDueTime(absl::Time now, bool waits, T& row) {
  const absl::Time due = TimeIn(row.due_time());
  if (!waits || !row.has_due_time() || !time::IsPastDeadline(now, due)) return false;
  if (row.has_overdue_noted() && TimeIn(row.overdue_noted()) == due) return false;
  *row.mutable_overdue_noted() = row.due_time();
  return true;
}

// Whose matter it is: the office's where nobody is nearer.
template <class T>
const std::string& MattersTo(const T& row) {
  return row.department().empty() ? row.office() : row.department();
}

}  // namespace

absl::StatusOr<int> DispatchService::NoteOverdue(const db::Lease& lease) {
  return NoteOverdueRows<v1::Push>(
      deps_.store, lease, pushes_, {kOverduePushes, {deps_.store.clock.Now() - absl::Seconds(1)}},
      [this](absl::Time now, v1::Push& row) {
        if (!NoteDueTime(now, IsUnderWay(row.state()), row)) return false;
        row.set_overseer(deps_.pack.OverseerOf(0, row.recipient(), MattersTo(row)));
        return true;
      });
}

absl::StatusOr<int> EscalationService::NoteOverdue(const db::Lease& lease) {
  CHANYAN_ASSIGN_OR_RETURN(
      const int matters,
      NoteOverdueRows<v1::Escalation>(
          deps_.store, lease, book_.table(),
          {kOverdueMatters, {deps_.store.clock.Now() - absl::Seconds(1)}},
          [this](absl::Time now, v1::Escalation& row) {
            if (!NoteDueTime(now, row.state() == v1::ESCALATION_STATE_RAISED, row)) return false;
            row.set_overseer(
                deps_.pack.OverseerOf(book_.RungOf(row) + 1, row.decider(), MattersTo(row)));
            return true;
          }));
  CHANYAN_ASSIGN_OR_RETURN(
      const int tasks,
      NoteOverdueRows<v1::EscalationTask>(
          deps_.store, lease, book_.tasks(),
          {kOverdueTasks, {time::FormatDate(time::DayOf(deps_.store.clock.Now()))}},
          [](absl::Time now, v1::EscalationTask& row) {
            const auto due = api::DayOf(row.due_date());
            if (row.state() != v1::ESCALATION_TASK_STATE_OPEN || !due.has_value() ||
                *due >= time::DayOf(now) || api::DayOf(row.overdue_noted()) == due) {
              return false;
            }
            *row.mutable_overdue_noted() = row.due_date();
            return true;
          }));
  return matters + tasks;
}

absl::StatusOr<int> MeetingService::NoteTermsDue(const db::Lease& lease) {
  return NoteOverdueRows<v1::WorkMeeting>(
      deps_.store, lease, meetings_,
      {kMeetingsDue, {time::FormatDate(time::DayOf(deps_.store.clock.Now()))}},
      [this](absl::Time now, v1::WorkMeeting& row) {
        return NoteTerms(deps_.pack.pack(), time::DayOf(now), &row);
      },
      "reminded");
}

}  // namespace chanyan::triage
