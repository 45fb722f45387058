// The clock that the services of this program go by.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/runtime.h"
#include "services/cycle/database_clock.h"

namespace chanyan::cycle {

// Asks the database once, and again and again while the program runs.
absl::StatusOr<DatabaseClock*> HostClock(rpc::Runtime& runtime);

// The program's database, by that clock.
rpc::StoreDeps StoreBy(const time::Clock& clock, rpc::Runtime& runtime);

}  // namespace chanyan::cycle
