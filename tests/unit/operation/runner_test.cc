// How operations begin, end, are refused and cancelled.
#include "common/operation/runner.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/operation/operation_fixture.h"

namespace chanyan::operation {
namespace {

using registry::v1::ImportPlatformsRequest;
using registry::v1::ImportResult;
using ::testing::HasSubstr;

TEST_F(OperationTest, WhatIsNotThereOrSomebodyElsesIsNotFound) {
  const auto begun = Begin();
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_TRUE(absl::IsNotFound(Get("services/registry/operations/none", Li(kMethod)).status()));
  rpc::Call colleague = Li(kMethod);
  colleague.principal.account = "accounts/wang";
  EXPECT_TRUE(absl::IsNotFound(Get(begun->name(), colleague).status()));
  EXPECT_TRUE(absl::IsNotFound(Cancel(begun->name(), colleague).status()));
  rpc::Call other = Li(kMethod);
  other.principal.organization = "organizations/x";
  EXPECT_TRUE(absl::IsNotFound(Get(begun->name(), other).status()));
  rpc::Call administrator = CallAs(options::v1::ROLE_ADMINISTRATOR, "accounts/li", kMethod);
  EXPECT_TRUE(absl::IsNotFound(Get(begun->name(), administrator).status()));
  EXPECT_TRUE(
      Get(begun->name(), CallAs(options::v1::ROLE_SECRETARIAT, "accounts/s", kMethod)).ok());

  v1::ListOperationsRequest list;
  list.set_parent("services/cycle");
  EXPECT_TRUE(absl::IsNotFound(service_.ListOperations(Li(kMethod), list).status()));
  list.set_parent("services/registry");
  list.set_filter("state = RUNNING");
  EXPECT_EQ(service_.ListOperations(Li(kMethod), list)->operations_size(), 0);
  list.set_filter("state = PENDING");
  EXPECT_EQ(service_.ListOperations(Li(kMethod), list)->operations_size(), 1);
  EXPECT_EQ(service_.ListOperations(colleague, list)->operations_size(), 0);
}

TEST_F(OperationTest, AFileThatCannotBeKeptIsRefusedWithWhatToDo) {
  const auto begun = Begin(api::NewUuid(), std::string(8 << 20, 'x'));
  EXPECT_TRUE(absl::IsInvalidArgument(begun.status())) << begun.status();
  EXPECT_EQ(status::ViolationsOf(begun.status()).at(0).field, "file");
  EXPECT_EQ(Number("SELECT COUNT(*) FROM operation"), 0);
}

TEST_F(OperationTest, TheSameIsBegunOnceAtATime) {
  const std::string request_id = api::NewUuid();
  const auto first = Begin(request_id);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->state(), v1::OPERATION_STATE_PENDING);
  EXPECT_EQ(first->title(), "导入科创平台");
  const auto again = Begin(request_id);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->name(), first->name());
  const auto second = Begin();
  EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(first->name()));
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  EXPECT_TRUE(Begin().ok());
}

