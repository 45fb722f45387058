// RPC handlers of chanyan.pairing.v1.ReportService (PAIR-4). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/report_service.pb.h"
#include "common/rpc/method.h"
#include "services/pairing/record_service.h"
#include "services/pairing/report_book.h"
#include "services/pairing/submissions.h"

namespace chanyan::pairing {

class ReportService {
 public:
  explicit ReportService(RecordDeps deps) : deps_(std::move(deps)), submissions_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ProgressReport> GetProgressReport(const rpc::Call&,
                                                       const v1::GetProgressReportRequest&);
  absl::StatusOr<v1::ListProgressReportsResponse> ListProgressReports(
      const rpc::Call&, const v1::ListProgressReportsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportProgressReports(
      const rpc::Call&, const v1::ExportProgressReportsRequest&);
  absl::StatusOr<v1::ReportVersion> GetReportVersion(const rpc::Call&,
                                                     const v1::GetReportVersionRequest&);
  absl::StatusOr<v1::ListReportVersionsResponse> ListReportVersions(
      const rpc::Call&, const v1::ListReportVersionsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportReportVersions(
      const rpc::Call&, const v1::ExportReportVersionsRequest&);
  absl::StatusOr<v1::ReportVersion> CreateReportVersion(const rpc::Call&,
                                                        const v1::CreateReportVersionRequest&);
  absl::StatusOr<v1::ReportVersion> UpdateReportVersion(const rpc::Call&,
                                                        const v1::UpdateReportVersionRequest&);
  absl::StatusOr<v1::ReportVersion> SubmitReportVersion(const rpc::Call&,
                                                        const v1::SubmitReportVersionRequest&);
  absl::StatusOr<v1::ReportVersion> DiscardReportVersion(const rpc::Call&,
                                                         const v1::DiscardReportVersionRequest&);
  // progress.cc
  absl::StatusOr<v1::Progress> QueryProgress(const rpc::Call&, const v1::QueryProgressRequest&);

 private:
  v1::ReportVersion Present(const rpc::Call& call, v1::ReportVersion version) const;

  const RecordDeps deps_;
  const ReportBook book_{};
  const Submissions submissions_;
  const db::Table<v1::Project> projects_;
};

}  // namespace chanyan::pairing
