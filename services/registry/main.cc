// chanyan-registry: organizations and platforms.
#include <memory>

#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "common/rpc/succession.h"
#include "services/registry/directory_service.h"
#include "services/registry/registry_service.h"

namespace {

// Also how soon a new pack's names are looked at.
constexpr absl::Duration kRefreshPeriod = absl::Minutes(1);
constexpr char kPredecessors[] = "SELECT name FROM organization WHERE merged_into = ? ORDER BY name";

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  using chanyan::registry::DirectoryService;
  using chanyan::registry::RegistryService;
  CHANYAN_RETURN_IF_ERROR(chanyan::registry::NameKeys::CheckDictionary());
  auto& service = runtime.Own(
      std::make_unique<RegistryService>(RegistryService::Deps{runtime.store(), runtime.pack()}));
  auto& directory = runtime.Own(
      std::make_unique<DirectoryService>(DirectoryService::Deps{runtime.store(), runtime.pack()}));
  runtime.server().Register("chanyan.registry.v1.RegistryService", service.Methods());
  runtime.server().Register("chanyan.registry.v1.DirectoryService", directory.Methods());

  auto& predecessors = runtime.Own(std::make_unique<chanyan::rpc::Predecessors>(
      runtime.db(), runtime.clock(), kPredecessors));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });

  auto& refresh = runtime.Own(std::make_unique<chanyan::rpc::Periodic>(
      "name keys", kRefreshPeriod, runtime.log(),
      [&directory] { return directory.RefreshKeys().status(); }));
  runtime.AddJob([&refresh] { refresh.Start(); }, [&refresh] { refresh.Stop(); });
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "registry",
                                   .needs = {.policy = true, .peers = {"identity"}},
                                   .schema_min = 3,
                                   .schema_max = 3,
                                   .build = Build});
}
