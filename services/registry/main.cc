// chanyan-registry: organizations and platforms.
#include <memory>

#include "common/rpc/runtime.h"
#include "services/registry/registry_service.h"

namespace {

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  using chanyan::registry::RegistryService;
  auto& service = runtime.Own(
      std::make_unique<RegistryService>(RegistryService::Deps{runtime.store(), runtime.pack()}));
  runtime.server().Register("chanyan.registry.v1.RegistryService", service.Methods());
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "registry",
                                   .needs = {.policy = true, .peers = {"identity"}},
                                   .schema_min = 1,
                                   .schema_max = 2,
                                   .build = Build});
}
