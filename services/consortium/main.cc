// chanyan-consortium: dossiers, review, notice, filing and supervision of innovation consortia.
#include <string>

#include "absl/flags/flag.h"
#include "common/rpc/runtime.h"
#include "services/consortium/hosting.h"

ABSL_FLAG(std::string, data_key_file, "",
          "file, mode 0600, of the keys that contacts of objections are sealed with "
          "(common/crypto/keyring.h); needed");

int main(int argc, char** argv) {
  return chanyan::rpc::RunService(argc, argv,
                                  {.name = "consortium",
                                   .needs = {.policy = true, .peers = {"identity", "registry"}},
                                   .schema_min = 12,
                                   .schema_max = 12,
                                   .build = [](chanyan::rpc::Runtime& runtime) {
                                     return chanyan::consortium::Host(
                                         runtime, absl::GetFlag(FLAGS_data_key_file));
                                   }});
}
