// RPC handlers of chanyan.consortium.v1.CoordinationService. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class CoordinationService {
 public:
  explicit CoordinationService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ListCoordinationItemsResponse> ListCoordinationItems(
      const rpc::Call&, const v1::ListCoordinationItemsRequest&);
  absl::StatusOr<v1::CoordinationItem> CreateCoordinationItem(
      const rpc::Call&, const v1::CreateCoordinationItemRequest&);
  absl::StatusOr<v1::CoordinationItem> AssignCoordinationItem(
      const rpc::Call&, const v1::AssignCoordinationItemRequest&);
  absl::StatusOr<v1::CoordinationItem> AnswerCoordinationItem(
      const rpc::Call&, const v1::AnswerCoordinationItemRequest&);
  absl::StatusOr<v1::CoordinationItem> ConcludeCoordinationItem(
      const rpc::Call&, const v1::ConcludeCoordinationItemRequest&);

 private:
  struct Move {
    std::string name;
    std::string etag;
    absl::string_view verb;
  };
  using ItemEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::CoordinationItem&)>;
  using Before = absl::FunctionRef<absl::Status(rpc::Change&)>;
  // One transition of CoordinationLife by who may: its state and what `edit` writes. `before` is
  // done before anything of the dossier is locked.
  absl::StatusOr<v1::CoordinationItem> Transit(const rpc::Call& call,
                                               const google::protobuf::Message& request,
                                               const Move& move, Before before, ItemEdit edit);

  const Deps deps_;
  const db::Table<v1::CoordinationItem> items_;
};

}  // namespace chanyan::consortium
