// What single and many hand-overs have in common; see custody.h.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/database.h"
#include "common/db/predicate.h"

namespace chanyan::cycle {

// Names below cycles/{c}/handovers.
db::Predicate HandoversOf(absl::string_view cycle);

// cycles/{c}/handovers/{step}-{sender}-{receiver}-{number}.
std::string HandoverName(absl::string_view cycle, int step, absl::string_view sender,
                         absl::string_view receiver, int64_t number);

// SENT, of `rows` (names).
v1::Handover NewHandover(std::string name, absl::Time cycle_now, int step, absl::string_view sender,
                         absl::string_view receiver, const std::vector<std::string>& rows);

// A row on its way.
struct Leg {
  absl::string_view handover;
  absl::string_view row;
};

// Adds the rows' hops, numbered without gaps in each row's chain. What is there is read without a
// lock: whoever else sends one of the rows fails on the row itself.
absl::Status AddHops(db::Session& session, const std::vector<Leg>& hops);

// Why the first of `names` that `sender` cannot send in `handover` cannot be sent.
absl::Status NotHeld(db::Session& session, absl::string_view sender, absl::string_view handover,
                     absl::Span<const std::string> names);

}  // namespace chanyan::cycle
