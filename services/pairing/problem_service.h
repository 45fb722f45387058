// RPC handlers of chanyan.pairing.v1.ProblemService (PAIR-5). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/rpc/method.h"
#include "services/pairing/problem_book.h"
#include "services/pairing/record_service.h"

namespace chanyan::pairing {

class ProblemService {
 public:
  explicit ProblemService(RecordDeps deps) : deps_(std::move(deps)), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Problem> GetProblem(const rpc::Call&, const v1::GetProblemRequest&);
  absl::StatusOr<v1::ListProblemsResponse> ListProblems(const rpc::Call&,
                                                        const v1::ListProblemsRequest&);
  absl::StatusOr<v1::ListOverdueProblemsResponse> ListOverdueProblems(
      const rpc::Call&, const v1::ListOverdueProblemsRequest&);
  absl::StatusOr<v1::Problem> CreateProblem(const rpc::Call&, const v1::CreateProblemRequest&);
  absl::StatusOr<v1::Problem> AssignProblem(const rpc::Call&, const v1::AssignProblemRequest&);
  absl::StatusOr<v1::Problem> DeclineProblem(const rpc::Call&, const v1::DeclineProblemRequest&);
  absl::StatusOr<v1::Problem> ResolveProblem(const rpc::Call&, const v1::ResolveProblemRequest&);
  absl::StatusOr<v1::Problem> ConfirmProblem(const rpc::Call&, const v1::ConfirmProblemRequest&);
  absl::StatusOr<v1::Problem> ReopenProblem(const rpc::Call&, const v1::ReopenProblemRequest&);
  absl::StatusOr<v1::Problem> EscalateProblem(const rpc::Call&, const v1::EscalateProblemRequest&);
  absl::StatusOr<v1::Problem> WithdrawProblem(const rpc::Call&, const v1::WithdrawProblemRequest&);
  absl::StatusOr<google::api::HttpBody> ExportOverdueProblems(
      const rpc::Call&, const v1::ExportOverdueProblemsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportProblems(const rpc::Call&,
                                                       const v1::ExportProblemsRequest&);

  // For the alarms of problems.
  const ProblemBook& book() const { return book_; }

 private:
  v1::Problem Present(const rpc::Call& call, v1::Problem problem) const;
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Problem&)>;
  // One transition of ProblemLife by who may: its state, what `edit` writes, and the step.
  absl::StatusOr<v1::Problem> Transit(const rpc::Call& call,
                                      const google::protobuf::Message& request,
                                      const std::string& name, const std::string& etag,
                                      absl::string_view verb, absl::string_view reason,
                                      RowEdit edit);

  const RecordDeps deps_;
  const ProblemBook book_;
  const db::Table<v1::Project> projects_;
};

}  // namespace chanyan::pairing
