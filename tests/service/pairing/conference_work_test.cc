// Conferences and their follow-ups as operations: the same handlers, begun and done later (REG-10).
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/operation/operation_service.h"
#include "common/operation/runner.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/work_kinds.h"
#include "tests/service/pairing/conference_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_SECRETARIAT;
using testing::Upload;

class ConferenceWorkTest : public ConferenceWorld {
 protected:
  using Rows = std::vector<v1::ConferenceRow>;

  ConferenceWorkTest() {
    auto kinds = operation::KindsOf(
        kWorkService, kWorkKinds,
        {{"chanyan.pairing.v1.PairingService", service.Methods()},
         {"chanyan.pairing.v1.ProjectSheetService", sheets.Methods()},
         {"chanyan.pairing.v1.RecordSheetService", records_.Methods()},
         {"chanyan.pairing.v1.CoverageService", coverage_service.Methods()},
         {"chanyan.pairing.v1.CooperationService", cooperation_service.Methods()}});
    EXPECT_TRUE(kinds.ok()) << kinds.status();
    if (kinds.ok()) kinds_ = *std::move(kinds);
    const rpc::StoreDeps store{database.db(), clock, nullptr};
    service_ = std::make_unique<operation::OperationService>(store, "pairing", kinds_, nullptr);
    runner_ = std::make_unique<operation::Runner>(
        operation::Runner::Deps{store, log::Logger("test", log::Level::kError), metrics_}, kinds_,
        operation::Runner::Options{.pause = absl::ZeroDuration()});
  }
  operation::v1::Operation Done(const std::string& begin,
                                const google::protobuf::Message& request) {
    const auto call = [](const std::string& method) {
      return As(ROLE_SECRETARIAT, "organizations/secretariat",
                absl::StrCat("PairingWorkService.", method));
    };
    operation::v1::Operation operation;
    for (const rpc::UnaryMethod& method : service_->BeginMethods()) {
      if (method.name != begin) continue;
      grpc::ByteBuffer bytes;
      const absl::Status begun = method.answer(call(begin), request, &bytes);
      EXPECT_TRUE(begun.ok()) << begun;
      EXPECT_TRUE(rpc::Parse(&bytes, &operation).ok());
    }
    for (int i = 0; i < 30 && !operation::HasEnded(operation.state()); ++i) {
      runner_->RunWaiting();
      operation::v1::GetOperationRequest get;
      get.set_name(operation.name());
      operation = Good(service_->GetOperation(call(begin), get));
    }
    return operation;
  }

  RecordSheetService records_{{{database.db(), clock, nullptr}, *pack, peer.peers()}};
  metrics::Registry metrics_;
  std::vector<operation::Kind> kinds_;
  std::unique_ptr<operation::OperationService> service_;
  std::unique_ptr<operation::Runner> runner_;
};

TEST_F(ConferenceWorkTest, BothListsComeInAsOperations) {
  const auto upload = [](const Rows& rows) {
    return FileOf<v1::ImportConferencesRequest>(Upload(rows), false);
  };
  Rows wrong(120, Past());
  for (size_t i = 0; i < wrong.size(); ++i) {
    wrong[i].set_title(absl::StrCat("会议", i));
    wrong[i].set_convener_title("没有的局");
  }
  operation::v1::Operation ended = Done("BeginImportConferences", upload(wrong));
  EXPECT_EQ(ended.state(), operation::v1::OPERATION_STATE_FAILED);
  EXPECT_GE(ended.error().violations_size(), 120);
  EXPECT_EQ(Count("conference"), 0);
  ended = Done("BeginImportConferences", upload({PastIssued()}));
  EXPECT_EQ(ended.state(), operation::v1::OPERATION_STATE_DONE) << ended.error().message();
  EXPECT_EQ(Count("conference"), 1);
  v1::FollowUpRow task;
  task.set_conference_title("第一次联席会议（演示）");
  task.set_decision_number(1);
  task.set_task("完成选址");
  task.set_unit_title("古镇口（演示）");
  *task.mutable_due_date() = Date(2024, 12, 31);
  ended = Done("BeginImportFollowUps", FileOf<v1::ImportFollowUpsRequest>(
                                           Upload(std::vector<v1::FollowUpRow>{task}), false));
  EXPECT_EQ(ended.state(), operation::v1::OPERATION_STATE_DONE) << ended.error().message();
  EXPECT_EQ(Count("follow_up"), 1);
}

}  // namespace
}  // namespace chanyan::pairing
