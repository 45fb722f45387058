#include "services/cycle/clock_host.h"

#include <memory>

#include "common/rpc/periodic.h"
#include "common/status/status.h"

namespace chanyan::cycle {

absl::StatusOr<DatabaseClock*> HostClock(rpc::Runtime& runtime) {
  const auto& ticks = runtime.Own(std::make_unique<SteadyClock>());
  auto& clock = runtime.Own(
      std::make_unique<DatabaseClock>([&runtime] { return DatabaseTime(runtime.db()); }, ticks));
  CHANYAN_RETURN_IF_ERROR(clock.Align());
  auto& aligning = runtime.Own(std::make_unique<rpc::Periodic>(
      "database clock", kAlignClockPeriod, runtime.log(), [&clock] { return clock.Align(); }));
  runtime.AddJob([&aligning] { aligning.Start(); }, [&aligning] { aligning.Stop(); });
  return &clock;
}

rpc::StoreDeps StoreBy(const time::Clock& clock, rpc::Runtime& runtime) {
  return {runtime.db(), clock, runtime.store().changed};
}

}  // namespace chanyan::cycle
