// Bookings at whose time the instrument cannot be used any more: what becomes of them, and that
// whoever has them is told, once (REG-4).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/db/database.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"

namespace chanyan::registry {

// Cancels the booking for `outage` (as OutageOf says it), free of charge, and names whom to ask.
absl::Status CancelForOutage(db::Session& session, absl::Time now, const v1::Instrument& instrument,
                             v1::Outage outage, v1::Booking* booking);

// Looks at the bookings to come of an instrument that is now as given; how many it changed. Those
// that lie in a closure, or are of others while its platform is not published, are cancelled, each
// journalled as `cancel`; so are those of a suspended one that begin as soon as the pack's rule of
// outages says. Later ones stand: they are journalled as `outage` once, and as `restored` when
// nothing is in their way any more. What has begun is the clock's. `why_not_public` is why its
// platform was withdrawn. In a transaction that has touched the instrument (diary.h).
absl::StatusOr<int> SettleOutages(rpc::Change& change, const policy::Pack& pack,
                                  const v1::Instrument& instrument,
                                  absl::string_view why_not_public = "");

// Instruments that are suspended or not public and have bookings to come that SettleOutages has
// something to do with: since a suspension has lasted that long, or from before there was a rule.
absl::StatusOr<std::vector<std::string>> InstrumentsToSettle(db::Session& session,
                                                             const policy::Pack& pack,
                                                             absl::Time now);

}  // namespace chanyan::registry
