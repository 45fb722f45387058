// chanyan-pairing: intents, projects, rosters and coverage.
#include <memory>

#include "chanyan/journal/v1/journal.pb.h"
#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "common/rpc/succession.h"
#include "services/pairing/pairing_service.h"

namespace {

using chanyan::pairing::PairingService;

constexpr absl::Duration kExpiryPeriod = absl::Minutes(1);

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  auto& service = runtime.Own(std::make_unique<PairingService>(
      PairingService::Deps{runtime.store(), runtime.pack(), runtime.peers()}));
  runtime.server().Register("chanyan.pairing.v1.PairingService", service.Methods());

  auto& predecessors = runtime.Own(std::make_unique<chanyan::rpc::Predecessors>(
      runtime.db(), runtime.clock(), chanyan::rpc::kPredecessorsSql));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });

  runtime.Follow("registry", [&service](chanyan::db::Session& session, absl::Time now,
                                        const chanyan::journal::v1::Entry& entry) {
    return service.FollowRegistry(session, now, entry);
  });

  auto& expiry = runtime.Own(std::make_unique<chanyan::rpc::Periodic>(
      "intent expiry", kExpiryPeriod, runtime.log(),
      [&service] { return service.ExpireIntents().status(); }));
  runtime.AddJob([&expiry] { expiry.Start(); }, [&expiry] { expiry.Stop(); });
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "pairing",
                                   .needs = {.policy = true, .peers = {"identity", "registry"}},
                                   .schema_min = 2,
                                   .schema_max = 2,
                                   .build = Build});
}
