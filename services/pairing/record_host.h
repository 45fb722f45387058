// The records of projects in the program: a gRPC service each, and the alarms that they set.
#pragma once

#include "common/rpc/runtime.h"

namespace chanyan::pairing {

// Registers the services and adds the job that rings what is due.
void HostRecords(rpc::Runtime& runtime);

}  // namespace chanyan::pairing
