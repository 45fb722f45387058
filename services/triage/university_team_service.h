// RPC handlers of chanyan.triage.v1.UniversityTeamService (TRI-2, S1 二(一)). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/triage/v1/team.pb.h"
#include "chanyan/triage/v1/university_team.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"

namespace chanyan::triage {

class UniversityTeamService {
 public:
  explicit UniversityTeamService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::UniversityTeam> GetUniversityTeam(const rpc::Call&,
                                                       const v1::GetUniversityTeamRequest&);
  absl::StatusOr<v1::ListUniversityTeamsResponse> ListUniversityTeams(
      const rpc::Call&, const v1::ListUniversityTeamsRequest&);
  absl::StatusOr<v1::UniversityTeam> CreateUniversityTeam(const rpc::Call&,
                                                          const v1::CreateUniversityTeamRequest&);
  absl::StatusOr<v1::UniversityTeam> UpdateUniversityTeam(const rpc::Call&,
                                                          const v1::UpdateUniversityTeamRequest&);
  absl::StatusOr<v1::UniversityTeam> EstablishUniversityTeam(
      const rpc::Call&, const v1::EstablishUniversityTeamRequest&);
  absl::StatusOr<v1::UniversityTeam> DissolveUniversityTeam(
      const rpc::Call&, const v1::DissolveUniversityTeamRequest&);
  absl::StatusOr<v1::UniversityTeam> GuideUniversityTeam(const rpc::Call&,
                                                         const v1::GuideUniversityTeamRequest&);
  absl::StatusOr<v1::UniversityTeam> CompleteUniversityTeamStep(
      const rpc::Call&, const v1::CompleteUniversityTeamStepRequest&);
  absl::StatusOr<v1::QueryUniversitiesWithoutTeamResponse> QueryUniversitiesWithoutTeam(
      const rpc::Call&, const v1::QueryUniversitiesWithoutTeamRequest&);
  absl::StatusOr<google::api::HttpBody> ExportUniversityTeams(
      const rpc::Call&, const v1::ExportUniversityTeamsRequest&);

 private:
  v1::UniversityTeam Present(const rpc::Call& call, v1::UniversityTeam row) const;

  const Deps deps_;
  const db::Table<v1::UniversityTeam> university_teams_;
  const db::Table<v1::ServiceTeam> teams_;
};

}  // namespace chanyan::triage
