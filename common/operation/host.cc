#include "common/operation/host.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/operation/operation_service.h"
#include "common/operation/runner.h"
#include "common/status/status.h"

namespace chanyan::operation {
namespace {

// The table belongs to all services and to none of their packages.
absl::Status CheckTable(db::Database& db) {
  return db.Read(absl::Now() + absl::Seconds(5), [](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> differences,
                             OperationTable().core().CheckTable(session));
    if (differences.empty()) return absl::OkStatus();
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("表结构与 Operation 不一致，请先运行 chanyan-migrate：",
                     absl::StrJoin(differences, "；")));
  });
}

}  // namespace

absl::Status Host(rpc::Runtime& runtime, const char* work_service, absl::Span<const KindRow> rows,
                  const std::vector<Handlers>& handlers) {
  CHANYAN_RETURN_IF_ERROR(CheckTable(runtime.db()));
  CHANYAN_ASSIGN_OR_RETURN(std::vector<Kind> found, KindsOf(work_service, rows, handlers));
  const auto& kinds = runtime.Own(std::make_unique<std::vector<Kind>>(std::move(found)));
  auto& runner = runtime.Own(std::make_unique<Runner>(
      Runner::Deps{runtime.store(), runtime.log(), runtime.metrics()}, kinds, Runner::Options()));
  runtime.AddJob([&runner] { runner.Start(); }, [&runner] { runner.Stop(); });
  auto& service = runtime.Own(std::make_unique<OperationService>(
      runtime.store(), runtime.config().service, kinds, [&runner] { runner.Ring(); }));
  runtime.server().Register("chanyan.operation.v1.OperationService", service.Methods());
  runtime.server().Register(work_service, service.BeginMethods());
  return absl::OkStatus();
}

}  // namespace chanyan::operation
