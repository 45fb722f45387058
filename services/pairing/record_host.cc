#include "services/pairing/record_host.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/rpc/periodic.h"
#include "services/pairing/agreement_service.h"
#include "services/pairing/alarms.h"
#include "services/pairing/contact_service.h"
#include "services/pairing/outcome_service.h"
#include "services/pairing/problem_service.h"
#include "services/pairing/project_file_service.h"
#include "services/pairing/project_sheet_service.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/report_service.h"

namespace chanyan::pairing {
namespace {

constexpr absl::Duration kAlarmPeriod = absl::Minutes(1);

template <class Service>
Service& Serve(rpc::Runtime& runtime, const char* name) {
  auto& service = runtime.Own(
      std::make_unique<Service>(RecordDeps{runtime.store(), runtime.pack(), runtime.peers()}));
  runtime.server().Register(name, service.Methods());
  return service;
}

}  // namespace

std::vector<operation::Handlers> HostRecords(rpc::Runtime& runtime) {
  auto& contacts = Serve<ContactService>(runtime, "chanyan.pairing.v1.ContactService");
  auto& problems = Serve<ProblemService>(runtime, "chanyan.pairing.v1.ProblemService");
  Serve<AgreementService>(runtime, "chanyan.pairing.v1.AgreementService");
  Serve<ReportService>(runtime, "chanyan.pairing.v1.ReportService");
  Serve<OutcomeService>(runtime, "chanyan.pairing.v1.OutcomeService");
  Serve<ProjectFileService>(runtime, "chanyan.pairing.v1.ProjectFileService");
  auto& records = Serve<RecordSheetService>(runtime, "chanyan.pairing.v1.RecordSheetService");
  auto& projects = Serve<ProjectSheetService>(runtime, "chanyan.pairing.v1.ProjectSheetService");

  const Ring ring_problem = [&problems](db::Session& session, absl::Time now, const Alarm& alarm) {
    return problems.book().Ring(session, now, alarm);
  };
  std::map<std::string, Ring> rings = {
      {kUnanswered, [&contacts](db::Session& session, absl::Time now,
                                const Alarm& alarm) { return contacts.Ring(session, now, alarm); }},
      {kReminder, ring_problem},
      {kEscalation, ring_problem}};
  auto& job = runtime.Own(std::make_unique<rpc::Periodic>(
      "alarms", kAlarmPeriod, runtime.log(), [&runtime, rings = std::move(rings)] {
        return RingDue(runtime.db(), runtime.clock(), rings).status();
      }));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
  return {{"chanyan.pairing.v1.RecordSheetService", records.Methods()},
          {"chanyan.pairing.v1.ProjectSheetService", projects.Methods()}};
}

}  // namespace chanyan::pairing
