#include "services/pairing/record_sheet_service.h"

namespace chanyan::pairing {

std::vector<rpc::UnaryMethod> RecordSheetService::Methods() {
  using S = RecordSheetService;
  return {
      rpc::Unary("ImportContacts", this, &S::ImportContacts),
      rpc::Unary("ImportProblems", this, &S::ImportProblems),
      rpc::Unary("ImportOutcomes", this, &S::ImportOutcomes),
      rpc::Unary("ImportAgreements", this, &S::ImportAgreements),
      rpc::Unary("ImportProgress", this, &S::ImportProgress),
  };
}

}  // namespace chanyan::pairing
