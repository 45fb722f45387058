#include "services/consortium/hosting.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/keyring.h"
#include "common/rpc/leased_job.h"
#include "common/rpc/periodic.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/consortium/attachment_service.h"
#include "services/consortium/backfill_clock.h"
#include "services/consortium/backfill_service.h"
#include "services/consortium/bar_service.h"
#include "services/consortium/clocks.h"
#include "services/consortium/consortium_service.h"
#include "services/consortium/construction_book.h"
#include "services/consortium/construction_service.h"
#include "services/consortium/coordination_book.h"
#include "services/consortium/coordination_service.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/eligibility_service.h"
#include "services/consortium/evaluation_service.h"
#include "services/consortium/export_service.h"
#include "services/consortium/figures.h"
#include "services/consortium/filing_service.h"
#include "services/consortium/registry_follower.h"
#include "services/consortium/review_hosting.h"
#include "services/consortium/signature_service.h"
#include "services/consortium/supervision_service.h"

namespace chanyan::consortium {
namespace {

constexpr absl::Duration kJobPeriod = absl::Minutes(1);
constexpr absl::Duration kFiguresPeriod = absl::Seconds(30);
constexpr absl::Duration kClockPeriod = absl::Seconds(1);

template <class Service>
Service& Serve(rpc::Runtime& runtime, const Deps& deps, const char* name) {
  auto& service = runtime.Own(std::make_unique<Service>(deps));
  runtime.server().Register(absl::StrCat("chanyan.consortium.v1.", name), service.Methods());
  return service;
}

// What a program from before the index wrote is found by it again. One that cannot be mended now is
// mended by the next write of its dossier or the next start.
void MendIndexOfParties(rpc::Runtime& runtime) {
  const absl::StatusOr<int> mended = MendIndex(runtime.db());
  if (!mended.ok()) {
    runtime.log().Warning("the index of parties could not be mended",
                          {{"error", mended.status().ToString()}});
  } else if (*mended > 0) {
    runtime.log().Info("the index of parties was mended", {{"dossiers", absl::StrCat(*mended)}});
  }
}

// The clock that all others take for now, before they begin.
absl::Status HostBackfill(rpc::Runtime& runtime, const ConsortiumPack& pack, BackfillClock& clock) {
  CHANYAN_RETURN_IF_ERROR(clock.Refresh(runtime.db()));
  auto& service = runtime.Own(std::make_unique<BackfillService>(runtime.store(), pack, clock));
  runtime.server().Register("chanyan.consortium.v1.BackfillService", service.Methods());
  auto& refresh = runtime.Own(
      std::make_unique<rpc::Periodic>("backfill clock", kClockPeriod, runtime.log(),
                                      [&runtime, &clock] { return clock.Refresh(runtime.db()); }));
  runtime.AddJob([&refresh] { refresh.Start(); }, [&refresh] { refresh.Stop(); });
  return absl::OkStatus();
}

Figures& HostFigures(rpc::Runtime& runtime, const time::Clock& clock) {
  auto& figures = runtime.Own(std::make_unique<Figures>(runtime.db(), clock, runtime.metrics()));
  auto& measure = runtime.Own(
      std::make_unique<rpc::Periodic>("consortium figures", kFiguresPeriod, runtime.log(),
                                      [&figures] { return figures.Measure(); }));
  runtime.AddJob([&measure] { measure.Start(); }, [&measure] { measure.Stop(); });
  return figures;
}

}  // namespace

absl::Status Host(rpc::Runtime& runtime, const std::string& data_key_file) {
  if (!runtime.pack().proto().has_consortium()) {
    return status::InvalidField("--policy",
                                absl::StrCat("政策包“", runtime.pack().id(),
                                             "”没有创新联合体（consortium）的规定，请先补全"));
  }
  // A city whose pack has no pairing runs none; one that has it asks before each draw.
  if (runtime.pack().proto().has_pairing() && !runtime.config().peers.contains("pairing")) {
    return status::InvalidField("--peers", "缺少本服务要调用的“pairing”：专家回避需要结对共建项目");
  }
  CHANYAN_ASSIGN_OR_RETURN(crypto::Keyring read, crypto::Keyring::FromFile(data_key_file));
  const auto& keys = runtime.Own(std::make_unique<crypto::Keyring>(std::move(read)));
  auto& pack = runtime.Own(std::make_unique<ConsortiumPack>(runtime.pack()));
  auto& book = runtime.Own(std::make_unique<ConsortiumBook>(pack));
  auto& clock = runtime.Own(std::make_unique<BackfillClock>(runtime.clock()));
  CHANYAN_RETURN_IF_ERROR(HostBackfill(runtime, pack, clock));
  book.SetTimekeeper(
      [&clock](rpc::Change& change) { return clock.RequireStill(change.session(), change.now()); });
  MendIndexOfParties(runtime);
  const rpc::StoreDeps machine = runtime.store();
  auto& figures = HostFigures(runtime, clock);
  const Deps deps = {
      {machine.db, clock, machine.changed},
      pack,
      book,
      runtime.peers(),
      [&runtime, &figures](DueJob job, const std::string& name, const absl::Status& why) {
        figures.Failed(job);
        runtime.log().Warning("a row that is due could not be done",
                              {{"job", kDueJobs[static_cast<size_t>(job)]},
                               {"row", name},
                               {"error", why.ToString()}});
      }};
  Serve<ConsortiumService>(runtime, deps, "ConsortiumService");
  Serve<SignatureService>(runtime, deps, "SignatureService");
  Serve<AttachmentService>(runtime, deps, "ConsortiumAttachmentService");
  Serve<EligibilityService>(runtime, deps, "EligibilityService");
  auto& filings = Serve<FilingService>(runtime, deps, "FilingService");
  Serve<SupervisionService>(runtime, deps, "SupervisionService");
  Serve<EvaluationService>(runtime, deps, "EvaluationService");
  Serve<ConstructionService>(runtime, deps, "ConstructionReportService");
  Serve<CoordinationService>(runtime, deps, "CoordinationService");
  Serve<ExportService>(runtime, deps, "ConsortiumExportService");
  auto& bars = Serve<BarService>(runtime, deps, "BarService");
  auto& clocks = runtime.Own(std::make_unique<Clocks>(deps));
  auto& reports = runtime.Own(std::make_unique<ConstructionBook>(deps));
  auto& coordination = runtime.Own(std::make_unique<CoordinationBook>(deps));
  HostReview(runtime, deps, keys, book);

  auto& predecessors = runtime.Own(
      std::make_unique<rpc::Predecessors>(runtime.db(), runtime.clock(), rpc::kPredecessorsSql));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });
  auto& follower = runtime.Own(std::make_unique<RegistryFollower>(book));
  runtime.Follow("registry",
                 [&follower, &clock](db::Session& session, absl::Time,
                                     const journal::v1::Entry& entry) -> absl::Status {
                   return follower.Follow(session, clock.Now(), entry);
                 });

  auto& jobs = runtime.Own(std::make_unique<rpc::LeasedJob>(
      rpc::LeasedJob::Options{.name = "consortium-jobs", .period = kJobPeriod}, runtime.db(),
      runtime.log(),
      [&clocks, &filings, &bars, &reports, &coordination](const db::Lease& lease) -> absl::Status {
        // Each is safe to do twice; one that fails does not keep the others from their work.
        const absl::Status expired = clocks.Expire(lease).status();
        const absl::Status ran_out = clocks.RunOut(lease).status();
        const absl::Status reminded = filings.Remind(lease).status();
        absl::Status done = bars.Expire(lease).status();
        // What ended just now is asked for nothing.
        done.Update(reports.End(lease).status());
        done.Update(reports.Ask(lease).status());
        done.Update(reports.Remind(lease).status());
        done.Update(reports.MarkOverdue(lease).status());
        done.Update(coordination.MarkOverdue(lease).status());
        CHANYAN_RETURN_IF_ERROR(expired);
        CHANYAN_RETURN_IF_ERROR(ran_out);
        CHANYAN_RETURN_IF_ERROR(reminded);
        return done;
      }));
  runtime.AddJob([&jobs] { jobs.Start(); }, [&jobs] { jobs.Stop(); });
  return absl::OkStatus();
}

}  // namespace chanyan::consortium
