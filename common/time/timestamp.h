// google.protobuf.Timestamp, as it stands on the wire and in tables, and absl::Time, to reckon
// with. Exact to the microsecond, as DATETIME(6) keeps it; what is below is dropped, towards the
// past. Pure.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace chanyan::time {

absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp ToTimestamp(absl::Time time);

}  // namespace chanyan::time
