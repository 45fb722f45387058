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
#include "services/triage/team_members.h"

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
  absl::StatusOr<v1::ListTeamMembershipsResponse> ListTeamMemberships(
      const rpc::Call&, const v1::ListTeamMembershipsRequest&);
  // team_dissolution.cc
  absl::StatusOr<v1::ServiceTeam> DissolveServiceTeam(const rpc::Call&,
                                                      const v1::DissolveServiceTeamRequest&);

  // brokers.cc
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
  absl::Status OfficeOnly(const rpc::Call& call) const;
  // What a broker held is his organization's.
  absl::Status PassHeld(rpc::Change& change, const v1::Broker& broker) const;
  // Everything that keeps `row` from being dissolved into `successor` (null name: nobody) by this
  // request; `open` are its open results.
  absl::Status CheckDissolution(const v1::DissolveServiceTeamRequest& request,
                                const v1::ServiceTeam& row, const v1::ServiceTeam& successor,
                                const std::vector<v1::Result>& open) const;
  // Its open results become the successor's, or the office's: what the team held of them too.
  absl::Status PassOn(rpc::Change& change, const v1::ServiceTeam& row,
                      const v1::ServiceTeam& successor, const Holder& office,
                      std::vector<v1::Result>* open) const;
  // Offers to those who take part no more once the team is dissolved are over.
  absl::Status CancelOffers(rpc::Change& change, const v1::ServiceTeam& row) const;
  // The successor serves whom the team served, with its members.
  absl::Status TakeOver(rpc::Change& change, const v1::ServiceTeam& row,
                        v1::ServiceTeam* successor) const;

  const Deps deps_;
  const ResultBook book_;
  const MembershipBook members_;
  const db::Table<v1::ServiceTeam> teams_;
  const db::Table<v1::TeamMembership> memberships_;
  const db::Table<v1::Broker> brokers_;
};

}  // namespace chanyan::triage
