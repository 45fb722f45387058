// RPC handlers of chanyan.triage.v1.GuideService (TRI-4). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/guide.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/triage/deps.h"

namespace chanyan::triage {

class GuideService {
 public:
  explicit GuideService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ProjectGuide> GetProjectGuide(const rpc::Call&,
                                                   const v1::GetProjectGuideRequest&);
  absl::StatusOr<v1::ListProjectGuidesResponse> ListProjectGuides(
      const rpc::Call&, const v1::ListProjectGuidesRequest&);
  absl::StatusOr<v1::ProjectGuide> CreateProjectGuide(const rpc::Call&,
                                                      const v1::CreateProjectGuideRequest&);
  absl::StatusOr<v1::ProjectGuide> UpdateProjectGuide(const rpc::Call&,
                                                      const v1::UpdateProjectGuideRequest&);
  absl::StatusOr<v1::ProjectGuide> PublishProjectGuide(const rpc::Call&,
                                                       const v1::PublishProjectGuideRequest&);
  absl::StatusOr<v1::ProjectGuide> WithdrawProjectGuide(const rpc::Call&,
                                                        const v1::WithdrawProjectGuideRequest&);

 private:
  v1::ProjectGuide Present(const rpc::Call& call, v1::ProjectGuide row) const;
  // The pushes of a guide's department that are under way and hold `which` are changed by `edit`,
  // which says whether it changed one, and written and journalled as `kind`.
  using PushEdit = absl::FunctionRef<bool(const v1::Result&, v1::Push*)>;
  absl::Status EachPush(rpc::Change& change, const v1::ProjectGuide& guide,
                        const db::Predicate& which, absl::string_view kind, PushEdit edit) const;

  const Deps deps_;
  const db::Table<v1::ProjectGuide> guides_;
  const db::Table<v1::Push> pushes_;
  const db::Table<v1::Result> results_;
};

}  // namespace chanyan::triage
