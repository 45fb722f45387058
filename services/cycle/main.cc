// The quarterly cycle: forms, custody of rows, packages, leaderboards.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/operation/host.h"
#include "common/rpc/runtime.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/cycle/clock_host.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/follow_through_host.h"
#include "services/cycle/scheduler.h"
#include "services/cycle/work_kinds.h"

ABSL_FLAG(bool, open_running_quarter, true,
          "open the live cycle of each quarter by itself; without it the secretariat does");
ABSL_FLAG(std::string, webhook_key_file, "",
          "file, mode 0600, of the key that the secrets of office systems follow from; empty = "
          "nothing is sent to any");
ABSL_FLAG(
    std::string, webhook_origins, "",
    "office systems that may be sent to: https://host[:port][@pinned address], comma-separated");
ABSL_FLAG(std::string, data_key_file, "",
          "file, mode 0600, of the keys that contacts of objections are sealed with "
          "(common/crypto/keyring.h); needed");
ABSL_FLAG(uint32_t, public_objections_per_address, 3,
          "objections to leaderboards that the public may raise a day, from one address");
ABSL_FLAG(uint32_t, public_objections_per_version, 1000,
          "objections that the public may raise a day, to one version of a leaderboard; a "
          "twentieth of it from one network");
ABSL_FLAG(int, keep_read_notices_days, 180,
          "days that notifications stay after they were read or settled, and digests");
ABSL_FLAG(int, keep_unread_notices_days, 400, "days that notifications stay that nobody reads");
ABSL_FLAG(int, keep_deliveries_days, 90,
          "days that messages to office systems stay after they arrived or were given up");

namespace chanyan::cycle {
namespace {

// What rules said of forms is kept in columns of 0017.
constexpr int kSchemaMin = 17;
constexpr int kSchemaMax = 17;

absl::Status Build(rpc::Runtime& runtime) {
  CHANYAN_ASSIGN_OR_RETURN(DatabaseClock* const clock, HostClock(runtime));
  auto& service = runtime.Own(std::make_unique<CycleService>(
      CycleService::Deps{StoreBy(*clock, runtime), runtime.pack(), runtime.peers()}));
  runtime.server().Register("chanyan.cycle.v1.CycleService", service.Methods());
  auto& predecessors = runtime.Own(
      std::make_unique<rpc::Predecessors>(runtime.db(), runtime.clock(), rpc::kPredecessorsSql));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });
  runtime.Follow("registry",
                 [&service](db::Session& session, absl::Time now, const journal::v1::Entry& entry) {
                   return service.FollowRegistry(session, now, entry);
                 });
  if (absl::GetFlag(FLAGS_open_running_quarter)) {
    auto& scheduler = runtime.Own(std::make_unique<Scheduler>(
        Scheduler::Deps{runtime.db(), runtime.clock(), runtime.log(), runtime.metrics(),
                        [&service, clock](const db::Lease& lease, absl::Time deadline) {
                          CHANYAN_RETURN_IF_ERROR(clock->Align());
                          return service.OpenRunningQuarter(lease, deadline);
                        }}));
    runtime.AddJob([&scheduler] { scheduler.Start(); }, [&scheduler] { scheduler.Stop(); });
  }
  CHANYAN_RETURN_IF_ERROR(operation::Host(runtime, kWorkService, kWorkKinds,
                                          {{"chanyan.cycle.v1.CycleService", service.Methods()}}));
  return HostFollowThrough(
      runtime, *clock, service,
      {.webhook_key_file = absl::GetFlag(FLAGS_webhook_key_file),
       .webhook_origins = absl::GetFlag(FLAGS_webhook_origins),
       .data_key_file = absl::GetFlag(FLAGS_data_key_file),
       .objections = {absl::GetFlag(FLAGS_public_objections_per_address),
                      absl::GetFlag(FLAGS_public_objections_per_version)},
       .retention = {.read = absl::GetFlag(FLAGS_keep_read_notices_days),
                     .unread = absl::GetFlag(FLAGS_keep_unread_notices_days),
                     .deliveries = absl::GetFlag(FLAGS_keep_deliveries_days)}});
}

}  // namespace
}  // namespace chanyan::cycle

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(
      argc, argv,
      {.name = "cycle",
       .needs = {.policy = true, .peers = {"identity", "registry", "pairing"}},
       .schema_min = chanyan::cycle::kSchemaMin,
       .schema_max = chanyan::cycle::kSchemaMax,
       .build = chanyan::cycle::Build});
}
