// RPC handlers of chanyan.consortium.v1.EvaluationService (CON-7). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class EvaluationService {
 public:
  explicit EvaluationService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Evaluation> CreateEvaluation(const rpc::Call&,
                                                  const v1::CreateEvaluationRequest&);
  absl::StatusOr<v1::Evaluation> UpdateEvaluation(const rpc::Call&,
                                                  const v1::UpdateEvaluationRequest&);
  absl::StatusOr<v1::Evaluation> ConcludeEvaluation(const rpc::Call&,
                                                    const v1::ConcludeEvaluationRequest&);
  absl::StatusOr<v1::ListEvaluationsResponse> ListEvaluations(const rpc::Call&,
                                                              const v1::ListEvaluationsRequest&);

 private:
  const Deps deps_;
  const db::Table<v1::Evaluation> evaluations_;
};

}  // namespace chanyan::consortium
