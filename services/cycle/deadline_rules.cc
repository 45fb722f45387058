#include "services/cycle/deadline_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"

namespace chanyan::cycle {

std::vector<v1::MovedStep> Reproject(const std::vector<v1::Step>& planned, absl::Time now,
                                     absl::string_view reason, v1::Cycle* cycle) {
  std::vector<v1::MovedStep> moved;
  const v1::Cycle present = *cycle;
  for (int number = 1; number <= kSteps; ++number) {
    if (StepStateAt(present, number, now) == v1::STEP_STATE_CLOSED) continue;
    const v1::Step& before = StepOf(present, number);
    const v1::Step& wanted = planned[static_cast<size_t>(number - 1)];
    const bool begun = now >= BeginOf(present, number);
    // A step that runs and has a reason was given a later day by hand.
    const bool extended = !before.reason().empty();
    const absl::CivilDay first = time::DayIn(begun ? before.first_day() : wanted.first_day());
    absl::CivilDay last = time::DayIn(wanted.last_day());
    if (extended) last = std::max(last, time::DayIn(before.last_day()));
    if (time::IsPastDeadline(now, time::EndOfDay(last)) || last < first) continue;
    if (first == time::DayIn(before.first_day()) && last == time::DayIn(before.last_day()))
      continue;

    v1::Step* step = MutableStepOf(cycle, number);
    *step->mutable_first_day() = time::ToProto(first);
    *step->mutable_last_day() = time::ToProto(last);
    *step->mutable_deadline() = time::ToTimestamp(time::EndOfDay(last));
    std::string derivation = wanted.derivation();
    if (last != time::DayIn(wanted.last_day())) {
      absl::StrAppend(&derivation, "；已延期至", time::FormatDateZh(last), "，仍以延期为准");
    }
    absl::StrAppend(&derivation, "；原定", time::FormatDateZh(time::DayIn(before.first_day())),
                    "至", time::FormatDateZh(time::DayIn(before.last_day())), "，",
                    time::FormatDateZh(time::DayOf(now)), "重新推算：", reason);
    step->set_derivation(std::move(derivation));

    v1::MovedStep& one = moved.emplace_back();
    one.set_number(number);
    *one.mutable_first_day_before() = before.first_day();
    *one.mutable_last_day_before() = before.last_day();
    *one.mutable_step() = *step;
  }
  return moved;
}

std::optional<v1::MovedWindow> ReprojectWindow(const policy::Term& wanted, absl::Time now,
                                               absl::string_view reason, v1::Leaderboard* version) {
  const absl::Time before = time::ToTime(version->objection_deadline());
  if (!version->has_objection_deadline() || time::IsPastDeadline(now, before) ||
      time::IsPastDeadline(now, wanted.deadline) || before == wanted.deadline) {
    return std::nullopt;
  }
  v1::MovedWindow moved;
  moved.set_leaderboard(version->name());
  *moved.mutable_before() = version->objection_deadline();
  *moved.mutable_after() = time::ToTimestamp(wanted.deadline);
  moved.set_derivation(absl::StrCat(wanted.derivation, "；原定",
                                    time::FormatDateZh(time::DayOf(before)), "，",
                                    time::FormatDateZh(time::DayOf(now)), "重新推算：", reason));
  *version->mutable_objection_deadline() = moved.after();
  version->set_objection_derivation(moved.derivation());
  return moved;
}

}  // namespace chanyan::cycle
