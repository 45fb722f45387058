// Projects that a merger of organizations put beside the open one of their pair.
#pragma once

#include "absl/status/status.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"

namespace chanyan::pairing {

// After the end of a project was written: the first of those that it doubled takes its place, so
// that reports go to it and not to a new one.
absl::Status Promote(rpc::Change& change, const db::Table<v1::Project>& projects,
                     const v1::Project& ended);

}  // namespace chanyan::pairing