TEST_F(OperationTest, IsDoneAsWhoeverBeganIt) {
  work_ = [](const rpc::Call& call, const ImportPlatformsRequest& request) {
    EXPECT_EQ(call.principal.account, "accounts/li");
    EXPECT_EQ(call.principal.organization, "organizations/u");
    EXPECT_THAT(call.principal.roles, ::testing::ElementsAre(options::v1::ROLE_RESEARCH_OFFICE));
    EXPECT_THAT(call.principal.predecessors, ::testing::ElementsAre("organizations/before"));
    EXPECT_TRUE(call.bearer.empty());
    EXPECT_EQ(request.file_name(), "平台.xlsx");
    EXPECT_THAT(call.traceparent, HasSubstr("0af7651916cd43dd8448eb211c80319c"));
    EXPECT_EQ(call.tracestate, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    return ImportResult();
  };
  const v1::Operation begun = *Begin();
  EXPECT_EQ(rung_, 1);
  EXPECT_EQ(NewRunner()->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_DONE);
}

TEST_F(OperationTest, EndsWithWhatTheRpcWouldHaveAnswered) {
  const v1::Operation begun = *Begin();
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  const v1::Operation done = Get(begun.name());
  EXPECT_EQ(done.state(), v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(done.percent(), 100);
  EXPECT_EQ(done.done_units(), kUnits);
  EXPECT_EQ(done.total_units(), kUnits);
  EXPECT_EQ(done.result(), R"({"created":5})");
  EXPECT_EQ(done.attempts(), 1);
  EXPECT_EQ(Effects(), kUnits);
  // What was sent is kept no longer than it is needed.
  EXPECT_EQ(Number("SELECT COUNT(*) FROM operation_input"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM operation_pace"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM lease WHERE name LIKE 'operation/%'"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal WHERE kind IN ('begun', 'ended')"), 2);
  EXPECT_EQ(NewRunner()->RunWaiting(), 0);
}

TEST_F(OperationTest, ARefusalIsItsEndWithEveryViolation) {
  work_ = [](const rpc::Call&, const ImportPlatformsRequest&) -> absl::StatusOr<ImportResult> {
    std::vector<status::Violation> wrong;
    for (int row = 2; row < 500; ++row) {
      wrong.push_back({absl::StrCat("平台.xlsx / 表 / B", row), "不是科创平台类别"});
    }
    return status::InvalidFields(std::move(wrong), options::v1::ERROR_REASON_INVALID_FILE);
  };
  const v1::Operation begun = *Begin();
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  const v1::Operation failed = Get(begun.name());
  EXPECT_EQ(failed.state(), v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(failed.error().reason(), "INVALID_FILE");
  EXPECT_EQ(failed.error().violations_size(), 498);
  EXPECT_EQ(failed.error().violations(497).field(), "平台.xlsx / 表 / B499");
  v1::ListOperationsRequest list;
  list.set_parent("services/registry");
  const auto listed = service_.ListOperations(Li(kMethod), list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->operations(0).error().violations_size(), kFewViolations);
  EXPECT_TRUE(absl::IsFailedPrecondition(Cancel(begun.name(), Li(kMethod)).status()));
}

TEST_F(OperationTest, AKindThatIsNoMoreFailsAndIsNotTriedForEver) {
  const v1::Operation begun = *Begin();
  database_.Apply("UPDATE operation SET method = 'chanyan.registry.v1.RegistryService.Gone'");
  EXPECT_EQ(NewRunner()->RunWaiting(), 0) << "it may be a newer release's";
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_PENDING);
  database_.Apply("UPDATE operation SET create_time = create_time - INTERVAL 25 HOUR");
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_FAILED);
}

TEST_F(OperationTest, CancelledBeforeItBeganNothingIsDone) {
  const v1::Operation begun = *Begin();
  const auto asked = Cancel(begun.name(), Li(kMethod));
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_TRUE(asked->actions().empty());
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_CANCELLED);
  EXPECT_EQ(Effects(), 0);
}

TEST_F(OperationTest, CancelledUnderWayWhatIsDoneStaysAndNothingComesAfter) {
  const v1::Operation begun = *Begin();
  before_ = [&](int unit) -> absl::Status {
    if (unit == 2) return Cancel(begun.name(), Li(kMethod)).status();
    return absl::OkStatus();
  };
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  const v1::Operation ended = Get(begun.name());
  EXPECT_EQ(ended.state(), v1::OPERATION_STATE_CANCELLED);
  EXPECT_EQ(ended.done_units(), 2);
  EXPECT_EQ(Effects(), 2);
}

TEST_F(OperationTest, CancelledWithinATransactionItIsUndone) {
  const v1::Operation begun = *Begin();
  within_ = [&](int unit) -> absl::Status {
    if (unit != 2 || Get(begun.name()).cancel_requested()) return absl::OkStatus();
    // Somebody else's call, on a thread of its own.
    absl::Status asked;
    std::thread([&] { asked = Cancel(begun.name(), Li(kMethod)).status(); }).join();
    return asked;
  };
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_CANCELLED);
  EXPECT_EQ(Effects(), 2);
}

TEST_F(OperationTest, EndedOnesGoAfterTheirTime) {
  ASSERT_TRUE(Begin().ok());
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  const v1::Operation kept = *Begin();
  database_.Apply("UPDATE operation SET end_time = end_time - INTERVAL 91 DAY");
  NewRunner()->RunWaiting();
  EXPECT_EQ(Number("SELECT COUNT(*) FROM operation"), 1);
  EXPECT_EQ(Get(kept.name()).state(), v1::OPERATION_STATE_DONE);
}

TEST(KindTest, RowsThatDoNotFitAreNamed) {
  const auto none = KindsOf("chanyan.registry.v1.NoService", {}, {});
  EXPECT_FALSE(none.ok());
  const KindRow rows[] = {{"chanyan.registry.v1.RegistryService", "ImportPlatforms", ""},
                          {"chanyan.registry.v1.RegistryService", "GetPlatform", ""}};
  const auto kinds = KindsOf("chanyan.registry.v1.RegistryWorkService", rows, {});
  ASSERT_FALSE(kinds.ok());
  for (const char* said : {"RegistryService.ImportPlatforms", "RegistryService.GetPlatform",
                           "BeginImportOrganizations has no row"}) {
    EXPECT_THAT(std::string(kinds.status().message()), HasSubstr(said));
  }
}

TEST(OperationSchemaTest, MatchesDescriptor) {
  testing::TestDatabase database({"common:common/db/migrations"});
  EXPECT_TRUE(database.db()
                  .Read([](db::Session& session) -> absl::Status {
                    CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> differences,
                                             OperationTable().core().CheckTable(session));
                    EXPECT_THAT(differences, ::testing::IsEmpty());
                    return absl::OkStatus();
                  })
                  .ok());
}

}  // namespace
}  // namespace chanyan::operation
