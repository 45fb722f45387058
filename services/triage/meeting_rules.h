// What the record of a work meeting must be, and what of it stays when it is changed (TRI-10, S1
// 三(三)3). Pure.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::triage {

// Everything wrong with a record on `today`: it was held, nobody took part twice, and what follows
// is due no earlier than it was held.
std::vector<status::Violation> MeetingViolations(const v1::WorkMeeting& row, absl::CivilDay today);

// Items of `row` that `before` has with the same task, owner and day are those, with what was done
// of them and what their owners were told; of all others nothing was. What is done is neither
// changed nor left out: the violations say which.
std::vector<status::Violation> KeepWhatIsDone(const v1::WorkMeeting& before, v1::WorkMeeting* row);

// Whether something was reported of it.
bool IsDone(const v1::WorkMeetingItem& item);

// item_owners and open_items, as follows from the items.
void CountItems(v1::WorkMeeting* row);

// Of the open items, on `today`: due_soon from so many workdays before the last day on as the pack
// first reminds (notification_plan.before_workdays; never where it has none), overdue behind it,
// each once and for good; and next_notice_date, the day on which the next of them comes to be so.
// In a year without calendar every day counts. Whether any of that changed.
bool NoteTerms(const policy::Pack& pack, absl::CivilDay today, v1::WorkMeeting* row);

}  // namespace chanyan::triage
