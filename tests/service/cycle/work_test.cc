// The cycle's long work as operations: the same handlers, with units counted beside their effect.
#include <gtest/gtest.h>

#include "common/operation/operation_service.h"
#include "common/operation/runner.h"
#include "common/status/status.h"
#include "services/cycle/work_kinds.h"
#include "tests/service/cycle/world.h"

namespace chanyan::cycle {
namespace {

using operation::v1::Operation;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;

class WorkTest : public ::testing::Test {
 protected:
  WorkTest() {
    auto kinds = operation::KindsOf(kWorkService, kWorkKinds,
                                    {{"chanyan.cycle.v1.CycleService", world_.service->Methods()}});
    EXPECT_TRUE(kinds.ok()) << kinds.status();
    kinds_ = *std::move(kinds);
    service_ = std::make_unique<operation::OperationService>(store(), "cycle", kinds_, nullptr);
    runner_ = std::make_unique<operation::Runner>(
        operation::Runner::Deps{store(), log::Logger("test", log::Level::kError), metrics_}, kinds_,
        operation::Runner::Options{.pause = absl::ZeroDuration()});
  }
  rpc::StoreDeps store() { return {world_.database.db(), world_.clock, nullptr}; }

  rpc::Call CallOf(const std::string& begin, options::v1::Role role,
                   const std::string& organization) {
    rpc::Call call = world_.CallOf("GetCycle", role, organization);
    call.method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        absl::StrCat(kWorkService, ".", begin));
    EXPECT_NE(call.method, nullptr) << begin;
    return call;
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
  template <class Request>
  static Request Of(const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_request_id(World::Uuid());
    return request;
  }
  v1::ImportFormRequest FormOf(const std::string& form, const std::string& file) {
    auto request = Of<v1::ImportFormRequest>(form);
    request.mutable_file()->set_data(file);
    request.set_file_name("报表.xlsx");
    return request;
  }

  void UntilDistribution() {
    ASSERT_TRUE(world_.Open().ok());
    ASSERT_TRUE(world_
                    .Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0),
                                                World::NewProject(kOucCenter, 1)}))
                    .ok());
    ASSERT_TRUE(world_.Import(kUpc, World::Sheet({World::Ongoing(kUpcLab, 2)})).ok());
    for (const char* university : {kOuc, kUpc}) {
      ASSERT_TRUE(world_.Submit(university).ok());
      ASSERT_TRUE(world_.Accept(university).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  }
  void UntilPackages() {
    UntilDistribution();
    ASSERT_TRUE(world_.Distribute().ok());
    for (const char* unit : {kZone, kTown}) {
      ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
      ASSERT_TRUE(world_.ToEnterprises(unit).ok());
    }
    ASSERT_TRUE(world_.MoveTo(InChina(4, 16)).ok());
    for (int enterprise = 0; enterprise < 3; ++enterprise) {
      ASSERT_TRUE(world_.SubmitReturns(enterprise).ok());
    }
    for (const char* unit : {kZone, kTown}) ASSERT_TRUE(world_.Receive(unit, ROLE_UNIT).ok());
  }

  World world_;
  metrics::Registry metrics_;
  std::vector<operation::Kind> kinds_;
  std::unique_ptr<operation::OperationService> service_;
  std::unique_ptr<operation::Runner> runner_;
};

