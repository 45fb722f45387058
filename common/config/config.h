// What every service is told on its command line, checked once and then plain data. Secrets come
// from files, never from arguments or the environment.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/log/log.h"

namespace chanyan::config {

// Calls worked on at the same time; also the size of the connection pool.
inline constexpr int kDefaultWorkers = 16;
inline constexpr int kMaxWorkers = 256;
inline constexpr absl::Duration kMaxDrainDelay = absl::Seconds(60);

// Variable without which --inject_faults is refused, so that a copied command line does no harm.
inline constexpr char kAllowFaultsVariable[] = "CHANYAN_ALLOW_FAULTS";

// Every n-th transaction gets the fault; 0 = none. For drills and tests of failure.
struct InjectedFaults {
  // A conflict before COMMIT.
  int retry = 0;
  // COMMIT is done and its answer lost.
  int ambiguous_commit = 0;
  // COMMIT is not done and its answer lost.
  int lost_commit = 0;
};

// The flags as given. Empty = not given.
struct Raw {
  std::string listen;
  std::string admin;
  std::string db;
  std::string redis;
  std::string peers;
  std::string policy;
  std::string client_secret_file;
  int workers = kDefaultWorkers;
  std::string log_level = "info";
  absl::Duration drain_delay;
  // "ambiguous_commit:50,retry:20"
  std::string inject_faults;
  // kAllowFaultsVariable is 1.
  bool allow_faults = false;
};

// What a service cannot do without.
struct Needs {
  bool database = true;
  bool policy = false;
  // Names of the peers it calls.
  std::vector<std::string> peers;
};

struct Config {
  // "pairing".
  std::string service;
  // unix:/path or host:port.
  std::string listen;
  // unix:/path or host:port; empty = no admin listener.
  std::string admin;
  // mysql://… as db::Config::FromUrl takes it.
  std::string db;
  // unix:/path or host:port; empty = without Redis.
  std::string redis;
  // Peer's name → gRPC target.
  absl::flat_hash_map<std::string, std::string> peers;
  std::vector<std::string> policy_dirs;
  // Secret of apiClients/{service}; empty if the service calls nobody.
  std::string client_secret;
  int workers = kDefaultWorkers;
  log::Level log_level = log::Level::kInfo;
  // How long NOT_SERVING is shown before work stops, so that balancers notice.
  absl::Duration drain_delay;
  InjectedFaults faults;
};

// INVALID_ARGUMENT with all violations at once; the field is the flag.
absl::StatusOr<Config> Validate(absl::string_view service, const Raw& raw, const Needs& needs);

// Reads the command line. Ends the program at a flag it does not know (and after --help), which is
// how absl::flags does it; a word that is no flag is a violation.
absl::StatusOr<Config> FromCommandLine(absl::string_view service, int argc, char** argv,
                                       const Needs& needs);

// A file's content without white space at the end. INVALID_ARGUMENT, for `flag`, if it cannot be
// read, is empty or longer than 64 KiB.
absl::StatusOr<std::string> ReadSecret(absl::string_view flag, const std::string& path);

}  // namespace chanyan::config
