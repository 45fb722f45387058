#include <cstdlib>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "common/config/config.h"
#include "common/status/status.h"

ABSL_FLAG(std::string, listen, "", "gRPC address: unix:/path or host:port");
ABSL_FLAG(std::string, admin, "", "address of /metrics, /healthz, /readyz; empty = none");
ABSL_FLAG(std::string, db, "", "mysql://user@host:port/schema?password-file=...&ca=...");
ABSL_FLAG(std::string, redis, "",
          "unix:/path or host:port, ?password-file=...&user=...; empty = without Redis");
ABSL_FLAG(std::string, peers, "", "name=target,... of the services it calls");
ABSL_FLAG(std::string, policy, "", "directories of policy packs, later ones override");
ABSL_FLAG(std::string, client_secret_file, "", "secret of this service's API client");
ABSL_FLAG(int, workers, chanyan::config::kDefaultWorkers, "calls worked on at the same time");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error");
ABSL_FLAG(absl::Duration, drain_delay, absl::ZeroDuration(),
          "time between NOT_SERVING and the end of accepting calls");

ABSL_FLAG(
    std::string, inject_faults, "",
    "drills only, needs CHANYAN_ALLOW_FAULTS=1: retry, ambiguous_commit or lost_commit:N,...");

namespace chanyan::config {

absl::StatusOr<Config> FromCommandLine(absl::string_view service, int argc, char** argv,
                                       const Needs& needs) {
  absl::SetProgramUsageMessage(absl::StrCat("chanyan-", service));
  const std::vector<char*> words = absl::ParseCommandLine(argc, argv);
  if (words.size() > 1) {
    return status::InvalidField(words[1], "不认识的参数，参数都应以 -- 开头");
  }
  Raw raw;
  raw.listen = absl::GetFlag(FLAGS_listen);
  raw.admin = absl::GetFlag(FLAGS_admin);
  raw.db = absl::GetFlag(FLAGS_db);
  raw.redis = absl::GetFlag(FLAGS_redis);
  raw.peers = absl::GetFlag(FLAGS_peers);
  raw.policy = absl::GetFlag(FLAGS_policy);
  raw.client_secret_file = absl::GetFlag(FLAGS_client_secret_file);
  raw.workers = absl::GetFlag(FLAGS_workers);
  raw.log_level = absl::GetFlag(FLAGS_log_level);
  raw.drain_delay = absl::GetFlag(FLAGS_drain_delay);
  raw.inject_faults = absl::GetFlag(FLAGS_inject_faults);
  const char* allowed = std::getenv(kAllowFaultsVariable);
  raw.allow_faults = allowed != nullptr && absl::string_view(allowed) == "1";
  return Validate(service, raw, needs);
}

}  // namespace chanyan::config
