// chanyan-triage: libraries of results and demands, service teams, disposition, dispatch, first
// contact, follow-up, matching, lists, reports, escalation.
#include "common/rpc/runtime.h"
#include "services/triage/hosting.h"

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "triage",
                                   .needs = {.policy = true, .peers = {"identity", "registry"}},
                                   .schema_min = 18,
                                   .schema_max = 18,
                                   .build = chanyan::triage::Host});
}
