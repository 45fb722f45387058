#include "tests/e2e/through_gateway/asked_apart.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace chanyan::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;

// Both without "chanyan.".
const std::map<std::string, std::vector<std::string>>& Showing() {
  static const auto& showing = *new std::map<std::string, std::vector<std::string>>{
      // Sheets.
      {"consortium.v1.ConsortiumExportService.ExportBars", {"consortium.v1.Bar"}},
      {"consortium.v1.ConsortiumExportService.ExportConsortia", {"consortium.v1.Consortium"}},
      {"consortium.v1.ConsortiumExportService.ExportConsortiumMembers",
       {"consortium.v1.Consortium"}},
      {"consortium.v1.ConsortiumExportService.ExportCreditEntries", {"consortium.v1.CreditEntry"}},
      {"cycle.v1.ChainService.ExportActionTasks", {"cycle.v1.ActionTask"}},
      {"pairing.v1.ContactService.ExportUnansweredContacts", {"pairing.v1.Contact"}},
      {"pairing.v1.CooperationService.ExportCoBuiltBases", {"pairing.v1.CoBuiltBase"}},
      {"pairing.v1.CooperationService.ExportConferences", {"pairing.v1.Conference"}},
      {"pairing.v1.CooperationService.ExportFollowUps", {"pairing.v1.FollowUp"}},
      {"pairing.v1.CooperationService.ExportFrameAgreements", {"pairing.v1.FrameAgreement"}},
      {"pairing.v1.CoverageService.ExportContactAttempts", {"pairing.v1.ContactAttempt"}},
      {"pairing.v1.CoverageService.ExportCoverage", {"pairing.v1.RosterEntry"}},
      {"pairing.v1.CoverageService.ExportUnpairedEnterprises", {"pairing.v1.RosterEntry"}},
      {"pairing.v1.DiscoveryService.ExportDismissals", {"pairing.v1.Dismissal"}},
      {"pairing.v1.PairingService.ExportIntents", {"pairing.v1.Intent"}},
      {"pairing.v1.ProblemService.ExportOverdueProblems", {"pairing.v1.Problem"}},
      {"pairing.v1.ProjectSheetService.ExportProjects", {"pairing.v1.Project"}},
      {"registry.v1.DirectoryService.ExportDistinctPairs", {"registry.v1.DistinctPair"}},
      {"registry.v1.DirectoryService.ExportDuplicates", {"registry.v1.Organization"}},
      {"registry.v1.DirectoryService.ExportOrganizationEvents", {"registry.v1.OrganizationEvent"}},
      {"registry.v1.InstrumentService.ExportBookings", {"registry.v1.Booking"}},
      {"registry.v1.InstrumentService.ExportInstruments", {"registry.v1.Instrument"}},
      {"registry.v1.InstrumentService.ExportUseRecords", {"registry.v1.UseRecord"}},
      {"registry.v1.ReferenceService.ExportIndustryDuties", {"registry.v1.IndustryDuty"}},
      {"registry.v1.ReferenceService.ExportPolicyDividends", {"registry.v1.PolicyDividend"}},
      {"registry.v1.ReferenceService.ExportTaskForceMembers", {"registry.v1.TaskForceMember"}},
      {"registry.v1.RegistryService.ExportOrganizations", {"registry.v1.Organization"}},
      {"registry.v1.RegistryService.ExportPlatforms", {"registry.v1.Platform"}},
      {"triage.v1.CaseService.ExportTypicalCases", {"triage.v1.TypicalCase"}},
      {"triage.v1.DemandService.ExportDemands", {"triage.v1.Demand"}},
      {"triage.v1.MeetingService.ExportWorkMeetings", {"triage.v1.WorkMeeting"}},
      {"triage.v1.ResultService.ExportResults", {"triage.v1.Result"}},
      {"triage.v1.TeamService.ExportServiceTeams", {"triage.v1.ServiceTeam"}},
      {"triage.v1.UniversityTeamService.ExportUniversityTeams", {"triage.v1.UniversityTeam"}},
      // Figures.
      {"consortium.v1.FilingService.GetConsortiumCoverage", {"consortium.v1.Consortium"}},
      {"pairing.v1.CooperationService.GetConferenceCadence", {"pairing.v1.Conference"}},
      {"pairing.v1.CoverageService.QueryCoverageTrend", {"pairing.v1.RosterEntry"}},
      {"pairing.v1.OutcomeService.QueryOutcomes", {"pairing.v1.Outcome"}},
      {"pairing.v1.PairingService.QueryCoverage", {"pairing.v1.RosterEntry"}},
      {"pairing.v1.ReportService.QueryProgress",
       {"pairing.v1.ProgressReport", "pairing.v1.Project"}},
      {"registry.v1.DirectoryService.ListDuplicates", {"registry.v1.Organization"}},
      {"triage.v1.FollowUpService.QueryFunnel",
       {"triage.v1.Result", "triage.v1.StageEntry", "triage.v1.FollowUp"}},
      {"triage.v1.UniversityTeamService.QueryUniversitiesWithoutTeam",
       {"triage.v1.ServiceTeam", "triage.v1.UniversityTeam"}},
  };
  return showing;
}

}  // namespace

