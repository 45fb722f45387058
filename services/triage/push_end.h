// What ends without whom it was meant for (TRI-4): a push that nobody is asked about any more, and
// a listing that nothing leads to the market any more. Whoever ends them has locked the result.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/policy/calendar.h"
#include "common/rpc/mutate.h"

namespace chanyan::triage {

// Ends a push and its clock in the row alone; false, and nothing is changed, if it is not under
// way.
absl::StatusOr<bool> SetEnded(const policy::WorkCalendar& calendar, absl::Time now,
                              absl::string_view why, v1::Push* push);

// Ends a push and its clock, with `why` for people, and journals it; nothing if it is not under
// way.
absl::Status EndPush(rpc::Change& change, const policy::WorkCalendar& calendar,
                     absl::string_view why, v1::Push* push);

// Takes a result's listing off the market; nothing if it has none or it is off already.
absl::Status Unlist(rpc::Change& change, const v1::Result& result);

}  // namespace chanyan::triage
