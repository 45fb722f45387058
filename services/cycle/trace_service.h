// RPC handlers of chanyan.cycle.v1.TraceService (CYC-4). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/trace.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/custody.h"
#include "services/cycle/cycle_deps.h"

namespace chanyan::cycle {

class TraceService {
 public:
  explicit TraceService(CycleDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::RowTrace> TraceRow(const rpc::Call&, const v1::TraceRowRequest&);
  absl::StatusOr<google::api::HttpBody> ExportRowTrace(const rpc::Call&,
                                                       const v1::ExportRowTraceRequest&);
  absl::StatusOr<v1::RowDispute> DisputeRow(const rpc::Call&, const v1::DisputeRowRequest&);
  absl::StatusOr<v1::RowDispute> SettleDispute(const rpc::Call&, const v1::SettleDisputeRequest&);
  absl::StatusOr<v1::ListDisputesResponse> ListDisputes(const rpc::Call&,
                                                        const v1::ListDisputesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportDisputes(const rpc::Call&,
                                                       const v1::ExportDisputesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportHandovers(const rpc::Call&,
                                                        const v1::ExportHandoversRequest&);
  absl::StatusOr<google::api::HttpBody> ExportConservation(const rpc::Call&,
                                                           const v1::ExportConservationRequest&);

 private:
  // Names beside ids.
  absl::Status NameTrace(const rpc::Call& call, v1::RowTrace* trace) const;
  // Names beside ids, and what the caller may do with them.
  absl::Status Present(const rpc::Call& call, std::vector<v1::RowDispute>* disputes) const;
  absl::StatusOr<v1::RowDispute> PresentOne(const rpc::Call& call, v1::RowDispute dispute) const;

  const CycleDeps deps_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Row> rows_;
  const db::Table<v1::Handover> handovers_;
  const db::Table<v1::RowDispute> disputes_;
  const Custody custody_;
};

}  // namespace chanyan::cycle
