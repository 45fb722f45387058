// Operations on a real database, with work that the test decides: each unit of it is a row of
// `effect`, whose unit number may come once.
#include "common/operation/runner.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/names.h"
#include "common/operation/operation_service.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::operation {
namespace {

using registry::v1::ImportPlatformsRequest;
using registry::v1::ImportResult;
using ::testing::HasSubstr;

constexpr char kMethod[] = "chanyan.registry.v1.RegistryService.ImportPlatforms";
constexpr char kBegin[] = "chanyan.registry.v1.RegistryWorkService.BeginImportPlatforms";
// No unique key: what is done twice is there twice.
constexpr char kEffect[] = "CREATE TABLE effect (unit BIGINT NOT NULL) ENGINE=InnoDB";
constexpr int kUnits = 5;

const google::protobuf::MethodDescriptor* MethodOf(const char* name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
}

class OperationTest : public ::testing::Test {
 protected:
  OperationTest() {
    database_.Apply(kEffect);
    Kind kind;
    kind.method = MethodOf(kMethod);
    kind.begin = MethodOf(kBegin);
    kind.unit = "个";
    kind.handler = rpc::Unary<ImportPlatformsRequest, ImportResult>(
        "ImportPlatforms", [this](const rpc::Call& call, const ImportPlatformsRequest& request) {
          return work_(call, request);
        });
    kinds_.push_back(std::move(kind));
    work_ = [this](const rpc::Call& call, const ImportPlatformsRequest& request) {
      return DoUnits(call, request);
    };
  }

  rpc::StoreDeps store() { return {database_.db(), clock_, nullptr}; }
  std::unique_ptr<Runner> NewRunner(Runner::Options options = {}) {
    options.pause = absl::ZeroDuration();
    runner_metrics_.push_back(std::make_unique<metrics::Registry>());
    return std::make_unique<Runner>(
        Runner::Deps{store(), log::Logger("test", log::Level::kError), *runner_metrics_.back()},
        kinds_, options);
  }

  // As a chunked handler does it: a transaction for each unit, each remembered.
  absl::StatusOr<ImportResult> DoUnits(const rpc::Call& call,
                                       const ImportPlatformsRequest& request) {
    rpc::LongWork::OfThisThread().Expect(kUnits - Effects());
    ImportResult total;
    for (int unit = 0; unit < kUnits; ++unit) {
      ImportPlatformsRequest part = request;
      part.set_request_id(absl::StrCat(request.request_id().substr(0, 35), unit));
      if (before_ != nullptr) CHANYAN_RETURN_IF_ERROR(before_(unit));
      CHANYAN_ASSIGN_OR_RETURN(
          const ImportResult done,
          rpc::Mutate<ImportResult>(
              store(), call, part, [&](rpc::Change& change) -> absl::StatusOr<ImportResult> {
                CHANYAN_RETURN_IF_ERROR(
                    change.session()
                        .Execute("INSERT INTO effect (unit) VALUES (?)", {int64_t{unit}})
                        .status());
                rpc::LongWork::OfThisThread().Count(1);
                if (within_ != nullptr) CHANYAN_RETURN_IF_ERROR(within_(unit));
                ImportResult one;
                one.set_created(1);
                return one;
              }));
      total.set_created(total.created() + done.created());
    }
    return total;
  }

  static rpc::Call CallAs(options::v1::Role role, const std::string& account, const char* method) {
    rpc::Call call;
    call.principal.account = account;
    call.principal.organization =
        role == options::v1::ROLE_SECRETARIAT ? "organizations/s" : "organizations/u";
    call.principal.roles = {role};
    call.principal.predecessors = {"organizations/before"};
    call.method = MethodOf(method);
    call.request_id = api::NewUuid();
    call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    call.tracestate = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
    call.deadline = absl::Now() + absl::Seconds(20);
    return call;
  }
  static rpc::Call Li(const char* method) {
    return CallAs(options::v1::ROLE_RESEARCH_OFFICE, "accounts/li", method);
  }

