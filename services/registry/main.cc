// chanyan-registry: organizations, platforms with their revisions and attachments, shared
// instruments and their booking, reference lists.
#include <memory>

#include "common/api/normalize.h"
#include "common/operation/host.h"
#include "common/rpc/leased_job.h"
#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "common/rpc/succession.h"
#include "services/registry/directory_service.h"
#include "services/registry/instrument_service.h"
#include "services/registry/platform_attachment_service.h"
#include "services/registry/platform_freshness.h"
#include "services/registry/platform_revision_service.h"
#include "services/registry/reference_service.h"
#include "services/registry/registry_service.h"
#include "services/registry/taxonomy_history.h"
#include "services/registry/work_kinds.h"

namespace {

using chanyan::registry::DirectoryService;
using chanyan::registry::InstrumentService;
using chanyan::registry::kFreshnessPeriod;
using chanyan::registry::PlatformAttachmentService;
using chanyan::registry::PlatformFreshness;
using chanyan::registry::PlatformRevisionService;
using chanyan::registry::ReferenceService;
using chanyan::registry::RegistryService;
using chanyan::registry::TaxonomyHistory;

constexpr absl::Duration kClockPeriod = absl::Minutes(1);
// Also how soon a new pack's names are looked at.
constexpr absl::Duration kRefreshPeriod = absl::Minutes(1);
constexpr char kPredecessors[] =
    "SELECT name FROM organization WHERE merged_into = ? ORDER BY name";

// A service of the package with its handlers.
template <class Service>
Service& Serve(chanyan::rpc::Runtime& runtime, const char* name) {
  auto& service = runtime.Own(
      std::make_unique<Service>(typename Service::Deps{runtime.store(), runtime.pack()}));
  runtime.server().Register(name, service.Methods());
  return service;
}

void KeepFresh(chanyan::rpc::Runtime& runtime) {
  auto& freshness = runtime.Own(std::make_unique<PlatformFreshness>(
      PlatformFreshness::Deps{runtime.store(), runtime.pack()}));
  auto& job = runtime.Own(std::make_unique<chanyan::rpc::LeasedJob>(
      chanyan::rpc::LeasedJob::Options{.name = "platform-freshness", .period = kFreshnessPeriod},
      runtime.db(), runtime.log(),
      [&freshness](const chanyan::db::Lease& lease) { return freshness.Mark(lease).status(); }));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

void RecordTaxonomies(chanyan::rpc::Runtime& runtime) {
  auto& history = runtime.Own(
      std::make_unique<TaxonomyHistory>(TaxonomyHistory::Deps{runtime.store(), runtime.pack()}));
  auto& job = runtime.Own(std::make_unique<chanyan::rpc::LeasedJob>(
      chanyan::rpc::LeasedJob::Options{.name = "taxonomy-history", .period = kRefreshPeriod},
      runtime.db(), runtime.log(),
      [&history](const chanyan::db::Lease& lease) { return history.Record(lease).status(); }));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

// Former names and duplicates, and whose rows a successor may read.
absl::Status ServeDirectory(chanyan::rpc::Runtime& runtime) {
  CHANYAN_RETURN_IF_ERROR(chanyan::api::CheckTables());
  auto& directory = Serve<DirectoryService>(runtime, "chanyan.registry.v1.DirectoryService");
  auto& refresh = runtime.Own(std::make_unique<chanyan::rpc::Periodic>(
      "name keys", kRefreshPeriod, runtime.log(),
      [&directory] { return directory.RefreshKeys().status(); }));
  runtime.AddJob([&refresh] { refresh.Start(); }, [&refresh] { refresh.Stop(); });
  auto& predecessors = runtime.Own(
      std::make_unique<chanyan::rpc::Predecessors>(runtime.db(), runtime.clock(), kPredecessors));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });
  return absl::OkStatus();
}

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  auto& registry = Serve<RegistryService>(runtime, "chanyan.registry.v1.RegistryService");
  Serve<PlatformRevisionService>(runtime, "chanyan.registry.v1.PlatformRevisionService");
  Serve<PlatformAttachmentService>(runtime, "chanyan.registry.v1.PlatformAttachmentService");
  auto& references = Serve<ReferenceService>(runtime, "chanyan.registry.v1.ReferenceService");
  auto& instruments = Serve<InstrumentService>(runtime, "chanyan.registry.v1.InstrumentService");
  CHANYAN_RETURN_IF_ERROR(chanyan::operation::Host(
      runtime, chanyan::registry::kWorkService, chanyan::registry::kWorkKinds,
      {{"chanyan.registry.v1.RegistryService", registry.Methods()},
       {"chanyan.registry.v1.ReferenceService", references.Methods()},
       {"chanyan.registry.v1.InstrumentService", instruments.Methods()}}));

  CHANYAN_RETURN_IF_ERROR(ServeDirectory(runtime));
  KeepFresh(runtime);
  RecordTaxonomies(runtime);
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
                                   .schema_min = 11,
                                   .schema_max = 11,
                                   .build = Build});
}
