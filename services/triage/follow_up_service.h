// RPC handlers of chanyan.triage.v1.FollowUpService (TRI-6). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class FollowUpService {
 public:
  explicit FollowUpService(Deps deps) : deps_(std::move(deps)), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::FollowUp> GetFollowUp(const rpc::Call&, const v1::GetFollowUpRequest&);
  absl::StatusOr<v1::ListFollowUpsResponse> ListFollowUps(const rpc::Call&,
                                                          const v1::ListFollowUpsRequest&);
  absl::StatusOr<v1::FollowUp> CreateFollowUp(const rpc::Call&, const v1::CreateFollowUpRequest&);
  absl::StatusOr<v1::FollowUp> VoidFollowUp(const rpc::Call&, const v1::VoidFollowUpRequest&);
  // funnel.cc
  absl::StatusOr<v1::QueryFunnelResponse> QueryFunnel(const rpc::Call&,
                                                      const v1::QueryFunnelRequest&);
  absl::StatusOr<v1::ListStageEntriesResponse> ListStageEntries(const rpc::Call&,
                                                                const v1::ListStageEntriesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportFollowUps(const rpc::Call&,
                                                        const v1::ExportFollowUpsRequest&);

 private:
  v1::FollowUp Present(const rpc::Call& call, v1::FollowUp row) const;
  // The contract that a registration is of counts and is not registered yet.
  absl::Status CheckRegistration(rpc::Change& change, const rpc::Call& call,
                                 const v1::FollowUp& row) const;
  // How far a result has come by what counts.
  absl::StatusOr<v1::FunnelStage> StageLeft(db::Session& session, const v1::Result& result) const;

  const Deps deps_;
  const ResultBook book_;
  const db::Table<v1::FollowUp> follow_ups_;
  const db::Table<v1::StageEntry> stages_;
};

}  // namespace chanyan::triage
