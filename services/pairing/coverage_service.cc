#include "services/pairing/coverage_service.h"

namespace chanyan::pairing {

std::vector<rpc::UnaryMethod> CoverageService::Methods() {
  using S = CoverageService;
  return {
      rpc::Unary("QueryCoverageTrend", this, &S::QueryCoverageTrend),
      rpc::Unary("ExportCoverage", this, &S::ExportCoverage),
      rpc::Unary("ListRosters", this, &S::ListRosters),
      rpc::Unary("ExportRoster", this, &S::ExportRoster),
      rpc::Unary("ListUnpairedEnterprises", this, &S::ListUnpairedEnterprises),
      rpc::Unary("ExportUnpairedEnterprises", this, &S::ExportUnpairedEnterprises),
      rpc::Unary("CheckEnterpriseCoverage", this, &S::CheckEnterpriseCoverage),
      rpc::Unary("OverrideEnterpriseCoverage", this, &S::OverrideEnterpriseCoverage),
      rpc::Unary("RestoreEnterpriseCoverage", this, &S::RestoreEnterpriseCoverage),
      rpc::Unary("ImportOutreach", this, &S::ImportOutreach),
      rpc::Unary("GetOutreach", this, &S::GetOutreach),
      rpc::Unary("UpdateOutreach", this, &S::UpdateOutreach),
      rpc::Unary("ListContactAttempts", this, &S::ListContactAttempts),
      rpc::Unary("CreateContactAttempt", this, &S::CreateContactAttempt),
      rpc::Unary("VoidContactAttempt", this, &S::VoidContactAttempt),
      rpc::Unary("ImportContactAttempts", this, &S::ImportContactAttempts),
      rpc::Unary("ExportContactAttempts", this, &S::ExportContactAttempts),
  };
}

}  // namespace chanyan::pairing
