// RPC handlers of chanyan.cycle.v1.ObjectionService (CYC-8). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/cycle_deps.h"

namespace chanyan::cycle {

class ObjectionService {
 public:
  explicit ObjectionService(CycleDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ObjectionWindow> GetObjectionWindow(const rpc::Call&,
                                                         const v1::GetObjectionWindowRequest&);
  absl::StatusOr<v1::Objection> CreateObjection(const rpc::Call&,
                                                const v1::CreateObjectionRequest&);
  absl::StatusOr<v1::Objection> WithdrawObjection(const rpc::Call&,
                                                  const v1::WithdrawObjectionRequest&);
  absl::StatusOr<v1::Objection> DecideObjection(const rpc::Call&,
                                                const v1::DecideObjectionRequest&);
  absl::StatusOr<v1::ListObjectionsResponse> ListObjections(const rpc::Call&,
                                                            const v1::ListObjectionsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportObjections(const rpc::Call&,
                                                         const v1::ExportObjectionsRequest&);

 private:
  // A version that the caller may see, with the cycle's time and its window.
  struct Published {
    v1::Leaderboard version;
    v1::ObjectionWindow window;
    absl::Time now;
  };
  absl::StatusOr<Published> Load(db::Session& session, const std::string& name,
                                 const db::Predicate& scope, bool for_update) const;
  absl::StatusOr<absl::Time> CycleTime(db::Session& session, const std::string& name,
                                       absl::Time now) const;
  v1::Objection Present(const rpc::Call& call, v1::Objection objection) const;

  const CycleDeps deps_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Leaderboard> leaderboards_;
  const db::Table<v1::Objection> objections_;
};

}  // namespace chanyan::cycle
