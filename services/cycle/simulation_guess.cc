#include "services/cycle/simulation_guess.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"

namespace chanyan::cycle {

Guess GuessBy(const Habits& habits, const std::string& who, const Due& due, Guess otherwise) {
  Guess guess = std::move(otherwise);
  const auto found = habits.find(who);
  if (found != habits.end() && !found->second.quarters.empty()) {
    const auto& quarters = found->second.quarters;
    const auto late = std::count_if(quarters.begin(), quarters.end(),
                                    [](const Habit::Quarter& one) { return one.late; });
    const Habit::Quarter& last = quarters.front();
    guess.time = last.absent ? due.end + absl::Seconds(1) : due.from - last.lead;
    guess.late = static_cast<size_t>(late) * 2 >= quarters.size();
    guess.reason = absl::StrCat("近", quarters.size(), "季逾期", late, "次；", last.label,
                                last.absent ? "未"
                                : last.late ? "逾期"
                                            : "按时",
                                due.act);
  }
  if (guess.time < due.received) {
    guess.time = due.received + kPassingOn;
    absl::StrAppend(&guess.reason, "；上一环节收到较晚");
  }
  guess.late = guess.late || time::IsPastDeadline(guess.time, due.end);
  return guess;
}

void NotBefore(absl::Time now, const Due& due, Guess* guess) {
  guess->time = std::max(guess->time, now);
  guess->late = guess->late || time::IsPastDeadline(guess->time, due.end);
}

Guess OnTheLastAfternoon(absl::Time end) {
  const absl::Time afternoon = time::EndOfDay(time::DayOf(end)) - kBeforeMidnight;
  return {
      .time = std::min(end, afternoon), .late = false, .reason = "没有往季记录，按截止当日下午计"};
}

}  // namespace chanyan::cycle
