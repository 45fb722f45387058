// RPC handlers of chanyan.cycle.v1.ChainService (CYC-7). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/chain.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/cycle_deps.h"

namespace chanyan::cycle {

class ChainService {
 public:
  explicit ChainService(CycleDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  // Makes the rows say what the pack says, once after each change of it; journalled. What the pack
  // does not have any more is kept and marked.
  absl::Status Align(const db::Lease& lease);

  absl::StatusOr<v1::ListChainCampaignsResponse> ListChainCampaigns(
      const rpc::Call&, const v1::ListChainCampaignsRequest&);
  absl::StatusOr<v1::ChainCampaign> PostponeChainCampaign(const rpc::Call&,
                                                          const v1::PostponeChainCampaignRequest&);
  absl::StatusOr<v1::ChainCampaign> HoldChainCampaign(const rpc::Call&,
                                                      const v1::HoldChainCampaignRequest&);
  absl::StatusOr<v1::ChainCampaign> RecordCampaignCases(const rpc::Call&,
                                                        const v1::RecordCampaignCasesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportChainCampaigns(
      const rpc::Call&, const v1::ExportChainCampaignsRequest&);
  absl::StatusOr<v1::ListActionTasksResponse> ListActionTasks(const rpc::Call&,
                                                              const v1::ListActionTasksRequest&);
  absl::StatusOr<v1::ActionTask> ReportActionTask(const rpc::Call&,
                                                  const v1::ReportActionTaskRequest&);
  absl::StatusOr<v1::ActionTask> SetActionTaskDueDate(const rpc::Call&,
                                                      const v1::SetActionTaskDueDateRequest&);
  absl::StatusOr<google::api::HttpBody> ExportActionTasks(const rpc::Call&,
                                                          const v1::ExportActionTasksRequest&);

 private:
  v1::ChainCampaign Present(const rpc::Call& call, v1::ChainCampaign campaign) const;
  v1::ActionTask Present(const rpc::Call& call, v1::ActionTask task) const;

  const CycleDeps deps_;
  const db::Table<v1::ChainCampaign> campaigns_;
  const db::Table<v1::ActionTask> tasks_;
};

}  // namespace chanyan::cycle
