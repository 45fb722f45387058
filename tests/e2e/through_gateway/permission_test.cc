// Who may call what, asked of the running suite about every RPC there is (IDN-2): the calls are
// made from the descriptors, so that a new RPC is in it by being served. Whose rows somebody
// reaches is in reach_test.cc.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "chanyan/options/v1/options.pb.h"
#include "tests/e2e/through_gateway/rpc_call.h"
#include "tests/support/suite/suite.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::Api;
using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Suite;
using google::protobuf::MethodDescriptor;

// A service that is missing from the suite, or new to it, shows here.
constexpr const char* kServices[] = {
    "chanyan.consortium.v1.BackfillService",
    "chanyan.consortium.v1.BarService",
    "chanyan.consortium.v1.ConsortiumAttachmentService",
    "chanyan.consortium.v1.ConsortiumExportService",
    "chanyan.consortium.v1.ConsortiumService",
    "chanyan.consortium.v1.ConstructionReportService",
    "chanyan.consortium.v1.CoordinationService",
    "chanyan.consortium.v1.EligibilityService",
    "chanyan.consortium.v1.EvaluationService",
    "chanyan.consortium.v1.ExpertService",
    "chanyan.consortium.v1.FilingPackageService",
    "chanyan.consortium.v1.FilingService",
    "chanyan.consortium.v1.NoticeService",
    "chanyan.consortium.v1.ReviewMeetingService",
    "chanyan.consortium.v1.ReviewService",
    "chanyan.consortium.v1.SignatureService",
    "chanyan.consortium.v1.SupervisionService",
    "chanyan.cycle.v1.ChainService",
    "chanyan.cycle.v1.CycleService",
    "chanyan.cycle.v1.CycleWorkService",
    "chanyan.cycle.v1.DeadlineService",
    "chanyan.cycle.v1.EventService",
    "chanyan.cycle.v1.NotificationService",
    "chanyan.cycle.v1.ObjectionService",
    "chanyan.cycle.v1.PartService",
    "chanyan.cycle.v1.TraceService",
    "chanyan.cycle.v1.WebhookService",
    "chanyan.identity.v1.IdentityService",
    "chanyan.journal.v1.JournalService",
    "chanyan.operation.v1.OperationService",
    "chanyan.pairing.v1.AgreementService",
    "chanyan.pairing.v1.ContactService",
    "chanyan.pairing.v1.CooperationFileService",
    "chanyan.pairing.v1.CooperationService",
    "chanyan.pairing.v1.CoverageService",
    "chanyan.pairing.v1.DiscoveryService",
    "chanyan.pairing.v1.OutcomeService",
    "chanyan.pairing.v1.PairingService",
    "chanyan.pairing.v1.PairingWorkService",
    "chanyan.pairing.v1.ProblemService",
    "chanyan.pairing.v1.ProjectFileService",
    "chanyan.pairing.v1.ProjectSheetService",
    "chanyan.pairing.v1.RecordSheetService",
    "chanyan.pairing.v1.ReportService",
    "chanyan.registry.v1.DirectoryService",
    "chanyan.registry.v1.InstrumentService",
    "chanyan.registry.v1.PlatformAttachmentService",
    "chanyan.registry.v1.PlatformRevisionService",
    "chanyan.registry.v1.ReferenceService",
    "chanyan.registry.v1.RegistryService",
    "chanyan.registry.v1.RegistryWorkService",
    "chanyan.triage.v1.CaseService",
    "chanyan.triage.v1.ConfidentialService",
    "chanyan.triage.v1.DemandService",
    "chanyan.triage.v1.DispatchService",
    "chanyan.triage.v1.DispositionService",
    "chanyan.triage.v1.EscalationService",
    "chanyan.triage.v1.FirstContactService",
    "chanyan.triage.v1.FollowUpService",
    "chanyan.triage.v1.GuideService",
    "chanyan.triage.v1.LibrarySearchService",
    "chanyan.triage.v1.ListService",
    "chanyan.triage.v1.MatchingService",
    "chanyan.triage.v1.MeetingService",
    "chanyan.triage.v1.ReportService",
    "chanyan.triage.v1.ResultService",
    "chanyan.triage.v1.TeamService",
    "chanyan.triage.v1.TriageWorkService",
    "chanyan.triage.v1.UniversityTeamService",
};

std::set<int> RolesOf(const MethodDescriptor* rpc) {
  const auto& policy = rpc->options().GetExtension(options::v1::method);
  return {policy.roles().begin(), policy.roles().end()};
}

// By whom nobody is meant who has a name: accounts and programs.
std::vector<options::v1::Role> CarriedRoles() {
  std::vector<options::v1::Role> roles;
  for (int role = options::v1::Role_MIN + 1; role <= options::v1::Role_MAX; ++role) {
    if (!options::v1::Role_IsValid(role) || role == options::v1::ROLE_PUBLIC) continue;
    if (role != options::v1::ROLE_SIGNED_IN) roles.push_back(static_cast<options::v1::Role>(role));
  }
  return roles;
}

// Keeps no operations: it has no long work.
bool HasNone(absl::string_view target) {
  return absl::StrContains(target, "/operations") &&
         (absl::StrContains(target, "/identity/") || absl::StrContains(target, "/consortium/"));
}

