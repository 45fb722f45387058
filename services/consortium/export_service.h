// RPC handlers of chanyan.consortium.v1.ConsortiumExportService. Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "chanyan/consortium/v1/export.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

// How much one export may read; more is asked for in parts, by filter.
struct ExportLimits {
  // Whole dossiers, plans and members with them.
  int dossiers = 1'000;
  // Evaluations, reports, coordination, filings, credit entries, bars, support measures.
  int records = 20'000;
};

class ExportService {
 public:
  explicit ExportService(Deps deps, ExportLimits limits = {})
      : deps_(std::move(deps)), limits_(limits) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<google::api::HttpBody> ExportConsortia(const rpc::Call&,
                                                        const v1::ExportConsortiaRequest&);
  absl::StatusOr<google::api::HttpBody> ExportConsortiumMembers(
      const rpc::Call&, const v1::ExportConsortiumMembersRequest&);
  absl::StatusOr<google::api::HttpBody> ExportEvaluations(const rpc::Call&,
                                                          const v1::ExportEvaluationsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportConstructionReports(
      const rpc::Call&, const v1::ExportConstructionReportsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportCoordinationItems(
      const rpc::Call&, const v1::ExportCoordinationItemsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportFilings(const rpc::Call&,
                                                      const v1::ExportFilingsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportCreditEntries(const rpc::Call&,
                                                            const v1::ExportCreditEntriesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportBars(const rpc::Call&, const v1::ExportBarsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportSupportMeasures(
      const rpc::Call&, const v1::ExportSupportMeasuresRequest&);

 private:
  const Deps deps_;
  const ExportLimits limits_;
  const db::Table<v1::Evaluation> evaluations_;
  const db::Table<v1::ConstructionReport> reports_;
  const db::Table<v1::ConstructionVersion> versions_;
  const db::Table<v1::CoordinationItem> items_;
  const db::Table<v1::Filing> filings_;
  const db::Table<v1::CreditEntry> credit_;
  const db::Table<v1::Bar> bars_;
  const db::Table<v1::SupportMeasure> measures_;
};

}  // namespace chanyan::consortium
