#include "services/consortium/hosting.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/keyring.h"
#include "common/rpc/leased_job.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/consortium/attachment_service.h"
#include "services/consortium/bar_service.h"
#include "services/consortium/clocks.h"
#include "services/consortium/consortium_service.h"
#include "services/consortium/eligibility_service.h"
#include "services/consortium/evaluation_service.h"
#include "services/consortium/filing_service.h"
#include "services/consortium/registry_follower.h"
#include "services/consortium/review_hosting.h"
#include "services/consortium/signature_service.h"
#include "services/consortium/supervision_service.h"

namespace chanyan::consortium {
namespace {

constexpr absl::Duration kJobPeriod = absl::Minutes(1);

template <class Service>
Service& Serve(rpc::Runtime& runtime, const Deps& deps, const char* name) {
  auto& service = runtime.Own(std::make_unique<Service>(deps));
  runtime.server().Register(absl::StrCat("chanyan.consortium.v1.", name), service.Methods());
  return service;
}

}  // namespace

absl::Status Host(rpc::Runtime& runtime, const std::string& data_key_file) {
  if (!runtime.pack().proto().has_consortium()) {
    return status::InvalidField("--policy",
                                absl::StrCat("政策包“", runtime.pack().id(),
                                             "”没有创新联合体（consortium）的规定，请先补全"));
  }
  CHANYAN_ASSIGN_OR_RETURN(crypto::Keyring read, crypto::Keyring::FromFile(data_key_file));
  const auto& keys = runtime.Own(std::make_unique<crypto::Keyring>(std::move(read)));
  auto& pack = runtime.Own(std::make_unique<ConsortiumPack>(runtime.pack()));
  auto& book = runtime.Own(std::make_unique<ConsortiumBook>(pack));
  const Deps deps = {runtime.store(), pack, book, runtime.peers()};
  Serve<ConsortiumService>(runtime, deps, "ConsortiumService");
  Serve<SignatureService>(runtime, deps, "SignatureService");
  Serve<AttachmentService>(runtime, deps, "ConsortiumAttachmentService");
  Serve<EligibilityService>(runtime, deps, "EligibilityService");
  auto& filings = Serve<FilingService>(runtime, deps, "FilingService");
  Serve<SupervisionService>(runtime, deps, "SupervisionService");
  Serve<EvaluationService>(runtime, deps, "EvaluationService");
  auto& bars = Serve<BarService>(runtime, deps, "BarService");
  auto& clocks = runtime.Own(std::make_unique<Clocks>(deps));
  HostReview(runtime, deps, keys, book);

  auto& predecessors = runtime.Own(
      std::make_unique<rpc::Predecessors>(runtime.db(), runtime.clock(), rpc::kPredecessorsSql));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });
  auto& follower = runtime.Own(std::make_unique<RegistryFollower>(book));
  runtime.Follow("registry",
                 [&follower](db::Session& session, absl::Time now, const journal::v1::Entry& entry)
                     -> absl::Status { return follower.Follow(session, now, entry); });

  auto& jobs = runtime.Own(std::make_unique<rpc::LeasedJob>(
      rpc::LeasedJob::Options{.name = "consortium-jobs", .period = kJobPeriod}, runtime.db(),
      runtime.log(), [&clocks, &filings, &bars](const db::Lease& lease) -> absl::Status {
        // Each is safe to do twice; one that fails does not keep the others from their work.
        const absl::Status expired = clocks.Expire(lease).status();
        const absl::Status ran_out = clocks.RunOut(lease).status();
        const absl::Status reminded = filings.Remind(lease).status();
        const absl::Status ended = bars.Expire(lease).status();
        CHANYAN_RETURN_IF_ERROR(expired);
        CHANYAN_RETURN_IF_ERROR(ran_out);
        CHANYAN_RETURN_IF_ERROR(reminded);
        return ended;
      }));
  runtime.AddJob([&jobs] { jobs.Start(); }, [&jobs] { jobs.Stop(); });
  return absl::OkStatus();
}

}  // namespace chanyan::consortium
