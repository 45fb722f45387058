#include "tests/e2e/through_gateway/unreached.h"

#include <algorithm>

namespace chanyan::e2e {
namespace {

struct Group {
  const char* reason;
  std::vector<std::string> rpcs;
};

const std::vector<Group>& Groups() {
  static const auto& groups = *new std::vector<Group>{
      {"makes what is the caller's own, whoever is named: of others it only says who takes part; "
       "MeetingTest",
       {"chanyan.triage.v1.MeetingService.CreateWorkMeeting"}},
      {"makes what is the caller's own and names nobody: WebhookTest",
       {"chanyan.cycle.v1.WebhookService.CreateWebhookEndpoint"}},
      {"reads a file, each of whose rows says whose it is: the imports' own tests, and "
       "HostileImportTest",
       {"chanyan.pairing.v1.CooperationService.ImportCoBuiltBases",
        "chanyan.pairing.v1.CooperationService.ImportConferences",
        "chanyan.pairing.v1.CooperationService.ImportFollowUps",
        "chanyan.pairing.v1.CooperationService.ImportFrameAgreements",
        "chanyan.pairing.v1.CoverageService.ImportContactAttempts",
        "chanyan.pairing.v1.CoverageService.ImportOutreach",
        "chanyan.pairing.v1.PairingService.ImportIntents",
        "chanyan.pairing.v1.ProjectSheetService.ImportProjects",
        "chanyan.registry.v1.InstrumentService.ImportInstruments",
        "chanyan.registry.v1.InstrumentService.ImportUseRecords",
        "chanyan.registry.v1.ReferenceService.ImportIndustryDuties",
        "chanyan.registry.v1.ReferenceService.ImportPolicyDividends",
        "chanyan.registry.v1.ReferenceService.ImportTaskForceMembers",
        "chanyan.registry.v1.RegistryService.ImportOrganizations",
        "chanyan.registry.v1.RegistryService.ImportPlatforms",
        "chanyan.triage.v1.DemandService.ImportDemands",
        "chanyan.triage.v1.ResultService.ImportResults"}},
      {"begins the import of the same name, with its roles and its handler (0011)",
       {"chanyan.cycle.v1.CycleWorkService.BeginImportForm",
        "chanyan.cycle.v1.CycleWorkService.BeginImportReturn",
        "chanyan.pairing.v1.PairingWorkService.BeginImportAgreements",
        "chanyan.pairing.v1.PairingWorkService.BeginImportContacts",
        "chanyan.pairing.v1.PairingWorkService.BeginImportOutcomes",
        "chanyan.pairing.v1.PairingWorkService.BeginImportProblems",
        "chanyan.pairing.v1.PairingWorkService.BeginImportProgress",
        "chanyan.pairing.v1.PairingWorkService.BeginImportCoBuiltBases",
        "chanyan.pairing.v1.PairingWorkService.BeginImportConferences",
        "chanyan.pairing.v1.PairingWorkService.BeginImportContactAttempts",
        "chanyan.pairing.v1.PairingWorkService.BeginImportOutreach",
        "chanyan.pairing.v1.PairingWorkService.BeginImportFollowUps",
        "chanyan.pairing.v1.PairingWorkService.BeginImportFrameAgreements",
        "chanyan.pairing.v1.PairingWorkService.BeginImportIntents",
        "chanyan.pairing.v1.PairingWorkService.BeginImportProjects",
        "chanyan.registry.v1.RegistryWorkService.BeginImportIndustryDuties",
        "chanyan.registry.v1.RegistryWorkService.BeginImportInstruments",
        "chanyan.registry.v1.RegistryWorkService.BeginImportOrganizations",
        "chanyan.registry.v1.RegistryWorkService.BeginImportPlatforms",
        "chanyan.registry.v1.RegistryWorkService.BeginImportPolicyDividends",
        "chanyan.registry.v1.RegistryWorkService.BeginImportTaskForceMembers",
        "chanyan.registry.v1.RegistryWorkService.BeginImportUseRecords",
        "chanyan.triage.v1.TriageWorkService.BeginImportDemands",
        "chanyan.triage.v1.TriageWorkService.BeginImportResults"}},
      {"begins the call of the same name, with its roles and its handler (0011), which is asked",
       {"chanyan.triage.v1.TriageWorkService.BeginAcceptHandovers",
        "chanyan.triage.v1.TriageWorkService.BeginCancelHandovers",
        "chanyan.triage.v1.TriageWorkService.BeginDeclineHandovers",
        "chanyan.triage.v1.TriageWorkService.BeginDissolveServiceTeam",
        "chanyan.triage.v1.TriageWorkService.BeginLeaveBroker",
        "chanyan.triage.v1.TriageWorkService.BeginOfferHandovers",
        "chanyan.triage.v1.TriageWorkService.BeginPublishProjectGuide",
        "chanyan.triage.v1.TriageWorkService.BeginUpdateServiceTeam",
        "chanyan.triage.v1.TriageWorkService.BeginWithdrawProjectGuide"}},
      {"shows the policy pack, which is everybody's: ReferenceTest",
       {"chanyan.registry.v1.ReferenceService.ExportTaxonomies"}},
      {"shows the register of filings, which is everybody's: ConsortiumOutputsTest",
       {"chanyan.consortium.v1.ConsortiumExportService.ExportFilings"}},
      {"ranks what was reviewed by sheets that are scored, of which there are none here: its "
       "office's alone, and ReviewTest asks another's",
       {"chanyan.consortium.v1.ReviewService.RankConsortia"}},
      {"names rows in its body: the service's own tests of it",
       {"chanyan.cycle.v1.NotificationService.MarkNotificationsRead",
        "chanyan.pairing.v1.CooperationFileService.CreateCooperationFile",
        "chanyan.registry.v1.DirectoryService.DismissDuplicate",
        "chanyan.triage.v1.ConfidentialService.SetConfidentialPart",
        "chanyan.triage.v1.FirstContactService.AcceptHandovers",
        "chanyan.triage.v1.FirstContactService.CancelHandovers",
        "chanyan.triage.v1.FirstContactService.DeclineHandovers",
        "chanyan.triage.v1.FirstContactService.OfferHandovers"}},
      {"is about the caller's own account or sessions: IdentityTest",
       {"chanyan.identity.v1.IdentityService.ChangePassword",
        "chanyan.identity.v1.IdentityService.GetMe",
        "chanyan.identity.v1.IdentityService.ListSessions",
        "chanyan.identity.v1.IdentityService.RevokeSession"}},
      {"is between services and has no way in by HTTP, and these see all",
       {"chanyan.pairing.v1.PairingService.RecordReports"}},
      {"reckons with the work calendar, whatever quarter is named, and shows no row",
       {"chanyan.cycle.v1.DeadlineService.ProjectDeadlines"}},
      {"the journal is the auditor's as a whole, and no row of it anybody's",
       {"chanyan.journal.v1.JournalService.ListEntries",
        "chanyan.journal.v1.JournalService.ListHistory"}},
  };
  return groups;
}

const std::vector<Group>& JudgedFirst() {
  static const auto& groups = *new std::vector<Group>{
      {"the file is read first",
       {"chanyan.consortium.v1.ConsortiumAttachmentService.CreateConsortiumAttachment",
        "chanyan.pairing.v1.ProjectFileService.CreateProjectFile",
        "chanyan.pairing.v1.RecordSheetService.ImportAgreements",
        "chanyan.pairing.v1.RecordSheetService.ImportContacts",
        "chanyan.pairing.v1.RecordSheetService.ImportOutcomes",
        "chanyan.pairing.v1.RecordSheetService.ImportProblems",
        "chanyan.pairing.v1.RecordSheetService.ImportProgress",
        "chanyan.registry.v1.PlatformAttachmentService.CreatePlatformAttachment"}},
      {"what it names of the policy pack is looked up first",
       {"chanyan.consortium.v1.BarService.CreateSupportMeasure",
        "chanyan.consortium.v1.ReviewService.CreateReviewPanel",
        "chanyan.pairing.v1.CoverageService.CreateContactAttempt",
        "chanyan.triage.v1.DispatchService.PausePush",
        "chanyan.triage.v1.DispatchService.ReroutePush",
        "chanyan.triage.v1.TeamService.RecordTraining"}},
      {"the organization that it names is asked about first",
       {"chanyan.pairing.v1.ProblemService.AssignProblem",
        "chanyan.triage.v1.ConfidentialService.EntitleOrganization"}},
      {"it needs something that is not there at all: a roster of the day, a key to push with",
       {"chanyan.cycle.v1.WebhookService.RotateWebhookSecret",
        "chanyan.pairing.v1.CoverageService.CheckEnterpriseCoverage",
        "chanyan.pairing.v1.CoverageService.OverrideEnterpriseCoverage",
        "chanyan.pairing.v1.CoverageService.RestoreEnterpriseCoverage",
        "chanyan.pairing.v1.CoverageService.UpdateOutreach"}},
      {"one of two arguments is needed",
       {"chanyan.pairing.v1.DiscoveryService.ExplainRecommendation"}},
  };
  return groups;
}

const std::vector<Group>& Unread() {
  static const auto& groups = *new std::vector<Group>{
      {"an expert reads what is the own account's, not the organization's: ReviewTest",
       {"chanyan.consortium.v1.ExpertService.GetExpert",
        "chanyan.consortium.v1.ReviewService.GetReviewAssignment",
        "chanyan.consortium.v1.ReviewService.GetScoreSheet"}},
      {"an operation is shown to who began it alone: "
       "OperationTest",
       {"chanyan.operation.v1.OperationService.GetOperation"}},
  };
  return groups;
}

const std::vector<Group>& ReadersMay() {
  static const auto& groups = *new std::vector<Group>{
      {"moves what the caller holds in the cycle, and leaves the cycle as it is: CustodyTest",
       {"chanyan.cycle.v1.CycleService.DistributeToEnterprises",
        "chanyan.cycle.v1.CycleService.SubmitPackages",
        "chanyan.cycle.v1.CycleWorkService.BeginDistributeToEnterprises",
        "chanyan.cycle.v1.CycleWorkService.BeginSubmitPackages"}},
      {"whoever may read a row may dispute it, which leaves the row as it is: TraceTest",
       {"chanyan.cycle.v1.TraceService.DisputeRow"}},
  };
  return groups;
}

const char* ReasonIn(const std::vector<Group>& groups, const std::string& rpc) {
  for (const Group& group : groups) {
    if (std::count(group.rpcs.begin(), group.rpcs.end(), rpc) > 0) return group.reason;
  }
  return nullptr;
}

}  // namespace

const char* UnreachedReason(const std::string& rpc) { return ReasonIn(Groups(), rpc); }

std::vector<std::string> AllUnreached() {
  std::vector<std::string> names;
  for (const auto* groups : {&Groups(), &JudgedFirst(), &Unread(), &ReadersMay()}) {
    for (const Group& group : *groups) {
      names.insert(names.end(), group.rpcs.begin(), group.rpcs.end());
    }
  }
  return names;
}

const char* JudgedFirstReason(const std::string& rpc) { return ReasonIn(JudgedFirst(), rpc); }

const char* UnreadReason(const std::string& rpc) { return ReasonIn(Unread(), rpc); }

const char* ReadersMayReason(const std::string& rpc) { return ReasonIn(ReadersMay(), rpc); }

}  // namespace chanyan::e2e
