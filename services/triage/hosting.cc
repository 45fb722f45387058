#include "services/triage/hosting.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/normalize.h"
#include "common/operation/host.h"
#include "common/rpc/leased_job.h"
#include "common/rpc/periodic.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/triage/case_service.h"
#include "services/triage/confidential_service.h"
#include "services/triage/demand_service.h"
#include "services/triage/deps.h"
#include "services/triage/dispatch_service.h"
#include "services/triage/disposition_service.h"
#include "services/triage/escalation_service.h"
#include "services/triage/figures.h"
#include "services/triage/first_contact_service.h"
#include "services/triage/follow_up_service.h"
#include "services/triage/guide_service.h"
#include "services/triage/library_rules.h"
#include "services/triage/library_search.h"
#include "services/triage/list_service.h"
#include "services/triage/match_platforms.h"
#include "services/triage/match_service.h"
#include "services/triage/meeting_service.h"
#include "services/triage/registry_follower.h"
#include "services/triage/repeated_failures.h"
#include "services/triage/report_service.h"
#include "services/triage/result_service.h"
#include "services/triage/team_service.h"
#include "services/triage/university_team_service.h"
#include "services/triage/work_kinds.h"

namespace chanyan::triage {
namespace {

constexpr absl::Duration kJobPeriod = absl::Minutes(1);
constexpr absl::Duration kBoardPeriod = absl::Seconds(1);
constexpr absl::Duration kFiguresPeriod = absl::Seconds(30);

template <class Service>
Service& Serve(rpc::Runtime& runtime, const Deps& deps, const char* name) {
  auto& service = runtime.Own(std::make_unique<Service>(deps));
  runtime.server().Register(name, service.Methods());
  return service;
}

// A part of a job, as the log calls it. What keeps failing, such as a year without a work calendar,
// is one line when it begins and one when it is over; the series count each run.
struct JobPart {
  JobPartId id;
  const char* name;
  std::function<absl::Status(const db::Lease&)> run;
  RepeatedFailures failures = {};
};

void HostJob(rpc::Runtime& runtime, const Figures& figures, const char* name,
             std::vector<JobPart> given) {
  auto& parts = runtime.Own(std::make_unique<std::vector<JobPart>>(std::move(given)));
  auto& job = runtime.Own(std::make_unique<rpc::LeasedJob>(
      rpc::LeasedJob::Options{.name = name, .period = kJobPeriod}, runtime.db(), runtime.log(),
      [&parts, &figures, name, log = runtime.log()](const db::Lease& lease) -> absl::Status {
        for (JobPart& part : parts) {
          const absl::Status run = part.run(lease);
          if (!run.ok()) figures.Failed(part.id);
          switch (part.failures.Note(run)) {
            case RepeatedFailures::News::kFails:
              log.Warning("job failed",
                          {{"job", name}, {"part", part.name}, {"error", run.message()}});
              break;
            case RepeatedFailures::News::kWorksAgain:
              log.Info("job works again", {{"job", name}, {"part", part.name}});
              break;
            case RepeatedFailures::News::kNone:
              break;
          }
        }
        return absl::OkStatus();
      }));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

Figures& HostFigures(rpc::Runtime& runtime, const TriagePack& pack) {
  auto& figures = runtime.Own(
      std::make_unique<Figures>(runtime.db(), runtime.clock(), pack, runtime.metrics()));
  auto& measure = runtime.Own(std::make_unique<rpc::Periodic>(
      "triage figures", kFiguresPeriod, runtime.log(), [&figures] { return figures.Measure(); }));
  runtime.AddJob([&measure] { measure.Start(); }, [&measure] { measure.Stop(); });
  return figures;
}

// Every replica has a board of its own.
absl::Status HostMatching(rpc::Runtime& runtime, const Deps& deps) {
  // A city that does not match has no use for platforms.
  PlatformSource platforms;
  if (deps.pack.proto().has_matching()) {
    CHANYAN_ASSIGN_OR_RETURN(platforms, HostPlatforms(runtime));
  }
  CHANYAN_ASSIGN_OR_RETURN(auto made, MatchingService::Make(deps, std::move(platforms)));
  MatchingService& matching = runtime.Own(std::move(made));
  runtime.server().Register("chanyan.triage.v1.MatchingService", matching.Methods());
  auto& board = runtime.Own(std::make_unique<rpc::Periodic>(
      "match board", kBoardPeriod, runtime.log(), [&matching] { return matching.Refresh(); }));
  runtime.AddJob([&board] { board.Start(); }, [&board] { board.Stop(); });
  return absl::OkStatus();
}

}  // namespace

absl::Status Host(rpc::Runtime& runtime) {
  if (!runtime.pack().proto().has_triage()) {
    return status::InvalidField(
        "--policy",
        absl::StrCat("政策包“", runtime.pack().id(), "”没有成果转化（triage）的规定，请先补全"));
  }
  CHANYAN_RETURN_IF_ERROR(api::CheckTables());
  auto& pack = runtime.Own(std::make_unique<TriagePack>(runtime.pack()));
  if (const std::string unknown = UnknownForm(pack); !unknown.empty()) {
    return status::InvalidField(
        "--policy", absl::StrCat("政策包“", runtime.pack().id(), "”中企业可填报的成果形式“",
                                 unknown, "”不存在（enterprise_entry.forms）"));
  }
  auto& hygiene = runtime.Own(std::make_unique<TextHygiene>(pack.proto().hygiene()));
  const Deps deps = {runtime.store(), pack, hygiene, runtime.peers()};
  auto& results = Serve<ResultService>(runtime, deps, "chanyan.triage.v1.ResultService");
  auto& demands = Serve<DemandService>(runtime, deps, "chanyan.triage.v1.DemandService");
  Serve<ConfidentialService>(runtime, deps, "chanyan.triage.v1.ConfidentialService");
  auto& teams = Serve<TeamService>(runtime, deps, "chanyan.triage.v1.TeamService");
  Serve<DispositionService>(runtime, deps, "chanyan.triage.v1.DispositionService");
  auto& dispatch = Serve<DispatchService>(runtime, deps, "chanyan.triage.v1.DispatchService");
  auto& guides = Serve<GuideService>(runtime, deps, "chanyan.triage.v1.GuideService");
  auto& first = Serve<FirstContactService>(runtime, deps, "chanyan.triage.v1.FirstContactService");
  Serve<FollowUpService>(runtime, deps, "chanyan.triage.v1.FollowUpService");
  auto& lists = Serve<ListService>(runtime, deps, "chanyan.triage.v1.ListService");
  auto& reports = Serve<ReportService>(runtime, deps, "chanyan.triage.v1.ReportService");
  auto& ladder = Serve<EscalationService>(runtime, deps, "chanyan.triage.v1.EscalationService");
  auto& meetings = Serve<MeetingService>(runtime, deps, "chanyan.triage.v1.MeetingService");
  Serve<CaseService>(runtime, deps, "chanyan.triage.v1.CaseService");
  Serve<UniversityTeamService>(runtime, deps, "chanyan.triage.v1.UniversityTeamService");
  CHANYAN_RETURN_IF_ERROR(HostMatching(runtime, deps));
  CHANYAN_RETURN_IF_ERROR(HostLibrarySearch(runtime));
  CHANYAN_RETURN_IF_ERROR(
      operation::Host(runtime, kWorkService, kWorkKinds,
                      {{"chanyan.triage.v1.ResultService", results.Methods()},
                       {"chanyan.triage.v1.DemandService", demands.Methods()},
                       {"chanyan.triage.v1.FirstContactService", first.Methods()},
                       {"chanyan.triage.v1.TeamService", teams.Methods()},
                       {"chanyan.triage.v1.GuideService", guides.Methods()}}));

  auto& predecessors = runtime.Own(
      std::make_unique<rpc::Predecessors>(runtime.db(), runtime.clock(), rpc::kPredecessorsSql));
  runtime.server().SetPredecessors(
      [&predecessors](absl::string_view organization) { return predecessors.Of(organization); });
  auto& follower = runtime.Own(std::make_unique<RegistryFollower>(pack));
  runtime.Follow("registry",
                 [&follower](db::Session& session, absl::Time now, const journal::v1::Entry& entry)
                     -> absl::Status { return follower.Follow(session, now, entry); });

  const Figures& figures = HostFigures(runtime, pack);
  // Each part is safe to do twice; one that fails does not keep the others from their work.
  HostJob(runtime, figures, "triage-jobs",
          {{JobPartId::kTeams, "专班", [&teams](const db::Lease&) { return teams.Seed(); }},
           {JobPartId::kDemands, "需求到期",
            [&demands](const db::Lease& lease) { return demands.Expire(lease).status(); }},
           {JobPartId::kHandovers, "移交逾期",
            [&first](const db::Lease& lease) { return first.Lapse(lease).status(); }},
           {JobPartId::kLadder, "首问提级",
            [&first](const db::Lease& lease) { return first.Climb(lease).status(); }},
           {JobPartId::kPushes, "推送逾期",
            [&dispatch](const db::Lease& lease) { return dispatch.NoteOverdue(lease).status(); }},
           {JobPartId::kMatters, "提级逾期",
            [&ladder](const db::Lease& lease) { return ladder.NoteOverdue(lease).status(); }},
           {JobPartId::kMeetings, "会议事项", [&meetings](const db::Lease& lease) {
              return meetings.NoteTermsDue(lease).status();
            }}});
  // A job of its own: it reads whole libraries, and the ladder does not wait for that.
  HostJob(runtime, figures, "triage-drafts",
          {{JobPartId::kLists, "清单草稿",
            [&lists](const db::Lease& lease) { return lists.DraftDue(lease).status(); }},
           {JobPartId::kReports, "报告草稿",
            [&reports](const db::Lease& lease) { return reports.DraftDue(lease).status(); }}});
  return absl::OkStatus();
}

}  // namespace chanyan::triage
