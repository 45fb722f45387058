// RPC handlers of chanyan.operation.v1.OperationService, and of what begins operations.
// Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/operation/v1/operation.pb.h"
#include "common/operation/kind.h"
#include "common/operation/operations.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/rpc/stream.h"

namespace chanyan::operation {

class OperationService {
 public:
  // `kinds` outlives it. `begun` is called when something waits, or is to end.
  OperationService(rpc::StoreDeps store, std::string service, const std::vector<Kind>& kinds,
                   std::function<void()> begun)
      : store_(std::move(store)),
        service_(std::move(service)),
        kinds_(kinds),
        begun_(std::move(begun)) {}

  std::vector<rpc::UnaryMethod> Methods() const;
  // Of the service's work.proto: one for each kind.
  std::vector<rpc::UnaryMethod> BeginMethods() const;

  absl::StatusOr<v1::Operation> GetOperation(const rpc::Call&,
                                             const v1::GetOperationRequest&) const;
  absl::StatusOr<v1::ListOperationsResponse> ListOperations(const rpc::Call&,
                                                            const v1::ListOperationsRequest&) const;
  absl::StatusOr<v1::Operation> CancelOperation(const rpc::Call&,
                                                const v1::CancelOperationRequest&) const;
  absl::StatusOr<rpc::News<v1::WatchOperationResponse>> WatchOperation(
      const rpc::Call&, const v1::WatchOperationRequest&) const;

 private:
  struct Seen {
    v1::Operation operation;
    Pace pace;
  };
  absl::StatusOr<Seen> Look(const rpc::Call& call, const std::string& name) const;
  absl::StatusOr<v1::Operation> Begin(const Kind& kind, const rpc::Call& call,
                                      const google::protobuf::Message& request) const;

  const rpc::StoreDeps store_;
  const std::string service_;
  const std::vector<Kind>& kinds_;
  const std::function<void()> begun_;
  const OperationTable table_;
};

}  // namespace chanyan::operation
