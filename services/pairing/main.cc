// chanyan-pairing: intents, projects and their records, rosters and coverage.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "chanyan/journal/v1/journal.pb.h"
#include "common/rpc/periodic.h"
#include "common/rpc/runtime.h"
#include "services/pairing/agreement_service.h"
#include "services/pairing/contact_service.h"
#include "services/pairing/outcome_service.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/problem_service.h"
#include "services/pairing/project_sheet_service.h"
#include "services/pairing/report_service.h"

namespace {

using chanyan::pairing::PairingService;

constexpr absl::Duration kExpiryPeriod = absl::Minutes(1);
constexpr absl::Duration kAlarmPeriod = absl::Minutes(1);

void AddPeriodic(chanyan::rpc::Runtime& runtime, const char* name, absl::Duration period,
                 std::function<absl::Status()> work) {
  auto& job = runtime.Own(
      std::make_unique<chanyan::rpc::Periodic>(name, period, runtime.log(), std::move(work)));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

// The records of projects, each a service of its own, and the alarms that they set.
void BuildRecords(chanyan::rpc::Runtime& runtime) {
  namespace pairing = chanyan::pairing;
  const pairing::RecordDeps deps{runtime.store(), runtime.pack(), runtime.peers()};
  const auto add = [&](const char* name, auto service) -> auto& {
    auto& owned = runtime.Own(std::move(service));
    runtime.server().Register(name, owned.Methods());
    return owned;
  };
  auto& contacts =
      add("chanyan.pairing.v1.ContactService", std::make_unique<pairing::ContactService>(deps));
  auto& problems =
      add("chanyan.pairing.v1.ProblemService", std::make_unique<pairing::ProblemService>(deps));
  add("chanyan.pairing.v1.AgreementService", std::make_unique<pairing::AgreementService>(deps));
  add("chanyan.pairing.v1.ReportService", std::make_unique<pairing::ReportService>(deps));
  add("chanyan.pairing.v1.OutcomeService", std::make_unique<pairing::OutcomeService>(deps));
  add("chanyan.pairing.v1.ProjectSheetService",
      std::make_unique<pairing::ProjectSheetService>(deps));

  const pairing::Ring ring_problem = [&problems](chanyan::db::Session& session, absl::Time now,
                                                 const pairing::Alarm& alarm) {
    return problems.book().Ring(session, now, alarm);
  };
  std::map<std::string, pairing::Ring> rings = {
      {pairing::kUnanswered,
       [&contacts](chanyan::db::Session& session, absl::Time now, const pairing::Alarm& alarm) {
         return contacts.Ring(session, now, alarm);
       }},
      {pairing::kReminder, ring_problem},
      {pairing::kEscalation, ring_problem}};
  AddPeriodic(runtime, "alarms", kAlarmPeriod, [&runtime, rings = std::move(rings)] {
    return pairing::RingDue(runtime.db(), runtime.clock(), rings).status();
  });
}

absl::Status Build(chanyan::rpc::Runtime& runtime) {
  auto& service = runtime.Own(std::make_unique<PairingService>(
      PairingService::Deps{runtime.store(), runtime.pack(), runtime.peers()}));
  runtime.server().Register("chanyan.pairing.v1.PairingService", service.Methods());

  runtime.Follow("registry", [&service](chanyan::db::Session& session, absl::Time now,
                                        const chanyan::journal::v1::Entry& entry) {
    return service.FollowRegistry(session, now, entry);
  });

  AddPeriodic(runtime, "intent expiry", kExpiryPeriod,
              [&service] { return service.ExpireIntents().status(); });
  BuildRecords(runtime);
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "pairing",
                                   .needs = {.policy = true, .peers = {"identity", "registry"}},
                                   .schema_min = 4,
                                   .schema_max = 4,
                                   .build = Build});
}
