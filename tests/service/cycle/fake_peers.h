// Registry and pairing as the cycle needs them, in memory, behind a real server on a unix socket.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/auth/authenticator.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/peers.h"
#include "common/rpc/server.h"
#include "common/time/clock.h"

namespace chanyan::cycle {

class FakePeers {
 public:
  FakePeers();
  ~FakePeers();

  rpc::Peers& peers() { return *peers_; }

  void Add(registry::v1::Organization organization);
  void Add(registry::v1::Platform platform);
  void Add(pairing::v1::Project project);
  void Add(pairing::v1::Problem problem);
  void Add(pairing::v1::Intent intent);
  // Changes what is known of an organization.
  registry::v1::Organization& At(const std::string& name) { return organizations_[name]; }
  // One organization becomes part of another, with its platforms.
  void Merge(const std::string& from, const std::string& into);

  // Calls of RecordReports that had an effect; the same request id again has none.
  std::vector<pairing::v1::RecordReportsRequest> recorded;
  // Enterprises whose reports are refused.
  std::string refused_enterprise;

 private:
  // Whoever bears the name of a role has that, all others are services.
  struct AnyAuthenticator final : auth::Authenticator {
    absl::StatusOr<auth::Principal> Authenticate(absl::string_view) override;
  };
  struct AnyToken final : rpc::TokenSource {
    absl::StatusOr<std::string> Token(absl::Time) override { return std::string("token"); }
  };
  std::vector<rpc::UnaryMethod> Registry();
  std::vector<rpc::UnaryMethod> Pairing();
  std::vector<rpc::UnaryMethod> Problems();

  time::SystemClock clock_;
  metrics::Registry server_metrics_;
  metrics::Registry client_metrics_;
  log::Logger log_{"fake", log::Level::kError};
  AnyAuthenticator authenticator_;
  AnyToken token_;
  std::map<std::string, registry::v1::Organization> organizations_;
  std::map<std::string, registry::v1::Platform> platforms_;
  std::map<std::string, pairing::v1::Project> projects_;
  std::map<std::string, pairing::v1::Problem> problems_;
  std::map<std::string, pairing::v1::Intent> intents_;
  std::map<std::string, pairing::v1::RecordReportsResponse> replies_;
  absl::Mutex mutex_;
  std::string socket_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Peers> peers_;
};

}  // namespace chanyan::cycle
