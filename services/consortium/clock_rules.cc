#include "services/consortium/clock_rules.h"

#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {

absl::StatusOr<std::optional<StateClock>> ClockOf(const ConsortiumPack& pack,
                                                  v1::ConsortiumState state, absl::CivilDay day) {
  const policy::v1::ConsortiumClock* clock = pack.FindClock(state);
  uint32_t workdays = clock == nullptr ? 0 : clock->workdays();
  if (state == v1::CONSORTIUM_STATE_PUBLIC_NOTICE) workdays = pack.proto().notice().workdays();
  if (workdays == 0) return std::optional<StateClock>();
  CHANYAN_ASSIGN_OR_RETURN(policy::Term term,
                           pack.pack().calendar().TermAfter(day, static_cast<int>(workdays)));
  return std::optional<StateClock>({term.deadline, std::move(term.derivation)});
}

bool IsLate(const v1::Consortium& row, absl::Time now) {
  if (row.state() == v1::CONSORTIUM_STATE_PUBLIC_NOTICE) return row.overdue();
  return row.has_due_time() && time::IsPastDeadline(now, time::ToTime(row.due_time()));
}

}  // namespace chanyan::consortium
