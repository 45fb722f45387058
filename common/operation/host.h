// Operations of a service, in its main.cc:
//
//   return operation::Host(runtime, "chanyan.cycle.v1.CycleWorkService", kKinds,
//                          {{"chanyan.cycle.v1.CycleService", cycles.Methods()}});
//
// The next kind is a row of kKinds and an RPC of work.proto.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/operation/kind.h"
#include "common/rpc/runtime.h"

namespace chanyan::operation {

// Serves OperationService and `work_service`, and does what is begun. INTERNAL if a row does not
// fit.
absl::Status Host(rpc::Runtime& runtime, const char* work_service, absl::Span<const KindRow> rows,
                  const std::vector<Handlers>& handlers);

}  // namespace chanyan::operation