std::vector<const Descriptor*> ShownBy(const std::string& rpc) {
  std::vector<const Descriptor*> types;
  for (const auto& [name, resources] : Showing()) {
    if (absl::StrCat("chanyan.", name) != rpc) continue;
    for (const std::string& resource : resources) {
      types.push_back(DescriptorPool::generated_pool()->FindMessageTypeByName(
          absl::StrCat("chanyan.", resource)));
    }
  }
  return types;
}

std::vector<std::string> AllShowing() {
  std::vector<std::string> rpcs;
  for (const auto& [name, resources] : Showing()) rpcs.push_back(absl::StrCat("chanyan.", name));
  return rpcs;
}

const std::vector<std::string>& AskedOfStrangers() {
  static const auto& rpcs = *new std::vector<std::string>{
      "chanyan.consortium.v1.BarService.CreateCreditEntry",
      "chanyan.consortium.v1.ConsortiumService.CreateConsortium",
      "chanyan.consortium.v1.ExpertService.CreateExpert",
      "chanyan.pairing.v1.DiscoveryService.CreateDismissal",
      "chanyan.pairing.v1.DiscoveryService.RecommendPlatforms",
      "chanyan.pairing.v1.PairingService.CreateIntent",
      "chanyan.pairing.v1.PairingService.CreateProject",
      "chanyan.registry.v1.DirectoryService.LookupOrganizations",
      "chanyan.triage.v1.CaseService.CreateTypicalCase",
      "chanyan.triage.v1.DemandService.CreateDemand",
      "chanyan.triage.v1.EscalationService.RaiseEscalation",
      "chanyan.triage.v1.GuideService.CreateProjectGuide",
      "chanyan.triage.v1.ListService.CreateIndustryList",
      "chanyan.triage.v1.MatchingService.DismissMatch",
      "chanyan.triage.v1.ReportService.CreateReport",
      "chanyan.triage.v1.ResultService.CreateResult",
      "chanyan.triage.v1.TeamService.CreateBroker",
      "chanyan.triage.v1.TeamService.CreateServiceTeam",
      "chanyan.triage.v1.UniversityTeamService.CreateUniversityTeam",
  };
  return rpcs;
}

const std::vector<std::string>& MadeForAll() {
  static const auto& rpcs = *new std::vector<std::string>{
      "chanyan.identity.v1.IdentityService.CreateAccount",
      "chanyan.identity.v1.IdentityService.CreateApiClient",
      "chanyan.pairing.v1.CooperationService.CreateCoBuiltBase",
      "chanyan.pairing.v1.CooperationService.CreateConference",
      "chanyan.pairing.v1.CooperationService.CreateFrameAgreement",
      "chanyan.registry.v1.ReferenceService.CreateIndustryDuty",
      "chanyan.registry.v1.ReferenceService.CreatePolicyDividend",
      "chanyan.registry.v1.ReferenceService.CreateTaskForceMember",
      "chanyan.registry.v1.RegistryService.CreateOrganization",
  };
  return rpcs;
}

}  // namespace chanyan::e2e
