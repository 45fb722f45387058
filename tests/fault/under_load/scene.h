// What the clients of a drill work on, and who they are.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/fault/under_load/ledger.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {

struct Scene {
  // Makes it all through the gateway, as the actors would.
  explicit Scene(testing::Suite& suite);

  testing::Api ApiOf(Actor actor) const;

  std::string address;
  // By actor.
  std::array<testing::Headers, kActors> credentials;
  // organizations/{…}/platforms/{…}: published; the first is what projects are begun on, the second
  // what all clients revise.
  std::string platform;
  std::string revised_platform;
  // Open at any hour, confirmed at once, wanted by all clients.
  std::vector<std::string> instruments;
  // Organizations that all clients change.
  std::vector<std::string> shared;
  // Of triage: whose department is pushed results, and whose agency takes them over.
  std::string agency;
  // projects/{…}: signed, of the research office and the enterprise.
  std::string project;
};

}  // namespace chanyan::fault
