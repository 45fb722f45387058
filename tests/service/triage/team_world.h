// Teams that are dissolved and brokers who leave (TRI-2), for the tests of them and of first
// contact.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/service/triage/world.h"

namespace chanyan::triage {

class TeamTest : public ::testing::Test, protected World {
 protected:
  // What is open goes to `successor`, or to the office.
  absl::StatusOr<v1::ServiceTeam> Dissolve(const std::string& team,
                                           const std::string& successor = "") {
    auto request = Named<v1::DissolveServiceTeamRequest>(team);
    request.set_reason("机构调整");
    request.set_successor(successor);
    request.set_to_office(successor.empty());
    return teams.DissolveServiceTeam(
        As(options::v1::ROLE_DEPARTMENT, kOffice, "TeamService.DissolveServiceTeam"), request);
  }
  absl::StatusOr<v1::Broker> Leave(const std::string& broker, const std::string& organization) {
    auto request = Named<v1::LeaveBrokerRequest>(broker);
    request.set_reason("调离");
    return teams.LeaveBroker(
        As(options::v1::ROLE_SERVICE_TEAM, organization, "TeamService.LeaveBroker"), request);
  }
};

}  // namespace chanyan::triage
