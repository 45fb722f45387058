#include "services/consortium/clock_rules.h"

#include "common/status/status.h"

namespace chanyan::consortium {

absl::StatusOr<std::optional<StateClock>> ClockOf(const ConsortiumPack& pack,
                                                  v1::ConsortiumState state, absl::CivilDay day) {
  const policy::v1::ConsortiumClock* clock = pack.FindClock(state);
  if (clock == nullptr) return std::optional<StateClock>();
  CHANYAN_ASSIGN_OR_RETURN(policy::Term term, pack.pack().calendar().TermAfter(
                                                  day, static_cast<int>(clock->workdays())));
  return std::optional<StateClock>({term.deadline, std::move(term.derivation)});
}

}  // namespace chanyan::consortium
