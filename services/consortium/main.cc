// chanyan-consortium: dossiers, review, notice, filing and supervision of innovation consortia.
#include "common/rpc/runtime.h"
#include "services/consortium/hosting.h"

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(
      argc, argv,
      {.name = "consortium",
       .needs = {.policy = true, .peers = {"identity", "registry", "pairing"}},
       .schema_min = 2,
       .schema_max = 2,
       .build = chanyan::consortium::Host});
}
