// RPC handlers of chanyan.pairing.v1.ProjectSheetService (PAIR-1, REG-10). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/project_sheet.pb.h"
#include "common/rpc/import.h"
#include "common/rpc/method.h"
#include "services/pairing/project_records.h"
#include "services/pairing/project_sheet_rules.h"
#include "services/pairing/record_service.h"
#include "services/pairing/registry_lists.h"
#include "services/pairing/report_book.h"

namespace chanyan::pairing {

class ProjectSheetService {
 public:
  explicit ProjectSheetService(RecordDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ImportProjectsResponse> ImportProjects(const rpc::Call&,
                                                            const v1::ImportProjectsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportProjects(const rpc::Call&,
                                                       const v1::ExportProjectsRequest&);

 private:
  // What the records of changed projects follow, after the plan is written.
  absl::Status FollowAll(rpc::Change& change, const rpc::ImportPlan<v1::Project>& plan) const;

  const RecordDeps deps_;
  const db::Table<v1::Project> projects_;
  const ReportBook reports_{};
  const ProjectRecords records_{};
};

}  // namespace chanyan::pairing
