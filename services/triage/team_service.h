// RPC handlers of chanyan.triage.v1.TeamService (TRI-2). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/team.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class TeamService {
 public:
  explicit TeamService(Deps deps) : deps_(std::move(deps)), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ServiceTeam> GetServiceTeam(const rpc::Call&,
                                                 const v1::GetServiceTeamRequest&);
  absl::StatusOr<v1::ListServiceTeamsResponse> ListServiceTeams(const rpc::Call&,
                                                                const v1::ListServiceTeamsRequest&);
  absl::StatusOr<v1::ServiceTeam> CreateServiceTeam(const rpc::Call&,
                                                    const v1::CreateServiceTeamRequest&);
  absl::StatusOr<v1::ServiceTeam> UpdateServiceTeam(const rpc::Call&,
                                                    const v1::UpdateServiceTeamRequest&);
  absl::StatusOr<v1::ServiceTeam> DissolveServiceTeam(const rpc::Call&,
                                                      const v1::DissolveServiceTeamRequest&);
  absl::StatusOr<v1::Broker> GetBroker(const rpc::Call&, const v1::GetBrokerRequest&);
  absl::StatusOr<v1::ListBrokersResponse> ListBrokers(const rpc::Call&,
                                                      const v1::ListBrokersRequest&);
  absl::StatusOr<v1::Broker> CreateBroker(const rpc::Call&, const v1::CreateBrokerRequest&);
  absl::StatusOr<v1::Broker> RecordTraining(const rpc::Call&, const v1::RecordTrainingRequest&);
  absl::StatusOr<v1::Broker> LeaveBroker(const rpc::Call&, const v1::LeaveBrokerRequest&);
  absl::StatusOr<google::api::HttpBody> ExportServiceTeams(const rpc::Call&,
                                                           const v1::ExportServiceTeamsRequest&);

  // Teams of the pack that are not there yet; those that are stay as the office has them. Safe to
  // do twice, and for several replicas at once.
  absl::Status Seed();

 private:
  v1::ServiceTeam Present(const rpc::Call& call, v1::ServiceTeam row) const;
  v1::Broker Present(const rpc::Call& call, v1::Broker row) const;
  // A team as the pack has it.
  v1::ServiceTeam Planned(const policy::v1::ServiceTeamPlan& plan) const;
  absl::Status NameUnits(const rpc::Call& call, v1::ServiceTeam* row) const;
  // Whoever is served by another team that works is not served by this one as well.
  absl::Status CheckServes(rpc::Change& change, const v1::ServiceTeam& row) const;
  // Open results that hold `where` fall to `to`, one after the other.
  absl::Status PassAll(rpc::Change& change, const db::Predicate& where, const Holder& to,
                       v1::TenureCause cause) const;

  const Deps deps_;
  const ResultBook book_;
  const db::Table<v1::ServiceTeam> teams_;
  const db::Table<v1::Broker> brokers_;
};

}  // namespace chanyan::triage
