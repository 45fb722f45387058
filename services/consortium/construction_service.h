// RPC handlers of chanyan.consortium.v1.ConstructionReportService (CON-7). Thread-safe.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/consortium/coordination_book.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class ConstructionService {
 public:
  explicit ConstructionService(Deps deps) : deps_(std::move(deps)), coordination_(deps_) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ListConstructionReportsResponse> ListConstructionReports(
      const rpc::Call&, const v1::ListConstructionReportsRequest&);
  absl::StatusOr<v1::ConstructionReport> AcceptConstructionReport(
      const rpc::Call&, const v1::AcceptConstructionReportRequest&);
  absl::StatusOr<v1::ConstructionReport> ReturnConstructionReport(
      const rpc::Call&, const v1::ReturnConstructionReportRequest&);
  absl::StatusOr<v1::ListConstructionVersionsResponse> ListConstructionVersions(
      const rpc::Call&, const v1::ListConstructionVersionsRequest&);
  absl::StatusOr<v1::ConstructionVersion> CreateConstructionVersion(
      const rpc::Call&, const v1::CreateConstructionVersionRequest&);
  absl::StatusOr<v1::ConstructionVersion> UpdateConstructionVersion(
      const rpc::Call&, const v1::UpdateConstructionVersionRequest&);
  absl::StatusOr<v1::ConstructionVersion> SubmitConstructionVersion(
      const rpc::Call&, const v1::SubmitConstructionVersionRequest&);

 private:
  // The office's decision on what was handed in last: report and version move together.
  absl::StatusOr<v1::ConstructionReport> Decide(const rpc::Call& call,
                                                const google::protobuf::Message& request,
                                                const std::string& name, const std::string& etag,
                                                absl::string_view verb,
                                                const std::string& reason) const;
  // The reports of drafts among `versions` that have ended.
  absl::StatusOr<std::set<std::string>> EndedOf(
      const rpc::Call& call, const std::vector<v1::ConstructionVersion>& versions) const;
  // Locks the dossier of a report and the report, in this order, as whatever changes a dossier
  // does. WRONG_STATE where its filing is in force no more.
  absl::StatusOr<v1::ConstructionReport> LockInForce(rpc::Change& change,
                                                     const std::string& report) const;

  const Deps deps_;
  const CoordinationBook coordination_;
  const db::Table<v1::ConstructionReport> reports_;
  const db::Table<v1::ConstructionVersion> versions_;
};

}  // namespace chanyan::consortium
