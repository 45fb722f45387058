// Objections to a published leaderboard: life cycle and window (CYC-8). Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "common/policy/life.h"
#include "common/policy/pack.h"

namespace chanyan::cycle {

inline absl::Span<const policy::Transition<v1::ObjectionState>> ObjectionLife() {
  using policy::Bits;
  static constexpr policy::Transition<v1::ObjectionState> kLife[] = {
      {"withdraw", "撤回", Bits(v1::OBJECTION_STATE_OPEN), v1::OBJECTION_STATE_WITHDRAWN},
      {"uphold", "认定成立", Bits(v1::OBJECTION_STATE_OPEN), v1::OBJECTION_STATE_UPHELD},
      {"reject", "认定不成立", Bits(v1::OBJECTION_STATE_OPEN), v1::OBJECTION_STATE_REJECTED},
  };
  return kLife;
}

// Objections to one version that were not withdrawn.
struct ObjectionCounts {
  int32_t open = 0;
  int32_t upheld = 0;
  int32_t rejected = 0;
};

// Until when one may object to a version that is published, by the pack as it is. The pack has a
// term.
absl::StatusOr<policy::Term> ObjectionTermOf(const policy::Pack& pack,
                                             const v1::Leaderboard& version);

// The window of a version at `now`, with `newer` = a later version is published.
// FAILED_PRECONDITION unless it is published and the pack has a term; errors as of the calendar.
absl::StatusOr<v1::ObjectionWindow> WindowOf(const policy::Pack& pack,
                                             const v1::Leaderboard& version, bool newer,
                                             const ObjectionCounts& counts, absl::Time now);

// FAILED_PRECONDITION that says until when one could, unless the window is open. To the second.
absl::Status RequireOpen(const v1::ObjectionWindow& window);

// The title of the disputed entry; INVALID_ARGUMENT if the version has no such board, or the board
// no such entry. An objection that something is missing has no subject and the board's title.
absl::StatusOr<std::string> DisputedTitle(const v1::Leaderboard& version,
                                          const v1::Objection& objection);

}  // namespace chanyan::cycle
