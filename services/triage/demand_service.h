// RPC handlers of chanyan.triage.v1.DemandService (TRI-1), and the job that lets demands expire.
// Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/quarantine.h"

namespace chanyan::triage {

class DemandService {
 public:
  explicit DemandService(Deps deps)
      : deps_(std::move(deps)), quarantine_(deps_.pack, deps_.hygiene) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Demand> GetDemand(const rpc::Call&, const v1::GetDemandRequest&);
  absl::StatusOr<v1::ListDemandsResponse> ListDemands(const rpc::Call&,
                                                      const v1::ListDemandsRequest&);
  absl::StatusOr<v1::Demand> CreateDemand(const rpc::Call&, const v1::CreateDemandRequest&);
  absl::StatusOr<v1::Demand> UpdateDemand(const rpc::Call&, const v1::UpdateDemandRequest&);
  absl::StatusOr<v1::Demand> PublishDemand(const rpc::Call&, const v1::PublishDemandRequest&);
  absl::StatusOr<v1::Demand> MeetDemand(const rpc::Call&, const v1::MeetDemandRequest&);
  absl::StatusOr<v1::Demand> WithdrawDemand(const rpc::Call&, const v1::WithdrawDemandRequest&);
  absl::StatusOr<v1::Demand> MergeDemand(const rpc::Call&, const v1::MergeDemandRequest&);
  // demand_revisions.cc
  absl::StatusOr<v1::ListDemandRevisionsResponse> ListDemandRevisions(
      const rpc::Call&, const v1::ListDemandRevisionsRequest&);

  absl::StatusOr<v1::ListDemandDuplicatesResponse> ListDemandDuplicates(
      const rpc::Call&, const v1::ListDemandDuplicatesRequest&);
  absl::StatusOr<v1::ImportDemandsResponse> ImportDemands(const rpc::Call&,
                                                          const v1::ImportDemandsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportDemands(const rpc::Call&,
                                                      const v1::ExportDemandsRequest&);

  // PUBLISHED ones whose last day has passed become EXPIRED; how many.
  absl::StatusOr<int> Expire(const db::Lease& lease);

 private:
  v1::Demand Present(const rpc::Call& call, v1::Demand row) const;
  absl::Status Save(rpc::Change& change, absl::string_view kind, const v1::Demand& before,
                    v1::Demand* row) const;
  // `row` as a version of its own; so is `before`, if it is of a time when none was written.
  absl::Status WriteRevision(rpc::Change& change, const v1::Demand& before,
                             const v1::Demand& row) const;
  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Demand&)>;
  absl::StatusOr<v1::Demand> Transit(const rpc::Call& call,
                                     const google::protobuf::Message& request,
                                     const std::string& name, const std::string& etag,
                                     absl::string_view verb, RowEdit edit);

  const Deps deps_;
  const Quarantine quarantine_;
  const db::Table<v1::Demand> demands_;
  const db::Table<v1::DemandRevision> revisions_;
};

}  // namespace chanyan::triage
