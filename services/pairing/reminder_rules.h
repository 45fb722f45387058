// When somebody is reminded of an end that comes near. Pure.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::pairing {

// Days before an expiry whose reminder is due now: the smallest of the pack's that has been reached
// and was not yet reminded of; 0 if none. `reminded_days` is the last one, 0 = none.
//   pack 14, 3; expiry in 10 days: 14 is due; in 2 days, 14 reminded: 3 is due
int DueReminder(const google::protobuf::RepeatedField<uint32_t>& reminder_days,
                absl::Time expire_time, int reminded_days, absl::Time now);

}  // namespace chanyan::pairing
