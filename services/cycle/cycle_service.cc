#include "services/cycle/cycle_service.h"

namespace chanyan::cycle {

std::vector<rpc::UnaryMethod> CycleService::Methods() {
  using S = CycleService;
  return {
      rpc::Unary("OpenCycle", this, &S::OpenCycle),
      rpc::Unary("GetCycle", this, &S::GetCycle),
      rpc::Unary("ListCycles", this, &S::ListCycles),
      rpc::Unary("AdvanceClock", this, &S::AdvanceClock),
      rpc::Unary("CloseStep", this, &S::CloseStep),
      rpc::Unary("ExtendStep", this, &S::ExtendStep),
      rpc::Unary("GetForm", this, &S::GetForm),
      rpc::Unary("ListForms", this, &S::ListForms),
      rpc::Unary("ListRows", this, &S::ListRows),
      rpc::Unary("SubmitForm", this, &S::SubmitForm),
      rpc::Unary("AcceptForm", this, &S::AcceptForm),
      rpc::Unary("ReturnForm", this, &S::ReturnForm),
      rpc::Unary("GrantLockException", this, &S::GrantLockException),
      rpc::Unary("ListFormVersions", this, &S::ListFormVersions),
      rpc::Unary("ImportForm", this, &S::ImportForm),
      rpc::Unary("ImportReturn", this, &S::ImportReturn),
      rpc::Unary("DistributeForms", this, &S::DistributeForms),
      rpc::Unary("DistributeToEnterprises", this, &S::DistributeToEnterprises),
      rpc::Unary("ReceiveHandovers", this, &S::ReceiveHandovers),
      rpc::Unary("ListHandovers", this, &S::ListHandovers),
      rpc::Unary("SubmitReturns", this, &S::SubmitReturns),
      rpc::Unary("ListReturnVersions", this, &S::ListReturnVersions),
      rpc::Unary("GrantReturnException", this, &S::GrantReturnException),
      rpc::Unary("ListReturnExceptions", this, &S::ListReturnExceptions),
      rpc::Unary("ExportReturnExceptions", this, &S::ExportReturnExceptions),
      rpc::Unary("ReturnToEnterprise", this, &S::ReturnToEnterprise),
      rpc::Unary("ReturnPackage", this, &S::ReturnPackage),
      rpc::Unary("DownloadBundle", this, &S::DownloadBundle),
      rpc::Unary("ReturnToUniversities", this, &S::ReturnToUniversities),
      rpc::Unary("CheckConservation", this, &S::CheckConservation),
      rpc::Unary("SubmitPackages", this, &S::SubmitPackages),
      rpc::Unary("ListPackages", this, &S::ListPackages),
      rpc::Unary("ListPackageVersions", this, &S::ListPackageVersions),
      rpc::Unary("DownloadPackage", this, &S::DownloadPackage),
      rpc::Unary("ExportForm", this, &S::ExportForm),
      rpc::Unary("ExportReturn", this, &S::ExportReturn),
      rpc::Unary("ExportLedger", this, &S::ExportLedger),
      rpc::Unary("CreateEvent", this, &S::CreateEvent),
      rpc::Unary("ListEvents", this, &S::ListEvents),
      rpc::Unary("ComputeLeaderboard", this, &S::ComputeLeaderboard),
      rpc::Unary("PublishLeaderboard", this, &S::PublishLeaderboard),
      rpc::Unary("GetLeaderboard", this, &S::GetLeaderboard),
      rpc::Unary("ReplayLeaderboard", this, &S::ReplayLeaderboard),
      rpc::Unary("ExportLeaderboard", this, &S::ExportLeaderboard),
      rpc::Unary("ListLeaderboards", this, &S::ListLeaderboards),
      rpc::Unary("QueryPunctuality", this, &S::QueryPunctuality),
      rpc::Unary("ExportPunctuality", this, &S::ExportPunctuality),
  };
}

}  // namespace chanyan::cycle
