// What instruments have of their platform follows it: whether it is published, and whose it is.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"

namespace chanyan::registry {

// Whether the public may see it, and with it its open instruments.
inline bool IsPublished(const v1::Platform& platform) {
  return platform.state() == v1::PLATFORM_STATE_PUBLISHED;
}

// Tells the platform's instruments whether it is published, each journalled as `followed`; of one
// that is not any more, bookings of others end (booking_outages.h). In the transaction that changes
// the platform.
absl::Status FollowPlatform(rpc::Change& change, const policy::Pack& pack,
                            const db::Table<v1::Instrument>& instruments,
                            const v1::Platform& platform);

// Instruments of a platform that another organization took over are that one's, too, with their
// bookings and declared use, each journalled as `takenOver`. Where the new owner's books have an
// instrument's number already, it gets a further one that names `former`, the owner before. In the
// transaction that changes the platform's organization.
absl::Status TakeInstruments(rpc::Change& change, const v1::Platform& platform,
                             absl::string_view former);

}  // namespace chanyan::registry
