// RPC handlers of chanyan.triage.v1.DispositionService (TRI-3). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/disposition.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/triage/deps.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class DispositionService {
 public:
  explicit DispositionService(Deps deps) : deps_(std::move(deps)), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::DispositionPreview> PreviewDisposition(const rpc::Call&,
                                                            const v1::PreviewDispositionRequest&);
  absl::StatusOr<v1::Disposition> DisposeResult(const rpc::Call&, const v1::DisposeResultRequest&);
  absl::StatusOr<v1::ListDispositionsResponse> ListDispositions(const rpc::Call&,
                                                                const v1::ListDispositionsRequest&);

 private:
  const Deps deps_;
  const ResultBook book_;
  const db::Table<v1::Disposition> dispositions_;
};

}  // namespace chanyan::triage
