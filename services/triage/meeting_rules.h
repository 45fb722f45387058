// What the record of a work meeting must be, and what of it stays when it is changed (TRI-10, S1
// 三(三)3). Pure.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "common/status/status.h"

namespace chanyan::triage {

// Everything wrong with a record on `today`: it was held, nobody took part twice, and what follows
// is due no earlier than it was held.
std::vector<status::Violation> MeetingViolations(const v1::WorkMeeting& row, absl::CivilDay today);

// Items of `row` that `before` has with the same task, owner and day are those, with what was done
// of them; of all others nothing was done. What is done is neither changed nor left out: the
// violations say which.
std::vector<status::Violation> KeepWhatIsDone(const v1::WorkMeeting& before, v1::WorkMeeting* row);

// Whether something was reported of it.
bool IsDone(const v1::WorkMeetingItem& item);

// item_owners and open_items, as follows from the items.
void CountItems(v1::WorkMeeting* row);

}  // namespace chanyan::triage
