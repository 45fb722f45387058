// RPC handlers of chanyan.pairing.v1.OutcomeService (PAIR-7). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/rpc/method.h"
#include "services/pairing/record_service.h"

namespace chanyan::pairing {

class OutcomeService {
 public:
  explicit OutcomeService(RecordDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Outcome> GetOutcome(const rpc::Call&, const v1::GetOutcomeRequest&);
  absl::StatusOr<v1::ListOutcomesResponse> ListOutcomes(const rpc::Call&,
                                                        const v1::ListOutcomesRequest&);
  absl::StatusOr<v1::Outcome> CreateOutcome(const rpc::Call&, const v1::CreateOutcomeRequest&);
  absl::StatusOr<v1::Outcome> UpdateOutcome(const rpc::Call&, const v1::UpdateOutcomeRequest&);
  absl::StatusOr<v1::Outcome> ConfirmOutcome(const rpc::Call&, const v1::ConfirmOutcomeRequest&);
  absl::StatusOr<v1::Outcome> DisputeOutcome(const rpc::Call&, const v1::DisputeOutcomeRequest&);
  absl::StatusOr<v1::Outcome> WithdrawOutcome(const rpc::Call&, const v1::WithdrawOutcomeRequest&);
  absl::StatusOr<google::api::HttpBody> ExportOutcomes(const rpc::Call&,
                                                       const v1::ExportOutcomesRequest&);
  // outcome_sums.cc
  absl::StatusOr<v1::OutcomeReport> QueryOutcomes(const rpc::Call&,
                                                  const v1::QueryOutcomesRequest&);

 private:
  v1::Outcome Present(const rpc::Call& call, v1::Outcome outcome) const;
  // The same with the files of its evidence.
  absl::StatusOr<v1::Outcome> Shown(const rpc::Call& call, v1::Outcome outcome) const;
  // Refuses what the pack does not know, and what another outcome of the project counts already.
  absl::Status Check(db::Session& session, absl::Time now, const v1::Outcome& outcome) const;
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Outcome&)>;
  // One transition of OutcomeLife by the side that may.
  absl::StatusOr<v1::Outcome> Transit(const rpc::Call& call,
                                      const google::protobuf::Message& request,
                                      const std::string& name, const std::string& etag,
                                      absl::string_view verb, RowEdit edit);

  const RecordDeps deps_;
  const db::Table<v1::Outcome> outcomes_;
  const db::Table<v1::Project> projects_;
};

}  // namespace chanyan::pairing
