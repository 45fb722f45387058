// RPC handlers of chanyan.pairing.v1.AgreementService (PAIR-3). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/method.h"
#include "services/pairing/agreement_book.h"
#include "services/pairing/record_service.h"

namespace chanyan::pairing {

class AgreementService {
 public:
  explicit AgreementService(RecordDeps deps) : deps_(std::move(deps)), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Agreement> GetAgreement(const rpc::Call&, const v1::GetAgreementRequest&);
  absl::StatusOr<v1::ListAgreementsResponse> ListAgreements(const rpc::Call&,
                                                            const v1::ListAgreementsRequest&);
  absl::StatusOr<v1::Agreement> CreateAgreement(const rpc::Call&,
                                                const v1::CreateAgreementRequest&);
  absl::StatusOr<v1::Agreement> UpdateAgreement(const rpc::Call&,
                                                const v1::UpdateAgreementRequest&);
  absl::StatusOr<google::api::HttpBody> ExportAgreements(const rpc::Call&,
                                                         const v1::ExportAgreementsRequest&);

 private:
  // With the files of its documents.
  absl::StatusOr<v1::Agreement> Shown(const rpc::Call& call, v1::Agreement row) const;

  const RecordDeps deps_;
  const AgreementBook book_;
  const db::Table<v1::Project> projects_;
};

}  // namespace chanyan::pairing
