// Who is told at once that a step ends sooner or later than it was said, and that a leaderboard is
// published (CYC-8, CYC-9): news, each person once. A rehearsal tells nobody.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/database.h"
#include "services/cycle/duties.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// --- What is said. Pure.

enum class StepChange { kClosedEarly, kExtended };
// Of step `number` of a cycle that has been changed: first to each organization that still has
// something to do in it, with what that is; then to all others whose step it is.
std::vector<Notice> StepNews(const v1::Cycle& changed, int number, StepChange change,
                             const std::vector<Duty>& duties);
// To every organization on a board of a published version, or that has a platform there: its
// places, and until when one may object.
std::vector<Notice> BoardNews(const v1::Leaderboard& version);

// --- Telling, in the transaction of what is told.

absl::Status TellOfStep(db::Session& session, absl::Time now, const v1::Cycle& changed, int number,
                        StepChange change);
absl::Status TellOfBoard(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                         const v1::Leaderboard& version);

}  // namespace chanyan::cycle
