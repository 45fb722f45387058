// The records of projects in the program: a gRPC service each, and the alarms that they set.
#pragma once

#include <vector>

#include "common/operation/kind.h"
#include "common/rpc/runtime.h"

namespace chanyan::pairing {

// Registers the services and adds the job that rings what is due. What imports sheets is returned,
// to be done as operations too.
std::vector<operation::Handlers> HostRecords(rpc::Runtime& runtime);

}  // namespace chanyan::pairing
