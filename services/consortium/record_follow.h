// The records of a dossier follow it in whose they are.
#pragma once

#include "absl/status/status.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/rpc/mutate.h"

namespace chanyan::consortium {

// Every record below the dossier gets its parties, in the transaction that changes them.
absl::Status FollowRecords(rpc::Change& change, const v1::Consortium& row);

}  // namespace chanyan::consortium
