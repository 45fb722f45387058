// RPC handlers of chanyan.triage.v1.EscalationService (TRI-10). Thread-safe.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "common/db/lease.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/triage/deps.h"
#include "services/triage/escalation_book.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class EscalationService {
 public:
  explicit EscalationService(Deps deps)
      : deps_(std::move(deps)), results_(deps_.pack), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Escalation> GetEscalation(const rpc::Call&, const v1::GetEscalationRequest&);
  absl::StatusOr<v1::ListEscalationsResponse> ListEscalations(const rpc::Call&,
                                                              const v1::ListEscalationsRequest&);
  absl::StatusOr<v1::Escalation> RaiseEscalation(const rpc::Call&,
                                                 const v1::RaiseEscalationRequest&);
  absl::StatusOr<v1::Escalation> PassEscalation(const rpc::Call&, const v1::PassEscalationRequest&);
  absl::StatusOr<v1::Escalation> DecideEscalation(const rpc::Call&,
                                                  const v1::DecideEscalationRequest&);
  absl::StatusOr<v1::Escalation> ReceiveEscalation(const rpc::Call&,
                                                   const v1::ReceiveEscalationRequest&);
  absl::StatusOr<v1::Escalation> CloseEscalation(const rpc::Call&,
                                                 const v1::CloseEscalationRequest&);
  absl::StatusOr<v1::Escalation> WithdrawEscalation(const rpc::Call&,
                                                    const v1::WithdrawEscalationRequest&);
  absl::StatusOr<v1::ListEscalationTasksResponse> ListEscalationTasks(
      const rpc::Call&, const v1::ListEscalationTasksRequest&);
  absl::StatusOr<v1::EscalationTask> CompleteEscalationTask(
      const rpc::Call&, const v1::CompleteEscalationTaskRequest&);
  absl::StatusOr<v1::EscalationTask> CancelEscalationTask(const rpc::Call&,
                                                          const v1::CancelEscalationTaskRequest&);

  // overdue_jobs.cc: journals each matter that was not decided in time, once for each term, and who
  // is above its decider; and each task that was not done in time. How many.
  absl::StatusOr<int> NoteOverdue(const db::Lease& lease);

 private:
  using Tasks = google::protobuf::RepeatedPtrField<v1::EscalationTask>;
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Escalation&)>;

  v1::Escalation Present(const rpc::Call& call, v1::Escalation row) const;
  v1::EscalationTask Present(const rpc::Call& call, v1::EscalationTask row) const;
  absl::StatusOr<v1::Escalation> Transit(const rpc::Call& call,
                                         const google::protobuf::Message& request,
                                         const std::string& name, const std::string& etag,
                                         absl::string_view verb, absl::string_view text,
                                         RowEdit edit);
  absl::StatusOr<v1::EscalationTask> TransitTask(const rpc::Call& call,
                                                 const google::protobuf::Message& request,
                                                 const std::string& name, const std::string& etag,
                                                 absl::string_view verb,
                                                 const std::string& outcome);
  // Tasks with their owners' names, asked before the transaction; all that is wrong at once.
  absl::StatusOr<std::vector<v1::EscalationTask>> TasksOf(const rpc::Call& call,
                                                          const Tasks& wanted) const;
  absl::Status Give(rpc::Change& change, std::vector<v1::EscalationTask> tasks,
                    v1::Escalation* row) const;

  const Deps deps_;
  const ResultBook results_;
  const EscalationBook book_;
};

}  // namespace chanyan::triage
