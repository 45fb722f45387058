// RPC handlers of chanyan.triage.v1.ReportService (TRI-8): figures from live data, a narrative that
// people write, frozen with its files when issued. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/report.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/issue_rules.h"

namespace chanyan::triage {

class ReportService {
 public:
  explicit ReportService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Report> GetReport(const rpc::Call&, const v1::GetReportRequest&);
  absl::StatusOr<v1::ListReportsResponse> ListReports(const rpc::Call&,
                                                      const v1::ListReportsRequest&);
  absl::StatusOr<v1::Report> CreateReport(const rpc::Call&, const v1::CreateReportRequest&);
  absl::StatusOr<v1::Report> UpdateReport(const rpc::Call&, const v1::UpdateReportRequest&);
  absl::StatusOr<v1::Report> RefreshReport(const rpc::Call&, const v1::RefreshReportRequest&);
  absl::StatusOr<v1::Report> IssueReport(const rpc::Call&, const v1::IssueReportRequest&);
  absl::StatusOr<v1::Report> DiscardReport(const rpc::Call&, const v1::DiscardReportRequest&);
  absl::StatusOr<google::api::HttpBody> ExportReport(const rpc::Call&,
                                                     const v1::ExportReportRequest&);
  absl::StatusOr<google::api::HttpBody> ExportReportDocument(
      const rpc::Call&, const v1::ExportReportDocumentRequest&);

  // The job: of each kind that the pack does not leave to the office, one draft of the period that
  // is due (DuePeriod), once. A period that has a report, whatever became of it, is left alone. How
  // many were drafted.
  absl::StatusOr<int> DraftDue(const db::Lease& lease);

 private:
  v1::Report Present(const rpc::Call& call, v1::Report row) const;
  // FAILED_PRECONDITION if the pack does not have the kind any more.
  absl::StatusOr<const policy::v1::ReportKind*> KindOf(const v1::Report& row) const;
  // As one snapshot has it. It reads the whole library, so it is read before the transaction that
  // keeps it.
  absl::StatusOr<v1::ReportContent> ReadNow(absl::Time deadline, const policy::v1::ReportKind& kind,
                                            const Period& period) const;
  // A draft of a period with what was read.
  v1::Report NewDraft(const policy::v1::ReportKind& kind, const Period& period,
                      v1::ReportContent content, const std::string& author) const;
  // Whether nothing of a kind and period was drafted yet, and there is something to tell.
  absl::StatusOr<bool> IsDue(const policy::v1::ReportKind& kind, const Period& period) const;
  absl::StatusOr<bool> DraftOne(const db::Lease& lease, const policy::v1::ReportKind& kind,
                                const Period& period) const;
  // Numbers it and keeps its files.
  absl::Status Issue(rpc::Change& change, const rpc::Call& call, v1::Report* row) const;
  void Address(const policy::v1::ReportKind& kind, v1::Report* row) const;
  // As it was issued; of a draft as it stands.
  absl::StatusOr<std::string> File(const rpc::Call& call, const std::string& name,
                                   absl::string_view format) const;

  const Deps deps_;
  const db::Table<v1::Report> reports_;
};

}  // namespace chanyan::triage
