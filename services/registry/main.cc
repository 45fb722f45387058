// chanyan-registry: organizations, platforms, shared instruments and their booking.
#include <memory>

#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "services/registry/instrument_service.h"
#include "services/registry/registry_service.h"

namespace {

using chanyan::registry::InstrumentService;
using chanyan::registry::RegistryService;

constexpr absl::Duration kClockPeriod = absl::Minutes(1);

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  auto& service = runtime.Own(
      std::make_unique<RegistryService>(RegistryService::Deps{runtime.store(), runtime.pack()}));
  runtime.server().Register("chanyan.registry.v1.RegistryService", service.Methods());

  auto& instruments = runtime.Own(std::make_unique<InstrumentService>(
      InstrumentService::Deps{runtime.store(), runtime.pack()}));
  runtime.server().Register("chanyan.registry.v1.InstrumentService", instruments.Methods());
  auto& clock = runtime.Own(std::make_unique<chanyan::rpc::Periodic>(
      "instrument bookings", kClockPeriod, runtime.log(),
      [&instruments] { return instruments.RunClock().status(); }));
  runtime.AddJob([&clock] { clock.Start(); }, [&clock] { clock.Stop(); });
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "registry",
                                   .needs = {.policy = true, .peers = {"identity"}},
                                   .schema_min = 6,
                                   .schema_max = 6,
                                   .build = Build});
}
