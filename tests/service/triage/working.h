// The world of triage with its long work: begun as operations, and done by a runner when the test
// says so.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/operation/operation_service.h"
#include "common/operation/runner.h"
#include "common/status/status.h"
#include "services/triage/work_kinds.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {

class WorkingTest : public ::testing::Test, protected World {
 protected:
  WorkingTest() : handing_(WorkDeps()), teaming_(WorkDeps()), guiding_(WorkDeps()) {
    auto kinds = operation::KindsOf(kWorkService, kWorkKinds,
                                    {{"chanyan.triage.v1.ResultService", results.Methods()},
                                     {"chanyan.triage.v1.DemandService", demands.Methods()},
                                     {"chanyan.triage.v1.FirstContactService", handing_.Methods()},
                                     {"chanyan.triage.v1.TeamService", teaming_.Methods()},
                                     {"chanyan.triage.v1.GuideService", guiding_.Methods()}});
    EXPECT_TRUE(kinds.ok()) << kinds.status();
    kinds_ = *std::move(kinds);
    service_ = std::make_unique<operation::OperationService>(store(), "triage", kinds_, nullptr);
    runner_ = NewRunner();
  }
  rpc::StoreDeps store() { return {database.db(), clock, nullptr}; }
  // Another process.
  std::unique_ptr<operation::Runner> NewRunner() {
    metrics_.push_back(std::make_unique<metrics::Registry>());
    return std::make_unique<operation::Runner>(
        operation::Runner::Deps{store(), log::Logger("test", log::Level::kError), *metrics_.back()},
        kinds_, operation::Runner::Options{.pause = absl::ZeroDuration()});
  }

  static rpc::Call CallOf(const std::string& begin, options::v1::Role role,
                          const std::string& organization) {
    return As(role, organization, absl::StrCat("TriageWorkService.", begin));
  }
  absl::StatusOr<operation::v1::Operation> Begin(const std::string& begin, options::v1::Role role,
                                                 const std::string& organization,
                                                 const google::protobuf::Message& request) {
    for (const rpc::UnaryMethod& method : service_->BeginMethods()) {
      if (method.name != begin) continue;
      grpc::ByteBuffer bytes;
      CHANYAN_RETURN_IF_ERROR(method.answer(CallOf(begin, role, organization), request, &bytes));
      operation::v1::Operation begun;
      CHANYAN_RETURN_IF_ERROR(rpc::Parse(&bytes, &begun));
      return begun;
    }
    return status::Internal("no such method");
  }
  operation::v1::Operation Seen(const std::string& name, options::v1::Role role,
                                const std::string& organization) {
    operation::v1::GetOperationRequest get;
    get.set_name(name);
    const auto seen = service_->GetOperation(CallOf("BeginImportResults", role, organization), get);
    EXPECT_TRUE(seen.ok()) << seen.status();
    return seen.ok() ? *seen : operation::v1::Operation();
  }
  // Begins it and does it.
  operation::v1::Operation Done(const std::string& begin, options::v1::Role role,
                                const std::string& organization,
                                const google::protobuf::Message& request) {
    const auto begun = Begin(begin, role, organization, request);
    EXPECT_TRUE(begun.ok()) << begun.status();
    if (!begun.ok()) return operation::v1::Operation();
    for (int i = 0; i < 30; ++i) {
      runner_->RunWaiting();
      operation::v1::Operation seen = Seen(begun->name(), role, organization);
      if (seen.name().empty() || operation::HasEnded(seen.state())) return seen;
    }
    ADD_FAILURE() << begin << " does not end";
    return operation::v1::Operation();
  }

  // Called behind each COMMIT of hand-overs, teams and guides; may be null.
  std::function<void()> committed_;
  FirstContactService handing_;
  TeamService teaming_;
  GuideService guiding_;
  std::vector<std::unique_ptr<metrics::Registry>> metrics_;
  std::vector<operation::Kind> kinds_;
  std::unique_ptr<operation::OperationService> service_;
  std::unique_ptr<operation::Runner> runner_;

 private:
  Deps WorkDeps() {
    return {{database.db(), clock,
             [this] {
               if (committed_ != nullptr) committed_();
             }},
            triage,
            hygiene,
            peer.peers()};
  }
};

}  // namespace chanyan::triage
