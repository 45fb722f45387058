// RecordReports: the rows of accepted forms become projects and their quarterly reports (PAIR-4).
#include "common/rpc/resource.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/report_batch.h"

namespace chanyan::pairing {

absl::StatusOr<v1::RecordReportsResponse> PairingService::RecordReports(
    const rpc::Call& call, const v1::RecordReportsRequest& request) {
  return rpc::Mutate<v1::RecordReportsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::RecordReportsResponse> {
        ReportBatch batch(
            {deps_.pack, projects_, records_, reports_, problems_,
             [&](const std::string& platform) { return OwnerOf(change.session(), platform); }},
            request.quarter());
        return batch.Record(change, request.reports());
      });
}

}  // namespace chanyan::pairing