  absl::StatusOr<v1::Operation> Begin(const std::string& request_id = api::NewUuid(),
                                      std::string file = "") {
    ImportPlatformsRequest request;
    request.mutable_file()->set_data(std::move(file));
    request.set_request_id(request_id);
    request.set_file_name("平台.xlsx");
    grpc::ByteBuffer bytes;
    CHANYAN_RETURN_IF_ERROR(service_.BeginMethods().at(0).answer(Li(kBegin), request, &bytes));
    v1::Operation begun;
    CHANYAN_RETURN_IF_ERROR(rpc::Parse(&bytes, &begun));
    return begun;
  }
  absl::StatusOr<v1::Operation> Get(const std::string& name, const rpc::Call& call) {
    v1::GetOperationRequest request;
    request.set_name(name);
    return service_.GetOperation(call, request);
  }
  v1::Operation Get(const std::string& name) {
    auto found = Get(name, Li("chanyan.operation.v1.OperationService.GetOperation"));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : v1::Operation();
  }
  absl::StatusOr<v1::Operation> Cancel(const std::string& name, rpc::Call call) {
    v1::CancelOperationRequest request;
    request.set_name(name);
    request.set_request_id(api::NewUuid());
    call.method = MethodOf("chanyan.operation.v1.OperationService.CancelOperation");
    return service_.CancelOperation(call, request);
  }
  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    const absl::Status read = database_.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
      number = std::get<int64_t>(rows.rows.at(0).at(0));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return number;
  }
  int64_t Effects() { return Number("SELECT COUNT(*) FROM effect"); }
  int64_t Distinct() { return Number("SELECT COUNT(DISTINCT unit) FROM effect"); }

  testing::TestDatabase database_{
      std::vector<std::string>{"common:common/db/migrations", "journal:common/journal/migrations"}};
  time::SystemClock clock_;
  std::vector<Kind> kinds_;
  std::vector<std::unique_ptr<metrics::Registry>> runner_metrics_;
  std::atomic<int> rung_ = 0;
  OperationService service_{store(), "registry", kinds_, [this] { ++rung_; }};
  std::function<absl::StatusOr<ImportResult>(const rpc::Call&, const ImportPlatformsRequest&)>
      work_;
  // Called with a unit's number before and within its transaction.
  std::function<absl::Status(int)> before_, within_;
};

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

TEST_F(OperationTest, AnotherTakesUpWhatOneLostAndNothingIsDoneTwice) {
  const v1::Operation begun = *Begin();
  Runner::Options brief;
  brief.lease = absl::Milliseconds(300);
  auto first = NewRunner(brief);
  auto second = NewRunner();
  absl::Notification stuck, over;
  std::atomic<bool> stop = true;
  before_ = [&](int unit) -> absl::Status {
    // Only the first time: as a process that is stopped for longer than its lease.
    if (unit == 3 && stop.exchange(false)) {
      stuck.Notify();
      over.WaitForNotification();
    }
    return absl::OkStatus();
  };
  std::thread slow([&] { first->RunWaiting(); });
  stuck.WaitForNotification();
  EXPECT_EQ(Effects(), 3);
  // `first` has no thread that renews: its lease ends.
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_EQ(second->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_DONE);
  over.Notify();
  slow.join();
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
  const v1::Operation done = Get(begun.name());
  EXPECT_EQ(done.state(), v1::OPERATION_STATE_DONE);
  EXPECT_EQ(done.done_units(), kUnits);
  EXPECT_EQ(done.total_units(), kUnits);
  EXPECT_EQ(done.attempts(), 2);
  EXPECT_EQ(done.result(), R"({"created":5})") << "the units of both runs";
}

TEST_F(OperationTest, TwoProcessesAtOnceDoEachUnitOnce) {
  const v1::Operation begun = *Begin();
  auto first = NewRunner(), second = NewRunner();
  std::thread a([&] { first->RunWaiting(); });
  std::thread b([&] { second->RunWaiting(); });
  a.join();
  b.join();
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
  EXPECT_EQ(Get(begun.name()).attempts(), 1);
}

TEST_F(OperationTest, LostCommitsAndConflictsDoNotDoubleOrSkip) {
  database_.db().InjectFaults({.inject_retry_every = 3,
                               .inject_ambiguous_commit_every = 4,
                               .inject_ambiguous_nocommit_every = 5});
  const auto begun = Begin();
  ASSERT_TRUE(begun.ok()) << begun.status();
  auto runner = NewRunner();
  for (int i = 0; i < 40 && !HasEnded(Get(begun->name()).state()); ++i) runner->RunWaiting();
  database_.db().InjectFaults({});
  const v1::Operation done = Get(begun->name());
  EXPECT_EQ(done.state(), v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(done.done_units(), kUnits);
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
}

TEST_F(OperationTest, WhatAPeerBreaksOffIsTriedAgainUntilItIsEnough) {
  const v1::Operation begun = *Begin();
  std::atomic<int> runs = 0;
  before_ = [&](int unit) -> absl::Status {
    if (unit != 1 || ++runs > 2) return absl::OkStatus();
    // A peer that is away, and one that ends while it is asked.
    return runs == 1 ? status::Unavailable("名录服务暂停") : absl::CancelledError("请求已取消");
  };
  auto runner = NewRunner();
  EXPECT_EQ(runner->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_RUNNING);
  for (int i = 0; i < 5; ++i) runner->RunWaiting();
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_DONE);
  EXPECT_EQ(Get(begun.name()).attempts(), 3);
  EXPECT_EQ(Effects(), kUnits);

  const v1::Operation hopeless = *Begin();
  before_ = [](int) { return status::Unavailable("名录服务暂停"); };
  for (int i = 0; i < 20; ++i) runner->RunWaiting();
  const v1::Operation failed = Get(hopeless.name());
  EXPECT_EQ(failed.state(), v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(failed.error().code(), "UNAVAILABLE");
  EXPECT_EQ(failed.attempts(), Runner::kMaxAttempts);
}

TEST_F(OperationTest, WhatKillsItsProcessIsGivenUp) {
  const v1::Operation begun = *Begin();
  database_.Apply(
      absl::StrCat("UPDATE operation SET state = 'RUNNING', attempts = ", Runner::kMaxAttempts));
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_FAILED);
  EXPECT_EQ(Effects(), 0);
}