TEST_F(WorkTest, WhatTheWindowForbidsFailsWithTheReason) {
  ASSERT_TRUE(world_.Open().ok());
  const Operation failed =
      Done("BeginSubmitPackages", ROLE_UNIT, kZone, Of<v1::SubmitPackagesRequest>(kCycle));
  EXPECT_EQ(failed.state(), operation::v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(failed.error().reason(), "WINDOW_CLOSED");
  EXPECT_EQ(world_.Count("package"), 0);
}

TEST_F(WorkTest, AFormWithWrongRowsSaysAllAndImportsNothing) {
  ASSERT_TRUE(world_.Open().ok());
  const int64_t before = world_.Count("form_row");
  std::vector<v1::Row> rows;
  for (int i = 0; i < 120; ++i) {
    v1::Row row = World::Intent("没有的平台");
    row.set_title(absl::StrCat("意向", i));
    rows.push_back(row);
  }
  const Operation failed =
      Done("BeginImportForm", ROLE_RESEARCH_OFFICE, kOuc, FormOf(kOucForm, World::Sheet(rows)));
  EXPECT_EQ(failed.state(), operation::v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(failed.error().reason(), "INVALID_FILE");
  EXPECT_GE(failed.error().violations_size(), 120);
  EXPECT_EQ(world_.Count("form_row"), before);
  // Somebody else's form is not there, as it is for who waits.
  EXPECT_EQ(Done("BeginImportForm", ROLE_RESEARCH_OFFICE, kOuc,
                 FormOf(kUpcForm, World::Sheet({World::Ongoing(kUpcLab, 2)})))
                .error()
                .code(),
            "NOT_FOUND");
}

TEST_F(WorkTest, OpensAndImportsAsTheCallsDo) {
  auto open = Of<v1::OpenCycleRequest>(kCycle);
  open.mutable_rehearsal_clock()->set_seconds(absl::ToUnixSeconds(InChina(4, 1, 8)));
  EXPECT_EQ(Done("BeginOpenCycle", ROLE_SECRETARIAT, kSecretariat, open).state(),
            operation::v1::OPERATION_STATE_DONE);
  EXPECT_EQ(world_.Count("form"), 2);
  const Operation imported =
      Done("BeginImportForm", ROLE_RESEARCH_OFFICE, kOuc,
           FormOf(kOucForm, World::Sheet({World::Ongoing(kOucLab, 0), World::Intent(kOucLab)})));
  EXPECT_EQ(imported.state(), operation::v1::OPERATION_STATE_DONE) << imported.error().message();
  EXPECT_EQ(imported.target(), kOucForm);
  EXPECT_EQ(world_.Form(kOucForm).row_count(), 2);
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(WorkTest, DistributesOnce) {
  UntilDistribution();
  const Operation done = Done("BeginDistributeForms", ROLE_SECRETARIAT, kSecretariat,
                              Of<v1::DistributeFormsRequest>(kCycle));
  EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(done.result(), R"({"unitCount":2,"rowCount":3})");
  EXPECT_EQ(world_.Count("handover WHERE step = 2"), 2);
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(WorkTest, PacksEveryEnterpriseOnceThoughCommitsAreLost) {
  UntilPackages();
  world_.database.db().InjectFaults({.inject_retry_every = 3,
                                     .inject_ambiguous_commit_every = 4,
                                     .inject_ambiguous_nocommit_every = 5});
  const Operation done =
      Done("BeginSubmitPackages", ROLE_UNIT, kZone, Of<v1::SubmitPackagesRequest>(kCycle));
  world_.database.db().InjectFaults({});
  EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(done.unit(), "家企业");
  EXPECT_EQ(done.done_units(), 2);
  EXPECT_EQ(done.percent(), 100);
  EXPECT_EQ(done.result(), R"({"packageCount":2,"rowCount":2,"versionCount":2})");
  EXPECT_EQ(world_.Count("package"), 2);
  EXPECT_EQ(world_.Count("handover WHERE step = 3 AND receiver = 'organizations/secretariat'"), 1);
  EXPECT_TRUE(world_.Check().conserved());
  // Again there is nothing left.
  EXPECT_EQ(Done("BeginSubmitPackages", ROLE_UNIT, kZone, Of<v1::SubmitPackagesRequest>(kCycle))
                .done_units(),
            0);
}

TEST_F(WorkTest, ReturnsUniversityByUniversity) {
  UntilPackages();
  for (const char* unit : {kZone, kTown}) ASSERT_TRUE(world_.SubmitPackages(unit).ok());
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  const Operation done = Done("BeginReturnToUniversities", ROLE_SECRETARIAT, kSecretariat,
                              Of<v1::ReturnToUniversitiesRequest>(kCycle));
  EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(done.done_units(), 2);
  EXPECT_EQ(done.total_units(), 2);
  EXPECT_TRUE(world_.Check().conserved());
}

TEST_F(WorkTest, ABoardIsComputedOnceThoughCommitsAreLostAndIsTheSameAsForWhoWaits) {
  UntilPackages();
  v1::ComputeLeaderboardRequest compute;
  compute.set_parent(kCycle);
  compute.set_request_id(World::Uuid());
  const Operation early = Done("BeginComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat, compute);
  EXPECT_EQ(early.state(), operation::v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(early.error().reason(), "WINDOW_CLOSED");
  EXPECT_EQ(world_.Count("leaderboard"), 0);
  ASSERT_TRUE(world_.MoveTo(InChina(5, 14)).ok());
  world_.database.db().InjectFaults({.inject_retry_every = 3,
                                     .inject_ambiguous_commit_every = 4,
                                     .inject_ambiguous_nocommit_every = 5});
  compute.set_request_id(World::Uuid());
  const Operation done = Done("BeginComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat, compute);
  world_.database.db().InjectFaults({});
  EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(done.target(), kCycle);
  EXPECT_EQ(world_.Count("leaderboard"), 1);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'computed'"), 1);
  compute.set_request_id(World::Uuid());
  const auto waited = world_.service->ComputeLeaderboard(
      world_.CallOf("ComputeLeaderboard", ROLE_SECRETARIAT, kSecretariat), compute);
  ASSERT_TRUE(waited.ok()) << waited.status();
  EXPECT_EQ(waited->name(), "cycles/2025q2/leaderboards/v1") << "the same data are no new version";
}

}  // namespace
}  // namespace chanyan::cycle
