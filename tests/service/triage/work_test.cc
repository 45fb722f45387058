// Triage's imports as operations: the same handlers, begun and done later.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/operation/operation_service.h"
#include "common/operation/runner.h"
#include "common/status/status.h"
#include "services/triage/work_kinds.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using operation::v1::Operation;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_SERVICE_TEAM;

class TriageWorkTest : public ::testing::Test, protected World {
 protected:
  TriageWorkTest() {
    auto kinds = operation::KindsOf(kWorkService, kWorkKinds,
                                    {{"chanyan.triage.v1.ResultService", results.Methods()},
                                     {"chanyan.triage.v1.DemandService", demands.Methods()}});
    EXPECT_TRUE(kinds.ok()) << kinds.status();
    kinds_ = *std::move(kinds);
    service_ = std::make_unique<operation::OperationService>(store(), "triage", kinds_, nullptr);
    runner_ = std::make_unique<operation::Runner>(
        operation::Runner::Deps{store(), log::Logger("test", log::Level::kError), metrics_}, kinds_,
        operation::Runner::Options{.pause = absl::ZeroDuration()});
  }
  rpc::StoreDeps store() { return {database.db(), clock, nullptr}; }

  static rpc::Call CallOf(const std::string& begin, options::v1::Role role,
                          const std::string& organization) {
    return As(role, organization, absl::StrCat("TriageWorkService.", begin));
  }
  absl::StatusOr<Operation> Begin(const std::string& begin, options::v1::Role role,
                                  const std::string& organization,
                                  const google::protobuf::Message& request) {
    for (const rpc::UnaryMethod& method : service_->BeginMethods()) {
      if (method.name != begin) continue;
      grpc::ByteBuffer bytes;
      CHANYAN_RETURN_IF_ERROR(method.answer(CallOf(begin, role, organization), request, &bytes));
      Operation begun;
      CHANYAN_RETURN_IF_ERROR(rpc::Parse(&bytes, &begun));
      return begun;
    }
    return status::Internal("no such method");
  }
  // Begins it and does it.
  Operation Done(const std::string& begin, options::v1::Role role, const std::string& organization,
                 const google::protobuf::Message& request) {
    const auto begun = Begin(begin, role, organization, request);
    EXPECT_TRUE(begun.ok()) << begun.status();
    if (!begun.ok()) return Operation();
    for (int i = 0; i < 30; ++i) {
      runner_->RunWaiting();
      operation::v1::GetOperationRequest get;
      get.set_name(begun->name());
      const auto seen = service_->GetOperation(CallOf(begin, role, organization), get);
      EXPECT_TRUE(seen.ok()) << seen.status();
      if (!seen.ok() || operation::HasEnded(seen->state())) return seen.ok() ? *seen : Operation();
    }
    ADD_FAILURE() << begin << " does not end";
    return Operation();
  }
  static v1::ImportResultsRequest ResultsOf(const std::vector<v1::Result>& rows) {
    v1::ImportResultsRequest request;
    *request.mutable_file() = testing::Upload<v1::Result>(rows);
    request.set_file_name("成果.xlsx");
    request.set_request_id(api::NewUuid());
    return request;
  }
  static v1::Result Row(const std::string& title, const std::string& university = "中国海洋大学") {
    v1::Result row = Draft(title);
    row.clear_maturity();
    row.set_university_title(university);
    return row;
  }

  metrics::Registry metrics_;
  std::vector<operation::Kind> kinds_;
  std::unique_ptr<operation::OperationService> service_;
  std::unique_ptr<operation::Runner> runner_;
};

TEST_F(TriageWorkTest, ASheetWithWrongRowsSaysAllAndImportsNothing) {
  std::vector<v1::Result> rows;
  for (int i = 0; i < 120; ++i) {
    rows.push_back(Row(absl::StrCat("成果", i), absl::StrCat("没有的大学", i)));
  }
  const Operation failed =
      Done("BeginImportResults", ROLE_SERVICE_TEAM, kMarineAgency, ResultsOf(rows));
  EXPECT_EQ(failed.state(), operation::v1::OPERATION_STATE_FAILED);
  EXPECT_GE(failed.error().violations_size(), 120);
  EXPECT_EQ(Count("result"), 0);
}

TEST_F(TriageWorkTest, ImportsAsTheCallsDoAndTheSameSheetOnce) {
  for (int i = 0; i < 2; ++i) {
    const Operation done = Done("BeginImportResults", ROLE_SERVICE_TEAM, kMarineAgency,
                                ResultsOf({Row("膜一"), Row("膜二")}));
    EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
    EXPECT_EQ(Count("result WHERE holder = 'organizations/qd-agency-3'"), 2);
  }
  v1::ImportDemandsRequest request;
  *request.mutable_file() = testing::Upload<v1::Demand>({DemandDraft("防腐涂层")});
  request.set_file_name("需求.xlsx");
  request.set_request_id(api::NewUuid());
  const Operation done = Done("BeginImportDemands", ROLE_ENTERPRISE, kE1, request);
  EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(Count("demand WHERE enterprise = 'organizations/e1'"), 1);
}

}  // namespace
}  // namespace chanyan::triage
