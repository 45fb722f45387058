// chanyan-pairing: intents, projects, rosters and coverage; search and recommendation.
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "common/status/status.h"
#include "services/pairing/discovery_host.h"
#include "services/pairing/pairing_service.h"

ABSL_FLAG(std::string, index_dir, "",
          "directory of this replica's search index; empty = a temporary one");

namespace {

using chanyan::pairing::DiscoveryService;

using chanyan::pairing::PairingService;

constexpr absl::Duration kExpiryPeriod = absl::Minutes(1);

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  auto& service = runtime.Own(std::make_unique<PairingService>(
      PairingService::Deps{runtime.store(), runtime.pack(), runtime.peers()}));
  runtime.server().Register("chanyan.pairing.v1.PairingService", service.Methods());

  CHANYAN_ASSIGN_OR_RETURN(
      DiscoveryService* const discovery,
      chanyan::pairing::HostDiscovery(runtime, absl::GetFlag(FLAGS_index_dir)));

  runtime.Follow("registry",
                 [&service, discovery](chanyan::db::Session& session, absl::Time now,
                                       const chanyan::journal::v1::Entry& entry) -> absl::Status {
                   CHANYAN_RETURN_IF_ERROR(service.FollowRegistry(session, now, entry));
                   return discovery->FollowRegistry(session, now, entry);
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
                                   .schema_min = 3,
                                   .schema_max = 3,
                                   .build = Build});
}
