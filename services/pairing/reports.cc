// RecordReports: the rows of accepted forms become projects and their quarterly reports (PAIR-4).
#include "services/pairing/pairing_service.h"
#include "services/pairing/report_batch.h"

namespace chanyan::pairing {

absl::StatusOr<v1::RecordReportsResponse> PairingService::RecordReports(
    const rpc::Call& call, const v1::RecordReportsRequest& request) {
  return rpc::Mutate<v1::RecordReportsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::RecordReportsResponse> {
        ReportBatch batch({projects_, reports_, deps_.pack}, request.quarter());
        CHANYAN_RETURN_IF_ERROR(batch.Load(change.session(), request.reports()));
        v1::RecordReportsResponse response;
        for (const v1::Report& report : request.reports()) {
          CHANYAN_ASSIGN_OR_RETURN(*response.add_outcomes(), batch.Apply(report));
        }
        CHANYAN_RETURN_IF_ERROR(batch.Write(change));
        return response;
      });
}

}  // namespace chanyan::pairing
