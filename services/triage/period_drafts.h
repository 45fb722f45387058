// Drafts that triage makes itself when a period has ended (TRI-7, TRI-8): each kind, industry and
// period has one turn, whichever replica takes it and however often it tries.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/db/database.h"
#include "common/journal/journal.h"

namespace chanyan::triage {

// Who drafts, in the journal and as the author.
inline constexpr char kDrafter[] = "services/triage";
journal::Origin DraftOrigin();

// Industries of a series ("list/supply"; "" for a report) that had their turn.
absl::StatusOr<std::vector<std::string>> HadTurn(db::Session& session, absl::string_view series,
                                                 absl::CivilDay period_start);

// Takes the turn, in the transaction that drafts; `draft` is its name, empty if there is nothing to
// draft. False if it was taken before: then nothing may be written.
absl::StatusOr<bool> TakeTurn(db::Session& session, absl::string_view series,
                              absl::string_view industry, absl::CivilDay period_start,
                              absl::string_view draft);

// Whether a library had anything in it before `day`: of times before the first entry nothing is
// reported.
absl::StatusOr<bool> AnythingBefore(db::Session& session, absl::CivilDay day);

}  // namespace chanyan::triage