TEST_F(OperationTest, AStopPutsItDownForAnother) {
  const v1::Operation begun = *Begin();
  auto runner = NewRunner();
  absl::Notification there;
  before_ = [&](int unit) -> absl::Status {
    if (unit != 2) return absl::OkStatus();
    there.Notify();
    absl::SleepFor(absl::Milliseconds(300));
    return absl::OkStatus();
  };
  runner->Start();
  there.WaitForNotification();
  runner->Stop();
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_RUNNING);
  EXPECT_EQ(Get(begun.name()).attempts(), 0) << "a stop is no failure";
  before_ = nullptr;
  EXPECT_EQ(NewRunner()->RunWaiting(), 1) << "at once: the lease was given up";
  EXPECT_EQ(Get(begun.name()).state(), v1::OPERATION_STATE_DONE);
  EXPECT_EQ(Effects(), kUnits);
  EXPECT_EQ(Distinct(), kUnits);
}

TEST_F(OperationTest, ALongReadingKeepsItsLeaseAndIsSeen) {
  const v1::Operation begun = *Begin();
  Runner::Options brief;
  brief.lease = absl::Milliseconds(600);
  auto runner = NewRunner(brief);
  absl::Notification reading, go;
  before_ = [&](int unit) -> absl::Status {
    if (unit != 0) return absl::OkStatus();
    rpc::LongWork::OfThisThread().Say(rpc::Stage::kReading, 300, 1000);
    reading.Notify();
    go.WaitForNotification();
    return absl::OkStatus();
  };
  runner->Start();
  reading.WaitForNotification();
  absl::SleepFor(absl::Milliseconds(1500));
  EXPECT_EQ(NewRunner()->RunWaiting(), 0) << "it is taken";
  const v1::Operation seen = Get(begun.name());
  EXPECT_EQ(seen.stage(), v1::OPERATION_STAGE_READING);
  EXPECT_EQ(seen.stage_done(), 300);
  EXPECT_EQ(seen.stage_total(), 1000);
  go.Notify();
  for (int i = 0; i < 100 && !HasEnded(Get(begun.name()).state()); ++i) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  runner->Stop();
  EXPECT_EQ(Get(begun.name()).attempts(), 1);
  EXPECT_EQ(Effects(), kUnits);
}

TEST_F(OperationTest, WhoeverWatchesIsToldWhatIsNewAndWhenItIsOver) {
  const v1::Operation begun = *Begin();
  v1::WatchOperationRequest request;
  request.set_name(begun.name());
  const rpc::Call call = Li("chanyan.operation.v1.OperationService.WatchOperation");
  auto news = service_.WatchOperation(call, request);
  ASSERT_TRUE(news.ok()) << news.status();
  ASSERT_TRUE(news->event.has_value());
  EXPECT_EQ(news->event->operation().state(), v1::OPERATION_STATE_PENDING);
  request.set_last_event_id(news->event->event_id());
  news = service_.WatchOperation(call, request);
  EXPECT_FALSE(news->event.has_value());
  EXPECT_FALSE(news->ended);
  ASSERT_EQ(NewRunner()->RunWaiting(), 1);
  news = service_.WatchOperation(call, request);
  ASSERT_TRUE(news->event.has_value());
  EXPECT_EQ(news->event->operation().state(), v1::OPERATION_STATE_DONE);
  request.set_last_event_id(news->event->event_id());
  EXPECT_TRUE(service_.WatchOperation(call, request)->ended);
  request.set_last_event_id("of-another-time");
  EXPECT_TRUE(service_.WatchOperation(call, request)->event.has_value());
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
