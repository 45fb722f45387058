#include "common/operation/operation_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"

namespace chanyan::operation {
namespace {

// Within the rows of the caller's organization those that the caller began; the secretariat's all.
db::Predicate Own(const rpc::Call& call, options::v1::Access access) {
  db::Predicate reachable = auth::RowScope(call.principal, v1::Operation::descriptor(), access);
  if (call.principal.Has(options::v1::ROLE_SECRETARIAT)) return reachable;
  return db::And(std::move(reachable), {"creator = ?", {call.principal.account}});
}

}  // namespace

std::vector<rpc::UnaryMethod> OperationService::Methods() const {
  using S = OperationService;
  return {
      rpc::Unary("GetOperation", this, &S::GetOperation),
      rpc::Unary("ListOperations", this, &S::ListOperations),
      rpc::Unary("CancelOperation", this, &S::CancelOperation),
      rpc::Stream("WatchOperation", this, &S::WatchOperation),
  };
}

std::vector<rpc::UnaryMethod> OperationService::BeginMethods() const {
  std::vector<rpc::UnaryMethod> methods;
  for (const Kind& kind : kinds_) {
    rpc::UnaryMethod method;
    method.name = kind.begin->name();
    method.request_prototype = kind.handler.request_prototype;
    method.reply_type = v1::Operation::descriptor();
    method.answer = [this, &kind](const rpc::Call& call, const google::protobuf::Message& request,
                                  grpc::ByteBuffer* out) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(v1::Operation begun, Begin(kind, call, request));
      return rpc::SendReply(call, std::move(begun), out);
    };
    methods.push_back(std::move(method));
  }
  return methods;
}

absl::StatusOr<v1::Operation> OperationService::Begin(
    const Kind& kind, const rpc::Call& call, const google::protobuf::Message& request) const {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Operation begun,
      rpc::Mutate<v1::Operation>(store_, call, request, [&](rpc::Change& change) {
        return Insert(change, table_, service_, kind, call, request);
      }));
  if (begun_ != nullptr) begun_();
  Show(Pace(), store_.clock.Now(), &begun);
  return begun;
}

absl::StatusOr<OperationService::Seen> OperationService::Look(const rpc::Call& call,
                                                              const std::string& name) const {
  Seen seen;
  CHANYAN_RETURN_IF_ERROR(store_.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    // The pace first: one that has ended meanwhile is seen to have ended, and not without a pace,
    // as if it began anew.
    CHANYAN_ASSIGN_OR_RETURN(seen.pace, ReadPace(session, name));
    CHANYAN_ASSIGN_OR_RETURN(seen.operation,
                             table_.Get(session, name, Own(call, options::v1::ACCESS_READ)));
    if (HasEnded(seen.operation.state())) seen.pace = Pace();
    return absl::OkStatus();
  }));
  Show(seen.pace, store_.clock.Now(), &seen.operation);
  return seen;
}

absl::StatusOr<v1::Operation> OperationService::GetOperation(
    const rpc::Call& call, const v1::GetOperationRequest& request) const {
  CHANYAN_ASSIGN_OR_RETURN(Seen seen, Look(call, request.name()));
  return std::move(seen.operation);
}

absl::StatusOr<v1::ListOperationsResponse> OperationService::ListOperations(
    const rpc::Call& call, const v1::ListOperationsRequest& request) const {
  if (request.parent() != ParentOf(service_)) return status::NotFound(request.parent());
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = "create_time desc";
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = Own(call, options::v1::ACCESS_READ);
  db::Page<v1::Operation> page;
  v1::ListOperationsResponse response;
  CHANYAN_RETURN_IF_ERROR(store_.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    response.Clear();
    CHANYAN_ASSIGN_OR_RETURN(page, table_.List(session, query));
    for (v1::Operation& operation : page.rows) {
      Pace pace;
      // Few are under way at a time.
      if (!HasEnded(operation.state())) {
        CHANYAN_ASSIGN_OR_RETURN(pace, ReadPace(session, operation.name()));
      }
      Show(pace, store_.clock.Now(), &operation);
      if (operation.has_error()) KeepFewViolations(&operation);
      *response.add_operations() = std::move(operation);
    }
    return absl::OkStatus();
  }));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Operation> OperationService::CancelOperation(
    const rpc::Call& call, const v1::CancelOperationRequest& request) const {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Operation asked,
      rpc::Mutate<v1::Operation>(
          store_, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Operation> {
            CHANYAN_ASSIGN_OR_RETURN(v1::Operation row,
                                     table_.GetForUpdate(change.session(), request.name(),
                                                         Own(call, options::v1::ACCESS_WRITE)));
            if (HasEnded(row.state())) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "任务已经结束，不能取消");
            }
            if (row.cancel_requested()) return row;
            const v1::Operation before = row;
            row.set_cancel_requested(true);
            CHANYAN_RETURN_IF_ERROR(table_.Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("cancel", &before, &row));
            return row;
          }));
  if (begun_ != nullptr) begun_();
  Show(Pace(), store_.clock.Now(), &asked);
  return asked;
}

absl::StatusOr<rpc::News<v1::WatchOperationResponse>> OperationService::WatchOperation(
    const rpc::Call& call, const v1::WatchOperationRequest& request) const {
  CHANYAN_ASSIGN_OR_RETURN(Seen seen, Look(call, request.name()));
  rpc::News<v1::WatchOperationResponse> news;
  std::string id = EventId(seen.operation, seen.pace);
  if (id == request.last_event_id()) {
    news.ended = HasEnded(seen.operation.state());
    return news;
  }
  v1::WatchOperationResponse& event = news.event.emplace();
  event.set_event_id(std::move(id));
  *event.mutable_operation() = std::move(seen.operation);
  return news;
}

}  // namespace chanyan::operation
