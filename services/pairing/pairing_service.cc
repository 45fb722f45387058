#include "services/pairing/pairing_service.h"

#include <utility>

#include "common/rpc/get.h"

namespace chanyan::pairing {

std::vector<rpc::UnaryMethod> PairingService::Methods() {
  using S = PairingService;
  const auto seen = [this](const rpc::Call& call, v1::Project row) {
    return Present(call, std::move(row));
  };
  return {
      rpc::Unary("GetIntent", this, &S::GetIntent),
      rpc::Unary("ListIntents", this, &S::ListIntents),
      rpc::Unary("CreateIntent", this, &S::CreateIntent),
      rpc::Unary("UpdateIntent", this, &S::UpdateIntent),
      rpc::Unary("RenewIntent", this, &S::RenewIntent),
      rpc::Unary("WithdrawIntent", this, &S::WithdrawIntent),
      rpc::Unary("ImportIntents", this, &S::ImportIntents),
      rpc::Unary("ExportIntents", this, &S::ExportIntents),
      rpc::Get<v1::GetProjectRequest>("GetProject", deps_.store.db, projects_, seen),
      rpc::Unary("ListProjects", this, &S::ListProjects),
      rpc::Unary("CreateProject", this, &S::CreateProject),
      rpc::Unary("UpdateProject", this, &S::UpdateProject),
      rpc::Unary("NegotiateProject", this, &S::NegotiateProject),
      rpc::Unary("SignProject", this, &S::SignProject),
      rpc::Unary("StartProject", this, &S::StartProject),
      rpc::Unary("CompleteProject", this, &S::CompleteProject),
      rpc::Unary("TerminateProject", this, &S::TerminateProject),
      rpc::Unary("SettleProject", this, &S::SettleProject),
      rpc::Unary("RecordReports", this, &S::RecordReports),
      rpc::Unary("ImportRoster", this, &S::ImportRoster),
      rpc::Unary("GetRoster", this, &S::GetRoster),
      rpc::Unary("QueryCoverage", this, &S::QueryCoverage),
      rpc::Unary("ListUnpaired", this, &S::ListUnpaired),
  };
}

}  // namespace chanyan::pairing
