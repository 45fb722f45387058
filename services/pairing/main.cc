// chanyan-pairing: intents, projects, rosters and coverage.
#include <memory>
#include <utility>

#include "chanyan/journal/v1/journal.pb.h"
#include "common/journal/follower.h"
#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "common/status/status.h"
#include "services/pairing/pairing_service.h"

namespace {

using chanyan::journal::Follower;
using chanyan::pairing::PairingService;

constexpr absl::Duration kExpiryPeriod = absl::Minutes(1);
constexpr absl::Duration kFollowDeadline = absl::Seconds(5);

absl::StatusOr<std::vector<chanyan::journal::v1::Entry>> ReadRegistry(chanyan::rpc::Peers& peers,
                                                                      int64_t after_seq,
                                                                      int limit) {
  chanyan::journal::v1::ListEntriesRequest request;
  request.set_parent("journals/registry");
  request.set_after_seq(after_seq);
  request.set_page_size(limit);
  CHANYAN_ASSIGN_OR_RETURN(
      const auto reply,
      chanyan::rpc::CallPeer<chanyan::journal::v1::ListEntriesResponse>(
          peers, "registry", "chanyan.journal.v1.JournalService.ListEntries", request,
          chanyan::rpc::AsService(absl::Now() + kFollowDeadline)));
  return std::vector<chanyan::journal::v1::Entry>(reply.entries().begin(), reply.entries().end());
}

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  auto& service = runtime.Own(std::make_unique<PairingService>(
      PairingService::Deps{runtime.store(), runtime.pack(), runtime.peers()}));
  runtime.server().Register("chanyan.pairing.v1.PairingService", service.Methods());

  auto& follower = runtime.Own(std::make_unique<Follower>(
      Follower::Deps{runtime.db(), runtime.clock(), runtime.log(),
                     [&runtime](int64_t after_seq, int limit) {
                       return ReadRegistry(runtime.peers(), after_seq, limit);
                     },
                     [&service](chanyan::db::Session& session, absl::Time now,
                                const chanyan::journal::v1::Entry& entry) {
                       return service.FollowRegistry(session, now, entry);
                     }},
      Follower::Options{.name = "pairing<registry"}));
  runtime.AddJob([&follower] { follower.Start(); }, [&follower] { follower.Stop(); });

  auto& expiry = runtime.Own(std::make_unique<chanyan::rpc::Periodic>(
      "intent expiry", kExpiryPeriod, runtime.log(),
      [&service] { return service.ExpireIntents().status(); }));
  runtime.AddJob([&expiry] { expiry.Start(); }, [&expiry] { expiry.Stop(); });
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(
      argc, argv,
      {.name = "pairing",
       .needs = {.policy = true, .peers = {"identity", "registry"}},
       .schema_min = 1,
       .schema_max = 1,
       .build = Build});
}
