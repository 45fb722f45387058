// chanyan-pairing: intents, projects and their records, rosters and coverage, frame cooperation;
// search and recommendation.
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/operation/host.h"
#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/pairing/cooperation_file_service.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/discovery_host.h"
#include "services/pairing/jobs.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_history.h"
#include "services/pairing/record_host.h"
#include "services/pairing/work_kinds.h"

ABSL_FLAG(std::string, index_dir, "",
          "directory of this replica's search index; empty = a temporary one");

namespace chanyan::pairing {
namespace {

constexpr int kSchemaMin = 13;
constexpr int kSchemaMax = 13;

absl::Status Build(rpc::Runtime& runtime) {
  const policy::Pack& pack = runtime.pack();
  if (!pack.proto().has_pairing()) {
    return status::InvalidField(
        "--policy", absl::StrCat("政策包“", pack.id(), "”没有结对（pairing）的规定，请先补全"));
  }
  if (pack.RulesFor(policy::v1::DECISION_INTENT_EXPIRY).empty()) {
    return status::InvalidField(
        "--policy",
        absl::StrCat("政策包“", pack.id(),
                     "”没有规定意向最长有效期的规则（DECISION_INTENT_EXPIRY），请先补全"));
  }
  auto& pairing = runtime.Own(std::make_unique<PairingService>(
      PairingService::Deps{runtime.store(), pack, runtime.peers()}));
  runtime.server().Register("chanyan.pairing.v1.PairingService", pairing.Methods());
  CHANYAN_ASSIGN_OR_RETURN(const Discovery discovery,
                           HostDiscovery(runtime, absl::GetFlag(FLAGS_index_dir)));
  auto& coverage = runtime.Own(std::make_unique<CoverageService>(
      CoverageService::Deps{runtime.store(), pack, &discovery.advice}));
  runtime.server().Register("chanyan.pairing.v1.CoverageService", coverage.Methods());
  auto& cooperation = runtime.Own(std::make_unique<CooperationService>(
      CooperationService::Deps{runtime.store(), pack, runtime.peers()}));
  runtime.server().Register("chanyan.pairing.v1.CooperationService", cooperation.Methods());
  auto& cooperation_files = runtime.Own(
      std::make_unique<CooperationFileService>(CooperationFileService::Deps{runtime.store()}));
  runtime.server().Register("chanyan.pairing.v1.CooperationFileService",
                            cooperation_files.Methods());
  std::vector<operation::Handlers> handlers = HostRecords(runtime);
  handlers.push_back({"chanyan.pairing.v1.PairingService", pairing.Methods()});
  handlers.push_back({"chanyan.pairing.v1.CoverageService", coverage.Methods()});
  handlers.push_back({"chanyan.pairing.v1.CooperationService", cooperation.Methods()});
  CHANYAN_RETURN_IF_ERROR(operation::Host(runtime, kWorkService, kWorkKinds, handlers));

  auto& predecessors = runtime.Own(
      std::make_unique<rpc::Predecessors>(runtime.db(), runtime.clock(), rpc::kPredecessorsSql));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });

  runtime.Follow(
      "registry",
      [&pairing, discovery = &discovery.service](db::Session& session, absl::Time now,
                                                 const journal::v1::Entry& entry) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(pairing.FollowRegistry(session, now, entry));
        return discovery->FollowRegistry(session, now, entry);
      });
  runtime.FollowOwn([](db::Session& session, absl::Time, const journal::v1::Entry& entry) {
    return FollowProjects(session, entry);
  });

  auto& jobs =
      runtime.Own(std::make_unique<Jobs>(Jobs::Deps{runtime.db(), pairing, coverage, cooperation}));
  auto& clockwork = runtime.Own(std::make_unique<rpc::Periodic>(
      "pairing jobs", kJobPeriod, runtime.log(), [&jobs] { return jobs.Run(); }));
  runtime.AddJob([&clockwork] { clockwork.Start(); },
                 [&clockwork, &jobs] {
                   clockwork.Stop();
                   jobs.Release();
                 });
  return absl::OkStatus();
}

}  // namespace
}  // namespace chanyan::pairing

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "pairing",
                                   .needs = {.policy = true, .peers = {"identity", "registry"}},
                                   .schema_min = chanyan::pairing::kSchemaMin,
                                   .schema_max = chanyan::pairing::kSchemaMax,
                                   .build = chanyan::pairing::Build});
}
