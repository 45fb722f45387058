// When somebody in a simulated quarter is thought to give what is due, and why (CYC-10). Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::cycle {

// How an organization or platform kept its deadlines in the last quarters, the latest first.
struct Habit {
  struct Quarter {
    // "2025年第二季度".
    std::string label;
    bool late = false;
    // How long before the deadline it gave; negative if after it. Of what comes at no fixed time:
    // before it got it, and so negative. Zero and `absent` if it never did.
    absl::Duration lead;
    bool absent = false;
  };
  std::vector<Quarter> quarters;
};
// By name of organization or platform.
using Habits = std::map<std::string, Habit>;

struct Guess {
  absl::Time time;
  bool late = false;
  std::string reason;
  // Not guessed: it was done at that time.
  bool done = false;
};

// A unit passes rows on within a day of getting them.
inline constexpr absl::Duration kPassingOn = absl::Hours(24);
// 17:00 of the last day.
inline constexpr absl::Duration kBeforeMidnight = absl::Hours(7);

// What is due.
struct Due {
  // The last second that is in time.
  absl::Time end;
  // What leads are reckoned from: the end, or when it was got.
  absl::Time from;
  // It is not given before it was got.
  absl::Time received;
  // What giving it is called.
  absl::string_view act = "报送";
};

// As long before `due.from` as `who` did in his last quarter; of who has no past `otherwise`. Late
// is what would come after the end, and who was late in at least half of the quarters known.
Guess GuessBy(const Habits& habits, const std::string& who, const Due& due, Guess otherwise);

// What has not come by `now` comes no sooner.
void NotBefore(absl::Time now, const Due& due, Guess* guess);

// What is due at `end`, by who has no past: on the last afternoon, at the end if that is before.
Guess OnTheLastAfternoon(absl::Time end);

}  // namespace chanyan::cycle
