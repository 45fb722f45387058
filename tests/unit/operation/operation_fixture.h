// Operations on a real database, with work that the test decides: each unit of it is a row of
// `effect`, whose unit number may come once.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/names.h"
#include "common/operation/operation_service.h"
#include "common/operation/runner.h"
#include "common/status/status.h"
#include "tests/support/test_database.h"

namespace chanyan::operation {

inline constexpr char kMethod[] = "chanyan.registry.v1.RegistryService.ImportPlatforms";
inline constexpr char kBegin[] = "chanyan.registry.v1.RegistryWorkService.BeginImportPlatforms";
// No unique key: what is done twice is there twice.
inline constexpr char kEffect[] = "CREATE TABLE effect (unit BIGINT NOT NULL) ENGINE=InnoDB";
inline constexpr int kUnits = 5;

inline const google::protobuf::MethodDescriptor* MethodOf(const char* name) {
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
    kind.handler = rpc::Unary<registry::v1::ImportPlatformsRequest, registry::v1::ImportResult>(
        "ImportPlatforms",
        [this](const rpc::Call& call, const registry::v1::ImportPlatformsRequest& request) {
          return work_(call, request);
        });
    kinds_.push_back(std::move(kind));
    work_ = [this](const rpc::Call& call, const registry::v1::ImportPlatformsRequest& request) {
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
  absl::StatusOr<registry::v1::ImportResult> DoUnits(
      const rpc::Call& call, const registry::v1::ImportPlatformsRequest& request) {
    rpc::LongWork::OfThisThread().Expect(kUnits - Effects());
    registry::v1::ImportResult total;
    for (int unit = 0; unit < kUnits; ++unit) {
      registry::v1::ImportPlatformsRequest part = request;
      part.set_request_id(absl::StrCat(request.request_id().substr(0, 35), unit));
      if (before_ != nullptr) CHANYAN_RETURN_IF_ERROR(before_(unit));
      CHANYAN_ASSIGN_OR_RETURN(
          const registry::v1::ImportResult done,
          rpc::Mutate<registry::v1::ImportResult>(
              store(), call, part,
              [&](rpc::Change& change) -> absl::StatusOr<registry::v1::ImportResult> {
                CHANYAN_RETURN_IF_ERROR(
                    change.session()
                        .Execute("INSERT INTO effect (unit) VALUES (?)", {int64_t{unit}})
                        .status());
                rpc::LongWork::OfThisThread().Count(1);
                if (within_ != nullptr) CHANYAN_RETURN_IF_ERROR(within_(unit));
                registry::v1::ImportResult one;
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
    registry::v1::ImportPlatformsRequest request;
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
  std::function<absl::StatusOr<registry::v1::ImportResult>(
      const rpc::Call&, const registry::v1::ImportPlatformsRequest&)>
      work_;
  // Called with a unit's number before and within its transaction.
  std::function<absl::Status(int)> before_, within_;
};

}  // namespace chanyan::operation
