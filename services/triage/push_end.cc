#include "services/triage/push_end.h"

#include <string>

#include "common/db/table.h"
#include "services/triage/clock_rules.h"
#include "services/triage/push_life.h"

namespace chanyan::triage {

absl::StatusOr<bool> SetEnded(const policy::WorkCalendar& calendar, absl::Time now,
                              absl::string_view why, v1::Push* push) {
  if (!IsUnderWay(push->state())) return false;
  CHANYAN_ASSIGN_OR_RETURN(const v1::PushState next,
                           policy::Next(PushLife(), push->state(), "end"));
  push->set_state(next);
  push->set_settle_note(std::string(why));
  CHANYAN_RETURN_IF_ERROR(AddClockEvent(calendar, now, v1::CLOCK_EVENT_KIND_STOP, "", 0, why, "",
                                        push->mutable_clock()));
  CHANYAN_RETURN_IF_ERROR(SetDue(calendar, now, push));
  return true;
}

absl::Status EndPush(rpc::Change& change, const policy::WorkCalendar& calendar,
                     absl::string_view why, v1::Push* push) {
  const v1::Push before = *push;
  CHANYAN_ASSIGN_OR_RETURN(const bool ended, SetEnded(calendar, change.now(), why, push));
  if (!ended) return absl::OkStatus();
  const db::Table<v1::Push> pushes;
  CHANYAN_RETURN_IF_ERROR(pushes.Update(change.session(), change.now(), push));
  return change.Record("end", &before, push);
}

absl::Status Unlist(rpc::Change& change, const v1::Result& result) {
  if (result.listing().empty()) return absl::OkStatus();
  const db::Table<v1::Listing> listings;
  CHANYAN_ASSIGN_OR_RETURN(v1::Listing listing,
                           listings.GetForUpdate(change.session(), result.listing()));
  if (!listing.listed()) return absl::OkStatus();
  const v1::Listing before = listing;
  listing.set_listed(false);
  CHANYAN_RETURN_IF_ERROR(listings.Update(change.session(), change.now(), &listing));
  return change.Record("withdrawn", &before, &listing);
}

}  // namespace chanyan::triage