// The same call at each service.
std::vector<std::string> Targets(const Suite& suite, const RpcCall& call) {
  const bool everywhere =
      absl::StartsWith(call.stars, "journals/") || absl::StartsWith(call.stars, "services/");
  if (!everywhere) return {call.target};
  std::vector<std::string> targets;
  for (const std::string& service : suite.services()) {
    if (service == "gateway") continue;
    targets.push_back(
        absl::StrReplaceAll(call.target, {{"/registry", absl::StrCat("/", service)}}));
  }
  return targets;
}

class PermissionTest : public ::testing::Test {
 protected:
  // Of one whom `token` names, or of nobody.
  HttpReply Send(Api& api, const RpcCall& call, const std::string& target) {
    testing::Headers headers = api.credentials();
    if (!call.content_type.empty()) headers.emplace_back("Content-Type", call.content_type);
    auto& client = clients_[&api];
    if (client == nullptr) client = std::make_unique<testing::HttpClient>(suite_.http_address());
    return client->Send(call.verb, target, headers, call.body);
  }

  // An RPC without an HTTP rule, through the gateway's gRPC port.
  grpc::Status SendNatively(const MethodDescriptor* rpc, const std::string& token) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    const std::string bytes = WellFormed(rpc->input_type())->SerializeAsString();
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::GenericStub stub(
        grpc::CreateChannel(suite_.GrpcTarget("gateway"), grpc::InsecureChannelCredentials()));
    grpc::CompletionQueue queue;
    const std::string path = absl::StrCat("/", rpc->service()->full_name(), "/", rpc->name());
    const auto answer = stub.PrepareUnaryCall(&context, path, request, &queue);
    answer->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    answer->Finish(&reply, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }

  Suite suite_;

 private:
  std::map<const Api*, std::unique_ptr<testing::HttpClient>> clients_;
};

TEST(EveryServiceTest, IsKnown) {
  std::set<std::string> services;
  for (const MethodDescriptor* rpc : AllRpcs()) services.insert(rpc->service()->full_name());
  EXPECT_EQ(services, std::set<std::string>(std::begin(kServices), std::end(kServices)));
}

TEST_F(PermissionTest, WithoutATokenNothingButWhatIsPublicIsAnswered) {
  Api nobody = suite_.Anonymous();
  int refused = 0;
  for (const MethodDescriptor* rpc : AllRpcs()) {
    const bool open = RolesOf(rpc).count(options::v1::ROLE_PUBLIC) > 0;
    const RpcCall call = CallOf(rpc);
    if (call.verb.empty()) {
      const grpc::Status status = SendNatively(rpc, "");
      // What is open and wants a secret of its own refuses a wrong one so, too.
      EXPECT_TRUE(open || status.error_code() == grpc::StatusCode::UNAUTHENTICATED)
          << rpc->full_name() << ": " << status.error_message();
      continue;
    }
    for (const std::string& target : Targets(suite_, call)) {
      const HttpReply reply = Send(nobody, call, target);
      if (open) {
        EXPECT_NE(reply.Reason(), "NOT_SIGNED_IN") << rpc->full_name() << ": " << reply.body;
        EXPECT_NE(reply.status, 403) << rpc->full_name() << ": " << reply.body;
        continue;
      }
      if (HasNone(target)) {
        EXPECT_EQ(reply.status, 404) << rpc->full_name() << " " << target << ": " << reply.body;
        continue;
      }
      EXPECT_EQ(reply.status, 401) << rpc->full_name() << " " << target << ": " << reply.body;
      EXPECT_EQ(reply.Reason(), "NOT_SIGNED_IN") << rpc->full_name() << ": " << reply.body;
      ++refused;
    }
  }
  EXPECT_GT(refused, 500);
}

TEST_F(PermissionTest, EveryRpcIsForItsRolesAlone) {
  int refused = 0;
  for (const options::v1::Role role : CarriedRoles()) {
    const std::string name = options::v1::Role_Name(role);
    const std::string token = role == options::v1::ROLE_SERVICE
                                  ? suite_.TokenOfService("triage")
                                  : suite_.Token(name, "organizations/somebody");
    Api api(suite_.http_address(), {{"Authorization", absl::StrCat("Bearer ", token)}});
    for (const MethodDescriptor* rpc : AllRpcs()) {
      const std::set<int> roles = RolesOf(rpc);
      if (roles.count(role) > 0 || roles.count(options::v1::ROLE_PUBLIC) > 0 ||
          roles.count(options::v1::ROLE_SIGNED_IN) > 0) {
        continue;
      }
      const RpcCall call = CallOf(rpc);
      if (call.verb.empty()) {
        EXPECT_EQ(SendNatively(rpc, token).error_code(), grpc::StatusCode::PERMISSION_DENIED)
            << rpc->full_name() << " by " << name;
        ++refused;
        continue;
      }
      for (const std::string& target : Targets(suite_, call)) {
        const HttpReply reply = Send(api, call, target);
        EXPECT_EQ(reply.status, 403) << rpc->full_name() << " by " << name << ": " << reply.body;
        EXPECT_EQ(reply.Reason(), "ROLE_NOT_PERMITTED")
            << rpc->full_name() << " by " << name << ": " << reply.body;
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 4000);
}

}  // namespace
}  // namespace chanyan::e2e
